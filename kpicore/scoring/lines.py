"""One line of the card for one subject: sufficiency, which value counts, and its points on the curve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kpicore.errors import CardError
from kpicore.scoring.card import Entry, Filter
from kpicore.scoring.curve import Curve, Segment, evaluate, extent
from kpicore.scoring.measured import Measured, SubjectKey
from kpicore.scoring.schema import Reason

__all__ = ["Attributes", "Line", "judge", "selects"]

Attributes = Mapping[str, str | tuple[str, ...] | None]
"""What is true of a subject; of several values each is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a subject has for an entry before the card's policies.

    ``points`` are None where the value is missing (``reason``) or where the curve refuses it (``outside``);
    ``points_interval`` spans the points of all values in the value's interval.
    """

    entry: Entry
    found: Measured
    used: Fraction | None
    points: Fraction | None
    points_interval: tuple[Fraction, Fraction] | None
    curve: Curve
    segment: Segment | None
    variant: int | None
    reason: Reason | None
    outside: bool
    flags: tuple[str, ...]
    evaluator: str | None


def selects(when: Filter, attributes: Attributes) -> bool:
    """Returns whether ``attributes`` carry one of the wanted values under every name of ``when``."""
    return all(_carries(attributes.get(name), values) for name, values in when.items())


def _carries(own: str | tuple[str, ...] | None, values: tuple[str, ...]) -> bool:
    return bool(set(own) & set(values)) if isinstance(own, tuple) else own in values


def judge(entry: Entry, found: Measured, attributes: Attributes, *, evaluator: str | None = None) -> Line:
    """Returns the line of ``entry`` for what was ``found`` of a subject with ``attributes``."""
    variant, curve = _curve(entry, found.subject, attributes)
    used = {"value": found.value, "standardised": found.standardised, "shrunk": found.shrunk}[entry.uses]
    reason, flags = _sufficient(entry, found, used)
    points, segment = (None, None) if used is None or reason is not None else evaluate(curve, used)
    outside = segment is not None and points is None
    return Line(
        entry=entry,
        found=found,
        used=None if reason else used,
        points=points,
        points_interval=None if points is None else _points_interval(curve, points, found),
        curve=curve,
        segment=segment,
        variant=variant,
        reason=reason,
        outside=outside,
        flags=flags,
        evaluator=evaluator,
    )


def _points_interval(curve: Curve, points: Fraction, found: Measured) -> tuple[Fraction, Fraction] | None:
    if found.interval is None:
        return None
    low, high = extent(curve, *found.interval) or (points, points)
    return min(points, low), max(points, high)


def _sufficient(
    entry: Entry, found: Measured, used: Fraction | None
) -> tuple[Reason | None, tuple[str, ...]]:
    if found.value is None:
        return found.reason or "no_data", ()
    if entry.min_n is not None and (found.n is None or found.n < entry.min_n):
        return "below_min_n", (f"n_unknown:{entry.id}",) if found.n is None else ()
    if entry.min_reliability is not None and (
        found.reliability is None or found.reliability < entry.min_reliability
    ):
        return "below_min_n", (f"below_min_reliability:{entry.id}",)
    if used is None:
        return "no_data", (f"not_{entry.uses}:{entry.id}",)
    return None, ()


def _curve(entry: Entry, subject: SubjectKey, attributes: Attributes) -> tuple[int | None, Curve]:
    matching = [i for i, variant in enumerate(entry.variants, start=1) if selects(variant.when, attributes)]
    if len(matching) > 1:
        raise CardError(
            f"entry {entry.id!r}: variants {', '.join(map(str, matching))} all match {subject}",
            hint="narrow `when` until at most one variant matches",
        )
    curve = entry.variants[matching[0] - 1].curve if matching else entry.curve
    if curve is None:
        raise CardError(f"entry {entry.id!r}: its target is 'required'", hint="set the target on the card")
    return (matching[0] if matching else None), curve
