"""Intervals of many subjects at once: means, quantiles, ratios of sums and counts, from their samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
import numpy.typing as npt

from kpicore.scoring.statistics.distributions import normal_quantile, t_quantile
from kpicore.scoring.statistics.intervals import quantile_ranks
from kpicore.scoring.statistics.precision import interval

__all__ = ["Estimates", "Samples", "count_interval", "means", "quantile_ends", "ratios"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Ends = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The values of all subjects in one array, those of each subject sorted; ``starts`` has one place more
    than there are subjects.
    """

    values: Integers
    starts: Integers

    @property
    def counts(self) -> Integers:
        """How many values each subject has."""
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """By subject: the value, the variance of its sampling error, and its 95 % interval; nan where unknown."""

    values: Floats
    variances: Floats
    low: Floats
    high: Floats

    def ends(self, i: int) -> Ends:
        """Returns the interval of subject ``i``, rounded as it is published; None where it is unknown."""
        return None if np.isnan(self.low[i]) else interval(float(self.low[i]), float(self.high[i]))


def means(samples: Samples, scale: float = 1.0) -> Estimates:
    """Returns the means of values times ``scale``, each with Student's interval, unknown below two values.

    Means of values that are never negative have no negative end. The sampling variance rests on the spread
    within all subjects together, so that it is known for a subject with one value and never 0 by accident.
    """
    n = samples.counts
    values = samples.values.astype(np.float64) * scale
    size = np.maximum(n, 1)
    mean = np.where(n > 0, _sums(values, samples.starts) / size, np.nan)
    squares = _sums((values - np.repeat(mean, n)) ** 2, samples.starts)
    freedom = np.maximum(n - 1, 0)
    half = _t(freedom) * np.sqrt(squares / np.maximum(freedom, 1) / size)
    within = squares.sum() / freedom.sum() if freedom.any() else np.nan
    low, high = mean - half, mean + half
    if len(values) and values.min() >= 0:
        low = np.maximum(low, 0.0)
    return Estimates(values=mean, variances=np.where(n > 0, within / size, np.nan), low=low, high=high)


def ratios(numerators: Integers, denominators: Integers, scale: float = 1.0) -> Estimates:
    """Returns sum(numerators) / sum(denominators) times ``scale`` of each row, with the delta method's
    interval over its independent units, the columns (such as days).

    Units where both are 0 do not count; unknown with fewer than two units or a denominator of 0. Where no
    unit is negative, the interval has no negative end, and where no numerator exceeds its denominator, none
    above ``scale``.
    """
    a, b = numerators.astype(np.float64), denominators.astype(np.float64)
    units = ((a != 0) | (b != 0)).sum(axis=1)
    whole = b.sum(axis=1)
    known = (units > 1) & (whole != 0)
    below = np.where(known, whole, 1.0)
    ratio = np.where(known, a.sum(axis=1) / below, np.nan)
    squares = ((a - ratio[:, None] * b) ** 2).sum(axis=1)
    freedom = np.maximum(units - 1, 0)
    error = np.sqrt(squares * units / np.maximum(freedom, 1)) / np.abs(below) * abs(scale)
    half, value = _t(freedom) * error, ratio * scale
    low, high = value - half, value + half
    if (a >= 0).all() and (b >= 0).all():
        low = np.maximum(low, 0.0)
        high = np.where((a <= b).all(), np.minimum(high, max(scale, 0.0)), high)
    return Estimates(values=value, variances=np.where(known, error**2, np.nan), low=low, high=high)


def quantile_ends(samples: Samples, q: float, scale: float = 1.0) -> list[Ends]:
    """Returns by subject the order statistics that bound the quantile ``q``; None where one side is
    unbounded.
    """
    found: list[Ends] = []
    for start, n in zip(samples.starts[:-1].tolist(), samples.counts.tolist(), strict=True):
        low, high = quantile_ranks(n, q)
        bounded = low >= 1 and high <= n
        ends = (samples.values[start + low - 1], samples.values[start + high - 1]) if bounded else None
        found.append(None if ends is None else interval(float(ends[0]) * scale, float(ends[1]) * scale))
    return found


def count_interval(count: int, *, level: float = 0.95) -> tuple[float, float]:
    """Returns the score interval of a count of independent events, as Wilson's is that of a rate.

    >>> count_interval(4)
    (1.55548310985, 10.2859758408)
    """
    z = normal_quantile(0.5 + level / 2)
    centre, half = count + z * z / 2, z * sqrt(count + z * z / 4)
    return interval(0.0 if count == 0 else centre - half, centre + half)


def _sums(values: Floats, starts: Integers) -> Floats:
    """Returns the sum of each subject's values; 0 where it has none."""
    if not len(values):
        return np.zeros(len(starts) - 1)
    sums: Floats = np.add.reduceat(np.append(values, 0.0), starts[:-1])
    return np.where(np.diff(starts) > 0, sums, 0.0)


def _t(freedom: Sequence[int] | Integers) -> Floats:
    """Returns the 97.5 % quantiles of Student's distribution; nan without a degree of freedom."""
    return np.array([_quantile(int(f)) if f > 0 else np.nan for f in freedom], dtype=np.float64)


@lru_cache(maxsize=65_536)
def _quantile(freedom: int) -> float:
    return t_quantile(0.975, freedom)
