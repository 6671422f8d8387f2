"""Faults of structure, which refuse a table, and faults of rows, which leave out some of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import RowTally

__all__ = ["CUT", "ROW", "SAMPLES", "Refusal", "RowFault", "cut", "set_aside", "where"]

CUT = 80
"""Sample values are cut at this many characters."""

SAMPLES = 20
"""How many sample rows are kept per reason."""

ROW = "kpicore.row"
"""A feed may carry this column: each row's number in its source, counted from 1."""


class Refusal(Exception):
    """Why a column cannot be what its kind demands; collected into one SchemaError."""

    def __init__(self, found: str, expected: str, hint: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """Rows that break the contract: ``mask`` is true where they do and never null."""

    reason: str
    column: str
    mask: pa.ChunkedArray


def where(condition: pa.ChunkedArray, reason: str, column: str) -> tuple[RowFault, ...]:
    """Returns the fault of the rows where ``condition`` holds, or nothing where it holds nowhere."""
    if not pc.any(condition).as_py():
        return ()
    return (RowFault(reason=f"{reason}:{column}", column=column, mask=pc.fill_null(condition, False)),)


def cut(value: object) -> str:
    """Returns ``value`` as text of at most ``CUT`` characters; nothing for null."""
    return "" if value is None else str(value)[:CUT]


def set_aside(
    table: pa.Table,
    faults: Sequence[RowFault],
    tally: RowTally,
    originals: pa.Table,
    rows: pa.ChunkedArray | None,
) -> pa.Table:
    """Returns ``table`` without the rows of ``faults``, entered into ``tally`` with their first reason.

    ``originals`` holds the values as they came, for the samples; ``rows`` the source's row numbers.
    """
    taken: pa.ChunkedArray | None = None
    for fault in faults:
        fresh = fault.mask if taken is None else pc.and_not(fault.mask, taken)
        count = pc.sum(fresh).as_py() or 0
        if not count:
            continue
        tally.rejected[fault.reason] += count
        tally.samples.extend(_samples(fresh, fault, originals, rows))
        taken = fault.mask if taken is None else pc.or_(taken, fault.mask)
    return table if taken is None else table.filter(pc.invert(taken))


def _samples(
    mask: pa.ChunkedArray, fault: RowFault, originals: pa.Table, rows: pa.ChunkedArray | None
) -> Iterable[tuple[int, str, str, str]]:
    column = originals.column(fault.column) if fault.column in originals.column_names else None
    for position in pc.indices_nonzero(mask)[:SAMPLES].to_pylist():
        number = position + 1 if rows is None else rows[position].as_py()
        yield number, fault.reason, fault.column, "" if column is None else cut(shown(column, position))


def shown(column: pa.ChunkedArray, position: int) -> object:
    """Returns the value at ``position``; one that Python cannot hold is named by its type."""
    try:
        return column[position].as_py()
    except (ValueError, OverflowError, pa.ArrowException):
        return f"<{column.type}>"
