"""Business calendars: when a team or queue is open, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kpicore.errors import CalendarError, suggest

from .edges import Reckoning
from .instants import DAY, load_zone

__all__ = ["Assignment", "Calendar", "CalendarBook", "Holidays", "Shift", "round_the_clock"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Shift:
    """Working hours [start, end) of one day, in microseconds of wall-clock time after its midnight.

    ``end`` is beyond 24 h where the shift runs into the next morning.
    """

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The days off of a calendar.

    ``country`` and ``subdivision`` are codes of the ``holidays`` package, ``categories`` its kinds of
    holiday; ``dates`` are days of one's own, ``yearly`` those of every year as (month, day). On a
    holiday ``hours`` are worked, usually none. Where ``make_up_days`` holds, a weekend day that the
    government declares a working day in exchange for a holiday has the hours of weekday
    ``make_up_like`` (0 = Monday), unless it has hours anyway.
    """

    country: str | None = None
    subdivision: str | None = None
    categories: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    yearly: tuple[tuple[int, int], ...] = ()
    hours: tuple[Shift, ...] = ()
    make_up_days: bool = True
    make_up_like: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When work is done: weekly hours without breaks, holidays, and days that differ.

    ``week`` holds the shifts of Monday to Sunday, ``breaks`` what is taken out of them;
    ``special_days`` beat all else. ``day_start`` is when a working day begins (microseconds after
    midnight): times of day before it belong to the day before. ``count`` is ``elapsed`` (a night
    shift over a clock change lasts an hour more or less) or ``wall`` (what the clock on the wall
    says: every day has 24 hours). After ``known_through`` nobody has checked the calendar.
    """

    name: str
    zone: str
    week: tuple[tuple[Shift, ...], ...]
    breaks: tuple[tuple[Shift, ...], ...] = ((),) * 7
    holidays: Holidays = field(default_factory=Holidays)
    special_days: tuple[tuple[date, tuple[Shift, ...]], ...] = ()
    day_start: int = 0
    count: str = "elapsed"
    known_through: date | None = None

    @property
    def rules(self) -> Reckoning:
        """How the calendar cuts days."""
        return Reckoning(zone=load_zone(self.zone), day_start=self.day_start)


def round_the_clock(zone: str) -> Calendar:
    """Returns the calendar ``24x7`` of ``zone``: always open."""
    return Calendar(name="24x7", zone=zone, week=((Shift(start=0, end=DAY),),) * 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Gives ``calendar`` to the subjects that match: one of ``teams`` and one of ``queues``, empty = any."""

    calendar: str
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarBook:
    """The calendars of one file by name, which is the ``default``, and who works under which."""

    calendars: Mapping[str, Calendar]
    default: str
    assignments: tuple[Assignment, ...] = ()

    def named(self, name: str) -> Calendar:
        """Returns the calendar called ``name``; ``24x7`` is always there, in the default's zone."""
        if name in self.calendars:
            return self.calendars[name]
        if name == "24x7":
            return round_the_clock(self.calendars[self.default].zone)
        raise CalendarError(f"there is no calendar {name!r}", hint=suggest(name, [*self.calendars, "24x7"]))

    def of(self, *, team: str | None = None, queue: str | None = None) -> Calendar:
        """Returns the calendar of the first assignment that fits, else the default."""
        for rule in self.assignments:
            if (not rule.teams or team in rule.teams) and (not rule.queues or queue in rule.queues):
                return self.calendars[rule.calendar]
        return self.calendars[self.default]
