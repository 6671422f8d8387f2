"""Funnel limits: how far a subject may lie from the common rate by chance, given how much was observed of
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Literal

from kpicore.scoring.statistics.distributions import normal_quantile
from kpicore.scoring.statistics.precision import significant

__all__ = ["FunnelPoint", "funnel", "funnel_rates"]

Side = Literal["inside", "alert", "alarm"]
_WINSORISED = 0.1
_ENOUGH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPoint:
    """One subject in the funnel: its z (None without observations), both pairs of limits, and where it lies.

    ``alert`` is outside the 95 % limits, ``alarm`` outside the 99.8 % limits.
    """

    value: float | None
    z: float | None
    low95: float
    high95: float
    low998: float
    high998: float
    side: Side


def funnel_rates(successes: Sequence[int], trials: Sequence[int]) -> tuple[float, tuple[FunnelPoint, ...]]:
    """Returns the overdispersion factor and one point per subject around the pooled rate; limits stay in
    0..1.
    """
    whole = sum(trials)
    if whole == 0:
        return 1.0, ()
    mean = sum(successes) / whole
    values = [s / n if n else None for s, n in zip(successes, trials, strict=True)]
    errors = [sqrt(mean * (1 - mean) / n) if n else None for n in trials]
    return funnel(values, errors, centre=mean, bounds=(0.0, 1.0))


def funnel(
    values: Sequence[float | None],
    errors: Sequence[float | None],
    *,
    centre: float,
    bounds: tuple[float, float] = (float("-inf"), float("inf")),
) -> tuple[float, tuple[FunnelPoint, ...]]:
    """Returns the overdispersion factor and one point per subject around ``centre``, given standard
    ``errors``.

    The factor is the mean square of the z values after pulling the outer tenth on each side in
    (Spiegelhalter 2005), and 1 where it is not beyond chance. Limits widen with its root.
    """
    pairs = list(zip(values, errors, strict=True))
    zs = [None if y is None or not e else (y - centre) / e for y, e in pairs]
    factor = _overdispersion([z for z in zs if z is not None])
    points = tuple(
        _point(value, error, z, centre, sqrt(factor), bounds)
        for (value, error), z in zip(pairs, zs, strict=True)
    )
    return significant(factor), points


def _overdispersion(zs: Sequence[float]) -> float:
    count = len(zs)
    if count < _ENOUGH:
        return 1.0
    ordered = sorted(zs)
    cut = int(count * _WINSORISED)
    low, high = ordered[cut], ordered[count - 1 - cut]
    factor = fsum(min(max(z, low), high) ** 2 for z in zs) / count
    # under the null the mean of squares has mean 1 and variance 2 / count
    return factor if factor > 1 + 2 * sqrt(2 / count) else 1.0


def _point(
    value: float | None,
    error: float | None,
    z: float | None,
    centre: float,
    widening: float,
    bounds: tuple[float, float],
) -> FunnelPoint:
    spread = (error or 0.0) * widening
    lows, highs = [], []
    for level in (0.95, 0.998):
        half = normal_quantile(0.5 + level / 2) * spread
        lows.append(significant(max(bounds[0], centre - half)) if error else bounds[0])
        highs.append(significant(min(bounds[1], centre + half)) if error else bounds[1])
    side: Side = "inside"
    if value is not None and error:
        half95, half998 = (normal_quantile(0.5 + level / 2) * spread for level in (0.95, 0.998))
        distance = abs(value - centre)
        side = "alarm" if distance > half998 else "alert" if distance > half95 else "inside"
    return FunnelPoint(
        value=None if value is None else significant(value),
        z=None if z is None else significant(z),
        low95=lows[0],
        high95=highs[0],
        low998=lows[1],
        high998=highs[1],
        side=side,
    )
