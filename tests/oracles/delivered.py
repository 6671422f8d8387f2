"""Facts that a source delivers: their contracts, for those that nothing derives yet."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.facts import schemas
from kpicore.plugin import Fact, TableSchema, hookimpl
from kpicore.plugin.manager import Plugins, load_plugins

__all__ = ["SCHEMAS", "plugins_with"]

SCHEMAS: dict[str, TableSchema] = {
    schema.name: schema for schema in vars(schemas).values() if isinstance(schema, TableSchema)
}


class Contracts:
    """A plugin with the contracts of facts that are not derived."""

    @hookimpl
    def kpicore_facts(self) -> Iterable[Fact]:
        known = load_plugins(third_party=False).facts
        return tuple(Fact(schema=schema) for name, schema in SCHEMAS.items() if name not in known)


def plugins_with(*extra: object) -> Plugins:
    """Returns kpicore's own plugins, these contracts, and others."""
    return load_plugins(third_party=False, extra=(Contracts(), *extra))
