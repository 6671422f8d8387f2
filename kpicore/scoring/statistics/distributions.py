"""Distribution functions and quantiles: normal, t, beta, binomial. No dependency, accurate to about 1e-12."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import exp, lgamma, log, log1p, pi
from statistics import NormalDist

__all__ = [
    "beta_cdf",
    "beta_quantile",
    "binomial_cdf",
    "normal_cdf",
    "normal_quantile",
    "t_cdf",
    "t_quantile",
]

_STANDARD = NormalDist()
_TINY = 1e-300


def normal_cdf(x: float) -> float:
    """Returns P(Z <= x) of the standard normal distribution."""
    return _STANDARD.cdf(x)


def normal_quantile(p: float) -> float:
    """Returns the x with P(Z <= x) = p."""
    return _STANDARD.inv_cdf(p)


def beta_cdf(x: float, a: float, b: float) -> float:
    """Returns the regularised incomplete beta function I_x(a, b), for a and b above 0."""
    return _beta_cdf(x, 1 - x, a, b)


def _beta_cdf(x: float, y: float, a: float, b: float) -> float:
    # y = 1 - x comes along, because near 1 the subtraction would lose what a large a multiplies
    if x <= 0 or y <= 0:
        return 0.0 if x <= 0 else 1.0
    log_x, log_y = (log(x), log1p(-x)) if x < 0.5 else (log1p(-y), log(y))
    front = exp(a * log_x + b * log_y - _log_beta(a, b))
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(x, a, b) / a
    return 1 - front * _continued_fraction(y, b, a) / b


def _log_beta(a: float, b: float) -> float:
    # differences of large log-gammas cancel; Stirling's series leaves only their small corrections
    p, q = min(a, b), max(a, b)
    if q < 10:
        return lgamma(p) + lgamma(q) - lgamma(p + q)
    share = log1p(-p / (p + q))
    if p < 10:
        return lgamma(p) + _correction(q) - _correction(p + q) + p - p * log(p + q) + (q - 0.5) * share
    corrections = _correction(p) + _correction(q) - _correction(p + q)
    return 0.5 * log(2 * pi / q) + corrections + (p - 0.5) * log(p / (p + q)) + q * share


def _correction(x: float) -> float:
    square = x * x
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / x


def _continued_fraction(x: float, a: float, b: float) -> float:
    # Lentz's method; it converges in O(sqrt(max(a, b))) steps on the side that beta_cdf chooses
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 100_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            step = c * d
            value *= step
        if abs(step - 1) < 1e-15:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def beta_quantile(p: float, a: float, b: float) -> float:
    """Returns the x with I_x(a, b) = p."""
    return _solve(lambda x: beta_cdf(x, a, b), p, 0.0, 1.0)


def t_cdf(x: float, freedom: float) -> float:
    """Returns P(T <= x) of Student's t distribution."""
    whole = freedom + x * x
    tail = _beta_cdf(freedom / whole, x * x / whole, freedom / 2, 0.5) / 2
    return 1 - tail if x > 0 else tail


@lru_cache(maxsize=4096)
def t_quantile(p: float, freedom: float) -> float:
    """Returns the x with P(T <= x) = p."""
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -t_quantile(1 - p, freedom)
    high = 1.0
    while t_cdf(high, freedom) < p:
        high *= 2
    return _solve(lambda x: t_cdf(x, freedom), p, 0.0, high)


def binomial_cdf(k: int, n: int, p: float) -> float:
    """Returns P(X <= k) of n trials with probability p."""
    if k < 0 or k >= n:
        return 0.0 if k < 0 else 1.0
    return beta_cdf(1 - p, n - k, k + 1)


def _solve(rises: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Returns where ``rises``, not decreasing, reaches ``target`` between ``low`` and ``high``."""
    at_low, at_high = rises(low) - target, rises(high) - target
    for step in range(200):
        middle = (low + high) / 2
        if middle in (low, high) or high - low <= 1e-15 * abs(middle):
            break
        if step % 3 < 2 and at_low < 0 < at_high:  # twice by the secant, once by halving
            middle = min(max(low - at_low * (high - low) / (at_high - at_low), low), high)
        found = rises(middle) - target
        if found == 0:
            return middle
        if found < 0:
            low, at_low, at_high = middle, found, at_high / 2
        else:
            high, at_high, at_low = middle, found, at_low / 2
    return (low + high) / 2
