"""Round numbers: where the ticks of an axis and the edges of bins lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, floor, log10

__all__ = ["nice_edges", "nice_step", "spread_counts", "ticks"]

_DECIMAL = (1.0, 2.0, 2.5, 5.0, 10.0)
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_SECONDS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, *(m * _MINUTE for m in (1, 2, 5, 10, 15, 30)), _HOUR, 2 * _HOUR)


def nice_step(width: float, unit: str) -> float:
    """Returns the smallest round step of at least ``width``; of seconds, one that clocks know.

    >>> nice_step(0.03, "ratio"), nice_step(40, "s"), nice_step(40, "calls")
    (0.05, 60.0, 50.0)
    """
    if width <= 0:
        return 1.0
    if unit == "s" and width >= 1:
        for step in _SECONDS:
            if step >= width:
                return step
        larger = (4 * _HOUR, 6 * _HOUR, _DAY / 2, _DAY)
        return next((s for s in larger if s >= width), nice_step(width / _DAY, "days") * _DAY)
    power = 10.0 ** floor(log10(width))
    return next((s * power for s in _DECIMAL if s * power >= width * (1 - 1e-9)), 10 * power)


def ticks(low: float, high: float, unit: str, count: int = 5) -> tuple[float, ...]:
    """Returns at most about ``count`` round numbers from ``low`` to ``high``."""
    if not high > low:
        return (low,)
    step = nice_step((high - low) / count, unit)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return tuple(round(i * step, 12) for i in range(first, last + 1))


def nice_edges(values: Sequence[float], unit: str, bins: int = 16) -> tuple[float, ...]:
    """Returns round edges of about ``bins`` bins around ``values``; far ends of many values are left out.

    One bin where all values are equal; none where there is no value.
    """
    if not values:
        return ()
    ordered = sorted(values)
    cut = len(ordered) // 50
    low, high = ordered[cut], ordered[-1 - cut]
    step = nice_step((high - low) / bins, unit) if high > low else nice_step(abs(high) / 10 or 1.0, unit)
    first = floor(low / step + 1e-9)
    last = max(first + 1, floor(high / step + 1e-9) + 1)
    return tuple(round(i * step, 12) for i in range(first, last + 1))


def spread_counts(values: Iterable[float], edges: Sequence[float]) -> tuple[int, ...]:
    """Returns how many ``values`` lie in each bin [edge, next edge); the outer bins hold what is beyond."""
    counts = [0] * (len(edges) - 1)
    inner = edges[1:-1]
    for value in values:
        counts[sum(value >= edge for edge in inner)] += 1
    assert len(counts) == len(list(pairwise(edges)))
    return tuple(counts)
