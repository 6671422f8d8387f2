"""What a total is made of: exact lines that add up to it, read back from the tables of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Literal, TypeAlias

import pyarrow as pa

__all__ = ["Breakdown", "Figure", "Line", "LineKind", "SubjectKey", "breakdowns", "team_breakdown"]

SubjectKey: TypeAlias = tuple[str | None, ...]
LineKind: TypeAlias = Literal["entry", "bonus", "penalty", "gate", "caps", "rounding"]
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Line:
    """One part of a total: an entry, bonus, penalty or gate of the card by its id; what the caps on bonuses
    and penalties took or spared (``caps``); and the rounding of the total.
    """

    kind: LineKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The value behind a line, exact, with its 95 % interval where one is known."""

    metric: str
    value: Fraction | None
    n: int | None = None
    interval: tuple[Fraction, Fraction] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A subject's total as the exact sum of ``lines``, and the figures behind them.

    ``total`` is None, and ``lines`` is empty, where the subject has no score; ``interval`` is the 95 %
    interval of the total.
    """

    subject: SubjectKey
    total: Fraction | None
    grade: str | None
    rank: int | None
    interval: tuple[Fraction, Fraction] | None
    lines: Mapping[Line, Fraction]
    figures: Mapping[Line, Figure]


def breakdowns(scores: pa.Table, contributions: pa.Table, subjects: Sequence[str]) -> tuple[Breakdown, ...]:
    """Returns the breakdown of every subject of a run's tables, in the order of ``scores``.

    ``subjects`` names the columns of a subject. For every subject the lines sum exactly to the total.
    """
    lines: dict[SubjectKey, dict[Line, Fraction]] = {}
    figures: dict[SubjectKey, dict[Line, Figure]] = {}
    for row in contributions.to_pylist():
        key: SubjectKey = tuple(row[name] for name in subjects)
        line = Line(kind=row["kind"], id=row["entry"])
        points = _fraction(row["exact_contribution"]) or _ZERO
        lines.setdefault(key, {})[line] = -points if line.kind == "penalty" else points
        figures.setdefault(key, {})[line] = Figure(
            metric=row["metric"],
            value=_fraction(row["value"]),
            n=row["n"],
            interval=_pair(_fraction(row["low"]), _fraction(row["high"])),
        )
    found = []
    for row in scores.to_pylist():
        key = tuple(row[name] for name in subjects)
        exact, total = _fraction(row["exact"]), _fraction(row["total"])
        found.append(
            Breakdown(
                subject=key,
                total=total,
                grade=row["grade"],
                rank=row["rank"],
                interval=_pair(_fraction(row["low"]), _fraction(row["high"])),
                lines={} if exact is None or total is None else _balanced(lines.get(key, {}), exact, total),
                figures=figures.get(key, {}),
            )
        )
    return tuple(found)


def _balanced(lines: Mapping[Line, Fraction], exact: Fraction, total: Fraction) -> dict[Line, Fraction]:
    """Returns the lines with those of the caps and the rounding, which no row of a run holds by itself."""
    caps, rounding = exact - sum(lines.values(), _ZERO), total - exact
    added = {Line(kind="caps", id="caps"): caps, Line(kind="rounding", id="rounding"): rounding}
    return {**lines, **{line: points for line, points in added.items() if points}}


def team_breakdown(members: Iterable[Breakdown]) -> Breakdown | None:
    """Returns the mean of all members that have a total, line by line; None where none has.

    Its lines sum exactly to the mean total; a line that a member lacks counts as 0. Its figures are the
    medians of the members' values, so that counts and rates can be read alike.
    """
    scored = [one for one in members if one.total is not None]
    if not scored:
        return None
    size = len(scored)
    names = list(dict.fromkeys(line for one in scored for line in one.lines))
    figures = {}
    for line in dict.fromkeys(line for one in scored for line in one.figures):
        known = [one.figures[line] for one in scored if line in one.figures]
        values = [figure.value for figure in known if figure.value is not None]
        figures[line] = Figure(
            metric=known[0].metric, value=median(values) if values else None, n=len(values)
        )
    return Breakdown(
        subject=(),
        total=sum((one.total or _ZERO for one in scored), _ZERO) / size,
        grade=None,
        rank=None,
        interval=None,
        lines={line: sum((one.lines.get(line, _ZERO) for one in scored), _ZERO) / size for line in names},
        figures=figures,
    )


def _fraction(text: object) -> Fraction | None:
    return None if text is None else Fraction(str(text))


def _pair(low: Fraction | None, high: Fraction | None) -> tuple[Fraction, Fraction] | None:
    return None if low is None or high is None else (low, high)
