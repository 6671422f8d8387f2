"""Opening a source: from what the user named to a log of canonical tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kpicore.errors import UsageError
from kpicore.plugin import ArrowStream, TableSchema
from kpicore.plugin.manager import Plugins
from kpicore.tables import Ledger, Log, SourceFile

from .arrow import feed_tables
from .gather import gather
from .schemas import Schemas

__all__ = ["SourceLike", "open_log"]

SourceLike = str | Path | Sequence[str | Path] | Mapping[str, ArrowStream]
"""A path, several paths, or tables in memory by name."""


def open_log(
    source: SourceLike,
    *,
    plugins: Plugins,
    adapter: str | None = None,
    mapping: str | Path | None = None,
    zone: str | None = None,
    options: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    facts: Mapping[str, TableSchema] | None = None,
) -> Log:
    """Returns the log of ``source``, its tables normalised and every row accounted for.

    ``zone`` gives local times without zone their meaning. ``facts`` holds the contracts of facts that
    a source may deliver directly; left out, plugins are asked for them.
    """
    schemas = Schemas(plugins=plugins, facts=facts)
    if isinstance(source, Mapping):
        files = tuple(SourceFile(name=name, size=None, sha256="", adapter="arrow") for name in source)
        return gather(feed_tables(source), schemas, zone=zone, sources=lambda: files, ledger=Ledger())
    raise UsageError("only tables in memory can be opened")
