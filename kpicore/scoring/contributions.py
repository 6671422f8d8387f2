"""The lines of a card as they count for one subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from kpicore.scoring.lines import Line
from kpicore.scoring.missing import Settled
from kpicore.scoring.result import Contribution, Status

__all__ = ["adjustment", "contributions", "total_of"]

_ZERO = Fraction(0)


def contributions(settled: Settled, weights: Mapping[str, Fraction]) -> tuple[Contribution, ...]:
    """Returns the weighted lines of a subject, in the card's order."""
    rows = zip(settled.lines, settled.statuses, settled.points, settled.weights, strict=True)
    return tuple(
        _contribution(line, status, points, weights[line.entry.id], effective)
        for line, status, points, effective in rows
    )


def adjustment(line: Line) -> Contribution:
    """Returns the line of a bonus or penalty: it weighs 1, and a missing value is not counted."""
    status: Status = "refused" if line.outside else "measured" if line.reason is None else "not_counted"
    return _contribution(line, status, line.points, Fraction(1), Fraction(1))


def _contribution(
    line: Line, status: Status, points: Fraction | None, weight: Fraction, effective: Fraction
) -> Contribution:
    found = line.found
    return Contribution(
        entry=line.entry.id,
        group=line.entry.group,
        metric=line.entry.metric,
        value=found.value,
        used=line.used,
        n=found.n,
        numerator=found.numerator,
        denominator=found.denominator,
        interval=found.interval,
        reliability=found.reliability,
        provisional=found.provisional,
        reason=line.reason,
        status=status,
        points=points,
        points_interval=line.points_interval if status == "measured" else None,
        curve=line.curve,
        segment=line.segment,
        variant=line.variant,
        weight=weight,
        effective_weight=effective,
        contribution=effective * points if points is not None else _ZERO,
        evaluator=line.evaluator,
        evidence=found.evidence,
    )


def total_of(lines: Iterable[Contribution]) -> Fraction:
    """Returns the sum of the contributions of ``lines``."""
    return sum((line.contribution or _ZERO for line in lines), _ZERO)
