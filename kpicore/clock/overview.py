"""What the calendars of a file hold, as people check it: hours in words, and the coming days that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from .calendar import Calendar, CalendarBook, Shift
from .calendar_text import DAY_NAMES
from .days import WorkDay, known_through, subtract, work_days
from .instants import HOUR, MINUTE

__all__ = ["CalendarOverview", "hours_text", "overview_of"]

_AHEAD = 366
_EACH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarOverview:
    """A calendar in words: ``week`` its hours without breaks, ``known_through`` the last day that somebody
    checked (None where nothing is doubted in the year ahead).

    ``coming`` are the first days within a year that differ from the week, in their order: five holidays, five
    make-up days and five special days at most.
    """

    name: str
    zone: str
    week: str
    known_through: date | None
    coming: tuple[WorkDay, ...]


def overview_of(book: CalendarBook, today: date) -> tuple[CalendarOverview, ...]:
    """Returns what each calendar of ``book`` holds from ``today`` on; CalendarError as ``work_days``."""
    ahead = today + timedelta(days=_AHEAD)
    return tuple(
        CalendarOverview(
            name=name,
            zone=calendar.zone,
            week=_week(calendar),
            known_through=known_through(calendar, ahead),
            coming=tuple(sorted(_coming(calendar, today, ahead), key=lambda day: day.day)),
        )
        for name, calendar in book.calendars.items()
    )


def hours_text(shifts: Sequence[Shift]) -> str:
    """Returns shifts as a calendar file writes them, empty for none; ends after midnight as times of day.

    >>> hours_text([Shift(start=9 * HOUR, end=12 * HOUR), Shift(start=22 * HOUR, end=30 * HOUR)])
    '09:00-12:00, 22:00-06:00'
    """
    return ", ".join(f"{_clock(shift.start)}-{_clock(shift.end)}" for shift in shifts)


def _clock(us: int) -> str:
    hours = us // HOUR if us == 24 * HOUR else us // HOUR % 24
    return f"{hours:02d}:{us % HOUR // MINUTE:02d}"


def _week(calendar: Calendar) -> str:
    days = [hours_text(subtract(calendar.week[i], calendar.breaks[i])) for i in range(7)]
    spans = []
    for hours, numbers in groupby(range(7), key=lambda i: days[i]):
        first, *_, last = [*numbers] * 2
        names = DAY_NAMES[first] if first == last else f"{DAY_NAMES[first]}-{DAY_NAMES[last]}"
        spans += [f"{names} {hours}"] if hours else []
    return "; ".join(spans)


def _coming(calendar: Calendar, today: date, ahead: date) -> Iterator[WorkDay]:
    days = work_days(calendar, today, ahead)
    for reason in ("holiday", "make_up", "special"):
        yield from [day for day in days if day.reason == reason][:_EACH]
