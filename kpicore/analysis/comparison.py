"""Two breakdowns side by side: an agent and the team, another agent, or himself in another period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from kpicore.scoring import Card

from .breakdown import Breakdown, Figure, Line, SubjectKey, team_breakdown
from .small_groups import SMALL_GROUP

__all__ = ["Comparison", "LineChange", "Verdict", "against_team", "compare", "judge_difference"]

Verdict: TypeAlias = Literal["higher", "lower", "within_chance", "equal", "unknown"]
Interval: TypeAlias = tuple[Fraction, Fraction] | None
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """One line on both sides: its figures, its points, and ``difference``, the second's points less the
    first's. ``verdict`` says of the values whether the second is higher beyond chance. ``reason`` is
    ``small_group`` where a side's figure or points are suppressed.
    """

    line: Line
    first: Figure | None
    second: Figure | None
    first_points: Fraction | None
    second_points: Fraction | None
    difference: Fraction | None
    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sides and what lies between them.

    ``difference`` is the second total less the first, exactly the sum of the lines' differences; None where
    a side has no total, ``reason`` why one is suppressed. ``lines`` stand in the card's order. ``verdict`` is
    of the totals.
    """

    first: Breakdown | None
    second: Breakdown | None
    difference: Fraction | None
    verdict: Verdict
    lines: tuple[LineChange, ...]
    reason: str | None = None

    @property
    def drivers(self) -> tuple[LineChange, ...]:
        """The lines that differ, those that cost the second side most first."""
        moved = [line for line in self.lines if line.difference]
        return tuple(sorted(moved, key=lambda change: (change.difference or _ZERO, change.line)))


def compare(first: Breakdown | None, second: Breakdown | None) -> Comparison:
    """Returns both sides line by line; a side may be missing (a subject that joined or left)."""
    sides = [side for side in (first, second) if side is not None]
    names = dict.fromkeys(line for side in sides for line in (*side.figures, *side.lines))
    both = first is not None and second is not None and None not in (first.total, second.total)
    difference = second.total - first.total if both else None  # type: ignore[union-attr, operator]
    verdict: Verdict = "unknown"
    if first is not None and second is not None:
        verdict = judge_difference(first.total, first.interval, second.total, second.interval)
    return Comparison(
        first=first,
        second=second,
        difference=difference,
        verdict=verdict,
        lines=tuple(_change(line, first, second, both) for line in names),
        reason=next((side.reason for side in sides if side.reason is not None), None),
    )


def against_team(card: Card, members: Iterable[Breakdown]) -> dict[SubjectKey, Comparison]:
    """Returns every member beside the team: which line brought how many points more or fewer than on average.

    For each member the lines' differences sum exactly to the difference of the totals, unless few members
    stand behind some; see ``team_breakdown``.
    """
    known = tuple(members)
    team = team_breakdown(card, known)
    return {one.subject: compare(team, one) for one in known}


def judge_difference(
    first: Fraction | None, first_interval: Interval, second: Fraction | None, second_interval: Interval
) -> Verdict:
    """Returns whether the second value is higher or lower than the first beyond chance, at 95 %.

    The difference is beyond chance where it exceeds the root of the sum of squares of the two distances
    from the values to those ends of their intervals that face each other (Zou and Donner 2008). A side
    without an interval counts as exact beside one that has it; ``unknown`` where neither has one.
    """
    if first is None or second is None:
        return "unknown"
    if first == second:
        return "equal"
    if first_interval is None and second_interval is None:
        return "unknown"
    up = second > first
    facing = (
        _ZERO if first_interval is None else first_interval[1 if up else 0] - first,
        _ZERO if second_interval is None else second_interval[0 if up else 1] - second,
    )
    if (second - first) ** 2 <= sum((distance * distance for distance in facing), _ZERO):
        return "within_chance"
    return "higher" if up else "lower"


def _change(line: Line, first: Breakdown | None, second: Breakdown | None, both: bool) -> LineChange:
    one, two = (None if side is None else side.figures.get(line) for side in (first, second))
    points = [_points(side, line) for side in (first, second)]
    verdict: Verdict = "unknown"
    if one is not None and two is not None:
        verdict = judge_difference(one.value, one.interval, two.value, two.interval)
    hidden = any(side is not None and line in side.suppressed for side in (first, second))
    return LineChange(
        line=line,
        first=one,
        second=two,
        first_points=points[0],
        second_points=points[1],
        difference=(points[1] or _ZERO) - (points[0] or _ZERO) if both and not hidden else None,
        verdict=verdict,
        reason=SMALL_GROUP if hidden else None,
    )


def _points(side: Breakdown | None, line: Line) -> Fraction | None:
    if side is None or side.total is None or line in side.suppressed:
        return None
    return side.lines.get(line, _ZERO)
