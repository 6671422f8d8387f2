"""Parquet, Arrow IPC and JSON lines, read as the types that they hold."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa

from kpicore.plugin import Kind, TableSchema

from .reading import reading

__all__ = ["column_names", "read_arrow", "read_json", "read_parquet"]

_MAGIC = b"ARROW1"


def read_parquet(path: Path, columns: Collection[str] | None, schema: TableSchema | None = None) -> pa.Table:
    """Returns ``columns`` (all for None) of a Parquet file; ids keep the dictionaries they are stored in."""
    from pyarrow import parquet

    coded = {c.name for c in schema.columns if c.kind in (Kind.ID, Kind.ENUM)} if schema else set()
    with reading(path):
        with parquet.ParquetFile(path) as file:
            metadata, stored = file.metadata, file.schema_arrow
        dictionaries = [
            field.name for field in stored if field.name in coded and pa.types.is_string(field.type)
        ]
        with parquet.ParquetFile(path, read_dictionary=dictionaries, metadata=metadata) as file:
            return file.read(columns=None if columns is None else list(columns), use_threads=True)


def read_arrow(path: Path, columns: Collection[str] | None) -> pa.Table:
    """Returns ``columns`` (all for None) of an Arrow IPC file or stream, told apart by its first bytes."""
    from pyarrow import ipc

    with reading(path), pa.memory_map(str(path)) as stream:
        magic = stream.read(len(_MAGIC))
        stream.seek(0)
        if magic == _MAGIC:
            table = ipc.open_file(stream).read_all()
        else:
            with pa.input_stream(str(path)) as plain:
                table = ipc.open_stream(plain).read_all()
        return table if columns is None else table.select(list(columns))


def read_json(path: Path, columns: Collection[str] | None) -> pa.Table:
    """Returns ``columns`` (all for None) of a file with one JSON object per line.

    Text stays text: a reader that guesses times would make one of ``...Z`` and of a local time.
    """
    from pyarrow import json

    with reading(path), pa.input_stream(str(path)) as stream:
        table = json.read_json(stream)
    guessed = [field.name for field in table.schema if pa.types.is_temporal(field.type)]
    if guessed:
        text = pa.schema([pa.field(name, pa.string()) for name in guessed])
        options = json.ParseOptions(explicit_schema=text)
        with reading(path), pa.input_stream(str(path)) as stream:
            table = json.read_json(stream, parse_options=options)
    return table if columns is None else table.select(list(columns))


def column_names(path: Path) -> tuple[str, ...]:
    """Returns the names of a Parquet file's columns without reading rows."""
    from pyarrow import parquet

    with reading(path):
        return tuple(parquet.read_schema(path).names)
