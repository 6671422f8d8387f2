"""Columns of exact quotients: int64 over int64, never null, each with why it is undefined.

Where the next step would not fit 64 bits the row is called wide; whoever works with these columns has to
compute it in another way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["DIVISION_BY_ZERO", "NOT_APPLICABLE", "NO_DATA", "REASONS", "Rationals", "Truths", "Worker"]

REASONS = (None, "no_data", "division_by_zero", "not_applicable")
NO_DATA, DIVISION_BY_ZERO, NOT_APPLICABLE = 1, 2, 3
"""Why a value is undefined: positions in ``REASONS``; 0 is of values that are defined."""

_SAFE = 1 << 62
_SMALL = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Rationals:
    """``above / below`` (positive) per row, and ``why`` (int8) where that means nothing."""

    above: pa.Array
    below: pa.Array
    why: pa.Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """A condition per row, and ``why`` (int8) where it is undefined."""

    holds: pa.Array
    why: pa.Array


class Worker:
    """Exact arithmetic on columns of ``size`` rows; ``wide`` are the rows that did not fit."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.wide = pa.repeat(pa.scalar(False), size)
        self.defined = pa.repeat(pa.scalar(0, pa.int8()), size)

    def constant(self, value: Fraction) -> Rationals:
        """Returns ``value`` in every row."""
        if max(abs(value.numerator), value.denominator) >= _SAFE:
            self.wide = pa.repeat(pa.scalar(True), self.size)
            value = Fraction(0)
        above, below = (
            pa.repeat(pa.scalar(n, pa.int64()), self.size) for n in (value.numerator, value.denominator)
        )
        return Rationals(above=above, below=below, why=self.defined)

    def quotient(self, above: pa.Array, below: pa.Array) -> Rationals:
        """Returns int64 ``above / below``; there is no data where one of them is null or the divisor 0."""
        known = pc.and_(pc.is_valid(above), pc.is_valid(below))
        known = pc.and_(known, pc.not_equal(below, 0)).fill_null(False)
        above, below = pc.if_else(known, above, 0), pc.if_else(known, below, 1)
        huge = pc.greater_equal(_larger(above, below), float(_SAFE))
        self.wide = pc.or_(self.wide, huge)
        above, below = pc.if_else(huge, 0, above), pc.if_else(huge, 1, below)
        sign = pc.if_else(pc.less(below, 0), pa.scalar(-1, pa.int64()), pa.scalar(1, pa.int64()))
        why = pc.if_else(known, pa.scalar(0, pa.int8()), pa.scalar(NO_DATA, pa.int8()))
        return Rationals(above=pc.multiply(above, sign), below=pc.multiply(below, sign), why=why)

    def unknown(self, known: pa.Array) -> Rationals:
        """Returns values that cannot be quotients of integers: wide where ``known``, else without data."""
        self.wide = pc.or_(self.wide, known)
        zero = self.constant(Fraction(0))
        why = pc.if_else(known, pa.scalar(0, pa.int8()), pa.scalar(NO_DATA, pa.int8()))
        return Rationals(above=zero.above, below=zero.below, why=why)

    def undefined(self, reason: int) -> Rationals:
        """Returns no value in any row, for ``reason``."""
        zero = self.constant(Fraction(0))
        why = pa.repeat(pa.scalar(reason, pa.int8()), self.size)
        return Rationals(above=zero.above, below=zero.below, why=why)

    def add(self, left: Rationals, right: Rationals, *, subtract: bool = False) -> Rationals:
        """Returns the sums, or differences."""
        common = self._gcd(left.below, right.below)
        others = pc.divide(right.below, common)
        one = self._times(left.above, others)
        two = self._times(right.above, pc.divide(left.below, common))
        # Both lie below 2**62, so that their sum fits.
        above = pc.subtract(one, two) if subtract else pc.add(one, two)
        below = self._times(left.below, others, spare=1)
        return self._reduced(above, below, first_reason(left.why, right.why))

    def multiply(self, left: Rationals, right: Rationals) -> Rationals:
        """Returns the products."""
        one, two = self._gcd(left.above, right.below), self._gcd(right.above, left.below)
        return Rationals(
            above=self._times(pc.divide(left.above, one), pc.divide(right.above, two)),
            below=self._times(pc.divide(left.below, two), pc.divide(right.below, one), spare=1),
            why=first_reason(left.why, right.why),
        )

    def divide(self, left: Rationals, right: Rationals) -> Rationals:
        """Returns the quotients; undefined where the divisor is 0."""
        zero = pc.equal(right.above, 0)
        sign = pc.if_else(pc.less(right.above, 0), pa.scalar(-1, pa.int64()), pa.scalar(1, pa.int64()))
        turned = Rationals(
            above=pc.multiply(right.below, sign),
            below=pc.if_else(zero, 1, pc.multiply(right.above, sign)),
            why=self.defined,
        )
        found = self.multiply(left, turned)
        why = first_reason(left.why, right.why)
        zero = pc.and_(zero, pc.equal(why, 0))
        return Rationals(
            above=found.above,
            below=found.below,
            why=pc.if_else(zero, pa.scalar(DIVISION_BY_ZERO, pa.int8()), why),
        )

    def compare(
        self, test: Callable[[pa.Array, pa.Array], pa.Array], left: Rationals, right: Rationals
    ) -> Truths:
        """Returns where ``test`` holds of both sides."""
        sides = self._times(left.above, right.below), self._times(right.above, left.below)
        return Truths(holds=test(*sides), why=first_reason(left.why, right.why))

    def choose(self, wanted: pa.Array, left: Rationals, right: Rationals) -> Rationals:
        """Returns ``left`` where ``wanted``, else ``right``."""
        return Rationals(
            above=pc.if_else(wanted, left.above, right.above),
            below=pc.if_else(wanted, left.below, right.below),
            why=pc.if_else(wanted, left.why, right.why),
        )

    def _times(self, left: pa.Array, right: pa.Array, *, spare: int = 0) -> pa.Array:
        """Returns products below 2**62; ``spare`` where they are not, and those rows are wide."""
        size = pc.multiply(pc.abs(left.cast(pa.float64(), safe=False)), right.cast(pa.float64(), safe=False))
        huge = pc.greater_equal(pc.abs(size), float(_SAFE) * 0.99)
        if not pc.any(huge).as_py():
            return pc.multiply(left, right)
        self.wide = pc.or_(self.wide, huge)
        return pc.if_else(huge, spare, pc.multiply(left, right))

    def _reduced(self, above: pa.Array, below: pa.Array, why: pa.Array) -> Rationals:
        huge = pc.greater_equal(pc.abs(above.cast(pa.float64(), safe=False)), float(_SAFE) * 0.99)
        self.wide = pc.or_(self.wide, huge)
        common = self._gcd(above, below)
        above, below = pc.divide(above, common), pc.divide(below, common)
        return Rationals(above=pc.if_else(huge, 0, above), below=below, why=why)

    def _gcd(self, left: pa.Array, right: pa.Array) -> pa.Array:
        """Returns common divisors: the greatest where numbers are large, 1 where that is not needed."""
        if (pc.max(_larger(left, right)).as_py() or 0) < _SMALL:
            return pa.repeat(pa.scalar(1, pa.int64()), self.size)
        return pa.array(map(gcd, left.to_pylist(), right.to_pylist()), pa.int64(), size=self.size)


def first_reason(left: pa.Array, right: pa.Array) -> pa.Array:
    """Returns why a row is undefined that needs both: the left side's reason counts first."""
    return pc.if_else(pc.equal(left, 0), right, left)


def _larger(left: pa.Array, right: pa.Array) -> pa.Array:
    floats = (pc.abs(side.cast(pa.float64(), safe=False)) for side in (left, right))
    return pc.max_element_wise(*floats)
