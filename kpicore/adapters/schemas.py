"""Which contract a name stands for: a canonical table, or a fact that a source delivers itself."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from kpicore.plugin import TABLES, TableSchema
from kpicore.plugin.manager import Plugins

__all__ = ["Schemas"]


class Schemas:
    """The contracts of canonical tables and facts, looked up by name.

    ``facts`` gives the facts' contracts; without it, plugins are asked for them, and only once a name
    is no canonical table.
    """

    def __init__(self, *, plugins: Plugins, facts: Mapping[str, TableSchema] | None = None) -> None:
        self._plugins = plugins
        self._facts = facts

    def find(self, name: str) -> TableSchema | None:
        """Returns the contract called ``name``, None if there is none."""
        if name in TABLES:
            return TABLES[name]
        if self._facts is not None:
            return self._facts.get(name)
        fact = self._plugins.facts.get(name)
        return None if fact is None else fact.schema

    def names(self) -> list[str]:
        """Returns every name, canonical tables first."""
        return [*TABLES, *(self._plugins.facts if self._facts is None else self._facts)]

    def problem(self, name: str) -> str:
        """Returns what to say about a ``name`` that is neither a table nor a fact."""
        known = self.names()
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        return f"{name!r} is neither a canonical table nor a fact; {hint}"
