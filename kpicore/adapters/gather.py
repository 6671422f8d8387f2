"""From feeds to a log: every feed through the door, every row into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pyarrow as pa

from kpicore.errors import SchemaError
from kpicore.plugin import Feed, TableSchema
from kpicore.tables import Ledger, Log, Normalised, SourceFile, combine, normalise

from .plain import read_plain
from .schemas import Schemas

__all__ = ["gather"]


def gather(
    feeds: Iterable[Feed],
    schemas: Schemas,
    *,
    zone: str | None,
    sources: Callable[[], tuple[SourceFile, ...]],
    ledger: Ledger,
) -> Log:
    """Returns the log that ``feeds`` make up.

    ``sources`` is asked when all feeds have been read. Raises one SchemaError with the faults of all
    feeds, and whatever reading them raises.
    """
    parts: dict[str, list[pa.Table]] = {}
    contracts: dict[str, TableSchema] = {}
    refused: list[SchemaError] = []
    for feed in feeds:
        schema = contracts.get(feed.table) or schemas.find(feed.table)
        if schema is None:
            refused.append(SchemaError(f"{feed.source}: {schemas.problem(feed.table)}"))
            continue
        contracts[feed.table] = schema
        try:
            feed = read_plain(feed, schema, zone) if feed.text else feed
            result = normalise(
                feed.data, schema, source=feed.source, zone=feed.zone or zone, tally=feed.tally
            )
        except SchemaError as error:
            refused.append(error)
            continue
        _enter(ledger, feed, result)
        parts.setdefault(feed.table, []).append(result.table)
    if refused:
        raise _joined(refused)
    ledger.check()
    tables = {name: combine(tables, contracts[name]) for name, tables in parts.items()}
    return Log(tables=tables, ledger=ledger, zone=zone, sources=sources())


def _enter(ledger: Ledger, feed: Feed, result: Normalised) -> None:
    ledger.add(feed.source, feed.table, result.tally)
    for reason, rows in result.notes.items():
        ledger.note(feed.table, reason, rows, source=feed.source)
    for name in result.dropped:
        ledger.note(feed.table, f"dropped_column:{name}", result.tally.rows_in, source=feed.source)


def _joined(refused: list[SchemaError]) -> SchemaError:
    if len(refused) == 1:
        return refused[0]
    problems = [
        f"{error.message.partition(':')[0]}: {problem}" if error.problems else error.message
        for error in refused
        for problem in error.problems or ("",)
    ]
    return SchemaError(
        f"{len(refused)} tables break their contracts",
        problems=tuple(problems),
        hint="correct the sources, or describe them in a mapping",
    )
