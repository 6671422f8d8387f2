"""The one curve from a metric's value to points, evaluated in exact rationals.

A curve is a row of knots (x, points) in ascending x. Up to three knots may share an x: the first is the
limit from the left, the last the limit from the right, the middle one the value at x itself. So every jump
says which side it belongs to.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from kpicore.scoring.quantity import decimal_text

__all__ = ["Beyond", "Between", "Curve", "Jump", "Knot", "Segment", "evaluate", "extent", "make_curve"]

Between: TypeAlias = Literal["linear", "step_left", "step_right"]
Beyond: TypeAlias = Literal["clamp", "zero", "refuse"]
Jump: TypeAlias = Literal["higher", "lower", "left", "right"]
Knot: TypeAlias = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The piece of a curve that gave the points.

    ``where`` is ``at`` a knot, ``between`` two knots, ``below`` the first or ``above`` the last; ``first``
    and ``last`` are the knots at its ends (equal at a knot, one of them absent beyond the ends).
    """

    where: Literal["at", "between", "below", "above"]
    first: Knot | None
    last: Knot | None

    def __str__(self) -> str:
        first, last = (_pair(knot) if knot else "" for knot in (self.first, self.last))
        if self.where == "at":
            return f"at {first}"
        return f"between {first} and {last}" if self.where == "between" else f"{self.where} {first or last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Knots in ascending x and what holds between and beyond them.

    ``between``: ``linear``; ``step_left`` (a knot's points hold up to the next knot) or ``step_right``
    (they hold from the knot before). ``below`` and ``above``: ``clamp`` to the end's points, ``zero``
    points, or ``refuse`` to score. ``reciprocal_of``: where set to T, the knots stand over T/x instead of x
    (lower is better).
    """

    knots: tuple[Knot, ...]
    between: Between = "linear"
    below: Beyond = "clamp"
    above: Beyond = "clamp"
    reciprocal_of: Fraction | None = None

    def __str__(self) -> str:
        over = f" over {decimal_text(self.reciprocal_of)}/x" if self.reciprocal_of is not None else ""
        knots = " ".join(_pair(knot) for knot in self.knots)
        return f"{knots}{over}, {self.between}, below: {self.below}, above: {self.above}"

    @property
    def lowest(self) -> Fraction:
        """The fewest points that the curve can give."""
        return min(points for points in self._points())

    @property
    def highest(self) -> Fraction:
        """The most points that the curve can give."""
        return max(points for points in self._points())

    def _points(self) -> tuple[Fraction, ...]:
        zero = (Fraction(0),) if "zero" in (self.below, self.above) else ()
        return (*(points for _, points in self.knots), *zero)


def make_curve(
    knots: Sequence[Knot],
    *,
    between: Between = "linear",
    below: Beyond = "clamp",
    above: Beyond = "clamp",
    at_jump: Jump = "higher",
    reciprocal_of: Fraction | None = None,
) -> Curve:
    """Returns a curve whose jumps are explicit: of two knots at one x, ``at_jump`` names the one that holds
    at x.

    ValueError where knots are missing, not in ascending x, or more than three at one x.
    """
    if not knots:
        raise ValueError("found no knots; write at least one [x, points]")
    full: list[Knot] = []
    start = 0
    while start < len(knots):
        x = knots[start][0]
        stop = start
        while stop < len(knots) and knots[stop][0] == x:
            stop += 1
        if stop < len(knots) and knots[stop][0] < x:
            found = decimal_text(knots[stop][0])
            raise ValueError(f"found x = {found} after {decimal_text(x)}; write the knots in ascending x")
        full += _with_value_at(list(knots[start:stop]), at_jump)
        start = stop
    return Curve(knots=tuple(full), between=between, below=below, above=above, reciprocal_of=reciprocal_of)


def _with_value_at(same: list[Knot], at_jump: Jump) -> list[Knot]:
    if len(same) > 3:
        raise ValueError(
            f"found {len(same)} knots at x = {decimal_text(same[0][0])}; write at most three: "
            "the points just below, at and just above"
        )
    if len(same) != 2:
        return same
    left, right = same
    chosen = {"left": left, "right": right, "higher": max(same), "lower": min(same)}[at_jump]
    return [left, chosen, right]


def evaluate(curve: Curve, value: Fraction) -> tuple[Fraction | None, Segment]:
    """Returns the points of ``value`` and the segment used; the points are None where the curve refuses the
    value.
    """
    if curve.reciprocal_of is not None:
        if value < 0:
            return None, Segment(where="below", first=None, last=curve.knots[0])
        if value == 0:
            return _beyond(curve.above, curve.knots[-1], above=True)
        value = curve.reciprocal_of / value
    knots = curve.knots
    if value < knots[0][0]:
        return _beyond(curve.below, knots[0], above=False)
    if value > knots[-1][0]:
        return _beyond(curve.above, knots[-1], above=True)
    index = bisect_left(knots, value, key=lambda knot: knot[0])
    if knots[index][0] == value:
        middle = index + 1 if index + 2 < len(knots) and knots[index + 2][0] == value else index
        return knots[middle][1], Segment(where="at", first=knots[middle], last=knots[middle])
    first, last = knots[index - 1], knots[index]
    segment = Segment(where="between", first=first, last=last)
    if curve.between != "linear":
        return (first if curve.between == "step_left" else last)[1], segment
    (x0, s0), (x1, s1) = first, last
    return s0 + (s1 - s0) * (value - x0) / (x1 - x0), segment


def extent(curve: Curve, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction] | None:
    """Returns the fewest and the most points from ``low`` to ``high``, those of a jump included.

    None where the curve refuses both ends and has no knot between them.
    """
    values, begin, end = [low, high], low, high
    if curve.reciprocal_of is not None:
        last = curve.knots[-1][0]
        begin = curve.reciprocal_of / high if high > 0 else last
        end = curve.reciprocal_of / low if low > 0 else last + 1
        values += [Fraction(0)] if low < 0 <= high else []
    inside = [points for x, points in curve.knots if begin < x < end]
    known = [*inside, *(points for value in values if (points := evaluate(curve, value)[0]) is not None)]
    return (min(known), max(known)) if known else None


def _beyond(rule: Beyond, knot: Knot, *, above: bool) -> tuple[Fraction | None, Segment]:
    segment = (
        Segment(where="above", first=knot, last=None)
        if above
        else Segment(where="below", first=None, last=knot)
    )
    return {"clamp": knot[1], "zero": Fraction(0), "refuse": None}[rule], segment


def _pair(knot: Knot) -> str:
    return f"({decimal_text(knot[0])}, {decimal_text(knot[1])})"
