"""Tables in memory: anything that speaks the Arrow C stream interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpicore.errors import UsageError
from kpicore.plugin import ArrowStream, Feed

__all__ = ["feed_tables"]


def feed_tables(tables: Mapping[str, ArrowStream]) -> Iterator[Feed]:
    """Yields one feed per table; the name says which canonical table or fact it is.

    Raises UsageError for an object that offers neither ``__arrow_c_stream__`` nor ``__arrow_c_array__``.
    """
    for name, data in tables.items():
        if not (hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")):
            raise UsageError(
                f"the table {name!r} is a {type(data).__name__}, which is no Arrow stream",
                hint="give a pyarrow, Polars, pandas >= 2.2 or DuckDB table, or a path",
            )
        yield Feed(source=name, table=name, data=data)
