"""The short forms of a curve, expanded to knots.

Each function takes what the card says and returns the curve that it stands for; ValueError says what cannot
be expanded.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal, cast

from kpicore.scoring.curve import Beyond, Curve, Knot, make_curve
from kpicore.scoring.quantity import decimal_text
from kpicore.scoring.schema_curves import (
    AttainmentDocument,
    BandDocument,
    CurveDocument,
    EventsDocument,
    LinearDocument,
    RangeDocument,
    ThresholdDocument,
)
from kpicore.scoring.units import expand_per_unit

__all__ = ["FORMS", "TargetRequired", "expand"]

FORMS = (
    "knots",
    "linear",
    "bands",
    "threshold_target_stretch",
    "target_range",
    "attainment",
    "per_unit",
    "events",
)
_ZERO = Fraction(0)


class TargetRequired(ValueError):
    """A curve stands on a target that nobody has set yet."""


def expand(
    document: CurveDocument, *, target: Fraction | Literal["required"] | None, highest: Fraction
) -> Curve:
    """Returns the curve of ``document``: exactly one form, expanded.

    ``target`` is the entry's; ``highest`` the most points of the scale. ValueError where no form, or more
    than one, is written, where an option belongs to another form, or where the form's numbers contradict
    each other; TargetRequired where the form needs a target that is still to be set.
    """
    written = [form for form in FORMS if getattr(document, form) is not None]
    if len(written) != 1:
        found = ", ".join(written) or "none"
        raise ValueError(f"found {found}; write exactly one of {', '.join(FORMS)}")
    _check_options(document, written[0])
    if document.knots is not None:
        knots = [(x.value, points) for x, points in document.knots]
        return make_curve(
            knots,
            between=document.between,
            below=document.below,
            above=document.above,
            at_jump=document.at_jump,
        )
    if document.linear is not None:
        return _linear(document.linear, highest)
    if document.bands is not None:
        return _bands(document.bands, document.closed)
    if document.threshold_target_stretch is not None:
        return _threshold(document.threshold_target_stretch)
    if document.target_range is not None:
        return _range(document.target_range, highest)
    if document.attainment is not None:
        return _attainment(document.attainment, target, highest)
    if document.per_unit is not None:
        return expand_per_unit(document.per_unit)
    return _events(cast("EventsDocument", document.events))


def _check_options(document: CurveDocument, form: str) -> None:
    own = {"between": "knots", "below": "knots", "above": "knots", "at_jump": "knots", "closed": "bands"}
    for option, owner in own.items():
        if option in document.model_fields_set and form != owner:
            raise ValueError(f"found {option} beside {form}; it belongs to {owner}: remove it")


def _linear(form: LinearDocument, highest: Fraction) -> Curve:
    zero, full = form.zero_at.value, form.full_at.value
    if zero == full:
        raise ValueError(
            f"linear: found zero_at = full_at = {form.zero_at.written}; write two different values"
        )
    points = highest if form.full is None else form.full
    return make_curve(sorted([(zero, _ZERO), (full, points)]))


def _bands(bands: Sequence[BandDocument], closed: Literal["left", "right"] | None) -> Curve:
    if closed is None:
        raise ValueError(
            "bands: closed is missing; write closed = 'left' ([from, to)) or 'right' ((from, to])"
        )
    if len(bands) < 2:
        raise ValueError(f"bands: found {len(bands)} band; write at least two")
    knots: list[Knot] = []
    if (first := bands[0]).from_ is not None:
        knots.append((first.from_.value, first.points))
    for number, (band, after) in enumerate(pairwise(bands), start=1):
        edge = _edge(number, band, after)
        at = after.points if closed == "left" else band.points
        plain = closed == "left" and knots
        knots += [(edge, after.points)] if plain else [(edge, p) for p in (band.points, at, after.points)]
    if (last := bands[-1]).to is not None:
        knots.append((last.to.value, last.points))
    below: Beyond = "refuse" if first.from_ is not None else "clamp"
    above: Beyond = "refuse" if last.to is not None else "clamp"
    if any(a[0] > b[0] for a, b in pairwise(knots)):
        raise ValueError("bands: found a band that ends before it begins; write the bands in ascending order")
    return make_curve(knots, between="step_left", below=below, above=above)


def _edge(number: int, band: BandDocument, after: BandDocument) -> Fraction:
    if band.to is None or after.from_ is None:
        raise ValueError(
            f"bands: band {number} has no `to`, or band {number + 1} no `from`; only the ends may be open"
        )
    if band.to.value != after.from_.value:
        fault = "a gap" if band.to.value < after.from_.value else "an overlap"
        raise ValueError(
            f"bands: found {fault} between {band.to.written} and {after.from_.written}; "
            "write the same value in both"
        )
    if band.from_ is not None and band.from_.value >= band.to.value:
        raise ValueError(f"bands: band {number} is empty; write from < to")
    return band.to.value


def _threshold(form: ThresholdDocument) -> Curve:
    threshold, target, stretch = form.threshold.value, form.target.value, form.stretch.value
    rising = threshold < target < stretch
    if not rising and not threshold > target > stretch:
        raise ValueError(
            "threshold_target_stretch: write threshold < target < stretch, "
            "or the reverse where lower is better"
        )
    knots = [
        (threshold, form.threshold_points),
        (target, form.target_points),
        (stretch, form.stretch_points),
    ]
    if form.jump:
        if form.zero_at is not None:
            raise ValueError("threshold_target_stretch: found jump = true and zero_at; write one of them")
        knots = [(threshold, _ZERO), knots[0], *knots]
    elif form.zero_at is not None:
        zero = form.zero_at.value
        if (zero >= threshold) if rising else (zero <= threshold):
            raise ValueError("threshold_target_stretch: zero_at must lie short of the threshold")
        knots = [(zero, _ZERO), *knots]
    return make_curve(knots if rising else knots[::-1])


def _range(form: RangeDocument, highest: Fraction) -> Curve:
    ideal_lo, ideal_hi = form.ideal_lo.value, form.ideal_hi.value
    if form.tolerance is not None:
        if form.hard_lo is not None or form.hard_hi is not None:
            raise ValueError("target_range: found tolerance beside hard limits; write one of them")
        hard_lo, hard_hi = ideal_lo * (1 - form.tolerance), ideal_hi * (1 + form.tolerance)
    elif form.hard_lo is None or form.hard_hi is None:
        raise ValueError("target_range: write hard_lo and hard_hi, or tolerance")
    else:
        hard_lo, hard_hi = form.hard_lo.value, form.hard_hi.value
    if not hard_lo <= ideal_lo <= ideal_hi <= hard_hi:
        raise ValueError("target_range: write hard_lo <= ideal_lo <= ideal_hi <= hard_hi")
    full = highest if form.full is None else form.full
    knots = [(hard_lo, _ZERO), (ideal_lo, full), (ideal_hi, full), (hard_hi, _ZERO)]
    return make_curve([knot for knot, before in zip(knots, [None, *knots], strict=False) if knot != before])


def _attainment(
    form: AttainmentDocument, target: Fraction | Literal["required"] | None, highest: Fraction
) -> Curve:
    goal = target if form.target is None else form.target.value
    if goal == "required":
        raise TargetRequired("attainment: the target is required; set it")
    if goal is None:
        raise ValueError("attainment: no target; write curve.attainment.target or the entry's target")
    if goal <= 0:
        raise ValueError(
            f"attainment: found target = {decimal_text(goal)}; a percentage needs a target above 0"
        )
    cap = highest if form.cap is None else form.cap
    if cap <= 0:
        raise ValueError(f"attainment: found cap = {decimal_text(cap)}; write a cap above 0")
    if form.mode == "target_over_value":
        return make_curve([(_ZERO, _ZERO), (cap / 100, cap)], reciprocal_of=goal)
    if form.mode == "value_over_target":
        return make_curve([(_ZERO, _ZERO), (goal * cap / 100, cap)])
    return make_curve([(goal * (2 - cap / 100), cap), (2 * goal, _ZERO)])


def _events(form: EventsDocument) -> Curve:
    if form.points_each == 0 or form.cap <= 0:
        raise ValueError("events: write points_each other than 0 and a cap above 0")
    reached = form.cap / abs(form.points_each)
    end = form.start + (form.cap if form.points_each > 0 else -form.cap)
    return make_curve([(_ZERO, form.start), (reached, end)], below="refuse")
