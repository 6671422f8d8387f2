"""Measures: what is counted over a table or fact, as mergeable state.

Equal measures are computed once, whoever asks for them. Each kind is a commutative monoid:
partitions are measured apart and merged in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypedDict, Unpack

from .expression import Expression

__all__ = ["Measure", "MeasureKind", "Options", "count", "distinct", "maximum", "minimum", "total", "values"]

Options = tuple[tuple[str, object], ...]
"""Parameters of a fact, sorted by name."""


class MeasureKind(Enum):
    """What is kept of the rows of a cell.

    COUNT and SUM are integers and 0 where nothing happened; MINIMUM and MAXIMUM are null there;
    DISTINCT counts the different values; VALUES keeps the multiset, for exact quantiles.
    """

    COUNT = "count"
    SUM = "sum"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    DISTINCT = "distinct"
    VALUES = "values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number per subject and period, over the rows of the table or fact ``of``.

    ``attribution`` says which period a row belongs to: a name of the schema's ``times`` (``start``,
    ``completion``, ``event``, ...), ``prorated``, which cuts the row's interval at period edges so
    that ``where`` and ``value`` see the pieces, or ``snapshot``, which counts a row in every period at
    whose end its interval is open (``col("instant")`` is that end), or, with ``snapshot_at``, at that local
    time of the period's last day, in microseconds after midnight; a period that does not reach it is
    looked at as it ends. ``part`` names a column whose
    values become rows of their own (the states of ``state_share``). ``by`` maps a subject to the column
    that gives it where the usual one (``agent_id`` for agent) is not meant. ``options`` are the fact's
    parameters.
    """

    kind: MeasureKind
    of: str
    value: Expression | None = None
    where: Expression | None = None
    attribution: str = "start"
    part: str | None = None
    by: tuple[tuple[str, str], ...] = ()
    options: Options = ()
    snapshot_at: int | None = None


class Rows(TypedDict, total=False):
    """Which rows a measure reads, and where they count; see ``Measure``."""

    where: Expression | None
    attribution: str
    part: str | None
    by: tuple[tuple[str, str], ...]
    options: Options
    snapshot_at: int | None


def count(of: str, **rows: Unpack[Rows]) -> Measure:
    """Returns the number of rows of ``of``."""
    return Measure(kind=MeasureKind.COUNT, of=of, **rows)


def total(of: str, value: Expression, **rows: Unpack[Rows]) -> Measure:
    """Returns the sum of the integer ``value``; rows where it is null add nothing."""
    return Measure(kind=MeasureKind.SUM, of=of, value=value, **rows)


def minimum(of: str, value: Expression, **rows: Unpack[Rows]) -> Measure:
    """Returns the smallest ``value``; null where there is none."""
    return Measure(kind=MeasureKind.MINIMUM, of=of, value=value, **rows)


def maximum(of: str, value: Expression, **rows: Unpack[Rows]) -> Measure:
    """Returns the largest ``value``; null where there is none."""
    return Measure(kind=MeasureKind.MAXIMUM, of=of, value=value, **rows)


def distinct(of: str, value: Expression, **rows: Unpack[Rows]) -> Measure:
    """Returns how many different ``value`` there are; null is none of them."""
    return Measure(kind=MeasureKind.DISTINCT, of=of, value=value, **rows)


def values(of: str, value: Expression, **rows: Unpack[Rows]) -> Measure:
    """Returns the multiset of the integer ``value``, for exact quantiles."""
    return Measure(kind=MeasureKind.VALUES, of=of, value=value, **rows)
