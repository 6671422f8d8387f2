"""Instants, durations and zones: text in, integer microseconds out, and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from kpicore.errors import CalendarError, ParameterError
from kpicore.plugin import parameters

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "format_duration",
    "format_instant",
    "load_zone",
    "local_time",
    "parse_duration",
    "parse_instant",
    "parse_time_of_day",
    "to_microseconds",
]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_ZONE_PART = re.compile(r"[A-Za-z0-9_+-]+")
_ISO = re.compile(r"P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def load_zone(name: str | ZoneInfo) -> ZoneInfo:
    """Returns the IANA zone called ``name``; a zone that is loaded already is returned as it is.

    Zones come from the ``tzdata`` package and never from the machine, so the same installation gives
    the same figures everywhere, and its version tells which rules were in force. Raises
    CalendarError for an unknown name, with the nearest known one as a hint.

    >>> load_zone("Asia/Shanghai").key
    'Asia/Shanghai'
    """
    return name if isinstance(name, ZoneInfo) else _packaged_zone(name)


@lru_cache(maxsize=64)
def _packaged_zone(name: str) -> ZoneInfo:
    parts = name.split("/")
    try:
        if not all(_ZONE_PART.fullmatch(part) for part in parts):
            raise ValueError(name)
        with files("tzdata").joinpath("zoneinfo", *parts).open("rb") as compiled:
            return ZoneInfo.from_file(compiled, key=name)
    except (OSError, ValueError):
        raise CalendarError(f"there is no time zone {name!r}", hint=_nearest_zone(name)) from None


def _nearest_zone(name: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    known = sorted(available_timezones())
    wanted = name.strip().lower().replace(" ", "_")
    by_city = {zone.rsplit("/", 1)[-1].lower(): zone for zone in reversed(known)}
    by_name = {zone.lower(): zone for zone in known}
    for names, cutoff in ((by_name, 1.0), (by_city, 1.0), (by_name, 0.75), (by_city, 0.75)):
        if near := get_close_matches(wanted, list(names), n=1, cutoff=cutoff):
            return f"did you mean {names[near[0]]!r}?"
    return "write an IANA name such as 'Asia/Shanghai', 'Europe/Berlin' or 'UTC'"


def to_microseconds(moment: datetime) -> int:
    """Returns an aware ``moment`` in microseconds since 1970 UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def local_time(us: int, zone: tzinfo) -> datetime:
    """Returns the instant ``us`` as an aware date-time of ``zone``; CalendarError outside years 1 to 9999."""
    try:
        return (_EPOCH + timedelta(microseconds=us)).astimezone(zone)
    except OverflowError:
        raise CalendarError(
            f"the instant {us} us since 1970 lies outside the years 1 to 9999",
            hint="times are microseconds since 1970-01-01 UTC; nanoseconds must be divided by 1000",
        ) from None


def parse_instant(text: str, zone: str | ZoneInfo, *, what: str) -> int:
    """Returns the instant that ``text`` names, in microseconds since 1970 UTC.

    ``text`` is an ISO 8601 date (its midnight) or date-time; with an offset or ``Z`` it is taken at
    its word, without one it is local time of ``zone``. A local time that occurs twice means its
    first occurrence; one that a clock change skips is read with the offset in force before the
    change (02:30 in New York's spring gap is 03:30 daylight time). Digits beyond the microsecond are
    cut. Raises CalendarError, naming ``what``, for any other text.

    >>> parse_instant("2026-10-01", "Asia/Shanghai", what="start")
    1790784000000000
    """
    home = load_zone(zone)
    try:
        moment = datetime.fromisoformat(text.strip())
        return to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=home, fold=0))
    except (ValueError, OverflowError):
        raise CalendarError(
            f"{what}: {text!r} is not an ISO date or date-time",
            hint="write 2026-10-01, 2026-10-01T08:30 or 2026-10-01T08:30:00+08:00",
        ) from None


def parse_time_of_day(text: str) -> int:
    """Returns ``HH:MM`` in microseconds after midnight; CalendarError for anything else.

    >>> parse_time_of_day("06:00")
    21600000000
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise CalendarError(f"{text!r} is not a time of day", hint="write 06:00")
    return int(match[1]) * HOUR + int(match[2]) * MINUTE


def format_instant(us: int, zone: str | ZoneInfo) -> str:
    """Returns the instant as ISO 8601 local time of ``zone`` with its offset; read back exactly.

    >>> format_instant(1790784000000000, "Asia/Shanghai")
    '2026-10-01T00:00:00+08:00'
    """
    return local_time(us, load_zone(zone)).isoformat()


def parse_duration(text: str) -> int:
    """Returns ``text`` in microseconds: ``20s``, ``5m``, ``1h30m``, ``250ms``, ``7d``, ``PT20S``.

    A bare number is seconds. Raises CalendarError for anything else, for a negative duration and for
    a fraction of a microsecond.

    >>> parse_duration("1h30m"), parse_duration("20"), parse_duration("PT0.5S")
    (5400000000, 20000000, 500000)
    """
    bare = text.strip()
    if match := _ISO.fullmatch(bare.upper()):
        scales = (7 * DAY, DAY, HOUR, MINUTE, SECOND)
        parts = [Fraction(n) * scale for n, scale in zip(match.groups(), scales, strict=True) if n]
        total = sum(parts, Fraction(0))
        if total.denominator == 1:
            return int(total)
    try:
        return parameters.parse_duration(bare)
    except ParameterError:
        raise CalendarError(
            f"{text!r} is not a duration", hint="write 20s, 5m, 1h30m, 250ms, 7d or PT20S"
        ) from None


def format_duration(us: int) -> str:
    """Returns the shortest text that ``parse_duration`` reads back; a minus sign before a negative one.

    >>> format_duration(5_400_000_000), format_duration(0)
    ('1h30m', '0s')
    """
    return f"-{parameters.format_duration(-us)}" if us < 0 else parameters.format_duration(us)
