"""CSV and its kin, read as text: what the values mean is for the schema or a mapping to say."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from kpicore.errors import SourceError

from .reading import reading

__all__ = ["Dialect", "read_delimited", "read_header"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a delimited file is written.

    ``header`` names the columns of a file that has no header line; ``skip`` counts the lines before
    the header; ``nulls`` are the words that mean nothing, beside the empty one.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    quote: str = '"'
    skip: int = 0
    header: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()


def read_header(path: Path, dialect: Dialect) -> tuple[str, ...]:
    """Returns the names of the columns; SourceError for a file without any, or with one name twice."""
    if dialect.header:
        return dialect.header
    encoding = "utf-8-sig" if _is_utf8(dialect.encoding) else dialect.encoding
    with reading(path), pa.input_stream(str(path)) as stream:
        lines = io.TextIOWrapper(stream, encoding=encoding, newline="")
        for _ in range(dialect.skip):
            next(lines, None)
        rows = csv.reader(
            lines,
            delimiter=dialect.delimiter,
            quotechar=dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        )
        try:
            names = next((row for row in rows if row), [])
        except csv.Error as error:
            raise SourceError(f"{path}: the header cannot be read: {error}") from error
    if not names:
        raise SourceError(f"{path}: is empty, not even a header is there")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SourceError(
            f"{path}: the header names {', '.join(map(repr, twice))} more than once",
            hint="name the columns in a mapping (header = [...], skip = 1)",
        )
    return tuple(names)


def read_delimited(path: Path, dialect: Dialect, columns: Collection[str]) -> pa.Table:
    """Returns ``columns`` of the file as text, null where the value is empty or a word for nothing.

    Quoted values may hold line breaks; the file may be compressed. Raises SourceError naming the row
    for a row with too many or too few values, and for text that is not of the encoding.
    """
    try:
        return _read(path, dialect, columns, threads=True)
    except SourceError as error:
        if "Expected" not in error.message:
            raise
        return _read(path, dialect, columns, threads=False)


def _read(path: Path, dialect: Dialect, columns: Collection[str], *, threads: bool) -> pa.Table:
    from pyarrow import csv as arrow_csv

    chosen = list(columns)
    read = arrow_csv.ReadOptions(
        use_threads=threads,
        encoding="utf8" if _is_utf8(dialect.encoding) else dialect.encoding,
        skip_rows=dialect.skip,
        column_names=list(dialect.header) or None,
    )
    parse = arrow_csv.ParseOptions(
        delimiter=dialect.delimiter, quote_char=dialect.quote or False, newlines_in_values=bool(dialect.quote)
    )
    convert = arrow_csv.ConvertOptions(
        column_types={name: pa.string() for name in chosen},
        include_columns=chosen,
        null_values=["", *dialect.nulls],
        strings_can_be_null=True,
    )
    hint = (
        "every row must have a value for every column; is the file cut short, or the delimiter another one?"
    )
    with reading(path, hint=hint), pa.input_stream(str(path)) as stream:
        try:
            return arrow_csv.read_csv(stream, read_options=read, parse_options=parse, convert_options=convert)
        except pa.ArrowInvalid as error:
            if "invalid UTF8" in str(error):
                raise UnicodeError(str(error)) from error
            raise


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig")
