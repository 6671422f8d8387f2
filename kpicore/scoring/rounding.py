"""The one rounding, exact."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from kpicore.scoring.schema import Rounding

__all__ = ["round_total", "to_decimal"]


def round_total(value: Fraction, rule: Rounding) -> Decimal:
    """Returns ``value`` rounded once to ``rule.places`` decimals.

    ``half_up`` takes a half away from zero, ``half_even`` to the even neighbour, ``down`` drops what is
    beyond.
    """
    return _round(value, rule.places, rule.mode)


def to_decimal(value: Fraction, places: int) -> Decimal:
    """Returns ``value`` to ``places`` decimals, half to even: for columns that show what is kept exactly
    elsewhere.
    """
    return _round(value, places, "half_even")


def _round(value: Fraction, places: int, mode: Literal["half_up", "half_even", "down"]) -> Decimal:
    whole, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
    twice = 2 * rest
    if mode != "down" and (
        twice > value.denominator or (twice == value.denominator and (mode == "half_up" or whole % 2))
    ):
        whole += 1
    sign = "-" if value < 0 and whole else ""
    return Decimal(f"{sign}{whole}E-{places}")
