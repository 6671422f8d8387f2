"""Numbers as people read them, by unit and language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kpicore.clock import name_period

__all__ = [
    "NOTHING",
    "Number",
    "bytes_text",
    "count",
    "day",
    "duration",
    "per_cent",
    "period",
    "points",
    "signed",
    "value",
]

Number: TypeAlias = Fraction | Decimal | float | int

NOTHING = "–"
_MINUS = "\u2212"


def value(number: Number | None, unit: str) -> str:
    """Returns a value in its unit: per cent for ratios, minutes and seconds for durations.

    >>> value(0.8333, "ratio"), value(300.1, "s"), value(12.345, "s"), value(7384, "s"), value(1234, "calls")
    ('83.3 %', '5:00', '12.3 s', '2:03:04', '1,234')
    """
    if number is None:
        return NOTHING
    if unit == "ratio":
        return per_cent(number)
    return duration(number) if unit == "s" else count(number)


def duration(seconds: Number) -> str:
    """Returns seconds as ``12.3 s``, ``5:00``, ``2:03:04`` or ``3 d 02:00``."""
    exact = abs(_exact(seconds))
    sign = _MINUS if seconds < 0 else ""
    if exact < 60 and round(exact, 1) < 60:
        return f"{sign}{_fixed(exact, 1)} s"
    minutes, rest = divmod(round(exact), 60)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes}:{rest:02}"
    days, hours = divmod(hours, 24)
    return f"{sign}{days} d {hours:02}:{minutes:02}"


def per_cent(share: Number | None) -> str:
    """Returns a share of one in per cent with one decimal."""
    return NOTHING if share is None else f"{_fixed(_exact(share) * 100, 1)} %"


def count(number: Number | None) -> str:
    """Returns a number with thousands set off, and with decimals where it is small and not whole."""
    if number is None:
        return NOTHING
    exact = _exact(number)
    places = 0 if exact.denominator == 1 or abs(exact) >= 1000 else 1 if abs(exact) >= 10 else 2
    return _fixed(exact, places)


def points(number: Number | None, places: int = 2) -> str:
    """Returns points with ``places`` decimals."""
    return NOTHING if number is None else _fixed(_exact(number), places)


def signed(number: Number | None, places: int = 1) -> str:
    """Returns a difference with its sign."""
    if number is None:
        return NOTHING
    text = _fixed(_exact(number), places)
    return text if text.startswith(_MINUS) or not text.strip("0.,") else f"+{text}"


def bytes_text(size: int | None) -> str:
    """Returns a size in bytes, kB or MB."""
    if size is None:
        return NOTHING
    for unit, width in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= width:
            return f"{_fixed(Fraction(size, width), 1)} {unit}"
    return f"{size} B"


def day(microseconds: int, zone: str) -> str:
    """Returns the local time of an instant; only the day where it is midnight."""
    at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%d %H:%M}"


def period(start: str, grain: str, fiscal_year_start: int = 1) -> str:
    """Returns the name of a period of ``grain`` from its ISO start; days and hours without their year.

    >>> period("2026-10-01T00:00:00+08:00", "month"), period("2026-10-12T00:00:00+08:00", "day")
    ('2026-10', '10-12')
    """
    name = name_period(start, grain, fiscal_year_start=fiscal_year_start)
    return name if grain in ("year", "quarter", "month", "week") else name[5:]


def _exact(number: Number) -> Fraction:
    return Fraction(number)


def _fixed(number: Fraction, places: int) -> str:
    quantum = Decimal(1).scaleb(-places)
    with_digits = Decimal(round(number * 10**places)).scaleb(-places).quantize(quantum, ROUND_HALF_EVEN)
    text = f"{abs(with_digits):,.{places}f}"
    return f"{_MINUS}{text}" if with_digits < 0 else text
