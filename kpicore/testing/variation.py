"""The same log in other words: orders, chunks, encodings, dates, and no rows at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from random import Random

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Choice, Choices, Duration, Integer, Metric, Number, Parameter, Shorthand, Switch

__all__ = ["empty", "rechunk", "shift", "shuffle", "variants"]

Tables = Mapping[str, pa.Table]


def shuffle(tables: Tables, seed: int) -> dict[str, pa.Table]:
    """Returns the tables with their rows in another order."""
    random = Random(seed)
    return {
        name: table.take(pa.array(random.sample(range(len(table)), len(table)), pa.int64()))
        for name, table in tables.items()
    }


def rechunk(tables: Tables, rows: int) -> dict[str, pa.Table]:
    """Returns the tables in chunks of ``rows`` rows, strings as dictionaries."""
    return {name: _encode(_cut(table, rows)) for name, table in tables.items()}


def shift(tables: Tables, days: int) -> dict[str, pa.Table]:
    """Returns the tables with all times moved by whole days."""
    step = pa.scalar(timedelta(days=days), pa.duration("us"))
    shifted: dict[str, pa.Table] = {}
    for name, table in tables.items():
        columns = [
            pc.add(column, step) if pa.types.is_timestamp(column.type) else column for column in table.columns
        ]
        shifted[name] = pa.table(columns, names=table.column_names)
    return shifted


def empty(tables: Tables) -> dict[str, pa.Table]:
    """Returns the tables without rows."""
    return {name: table.slice(0, 0) for name, table in tables.items()}


def variants(metric: Metric) -> Iterator[str]:
    """Yields the metric as asked for by default, then with each value that a parameter may take."""
    yield metric.name
    for parameter in metric.parameters:
        for word in _words(parameter):
            if word != parameter.default:
                yield f"{metric.name}[{parameter.name}={word}]"


def _words(parameter: Parameter) -> tuple[str, ...]:
    match parameter:
        case Choice(values=values) | Choices(values=values):
            return values
        case Shorthand(meanings=meanings):
            return tuple(meanings)
        case Switch():
            return ("true", "false")
        case Duration(low=low, optional=optional):
            return (f"{low}us", *(("none",) if optional else ()))
        case Integer(low=low):
            return (str(low),)
        case Number(low=low, high=high):
            return tuple(f"{float(edge):.12g}" for edge in (low, high))
    return ()


def _cut(table: pa.Table, rows: int) -> pa.Table:
    pieces = [table.slice(at, rows) for at in range(0, len(table), rows)]
    return pa.concat_tables(pieces) if pieces else table


def _encode(table: pa.Table) -> pa.Table:
    columns = [
        pc.dictionary_encode(column) if pa.types.is_string(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)
