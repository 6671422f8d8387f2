"""The words of a calendar file: days, hours, dates, holidays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise

from kpicore.errors import CalendarError, suggest

from .calendar import Holidays, Shift
from .instants import DAY, HOUR, MINUTE

__all__ = ["DAY_NAMES", "Faults", "read_date", "read_holidays", "read_hours", "read_time", "read_week"]

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")
_HOLIDAY_KEYS = (
    *("country", "subdivision", "categories", "dates", "yearly"),
    *("hours", "make_up_days", "make_up_like"),
)


class Faults:
    """Collects what is wrong with a file, each fault with its place."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, place: str, what: str) -> None:
        """Notes one fault."""
        self.found.append(f"{place}: {what}")

    def raise_any(self, source: str) -> None:
        """Raises CalendarError where anything was found."""
        if self.found:
            raise CalendarError(
                f"{source}: the calendar cannot be used",
                problems=tuple(dict.fromkeys(self.found)),
                hint="mend the keys that are named; docs/calendars.md explains them",
            )

    def unknown(self, place: str, table: Mapping[str, object], known: Sequence[str]) -> None:
        """Notes every key that nobody knows, with the nearest known one."""
        for key in table:
            if key not in known:
                self.add(f"{place}{key}", f"there is no such key; {suggest(key, list(known))}")

    def table(self, place: str, value: object) -> Mapping[str, object]:
        """Returns ``value`` as a table, an empty one where it is none."""
        if isinstance(value, dict):
            return value
        self.add(place, f"{value!r} is not a table")
        return {}

    def text(self, place: str, value: object) -> str:
        """Returns ``value`` as text, empty where it is none."""
        if isinstance(value, str):
            return value
        self.add(place, f"{value!r} is not text; put it in quotes")
        return ""

    def words(self, place: str, value: object) -> tuple[str, ...]:
        """Returns one text or a list of them."""
        values = value if isinstance(value, list) else [value]
        return tuple(self.text(place, word) for word in values)


def read_time(place: str, value: object, faults: Faults) -> int:
    """Returns ``HH:MM`` (or a TOML time) below 24:00 in microseconds after midnight."""
    if isinstance(value, time):
        value = value.isoformat("minutes") if not value.second and not value.microsecond else str(value)
    match = _CLOCK.fullmatch(faults.text(place, value).strip())
    clock = _clock(match[0]) if match else None
    if clock is None or clock >= DAY:
        faults.add(place, f"{value!r} is not a time of day; write 06:00")
        return 0
    return clock


def _clock(text: str) -> int | None:
    hours, minutes = (int(part) for part in text.split(":"))
    us = hours * HOUR + minutes * MINUTE
    return us if minutes < 60 and us <= DAY else None


def read_date(place: str, value: object, faults: Faults) -> date | None:
    """Returns an ISO date, written as text or as a TOML date."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else date.fromisoformat("")
    except ValueError:
        faults.add(place, f"{value!r} is not a date; write 2026-10-01")
        return None


def read_hours(place: str, value: object, day_start: int, faults: Faults) -> tuple[Shift, ...]:
    """Returns ``"09:00-17:00"``, or a list of such shifts, sorted; notes those that overlap."""
    shifts = []
    for text in faults.words(place, value):
        match = _SPAN.fullmatch(text.strip())
        shift = _shift(match[1], match[2], day_start) if match else None
        if shift is None:
            faults.add(place, f"{text!r} are not hours; write 09:00-17:00, 22:00-06:00 or 00:00-24:00")
        elif day_start and shift.end > day_start + DAY:
            faults.add(place, f"{text!r} runs past the start of the next day; split it there")
        else:
            shifts.append(shift)
    shifts.sort()
    for one, other in pairwise(shifts):
        if other.start < one.end:
            faults.add(place, f"shifts overlap at {_show(other.start)}")
    return tuple(shifts)


def _shift(first: str, last: str, day_start: int) -> Shift | None:
    start, end = _clock(first), _clock(last)
    if start is None or end is None or start == DAY or (start == end and start != day_start):
        return None
    start += DAY if start < day_start else 0
    while end <= start:
        end += DAY
    return Shift(start=start, end=end)


def _show(us: int) -> str:
    return f"{us // HOUR % 24:02d}:{us % HOUR // MINUTE:02d}"


def read_week(place: str, value: object, day_start: int, faults: Faults) -> tuple[tuple[Shift, ...], ...]:
    """Returns the shifts of Monday to Sunday from a table of days (``mon``, ``mon-fri``, ``daily``)."""
    week: dict[int, tuple[Shift, ...]] = {}
    for key, hours in faults.table(place, value).items():
        shifts = read_hours(f"{place}.{key}", hours, day_start, faults)
        for day in _days(f"{place}.{key}", key, faults):
            if day in week:
                faults.add(f"{place}.{key}", f"{DAY_NAMES[day]} is given twice")
            week[day] = shifts
    return tuple(week.get(day, ()) for day in range(7))


def _days(place: str, text: str, faults: Faults) -> list[int]:
    if text.lower() == "daily":
        return list(range(7))
    ends = []
    for word in text.lower().split("-"):
        if word not in DAY_NAMES and word not in _FULL:
            hint = suggest(word, [*DAY_NAMES, *_FULL, "daily"])
            faults.add(place, f"{word!r} is not a day of the week; {hint}")
            return []
        ends.append((DAY_NAMES if word in DAY_NAMES else _FULL).index(word))
    if len(ends) > 2:
        faults.add(place, "is not a span of days; write mon-fri")
        return []
    return [(ends[0] + i) % 7 for i in range((ends[-1] - ends[0]) % 7 + 1)]


def read_holidays(
    place: str, value: object, week: tuple[tuple[Shift, ...], ...], day_start: int, faults: Faults
) -> Holidays:
    """Returns the table of holidays; make-up days follow the first weekday that has hours by default."""
    table = faults.table(place, value)
    faults.unknown(f"{place}.", table, _HOLIDAY_KEYS)
    country, subdivision = (
        faults.text(f"{place}.{key}", table[key]) if key in table else None
        for key in ("country", "subdivision")
    )
    make_up = table.get("make_up_days", True)
    if not isinstance(make_up, bool):
        faults.add(f"{place}.make_up_days", f"{make_up!r} is neither true nor false")
    like = next((day for day in range(7) if week[day]), 0)
    if "make_up_like" in table:
        text = faults.text(f"{place}.make_up_like", table["make_up_like"])
        like = next(iter(_days(f"{place}.make_up_like", text, faults)), like)
    dates = [read_date(f"{place}.dates", day, faults) for day in _listed(f"{place}.dates", table, faults)]
    return Holidays(
        country=country,
        subdivision=subdivision,
        categories=faults.words(f"{place}.categories", table.get("categories", [])),
        dates=tuple(sorted(day for day in dates if day is not None)),
        yearly=_yearly(f"{place}.yearly", table, faults),
        hours=read_hours(f"{place}.hours", table.get("hours", []), day_start, faults),
        make_up_days=make_up is not False,
        make_up_like=like,
    )


def _listed(place: str, table: Mapping[str, object], faults: Faults) -> list[object]:
    value = table.get(place.rsplit(".", 1)[-1], [])
    if isinstance(value, list):
        return value
    faults.add(place, f"{value!r} is not a list")
    return []


def _yearly(place: str, table: Mapping[str, object], faults: Faults) -> tuple[tuple[int, int], ...]:
    found = []
    for text in faults.words(place, table.get("yearly", [])):
        match = _MONTH_DAY.fullmatch(text)
        try:
            if not match:
                raise ValueError(text)
            day = date(2024, int(match[1]), int(match[2]))  # a leap year, so that 02-29 is a day
        except ValueError:
            faults.add(place, f"{text!r} is not a day of every year; write 12-25")
        else:
            found.append((day.month, day.day))
    return tuple(sorted(set(found)))
