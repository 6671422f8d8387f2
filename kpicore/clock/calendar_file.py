"""Calendars from TOML: every fault of a file is found at once and named with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from kpicore.errors import CalendarError, SourceNotFoundError, StorageError, suggest

from .calendar import Assignment, Calendar, CalendarBook, DurationRule, Shift
from .calendar_text import DAY_NAMES, Faults, read_date, read_holidays, read_hours, read_time, read_week
from .days import check_holidays, check_week, into_shifts
from .instants import load_zone, parse_duration

__all__ = ["load_calendars", "read_calendars"]

_KEYS = ("zone", "day_start", "count", "known_through", "week", "breaks", "holidays", "special_days")
_BOOK_KEYS = ("name", "default", "calendars", "assign", "durations")
_COUNTS = ("elapsed", "wall")
_REVERSED = ("error", "zero", "negative", "null")


def load_calendars(path: str | Path) -> CalendarBook:
    """Returns the calendars of a TOML file; one that names no calendar is called like the file.

    Raises CalendarError, listing every fault with its place, and StorageError where the file cannot
    be read.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SourceNotFoundError(f"there is no calendar file {str(file)!r}") from None
    except OSError as error:
        raise StorageError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CalendarError(
            f"{file}: byte {error.start} is not UTF-8", hint="save the file as UTF-8"
        ) from None
    return read_calendars(text, source=str(file), name=file.stem)


def read_calendars(text: str, *, source: str = "calendar", name: str = "calendar") -> CalendarBook:
    """Returns the calendars written in ``text``; ``docs/calendars.md`` explains the keys.

    Keys at the top hold for every calendar under ``[calendars.NAME]`` that does not state them itself;
    without such a table the file is one calendar. ``[[assign]]`` entries give calendars to teams and
    queues, the first that fits wins. Raises CalendarError, listing every fault with its place.

    >>> book = read_calendars("zone = 'UTC'\\nweek.mon-fri = '09:00-17:00'")
    >>> len(book.of(team="any").week[0])
    1
    """
    try:
        content: Mapping[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(
            f"{source}: this is not TOML: {error}",
            hint="mend the file there; docs/calendars.md explains the keys",
        ) from None
    faults = Faults()
    faults.unknown("", content, (*_KEYS, *_BOOK_KEYS))
    base = {key: content[key] for key in _KEYS if key in content}
    called = faults.text("name", content.get("name", name))
    calendars = {}
    for label, own in _tables(content, faults, called).items():
        place = f"calendars.{label}." if "calendars" in content else ""
        if place:
            faults.unknown(place, own, _KEYS)
        calendars[label] = _calendar(label, {**base, **own}, place, faults)
    default = faults.text("default", content.get("default", next(iter(calendars), called)))
    if default not in calendars:
        faults.add("default", f"there is no calendar {default!r}; {suggest(default, list(calendars))}")
    assignments = _assignments(content, list(calendars), faults)
    rule = _duration_rule(content.get("durations", {}), faults)
    faults.raise_any(source)
    ready = {label: calendar for label, calendar in calendars.items() if calendar is not None}
    return CalendarBook(calendars=ready, default=default, assignments=assignments, rule=rule, text=text)


def _tables(content: Mapping[str, object], faults: Faults, called: str) -> dict[str, Mapping[str, object]]:
    if "calendars" not in content:
        return {called: {}}
    tables = faults.table("calendars", content["calendars"])
    if not tables:
        faults.add("calendars", "holds no calendar")
    return {label: faults.table(f"calendars.{label}", own) for label, own in tables.items()}


def _calendar(name: str, given: Mapping[str, object], place: str, faults: Faults) -> Calendar | None:
    before = len(faults.found)
    zone = faults.text(f"{place}zone", given.get("zone", ""))
    if not zone:
        faults.add(f"{place}zone", "is missing; write an IANA name such as 'Asia/Shanghai'")
    else:
        try:
            load_zone(zone)
        except CalendarError as error:
            faults.add(f"{place}zone", f"{error.message}; {error.hint}")
    day_start = read_time(f"{place}day_start", given.get("day_start", "00:00"), faults)
    if day_start % 900_000_000:
        faults.add(f"{place}day_start", "is not a multiple of 15 minutes")
    count = faults.text(f"{place}count", given.get("count", "elapsed"))
    if count not in _COUNTS:
        faults.add(f"{place}count", f"{count!r} is neither; {suggest(count, list(_COUNTS))}")
    if "week" not in given:
        faults.add(
            f"{place}week", f"is missing; write week.mon-fri = ['09:00-17:00'] ({', '.join(DAY_NAMES)})"
        )
    week = read_week(f"{place}week", given.get("week", {}), day_start, faults)
    breaks = read_week(f"{place}breaks", given.get("breaks", {}), day_start, faults)
    known = given.get("known_through")
    calendar = Calendar(
        name=name,
        zone=zone,
        week=week,
        breaks=tuple(into_shifts(pauses, shifts) for pauses, shifts in zip(breaks, week, strict=True)),
        holidays=read_holidays(f"{place}holidays", given.get("holidays", {}), week, day_start, faults),
        special_days=_special_days(f"{place}special_days", given, day_start, faults),
        day_start=day_start,
        count=count,
        known_through=None if known is None else read_date(f"{place}known_through", known, faults),
    )
    if len(faults.found) > before:
        return None
    for problem in check_week(calendar):
        faults.add(f"{place}week", problem)
    try:
        check_holidays(calendar.holidays)
    except CalendarError as error:
        faults.add(f"{place}holidays", f"{error.message}; {error.hint}")
    return calendar


def _special_days(
    place: str, given: Mapping[str, object], day_start: int, faults: Faults
) -> tuple[tuple[date, tuple[Shift, ...]], ...]:
    days: dict[date, tuple[Shift, ...]] = {}
    for key, hours in faults.table(place, given.get("special_days", {})).items():
        day = read_date(f"{place}.{key}", key, faults)
        if day in days:
            faults.add(f"{place}.{key}", f"{day} is given twice")
        if day is not None:
            days[day] = read_hours(f"{place}.{key}", hours, day_start, faults)
    return tuple(sorted(days.items()))


def _assignments(content: Mapping[str, object], known: list[str], faults: Faults) -> tuple[Assignment, ...]:
    entries = content.get("assign", [])
    if not isinstance(entries, list):
        faults.add("assign", "is not a list; write [[assign]]")
        return ()
    rules = []
    for number, entry in enumerate(entries, 1):
        place = f"assign {number}"
        rule = faults.table(place, entry)
        faults.unknown(f"{place}: ", rule, ("team", "queue", "calendar", "from", "until"))
        calendar = faults.text(f"{place}: calendar", rule.get("calendar", ""))
        if calendar not in known:
            faults.add(f"{place}: calendar", f"there is no calendar {calendar!r}; {suggest(calendar, known)}")
        teams, queues = (faults.words(f"{place}: {key}", rule.get(key, [])) for key in ("team", "queue"))
        since, until = (
            read_date(f"{place}: {key}", rule[key], faults) if key in rule else None
            for key in ("from", "until")
        )
        if not teams and not queues and since is None and until is None:
            faults.add(place, "names neither team, queue nor dates; the default needs no entry")
        if since is not None and until is not None and until <= since:
            faults.add(f"{place}: until", f"{until} is not after {since}; it is the first day after")
        rules.append(Assignment(calendar=calendar, teams=teams, queues=queues, since=since, until=until))
    return tuple(rules)


def _duration_rule(value: object, faults: Faults) -> DurationRule:
    table = faults.table("durations", value)
    faults.unknown("durations.", table, ("reversed", "unit", "floor"))
    backwards = faults.text("durations.reversed", table.get("reversed", "error"))
    if backwards not in _REVERSED:
        faults.add("durations.reversed", f"{backwards!r} is none; {suggest(backwards, list(_REVERSED))}")
        backwards = "error"
    lengths = {"unit": 1, "floor": 0}
    for key in lengths.keys() & table.keys():
        try:
            lengths[key] = parse_duration(faults.text(f"durations.{key}", table[key]))
        except CalendarError as error:
            faults.add(f"durations.{key}", f"{error.message}; {error.hint}")
    if lengths["unit"] < 1:
        faults.add("durations.unit", "is not longer than nothing")
        lengths["unit"] = 1
    return DurationRule(reversed=backwards, **lengths)
