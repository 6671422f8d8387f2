"""Rows of a run's tables, as plain values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import pyarrow as pa

from kpicore.runs import Run

__all__ = [
    "Row",
    "by_subject",
    "decimal",
    "exact",
    "flag",
    "number",
    "rows",
    "subject_id",
    "text",
    "texts",
    "whole",
]

Row: TypeAlias = Mapping[str, object]


def rows(run: Run, name: str) -> list[Row]:
    """Returns the rows of a table; none where the run has no such table."""
    if name not in run.tables:
        return []
    table: pa.Table = run.table(name)
    found: list[Row] = table.to_pylist(maps_as_pydicts="strict")
    return found


def by_subject(found: Sequence[Row], columns: Sequence[str]) -> dict[str, list[Row]]:
    """Returns the rows of each subject, in their order; its id is the parts of its key joined by ``/``."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        grouped[subject_id(row, columns)].append(row)
    return grouped


def subject_id(row: Row, columns: Sequence[str]) -> str:
    """Returns the id of a row's subject."""
    return "/".join(_parts(row, columns))


def _parts(row: Row, columns: Sequence[str]) -> Iterator[str]:
    for column in columns:
        value = row.get(column)
        yield "-" if value is None else str(value)


def text(row: Row, name: str) -> str | None:
    """Returns a cell as text; None where it is null or the column is missing."""
    value = row.get(name)
    return None if value is None else str(value)


def texts(row: Row, name: str) -> tuple[str, ...]:
    """Returns a list of texts; empty where it is null or missing."""
    value = row.get(name)
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def number(row: Row, name: str) -> float | None:
    """Returns a number, or the number that a text writes as a decimal or quotient; None where null."""
    value = row.get(name)
    if isinstance(value, str):
        return float(Fraction(value))
    return float(value) if isinstance(value, (int, float, Decimal)) else None


def exact(row: Row, name: str) -> Fraction | None:
    """Returns the number that a text writes as a decimal or quotient; None where null."""
    value = row.get(name)
    return Fraction(value) if isinstance(value, (str, int, Decimal)) else None


def decimal(row: Row, name: str) -> Decimal | None:
    """Returns a decimal; None where null or missing."""
    value = row.get(name)
    return value if isinstance(value, Decimal) else None


def whole(row: Row, name: str) -> int | None:
    """Returns a whole number; None where null or missing."""
    value = row.get(name)
    return value if isinstance(value, int) else None


def flag(row: Row, name: str) -> bool:
    """Returns a truth value; false where null or missing."""
    return bool(row.get(name))
