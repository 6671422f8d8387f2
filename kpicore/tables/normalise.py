"""The door: a producer's table against its contract, brought to canonical types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import KpicoreError, SchemaError, SourceError, suggest
from kpicore.plugin import ArrowStream, Column, Kind, RowTally, TableSchema

from .columns import Converted, convert, may_be_id
from .faults import ROW, Refusal, RowFault, set_aside, where

__all__ = ["Normalised", "normalise", "read_stream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """A table in canonical types, the account of its rows, oddities by reason, and columns left out."""

    table: pa.Table
    tally: RowTally
    notes: Mapping[str, int] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()


def read_stream(data: ArrowStream, *, source: str) -> pa.Table:
    """Returns all rows that ``data`` offers; SourceError where it offers none or breaks off."""
    if isinstance(data, pa.Table):
        return data
    try:
        if hasattr(data, "__arrow_c_stream__"):
            return pa.RecordBatchReader.from_stream(data).read_all()
        return pa.table(data)
    except KpicoreError:
        raise
    except (pa.ArrowException, TypeError, ValueError, OSError) as error:
        raise SourceError(
            f"{source}: cannot be read as an Arrow stream: {error}",
            hint="give an object with __arrow_c_stream__, such as a pyarrow, Polars or DuckDB table",
        ) from error


def normalise(
    data: ArrowStream,
    schema: TableSchema,
    *,
    source: str,
    zone: str | None = None,
    tally: RowTally | None = None,
) -> Normalised:
    """Returns the rows of ``data`` that keep the contract of ``schema``, in canonical types.

    The types are: ID and ENUM dictionary<int32, string> (that of an ENUM being ``values``), KEY int64
    or as ID, TIME timestamp[us, UTC], DURATION int64 microseconds, INTEGER int64, NUMBER float64,
    MONEY decimal128(18, 4), FLAG bool, TEXT string, IDS list<string>. Columns stand in the order of
    the schema; those the source lacks are absent. What is canonical already is not copied.

    A row that breaks the contract is left out and entered into ``tally``: ``null``, ``unknown``,
    ``out_of_range``, ``negative``, ``infinite``, ``inexact`` or ``invalid_utf8`` with the column's
    name, or ``reversed`` where its interval ends before it starts. ``tally`` may already hold the
    adapter's account of the rows that it left out itself, and of those that it used where it made
    fewer or more rows out of them.

    Further columns are kept as dimensions where the schema is open-ended, else dropped. Raises one
    SchemaError with every fault of structure, SourceError where ``data`` breaks off.
    """
    table = read_stream(data, source=source)
    problems: list[str] = []
    names = _names(table, problems)
    rows = table.column(names.index(ROW)) if ROW in names else None
    chosen, dropped = _chosen(table, names, schema, problems)
    converted: dict[str, Converted] = {}
    for column, position in chosen:
        try:
            converted[column.name] = convert(table.column(position), column, zone)
        except Refusal as refusal:
            problems.append(_problem(column.name, refusal))
    if problems:
        raise SchemaError(
            f"{source}: the table {schema.name!r} breaks its contract in {len(problems)} place(s)",
            problems=tuple(problems),
            hint="correct the source, or describe it in a mapping",
        )
    arrays = {name: result.array for name, result in converted.items()}
    result = pa.table(arrays) if arrays else pa.table({})
    faults = _row_faults(result, schema, converted)
    account = _account(tally, table.num_rows, source, schema.name)
    if faults:
        originals = table.select([position for _, position in chosen])
        originals = originals.rename_columns([column.name for column, _ in chosen])
        result = set_aside(result, faults, account, originals, rows)
    account.used -= table.num_rows - result.num_rows
    notes: Counter[str] = Counter()
    for part in converted.values():
        notes.update(part.notes)
    return Normalised(table=result, tally=account, notes=dict(notes), dropped=dropped)


def _account(tally: RowTally | None, rows: int, source: str, table: str) -> RowTally:
    if tally is None:
        tally = RowTally()
    left_out = tally.excluded.total() + tally.rejected.total()
    if not tally.used:
        tally.used = rows
        if tally.rows_in == 0 and left_out == 0:
            tally.rows_in = rows
    if tally.rows_in != tally.used + left_out:
        raise SourceError(
            f"{source}: {tally.rows_in} rows came in for the table {table!r}, but {tally.used} were handed "
            f"on and {left_out} accounted for",
            hint="the adapter must count every row that it leaves out",
        )
    return tally


def _names(table: pa.Table, problems: list[str]) -> list[str]:
    names: list[str] = []
    for position in range(table.num_columns):
        try:
            names.append(table.schema.field(position).name)
        except UnicodeDecodeError as error:
            names.append("")
            problems.append(f"column {position + 1}: found a name that is no UTF-8 ({error.object!r})")
    return names


def _chosen(
    table: pa.Table, names: Sequence[str], schema: TableSchema, problems: list[str]
) -> tuple[list[tuple[Column, int]], tuple[str, ...]]:
    """Returns the columns to convert with their positions, and the names of those left out."""
    counts = Counter(name for name in names if name)
    repeated = [name for name, count in counts.items() if count > 1 and (name in schema or schema.open_ended)]
    problems.extend(f"column {name!r}: found {counts[name]} times, expected once" for name in repeated)
    further = [name for name in counts if name not in schema and name != ROW]
    for name in schema.required:
        if name not in counts:
            hint = suggest(name, further) if further else ""
            problems.append(f"column {name!r}: missing, expected {_expected(schema.column(name))}; {hint}")
    chosen = [(column, names.index(column.name)) for column in schema.columns if column.name in counts]
    dropped: list[str] = []
    for name in further:
        position = names.index(name)
        if schema.open_ended and may_be_id(table.schema.field(position).type):
            chosen.append((Column(name=name, kind=Kind.ID, doc="a dimension", domain=name), position))
        else:
            dropped.append(name)
    return chosen, tuple(dropped)


def _expected(column: Column) -> str:
    return f"{column.kind.value} ({column.doc})"


def _problem(name: str, refusal: Refusal) -> str:
    hint = f"; {refusal.hint}" if refusal.hint else ""
    return f"column {name!r}: found {refusal.found}, expected {refusal.expected}{hint}"


def _row_faults(table: pa.Table, schema: TableSchema, converted: Mapping[str, Converted]) -> list[RowFault]:
    faults = [fault for part in converted.values() for fault in part.faults]
    for name in schema.required:
        if table.column(name).null_count:
            faults.extend(where(pc.is_null(table.column(name)), "null", name))
    if schema.interval is not None and all(name in converted for name in schema.interval):
        start, end = schema.interval
        mask = pc.less(table.column(end), table.column(start))
        if pc.any(mask).as_py():
            faults.append(RowFault(reason="reversed", column=end, mask=pc.fill_null(mask, False)))
    return faults
