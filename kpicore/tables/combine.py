"""Several sources of one table as one table."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from kpicore.plugin import TableSchema

from .codes import ID, unified

__all__ = ["combine"]


def combine(parts: Sequence[pa.Table], schema: TableSchema) -> pa.Table:
    """Returns the rows of normalised ``parts``, one after the other, in one dictionary per column.

    A column that some parts lack is null there. Keys that are integers in one part and text in
    another become text. Columns stand in the order of ``schema``, dimensions after them.
    """
    if len(parts) == 1:
        return parts[0]
    further = {name for part in parts for name in part.column_names if name not in schema}
    names = [column.name for column in schema.columns if any(column.name in p.column_names for p in parts)]
    columns = {name: _joined(parts, name) for name in [*names, *sorted(further)]}
    return pa.table(columns)


def _joined(parts: Sequence[pa.Table], name: str) -> pa.ChunkedArray:
    present = [part.column(name) for part in parts if name in part.column_names]
    kinds = {column.type for column in present}
    kind = kinds.pop() if len(kinds) == 1 else ID
    chunks: list[pa.Array] = []
    for part in parts:
        if name not in part.column_names:
            chunks.append(pa.nulls(part.num_rows, kind))
            continue
        column = part.column(name)
        if column.type != kind:
            column = column.cast(pa.string()).dictionary_encode()
        chunks.extend(column.chunks)
    joined = pa.chunked_array(chunks, type=kind)
    return unified(joined) if pa.types.is_dictionary(kind) else joined
