"""Data to stdout or a file: a table for people, JSON, CSV, Parquet or a workbook for programs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias

from kpicore.plain import defuse

from .options import Output
from .sheet import Sheet, show

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Record", "Records", "emit", "emit_text", "replacing", "to_json"]

Record = Mapping[str, object]
Records: TypeAlias = "pa.Table | Sequence[Record] | Record"

_BATCH = 10_000
# JSON leaves these as they are, and a terminal would take them for commands.
_C1 = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)}


def emit(output: Output, records: Records, sheets: Callable[[], Sequence[Sheet]]) -> None:
    """Writes ``records`` in the form that was asked for; ``sheets`` gives what people see.

    A single record (an object that is no list) has a JSON form only.
    """
    match output.format:
        case "table":
            _write(output.path, lambda stream: show(sheets(), stream))
        case "json":
            _write(output.path, lambda stream: stream.writelines(to_json(records)))
        case "csv":
            _write(output.path, lambda stream: stream.writelines(_to_csv(records)))
        case "parquet":
            assert output.path is not None
            _write_parquet(output.path, records)
        case "xlsx":
            from .spreadsheet import write_spreadsheet

            assert output.path is not None
            rows = [records] if isinstance(records, Mapping) else _each(records)
            with replacing(output.path) as temporary:
                write_spreadsheet(temporary, rows)


def emit_text(output: Output, text: str) -> None:
    """Writes ``text`` as it is."""
    _write(output.path, lambda stream: stream.write(text))


def to_json(records: Records) -> Iterator[str]:
    """Yields JSON text: one record per line in a list; a single record as an object over several lines."""
    if isinstance(records, Mapping):
        yield _json(records, indent=2) + "\n"
        return
    yield "["
    comma = "\n"
    for record in _each(records):
        yield comma + _json(record)
        comma = ",\n"
    yield "\n]\n" if comma == ",\n" else "]\n"


def _json(record: Record, indent: int | None = None) -> str:
    text = json.dumps(_plain(record), ensure_ascii=False, allow_nan=False, indent=indent)
    return text if text.isprintable() else text.translate(_C1)


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal() | Fraction():
            return float(value)
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value // timedelta(microseconds=1)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case Path():
            return str(value)
    assert isinstance(value, (list, tuple, set, frozenset)), type(value)
    return [_plain(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]


def _each(records: pa.Table | Sequence[Record]) -> Iterator[Record]:
    if isinstance(records, Sequence):
        return iter(records)
    batches = records.to_batches(max_chunksize=_BATCH)
    return chain.from_iterable(batch.to_pylist(maps_as_pydicts="strict") for batch in batches)


def _to_csv(records: Records) -> Iterator[str]:
    if isinstance(records, Mapping):
        records = [records]
    each = _each(records)
    if isinstance(records, Sequence):
        names = list(dict.fromkeys(name for record in records for name in record))
    else:
        names = list(records.column_names)
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for row in chain([names], ([record.get(name) for name in names] for record in each)):
        writer.writerow([_cell(value) for value in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _cell(value: object) -> object:
    plain = _plain(value)
    if isinstance(plain, (dict, list)):
        plain = json.dumps(plain, ensure_ascii=False) if plain else ""
    if isinstance(plain, bool):
        return str(plain).lower()
    return defuse(plain) if isinstance(plain, str) else plain


def _write(path: Path | None, write: Callable[[TextIO], object]) -> None:
    if path is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")
        write(sys.stdout)
        return
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        write(stream)


def _write_parquet(path: Path, records: Records) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not isinstance(records, pa.Table):
        rows = [records] if isinstance(records, Mapping) else records
        records = pa.Table.from_pylist([_plain(row) for row in rows])
    with replacing(path) as temporary:
        pq.write_table(records, temporary, compression="zstd")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside ``path`` that takes its place when all went well, so that no half file is ever seen."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
