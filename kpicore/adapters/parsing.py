"""Text as values of a kind, vectorised; what does not parse is told row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Kind

from .moments import format_problem, parse_moments

__all__ = ["UNITS", "Parsed", "format_problem", "parse_text"]

UNITS: Mapping[str, int] = {
    "us": 1,
    "ms": 10**3,
    "s": 10**6,
    "min": 60 * 10**6,
    "h": 3600 * 10**6,
    "d": 86_400 * 10**6,
}
"""Units of durations, in microseconds."""

_INTEGER = r"^[+-]?\d{1,18}$"
_DECIMAL = r"^[+-]?(\d{1,18}(\.\d{0,9})?|\.\d{1,9})$"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_CLOCK = r"^(?:(?P<h>\d{1,4}):)?(?P<m>\d{1,3}):(?P<s>\d{2})$"
_TRUE = ("true", "t", "yes", "y", "on", "1", "是")
_FALSE = ("false", "f", "no", "n", "off", "0", "否")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """Values, null where there was none or where it did not parse (``failed``, never null)."""

    array: pa.ChunkedArray
    failed: pa.ChunkedArray | None = None


def parse_text(
    text: pa.ChunkedArray, kind: Kind, *, format: str = "", unit: str = "us", split: str = ""
) -> Parsed:
    """Returns ``text`` (string) as values of ``kind``.

    Numbers are written plainly (``-1234.5``), flags as true/false, yes/no or 1/0, times by ``format``
    (ISO 8601 without one), durations as a number of ``unit`` or, for the unit ``clock``, as
    ``h:mm:ss``; lists are split at ``split``. Ids and text stay as they are. Times without an offset
    come out naive.
    """
    if kind is Kind.TIME:
        array, failed = parse_moments(text, format)
        return Parsed(array=array, failed=failed)
    if kind is Kind.INTEGER:
        return _by_pattern(text, _INTEGER, pa.int64())
    if kind is Kind.NUMBER:
        return _by_pattern(text, _NUMBER, pa.float64())
    if kind is Kind.MONEY:
        return _by_pattern(text, _DECIMAL, pa.decimal128(38, 9))
    if kind is Kind.FLAG:
        return _flags(text)
    if kind is Kind.DURATION:
        return _clocks(text) if unit == "clock" else _durations(text, UNITS[unit or "us"])
    if kind is Kind.IDS:
        return Parsed(array=_lists(text, split))
    return Parsed(array=text)


def _by_pattern(text: pa.ChunkedArray, pattern: str, kind: pa.DataType) -> Parsed:
    fits = pc.match_substring_regex(text, pattern)
    failed = pc.fill_null(pc.invert(fits), False)
    clean = pc.replace_substring_regex(pc.if_else(fits, text, pa.scalar(None, pa.string())), r"^\+", "")
    return Parsed(array=clean.cast(kind), failed=failed)


def _flags(text: pa.ChunkedArray) -> Parsed:
    lower = pc.utf8_lower(text)
    yes = pc.is_in(lower, pa.array(_TRUE))
    known = pc.or_(yes, pc.is_in(lower, pa.array(_FALSE)))
    failed = pc.and_not(pc.is_valid(text), known)
    return Parsed(array=pc.if_else(known, yes, pa.scalar(None, pa.bool_())), failed=failed)


def _durations(text: pa.ChunkedArray, scale: int) -> Parsed:
    whole = _by_pattern(text, _INTEGER, pa.int64())
    if not pc.any(whole.failed).as_py():
        limit = 2**63 // scale - 1
        wild = pc.fill_null(pc.greater(pc.abs(whole.array), limit), False)
        numbers = pc.if_else(wild, pa.scalar(None, pa.int64()), whole.array)
        return Parsed(array=pc.multiply(numbers, scale), failed=wild)
    parts = _by_pattern(text, _DECIMAL, pa.decimal128(38, 9))
    scaled = pc.multiply(
        parts.array.cast(pa.decimal256(50, 9)), pa.scalar(Decimal(scale), pa.decimal256(12, 0))
    )
    wild = pc.fill_null(
        pc.greater(pc.abs(scaled), pa.scalar(Decimal(2**63 - 1), pa.decimal256(19, 0))), False
    )
    scaled = pc.if_else(wild, pa.scalar(None, scaled.type), pc.round(scaled, round_mode="half_to_even"))
    return Parsed(array=scaled.cast(pa.int64()), failed=pc.or_(wild, parts.failed))


def _clocks(text: pa.ChunkedArray) -> Parsed:
    found = pc.extract_regex(text, _CLOCK)
    hours, minutes, seconds = (pc.struct_field(found, [name]) for name in ("h", "m", "s"))
    hours = pc.if_else(pc.equal(hours, ""), "0", hours).cast(pa.int64())
    total = pc.add(
        pc.multiply(pc.add(pc.multiply(hours, 60), minutes.cast(pa.int64())), 60), seconds.cast(pa.int64())
    )
    failed = pc.and_(pc.is_valid(text), pc.is_null(found))
    return Parsed(array=pc.multiply(total, 10**6), failed=failed)


def _lists(text: pa.ChunkedArray, split: str) -> pa.ChunkedArray:
    pattern = split or ";"
    trimmed = pc.utf8_trim(text, characters=pattern + " ")
    return pc.split_pattern(trimmed, pattern)
