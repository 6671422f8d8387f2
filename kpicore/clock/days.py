"""Which days are worked, when, and why: the week, holidays, make-up days, days that differ."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise

from kpicore.errors import CalendarError, suggest

from .calendar import Calendar, Holidays, Shift
from .edges import begin_every, day_of
from .instants import DAY
from .periods import Timeline

__all__ = [
    "WorkDay",
    "check_holidays",
    "check_week",
    "into_shifts",
    "known_through",
    "subtract",
    "work_days",
    "working_days",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkDay:
    """One day of a calendar: its hours without breaks, and why it has them.

    ``reason`` is ``week``, ``holiday``, ``make_up`` or ``special``; ``name`` is the holiday's.
    """

    day: date
    reason: str
    shifts: tuple[Shift, ...]
    name: str = ""


def work_days(calendar: Calendar, first: date, last: date) -> tuple[WorkDay, ...]:
    """Returns the days from ``first`` to ``last``, both included.

    Special days beat make-up days, which beat holidays, which beat the week. Raises CalendarError
    where the ``holidays`` package is missing or does not know the country.
    """
    special = dict(calendar.special_days)
    week = tuple(subtract(calendar.week[day], calendar.breaks[day]) for day in range(7))
    off, made_up = _exceptions(calendar.holidays, first.year, last.year)
    days = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        usual = week[day.weekday()]
        if day in special:
            found = WorkDay(day=day, reason="special", shifts=special[day])
        elif day in made_up and not usual:
            found = WorkDay(day=day, reason="make_up", shifts=week[calendar.holidays.make_up_like])
        elif day in off:
            found = WorkDay(day=day, reason="holiday", shifts=calendar.holidays.hours, name=off[day])
        else:
            found = WorkDay(day=day, reason="week", shifts=usual)
        days.append(found)
    return tuple(days)


def subtract(shifts: Sequence[Shift], breaks: Sequence[Shift]) -> tuple[Shift, ...]:
    """Returns what is left of ``shifts`` without ``breaks``; both sorted and without overlaps."""
    left = []
    for shift in shifts:
        at = shift.start
        for pause in breaks:
            if pause.end > at and pause.start < shift.end:
                if pause.start > at:
                    left.append(Shift(start=at, end=pause.start))
                at = pause.end
        if at < shift.end:
            left.append(Shift(start=at, end=shift.end))
    return tuple(left)


def into_shifts(breaks: Sequence[Shift], shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    """Returns the breaks of a day, those after midnight moved into the shift that runs past it."""
    moved = []
    for pause in breaks:
        later = Shift(start=pause.start + DAY, end=pause.end + DAY)
        inside, after = (any(_meet(shift, span) for shift in shifts) for span in (pause, later))
        moved.append(later if after and not inside else pause)
    return tuple(sorted(moved))


def _meet(one: Shift, other: Shift) -> bool:
    return one.start < other.end and other.start < one.end


def check_week(calendar: Calendar) -> list[str]:
    """Returns what is wrong with the weekly hours: none at all, shifts or breaks that do not fit."""
    if not any(calendar.week):
        return ["has no working hours"]
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    problems = []
    for day, shifts in enumerate(calendar.week):
        following = calendar.week[(day + 1) % 7]
        if shifts and following and shifts[-1].end > following[0].start + DAY:
            problems.append(f"the last shift of {names[day]} overlaps the first of {names[(day + 1) % 7]}")
        for pause in calendar.breaks[day]:
            if not any(_meet(shift, pause) for shift in shifts):
                problems.append(f"a break of {names[day]} lies outside its hours")
    return problems


def check_holidays(rules: Holidays) -> None:
    """Raises CalendarError where the ``holidays`` package is missing or does not know the country."""
    if rules.country is not None:
        _public(rules, 2024, 2024)


def _exceptions(rules: Holidays, first: int, last: int) -> tuple[dict[date, str], frozenset[date]]:
    off, made_up = dict[date, str](), frozenset[date]()
    if rules.country is not None:
        off, made_up = _public(rules, first, last)
        off = dict(off)
    for year in range(first, last + 1):
        for month, day in rules.yearly:
            if (month, day) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
                off.setdefault(date(year, month, day), "")
    for own in rules.dates:
        off.setdefault(own, "")
    return off, made_up if rules.make_up_days else frozenset()


@lru_cache(maxsize=32)
def _public(rules: Holidays, first: int, last: int) -> tuple[dict[date, str], frozenset[date]]:
    try:
        import holidays
    except ImportError:
        raise CalendarError(
            f"the holidays of {rules.country} are not installed", hint="pip install 'kpicore[calendar]'"
        ) from None
    countries = holidays.list_supported_countries()
    country, region = rules.country or "", rules.subdivision
    if country not in countries:
        raise CalendarError(
            f"the holidays package knows no country {country!r}",
            hint="write its ISO code, such as CN" if len(country) > 3 else suggest(country, list(countries)),
        )
    try:
        # a year's last days may be moved or observed by rules of the next
        found = holidays.country_holidays(
            country, subdiv=region, years=range(first, last + 2), categories=rules.categories or None
        )
    except NotImplementedError:
        raise CalendarError(
            f"the holidays package knows no subdivision {region!r} of {country}",
            hint=suggest(region or "", list(countries[country])),
        ) from None
    except ValueError as error:
        raise CalendarError(
            f"holidays of {country}: {error}",
            hint="categories are those of the holidays package",
        ) from None
    return dict(found.items()), frozenset(found.weekend_workdays)


def known_through(calendar: Calendar, last: date) -> date | None:
    """Returns the last day up to ``last`` for which the calendar is known; null where nothing is doubted.

    It is what the calendar states. Failing that, governments that move working days publish them year
    by year: such a country is known through the last year for which the package has any.
    """
    rules = calendar.holidays
    if calendar.known_through is not None or rules.country is None or not rules.make_up_days:
        return calendar.known_through
    made_up = _public(rules, last.year - 5, last.year + 1)[1]
    latest = max((day.year for day in made_up), default=last.year)
    return date(latest, 12, 31) if latest < last.year else None


def working_days(calendar: Calendar, cells: Timeline) -> tuple[int, ...]:
    """Returns for each cell how many days with working hours it touches.

    Days are those of the calendar (its zone and ``day_start``); one that the zone skipped is none.
    """
    first, last = (at // DAY + margin for at, margin in ((cells.edges[0], -2), (cells.edges[-1], 3)))
    days = work_days(calendar, day_of(first), day_of(last))
    begun = begin_every(range(first, last + 2), calendar.rules)
    worked = [bool(day.shifts) and a < b for day, (a, b) in zip(days, pairwise(begun), strict=True)]
    before = [0, *accumulate(worked)]
    return tuple(
        before[bisect_left(begun, end)] - before[bisect_right(begun, start) - 1]
        for start, end in pairwise(cells.edges)
    )
