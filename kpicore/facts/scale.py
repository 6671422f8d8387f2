"""Scales of scores: how answers on different scales become comparable without losing exactness."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Parameter
from kpicore.plugin.parameters import Value

__all__ = ["FULL", "MILLION", "Scale", "ends", "millionths", "rescale"]

FULL = 2_520_000
"""The top of a scale after rescaling: divisible by 1 to 10, 100 and 1000, so that whole scores on the usual
scales stay exact."""

MILLION = 1_000_000
_WIDEST = 3_000_000 * MILLION


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(Parameter):
    """The lowest and the highest score, written ``1..5``; the value is the pair of texts."""

    def read(self, text: str) -> tuple[str, ...]:
        found = re.fullmatch(r"(-?\d+(?:\.\d{1,6})?)\.\.(-?\d+(?:\.\d{1,6})?)", text.strip())
        if found is None or not 0 < Fraction(found[2]) - Fraction(found[1]) <= 1_000_000:
            raise self.refuse(text, "write the lowest and the highest score, such as 1..5")
        return found.groups()

    def show(self, value: Value) -> str | None:
        return "..".join(value) if isinstance(value, tuple) else None

    @property
    def domain(self) -> str:
        return "a scale such as 1..5"


def ends(scale: tuple[str, ...]) -> tuple[Fraction, Fraction]:
    """Returns the lowest and the highest score of a scale."""
    low, high = scale
    return Fraction(low), Fraction(high)


def millionths(numbers: pa.Array) -> pa.Array:
    """Returns numbers as integers of a millionth, halves to even."""
    scaled = pc.multiply(numbers.cast(pa.float64()), float(MILLION))
    return pc.round(scaled, 0, "half_to_even").cast(pa.int64())


def rescale(score: pa.Array, low: pa.Array, high: pa.Array) -> pa.Array:
    """Returns scores (int64 millionths, as their scales) as integers from 0 to ``FULL``, halves to even.

    Null where the score is null, lies outside its scale, or the scale is unknown, reversed or wider
    than three million points.
    """
    span = pc.subtract(high, low)
    fits = pc.and_(pc.greater_equal(score, low), pc.less_equal(score, high))
    fits = pc.and_(fits, pc.and_(pc.greater(span, 0), pc.less_equal(span, _WIDEST)))
    none = pa.scalar(None, pa.int64())
    span = pc.if_else(fits, span, none)
    above = pc.multiply_checked(pc.subtract(pc.if_else(fits, score, none), low), FULL)
    whole = pc.divide(above, span)
    twice = pc.multiply(pc.subtract(above, pc.multiply(whole, span)), 2)
    odd = pc.equal(pc.bit_wise_and(whole, 1), 1)
    up = pc.or_(pc.greater(twice, span), pc.and_(pc.equal(twice, span), odd))
    return pc.add(whole, up.cast(pa.int64()))
