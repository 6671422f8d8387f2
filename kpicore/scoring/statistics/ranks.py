"""How sure totals are: their intervals, rank sets (which ranks a subject may truly have), and tiers of
subjects that cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import fsum, sqrt

from kpicore.scoring.card import Card
from kpicore.scoring.result import Contribution, Score
from kpicore.scoring.statistics.distributions import normal_quantile
from kpicore.scoring.statistics.precision import as_fraction

__all__ = ["RankSet", "add_noise", "rank_sets", "total_interval"]

_Z = 1.959963984540054
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSet:
    """A subject's rank, the best and worst rank it may have, and its tier (1 is the best)."""

    rank: int
    best: int
    worst: int
    tier: int

    def __str__(self) -> str:
        return f"{self.rank}" if self.best == self.worst else f"{self.rank}, {self.best}-{self.worst}"


def rank_sets(
    values: Sequence[float], lows: Sequence[float], highs: Sequence[float], *, level: float = 0.95
) -> tuple[RankSet, ...]:
    """Returns the rank set of each of ``values`` (higher is better), given the ends of its 95 % interval.

    All sets together hold the true ranks with probability ``level``: a subject surely beats another where
    their difference exceeds what chance allows, the error shared out over all pairs (Bonferroni, so the sets
    are on the wide side). Of two values chance allows the root of the sum of squares of the better one's
    distance to its low end and the other's to its high end. The worst rank counts who is not surely beaten,
    the best who surely wins. A tier holds those who are not surely below its first subject.
    """
    count = len(values)
    if count == 0:
        return ()
    import numpy as np

    wider = normal_quantile(1 - (1 - level) / max(2, count * (count - 1))) / _Z
    own = np.asarray(values, dtype=np.float64)
    down = ((own - np.asarray(lows, dtype=np.float64)) * wider) ** 2
    up = ((np.asarray(highs, dtype=np.float64) - own) * wider) ** 2
    tiers = np.zeros(count, dtype=np.int64)
    order = np.lexsort((-down, -up, -own))  # of equal values the least sure first, whatever the rows' order
    leader, tier = order[0], 1
    for i in order:
        if own[leader] - own[i] > np.sqrt(down[leader] + up[i]):
            leader, tier = i, tier + 1
        tiers[i] = tier
    return tuple(
        RankSet(
            rank=1 + int((own > own[i]).sum()),
            best=1 + int((own - own[i] > np.sqrt(down + up[i])).sum()),
            worst=count - int((own[i] - own > np.sqrt(down[i] + up)).sum()),
            tier=int(tiers[i]),
        )
        for i in range(count)
    )


def total_interval(card: Card, score: Score) -> tuple[Fraction, Fraction] | None:
    """Returns the 95 % interval of an exact total, from the points that its lines have at the ends of their
    values' intervals.

    The distances from the points to their ends, each times the line's weight, are squared and added up, and
    the root is the total's distance to its end (lines count as independent; Zou and Donner 2008). A line
    without an interval counts as exact; caps on bonuses and penalties hold at the ends as well. None where no
    line has an interval, where there is no total, or where a gate changed it: then the gate decides, not
    chance.
    """
    if score.exact is None or score.gate_effect:
        return None
    sums = (
        _summed(score.contributions, None),
        _summed(score.bonuses, card.bonus_cap),
        _summed(score.penalties, card.penalty_cap),
    )
    known = [one for one in sums if one is not None]
    if not known:
        return None
    base, bonus, penalty = ((0.0, 0.0) if one is None else one for one in sums)
    below = sqrt(fsum((base[0] ** 2, bonus[0] ** 2, penalty[1] ** 2)))
    above = sqrt(fsum((base[1] ** 2, bonus[1] ** 2, penalty[0] ** 2)))
    total = float(score.exact)
    return min(as_fraction(total - below), score.exact), max(as_fraction(total + above), score.exact)


def _summed(lines: Iterable[Contribution], cap: Fraction | None) -> tuple[float, float] | None:
    """Returns how far a sum of lines lies from its low and its high end; None where no line has an
    interval.
    """
    total, falls, rises = _ZERO, [], []
    for line in lines:
        total += line.contribution or _ZERO
        if line.points_interval is None or line.points is None or line.effective_weight is None:
            continue
        low, high = line.points_interval
        falls.append(float(line.effective_weight * (line.points - low)) ** 2)
        rises.append(float(line.effective_weight * (high - line.points)) ** 2)
    if not falls:
        return None
    below, above = sqrt(fsum(falls)), sqrt(fsum(rises))
    if cap is None:
        return below, above
    at, most = float(min(cap, total)), float(cap)
    return at - min(most, float(total) - below), min(most, float(total) + above) - at


def add_noise(card: Card, scores: Sequence[Score]) -> tuple[Score, ...]:
    """Returns ``scores`` with the intervals of their totals, their rank sets and tiers.

    A total without an interval counts as exact in the ranking.
    """
    known = [
        one if (found := total_interval(card, one)) is None else replace(one, interval=found)
        for one in scores
    ]
    ranked = [i for i, one in enumerate(known) if one.exact is not None]
    totals = [float(known[i].exact or 0) for i in ranked]
    ends = [known[i].interval or (total, total) for i, total in zip(ranked, totals, strict=True)]
    found_sets = rank_sets(totals, [float(low) for low, _ in ends], [float(high) for _, high in ends])
    for i, at in zip(ranked, found_sets, strict=True):
        known[i] = replace(known[i], rank_set=(at.best, at.worst), tier=at.tier)
    return tuple(known)
