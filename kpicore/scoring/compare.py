"""Two scorings side by side: a late correction, or what a new card would have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured, SubjectKey
from kpicore.scoring.result import Scores
from kpicore.scoring.scorer import score

__all__ = ["Change", "backtest", "compare_scores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One subject in two scorings; ``difference`` is after - before, None where either has no total.

    A late correction posts ``difference`` in the next period instead of reopening the closed one.
    """

    period: str
    subject: SubjectKey
    before: Decimal | None
    after: Decimal | None
    difference: Decimal | None
    grade_before: str | None
    grade_after: str | None

    @property
    def regraded(self) -> bool:
        """Whether the grade differs."""
        return self.grade_before != self.grade_after


def compare_scores(before: Scores, after: Scores, *, period: str = "") -> tuple[Change, ...]:
    """Returns one change per subject of either scoring, those without any difference included, sorted as
    scored.
    """
    first = {one.subject: one for one in before.scores}
    second = {one.subject: one for one in after.scores}
    changes = []
    for subject in dict.fromkeys((*first, *second)):
        old, new = first.get(subject), second.get(subject)
        total_before, total_after = (None if one is None else one.total for one in (old, new))
        both = total_before is not None and total_after is not None
        changes.append(
            Change(
                period=period,
                subject=subject,
                before=total_before,
                after=total_after,
                difference=total_after - total_before if both else None,  # type: ignore[operator]
                grade_before=old.grade if old else None,
                grade_after=new.grade if new else None,
            )
        )
    return tuple(changes)


def backtest(old: Card, new: Card, periods: Mapping[str, Iterable[Measured]]) -> tuple[Change, ...]:
    """Returns what ``new`` instead of ``old`` would have changed in past ``periods``, and for whom."""
    changes: list[Change] = []
    for period, measured in periods.items():
        rows = tuple(measured)
        changes += compare_scores(score(old, rows), score(new, rows), period=period)
    return tuple(changes)
