"""How much of the difference between subjects is signal, and values shrunk towards the common mean
accordingly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from kpicore.scoring.statistics.distributions import beta_quantile, normal_quantile
from kpicore.scoring.statistics.precision import significant

__all__ = ["Shrunk", "rate_estimates", "signal_variance", "shrink_means", "shrink_rates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """One subject's value after shrinkage.

    ``reliability`` is signal variance / total variance, from 0 to 1; ``value`` lies between the common mean
    and the subject's own value; ``low`` and ``high`` bound it with 95 %. ``value`` is the common mean where
    the subject has no observation.
    """

    value: float
    low: float
    high: float
    reliability: float


def signal_variance(values: Sequence[float], variances: Sequence[float]) -> float:
    """Returns the variance between subjects beyond their sampling ``variances`` (DerSimonian and Laird's
    moments).

    0 where the values differ no more than chance would make them, or where there are fewer than two subjects.
    """
    if len(values) < 2 or min(variances) <= 0:
        return 0.0
    weights = [1 / variance for variance in variances]
    whole = fsum(weights)
    mean = fsum(w * y for w, y in zip(weights, values, strict=True)) / whole
    spread = fsum(w * (y - mean) ** 2 for w, y in zip(weights, values, strict=True))
    scale = whole - fsum(w * w for w in weights) / whole
    return max(0.0, (spread - (len(values) - 1)) / scale) if scale > 0 else 0.0


def shrink_means(values: Sequence[float], variances: Sequence[float]) -> tuple[Shrunk, ...]:
    """Returns the normal-normal empirical-Bayes estimates of ``values`` with sampling ``variances`` (above
    0).
    """
    if not values:
        return ()
    signal = signal_variance(values, variances)
    weights = [1 / (signal + variance) for variance in variances]
    mean = fsum(w * y for w, y in zip(weights, values, strict=True)) / fsum(weights)
    z = normal_quantile(0.975)
    shrunk = []
    for value, variance in zip(values, variances, strict=True):
        share = signal / (signal + variance)
        estimate, half = mean + share * (value - mean), z * sqrt(share * variance)
        shrunk.append(_shrunk(estimate, estimate - half, estimate + half, share))
    return tuple(shrunk)


def shrink_rates(successes: Sequence[int], trials: Sequence[int]) -> tuple[Shrunk, ...]:
    """Returns the beta-binomial empirical-Bayes estimates of ``successes`` in ``trials``.

    Without any trial at all there is nothing to estimate and the result is empty.
    """
    if sum(trials) == 0:
        return ()
    mean, weight = _prior(successes, trials)
    shrunk = []
    for s, n in zip(successes, trials, strict=True):
        if weight is None:
            shrunk.append(_shrunk(mean, mean, mean, 0.0))
            continue
        a, b = mean * weight + s, (1 - mean) * weight + n - s
        low, high = beta_quantile(0.025, a, b), beta_quantile(0.975, a, b)
        shrunk.append(_shrunk(a / (a + b), low, high, n / (n + weight)))
    return tuple(shrunk)


def rate_estimates(successes: Sequence[int], trials: Sequence[int]) -> tuple[tuple[float, float], ...]:
    """Returns the value and the reliability of each of ``shrink_rates``, without the dear limits."""
    if sum(trials) == 0:
        return ()
    mean, weight = _prior(successes, trials)
    return tuple(
        (significant(mean), 0.0)
        if weight is None
        else (significant((mean * weight + s) / (weight + n)), significant(n / (n + weight)))
        for s, n in zip(successes, trials, strict=True)
    )


def _prior(successes: Sequence[int], trials: Sequence[int]) -> tuple[float, float | None]:
    """Returns the common mean, and how many trials it is worth; None where all differences are chance."""
    mean = sum(successes) / sum(trials)
    noise = mean * (1 - mean)
    seen = [(s / n, noise / n) for s, n in zip(successes, trials, strict=True) if n]
    signal = signal_variance([rate for rate, _ in seen], [v for _, v in seen]) if noise else 0.0
    return mean, None if signal == 0 else max(noise / signal - 1, 1e-9)


def _shrunk(value: float, low: float, high: float, reliability: float) -> Shrunk:
    value, low, high, reliability = (significant(x) for x in (value, low, high, reliability))
    return Shrunk(value=value, low=low, high=high, reliability=reliability)
