"""The bias-corrected and accelerated bootstrap of a mean, reproducible and independent of the order of
values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from kpicore.scoring.statistics.distributions import normal_cdf, normal_quantile
from kpicore.scoring.statistics.intervals import mean_interval
from kpicore.scoring.statistics.precision import interval

__all__ = ["bca_interval", "seed_of"]

RESAMPLES = 2000
LARGE = 5000
"""With more values the t interval agrees with the bootstrap and is used instead."""


def seed_of(run: str, metric: str, subject: Sequence[str | None]) -> int:
    """Returns the seed of one interval: a hash of the run's, metric's and subject's names."""
    parts = [run, metric, *("" if part is None else f"={part}" for part in subject)]
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:4], "big")


def bca_interval(values: Sequence[float], *, seed: int, level: float = 0.95) -> tuple[float, float] | None:
    """Returns the BCa interval (Efron 1987) of the mean of ``values``; None with fewer than two.

    The values are sorted first, and the generator is the one whose stream numpy keeps for ever.
    """
    n = len(values)
    if n < 2 or n > LARGE:
        return mean_interval(values, level=level)
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if ordered[0] == ordered[-1]:
        return interval(float(ordered[0]), float(ordered[0]))
    random = np.random.RandomState(seed)
    means = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        means[i] = ordered[random.randint(0, n, n)].mean()
    means.sort()
    mean = float(ordered.mean())
    below = (np.count_nonzero(means < mean) + np.count_nonzero(means <= mean)) / (2 * RESAMPLES)
    bias = normal_quantile(min(max(below, 0.5 / RESAMPLES), 1 - 0.5 / RESAMPLES))
    # jackknife means lie (mean - value) / (n - 1) from the mean, so the acceleration is a skewness
    centred = ordered - mean
    acceleration = float((centred**3).sum()) / (6 * float((centred**2).sum()) ** 1.5)
    ends = []
    for p in ((1 - level) / 2, (1 + level) / 2):
        z = bias + normal_quantile(p)
        share = normal_cdf(bias + z / (1 - acceleration * z))
        ends.append(float(np.quantile(means, min(max(share, 0.0), 1.0))))
    return interval(ends[0], ends[1])
