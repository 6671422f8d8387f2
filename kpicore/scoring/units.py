"""Points per unit above or below a reference, with whole units, floor, cap and cut-off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from kpicore.scoring.curve import Curve, Knot, evaluate, make_curve
from kpicore.scoring.schema_curves import PerUnitDocument

__all__ = ["expand_per_unit"]

_STEPS = 500  # a longer staircase cannot be read by anybody


def expand_per_unit(form: PerUnitDocument) -> Curve:
    """Returns the curve of base + points x units above the reference - points_below x units below it.

    Proportional units give slopes; ``complete`` units count when they are full, ``started`` ones as soon as
    they begin. Beyond the cut-off (below it; above it where more is worse) there are no points; at it there
    are.
    """
    ref, unit = form.ref.value, form.unit.value
    up, down = form.points, form.points if form.points_below is None else form.points_below
    if unit <= 0 or up == down == 0:
        raise ValueError("per_unit: write a unit above 0 and points other than 0")
    if not form.floor <= form.base <= form.cap:
        raise ValueError("per_unit: write floor <= base <= cap")
    if form.whole_units == "proportional":
        knots = [*_slope(form, -unit, -down), (ref, form.base), *_slope(form, unit, up)]
        curve = make_curve(sorted(set(knots), key=lambda knot: knot[0]))
    else:
        curve = make_curve(_staircase(form, up, down), between="step_left")
    return _cut(form, curve, up, down)


def _slope(form: PerUnitDocument, step: Fraction, change: Fraction) -> Sequence[Knot]:
    if change == 0:
        return ()
    end = form.cap if change > 0 else form.floor
    return ((form.ref.value + step * (end - form.base) / change, end),)


def _staircase(form: PerUnitDocument, up: Fraction, down: Fraction) -> list[Knot]:
    ref, unit = form.ref.value, form.unit.value
    above, below = _levels(form, up), _levels(form, -down)
    knots: list[Knot] = []
    if form.whole_units == "complete":
        for k in range(len(below) - 1, 0, -1):
            knots += [(ref - k * unit, points) for points in (below[k], below[k], below[k - 1])]
        return [*knots, (ref, form.base), *((ref + k * unit, above[k]) for k in range(1, len(above)))]
    knots += [(ref - k * unit, below[k]) for k in range(len(below) - 1, 0, -1)]
    if len(above) == 1:
        return [*knots, (ref, form.base)]
    for k in range(len(above) - 1):
        knots += [(ref + k * unit, points) for points in (above[k], above[k], above[k + 1])]
    if len(below) > 1:
        knots[len(below) - 1] = (ref, below[1])
    return knots


def _levels(form: PerUnitDocument, change: Fraction) -> list[Fraction]:
    if change == 0:
        return [form.base]
    end = form.cap if change > 0 else form.floor
    steps = ceil((end - form.base) / change)
    if steps > _STEPS:
        raise ValueError(
            f"per_unit: found {steps} steps; write a larger unit, or whole_units = 'proportional'"
        )
    nearest: Callable[[Fraction, Fraction], Fraction] = min if change > 0 else max
    return [nearest(form.base + k * change, end) for k in range(steps + 1)]


def _cut(form: PerUnitDocument, curve: Curve, up: Fraction, down: Fraction) -> Curve:
    if form.cutoff == "none":
        return curve
    if up * down < 0:
        raise ValueError(
            "per_unit: a cut-off has no side where points fall on both sides of ref; write cutoff = 'none'"
        )
    cutoff, better_up = form.cutoff.value, up + down > 0
    at, _ = evaluate(curve, cutoff)
    if at is None:  # pragma: no cover - both ends of this curve are clamped
        raise ValueError("per_unit: the cut-off lies where the curve gives no points")
    if better_up:
        beyond = tuple(knot for knot in curve.knots if knot[0] > cutoff)
        here = [points for x, points in curve.knots if x == cutoff]
        right = here[-1] if here else at
        start = ((cutoff, at),) if right == at else ((cutoff, at), (cutoff, at), (cutoff, right))
        return make_curve((*start, *beyond), between=curve.between, below="zero")
    before = tuple(knot for knot in curve.knots if knot[0] < cutoff)
    left = [points for x, points in curve.knots if x == cutoff][:1]
    end = ((cutoff, left[0]), (cutoff, at), (cutoff, at)) if left and left[0] != at else ((cutoff, at),)
    return make_curve((*before, *end), between=curve.between, above="zero")
