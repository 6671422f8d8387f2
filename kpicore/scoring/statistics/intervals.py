"""95 % intervals: Wilson for rates, t for means, order statistics for quantiles, delta method for ratios of
sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import fsum, sqrt

from kpicore.scoring.statistics.distributions import binomial_cdf, normal_quantile, t_quantile
from kpicore.scoring.statistics.precision import Interval, interval, significant

__all__ = ["mean_interval", "quantile_interval", "quantile_ranks", "ratio_interval", "wilson_interval"]


def wilson_interval(successes: int, n: int, *, level: float = 0.95) -> tuple[float, float] | None:
    """Returns the score interval of a rate (Wilson 1927); None without any trial.

    >>> wilson_interval(16, 20)
    (0.583982574694, 0.919342275542)
    """
    if n <= 0:
        return None
    if not 0 <= successes <= n:
        raise ValueError(f"found {successes} successes in {n} trials")
    z = normal_quantile(0.5 + level / 2)
    rate, square = successes / n, z * z
    centre = (rate + square / (2 * n)) / (1 + square / n)
    half = z * sqrt(rate * (1 - rate) / n + square / (4 * n * n)) / (1 + square / n)
    low = 0.0 if successes == 0 else centre - half
    return interval(low, 1.0 if successes == n else centre + half)


def mean_interval(values: Sequence[float], *, level: float = 0.95) -> tuple[float, float] | None:
    """Returns Student's interval of a mean; None with fewer than two values."""
    n = len(values)
    if n < 2:
        return None
    mean = fsum(values) / n
    variance = fsum((value - mean) ** 2 for value in values) / (n - 1)
    half = t_quantile(0.5 + level / 2, n - 1) * sqrt(variance / n)
    return interval(mean - half, mean + half)


def quantile_interval(ordered: Sequence[float], q: float, *, level: float = 0.95) -> Interval | None:
    """Returns the order statistics that bound the quantile ``q`` with at least ``level``, whatever the
    distribution.

    ``ordered`` is sorted. A side is None where even the extreme value does not bound it; None without any
    value.
    """
    n = len(ordered)
    if n == 0:
        return None
    low, high = quantile_ranks(n, q, level)
    return (
        significant(ordered[low - 1]) if low >= 1 else None,
        significant(ordered[high - 1]) if high <= n else None,
    )


@lru_cache(maxsize=65_536)
def quantile_ranks(n: int, q: float, level: float = 0.95) -> tuple[int, int]:
    """Returns which of ``n`` sorted values, counted from 1, bound the quantile ``q`` with at least ``level``.

    0, or n + 1, where even the extreme value does not bound it.
    """
    tail = (1 - level) / 2
    low = _largest(lambda k: binomial_cdf(k - 1, n, q) <= tail, n)
    return low, _largest(lambda k: binomial_cdf(k - 1, n, q) < 1 - tail, n) + 1


def _largest(holds: Callable[[int], bool], n: int) -> int:
    """The largest k of 0..n for which ``holds``; it holds at 0 and, once it fails, fails for all larger
    ones.
    """
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def ratio_interval(
    numerators: Sequence[float], denominators: Sequence[float], *, level: float = 0.95
) -> tuple[float, float] | None:
    """Returns the delta-method interval of sum(numerators) / sum(denominators) over independent units.

    None with fewer than two units or a denominator of 0.
    """
    n = len(numerators)
    if n != len(denominators):
        raise ValueError(f"found {n} numerators and {len(denominators)} denominators")
    below = fsum(denominators)
    if n < 2 or below == 0:
        return None
    ratio = fsum(numerators) / below
    residual = fsum((a - ratio * b) ** 2 for a, b in zip(numerators, denominators, strict=True))
    half = t_quantile(0.5 + level / 2, n - 1) * sqrt(residual * n / (n - 1)) / abs(below)
    return interval(ratio - half, ratio + half)
