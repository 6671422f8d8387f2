"""What the first page says of all people together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from . import numbers
from .model import Report
from .phrases import Phrases

__all__ = ["Gap", "GradeBar", "Summary", "gaps_of", "quantile", "summary_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeBar:
    """A grade: how many have it, their share as text and as the width of a bar, and the advised share."""

    name: str
    count: int
    share: str
    width: str
    advised: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures on the tiles of the overview."""

    scored: int
    median: Decimal | None
    quarter: Decimal | None
    three_quarters: Decimal | None
    tiers: int
    held: int
    grades: tuple[GradeBar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How often a KPI was measured, is provisional, missing (by reason) or leaves cases out (by reason)."""

    label: str
    measured: int
    provisional: int
    missing: str
    excluded: str


def quantile(ordered: Sequence[Decimal], share: Fraction) -> Decimal:
    """Returns the value at ``share`` of the way through ``ordered``, linearly between neighbours.

    >>> quantile([Decimal(1), Decimal(2), Decimal(4)], Fraction(3, 4))
    Decimal('3')
    """
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    rest = place - below
    return ordered[below] + (ordered[above] - ordered[below]) * rest.numerator / rest.denominator


def summary_of(report: Report) -> Summary:
    """Returns the figures on the tiles."""
    totals = sorted(one.standing.total for one in report.people if one.standing.total is not None)
    told = totals and not report.small_group
    middle = [quantile(totals, Fraction(i, 4)) if told else None for i in (1, 2, 3)]
    return Summary(
        scored=len(totals),
        quarter=middle[0],
        median=middle[1],
        three_quarters=middle[2],
        tiers=len({one.standing.tier for one in report.people if one.standing.tier is not None}),
        held=sum(one.standing.held for one in report.people),
        grades=_grades(report),
    )


def _grades(report: Report) -> tuple[GradeBar, ...]:
    counts = Counter(one.standing.grade for one in report.people if one.standing.grade is not None)
    graded = counts.total()
    return tuple(
        GradeBar(
            name=grade.name,
            count=counts[grade.name],
            share=f"{100 * counts[grade.name] / graded:.0f} %",
            width=f"{100 * counts[grade.name] / graded:.1f}",
            advised=f"{float(report.advised[grade.name]) * 100:.0f} %"
            if grade.name in report.advised
            else "",
        )
        for grade in report.grades
        if graded
    )


def gaps_of(report: Report, phrases: Phrases) -> tuple[Gap, ...]:
    """Returns for each KPI where values are missing or provisional."""
    gaps = []
    for kpi in report.kpis:
        lines = [
            line
            for person in report.people
            for line in person.lines
            if (line.kind, line.kpi) == (kpi.kind, kpi.id)
        ]
        missing = Counter(line.reason or "no_data" for line in lines if line.value is None)
        excluded: Counter[str] = Counter()
        for line in lines:
            excluded.update(line.excluded)
        say = phrases.say
        gaps.append(
            Gap(
                label=phrases.label(kpi.label),
                measured=sum(line.value is not None for line in lines),
                provisional=sum(line.provisional for line in lines),
                missing=", ".join(f"{say.code('reason', why)}: {n}" for why, n in missing.items())
                or numbers.NOTHING,
                excluded=", ".join(f"{why.replace('_', ' ')}: {n}" for why, n in excluded.items() if n)
                or numbers.NOTHING,
            )
        )
    return tuple(gaps)
