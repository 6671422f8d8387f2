"""Rank sets: which ranks a subject may truly have, and tiers of subjects that cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

from kpicore.scoring.result import Score, Scores
from kpicore.scoring.statistics.distributions import normal_quantile
from kpicore.scoring.statistics.precision import significant

__all__ = ["RankSet", "rank_sets", "score_error", "score_ranks"]

_Z = 1.959963984540054


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
    values: Sequence[float], errors: Sequence[float], *, level: float = 0.95
) -> tuple[RankSet, ...]:
    """Returns the rank set of each of ``values`` (higher is better) with standard ``errors``.

    A subject surely beats another where their difference exceeds what chance allows at ``level``, shared
    out over the subject's comparisons (Bonferroni, so the sets are on the wide side). The worst rank counts
    who is not surely beaten, the best who surely wins. A tier holds those who are not surely below its
    first subject.
    """
    count = len(values)
    if count == 0:
        return ()
    import numpy as np

    z = normal_quantile(1 - (1 - level) / 2 / max(1, count - 1))
    own, noise = np.asarray(values, dtype=np.float64), np.asarray(errors, dtype=np.float64) ** 2
    order = np.argsort(-own, kind="stable")
    tiers = np.zeros(count, dtype=np.int64)
    leader, tier = order[0], 1
    found = []
    for i in order:
        if own[leader] - own[i] > z * np.sqrt(noise[leader] + noise[i]):
            leader, tier = i, tier + 1
        tiers[i] = tier
    for i in range(count):
        allowed = z * np.sqrt(noise + noise[i])
        found.append(
            RankSet(
                rank=1 + int((own > own[i]).sum()),
                best=1 + int((own - own[i] > allowed).sum()),
                worst=count - int((own[i] - own > allowed).sum()),
                tier=int(tiers[i]),
            )
        )
    return tuple(found)


def score_error(score: Score) -> float | None:
    """Returns the standard error of a total: the noise of its measured values, carried through curves and
    weights.

    An entry's part is half the difference of its points at the ends of its 95 % interval over 1.96; entries
    count as independent; one without an interval counts as exact. None where there is no total.
    """
    if score.exact is None:
        return None
    parts = []
    for line in score.contributions:
        if line.points_interval is not None and line.effective_weight is not None:
            low, high = line.points_interval
            parts.append(float(line.effective_weight * abs(high - low)) / 2 / _Z)
    return significant(sqrt(sum(part * part for part in parts)))


def score_ranks(scores: Scores) -> dict[tuple[str | None, ...], RankSet]:
    """Returns the rank sets of all subjects that have a total, by subject."""
    ranked = [one for one in scores.scores if one.exact is not None]
    totals = [float(one.exact or 0) for one in ranked]
    errors = [score_error(one) or 0.0 for one in ranked]
    found = rank_sets(totals, errors)
    return {one.subject: replace(at, rank=one.rank or at.rank) for one, at in zip(ranked, found, strict=True)}
