"""The last step of every statistic: as many digits as all machines agree on."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["Interval", "as_fraction", "interval", "significant"]

Interval = tuple[float | None, float | None]
"""Low and high end; None where the data cannot bound that side."""


def significant(value: float) -> float:
    """Returns ``value`` rounded to 12 significant digits; negative zero becomes zero."""
    return float(f"{value:.12g}") + 0.0


def interval(low: float, high: float) -> tuple[float, float]:
    """Returns both ends rounded."""
    return significant(low), significant(high)


def as_fraction(value: float) -> Fraction:
    """Returns the exact decimal that ``value`` shows: for statistics that a card is scored on."""
    return Fraction(f"{value:.12g}")
