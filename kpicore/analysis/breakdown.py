"""What a total is made of: exact lines that add up to it, read back from the tables of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Literal, TypeAlias

import pyarrow as pa

from kpicore.scoring import Card

from .small_groups import SMALL_GROUP, is_small

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
    """The value behind a line, exact, with its 95 % interval where one is known; ``reason`` is
    ``small_group`` where it is suppressed.
    """

    metric: str
    value: Fraction | None
    n: int | None = None
    interval: tuple[Fraction, Fraction] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A subject's total as the exact sum of ``lines``, and the figures behind them.

    ``total`` is None, and ``lines`` is empty, where the subject has no score; ``interval`` is the 95 %
    interval of the total. Of a group, ``reason`` is ``small_group`` where its total is suppressed, and
    ``suppressed`` are the lines that are.
    """

    subject: SubjectKey
    total: Fraction | None
    grade: str | None
    rank: int | None
    interval: tuple[Fraction, Fraction] | None
    lines: Mapping[Line, Fraction]
    figures: Mapping[Line, Figure]
    reason: str | None = None
    suppressed: frozenset[Line] = frozenset()


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


def team_breakdown(card: Card, members: Iterable[Breakdown]) -> Breakdown | None:
    """Returns the mean of all members that have a total, line by line; None where none has.

    Its lines sum exactly to the mean total; a line that a member lacks counts as 0. Its figures are the
    medians of the members' values, so that counts and rates can be read alike. What so few stand behind that
    ``is_small`` says so is suppressed: everything where it is the members, else the lines that few have a
    value for. Subtraction would tell their points, so those of the line with the next fewest go with them, or
    the total and all points where there is none.
    """
    scored = [one for one in members if one.total is not None]
    if not scored:
        return None
    size = len(scored)
    small = is_small(card, size)
    known = {
        line: [one.figures[line] for one in scored if line in one.figures]
        for line in dict.fromkeys(line for one in scored for line in one.figures)
    }
    figures = {line: _middle(card, found, hidden=small) for line, found in known.items()}
    names = dict.fromkeys(line for one in scored for line in one.lines)
    lines = {line: sum((one.lines.get(line, _ZERO) for one in scored), _ZERO) / size for line in names}
    few = {line for line, figure in figures.items() if figure.reason is not None}
    hidden = _with_another(few, lines, figures)
    untold = small or hidden == few != set()
    if untold:
        hidden = {*figures, *lines}
    return Breakdown(
        subject=(),
        total=None if untold else sum((one.total or _ZERO for one in scored), _ZERO) / size,
        grade=None,
        rank=None,
        interval=None,
        lines={line: points for line, points in lines.items() if line not in hidden},
        figures=figures,
        reason=SMALL_GROUP if untold else None,
        suppressed=frozenset(hidden),
    )


def _middle(card: Card, known: Sequence[Figure], *, hidden: bool) -> Figure:
    values = [figure.value for figure in known if figure.value is not None]
    if values and (hidden or is_small(card, len(values))):
        return Figure(metric=known[0].metric, value=None, reason=SMALL_GROUP)
    return Figure(metric=known[0].metric, value=median(values) if values else None, n=len(values))


def _with_another(
    few: Collection[Line], lines: Mapping[Line, Fraction], figures: Mapping[Line, Figure]
) -> set[Line]:
    """Returns ``few`` and, of the other lines with points and a value, that which fewest have a value for."""
    others = [line for line in figures if line not in few and figures[line].n and lines.get(line)]
    others.sort(key=lambda line: figures[line].n or 0)
    return {*few, *(others[:1] if few else ())}


def _fraction(text: object) -> Fraction | None:
    return None if text is None else Fraction(str(text))


def _pair(low: Fraction | None, high: Fraction | None) -> tuple[Fraction, Fraction] | None:
    return None if low is None or high is None else (low, high)
