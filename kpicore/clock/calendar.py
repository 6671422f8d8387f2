"""Business calendars: when a team or queue is open, as records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from kpicore.errors import CalendarError, suggest

from .edges import Reckoning
from .instants import DAY, load_zone

__all__ = [
    "ROUND_THE_CLOCK",
    "Assignment",
    "Calendar",
    "CalendarBook",
    "DurationRule",
    "Holidays",
    "Shift",
    "round_the_clock",
]

ROUND_THE_CLOCK = "24x7"
"""The name of the calendar that is always there, and always open."""


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
    return Calendar(name=ROUND_THE_CLOCK, zone=zone, week=((Shift(start=0, end=DAY),),) * 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationRule:
    """How a business duration is reported.

    ``reversed`` is what an interval that ends before it starts yields: ``error``, ``zero``,
    ``negative`` or ``null``. Durations are cut to a multiple of ``unit`` microseconds (1: exact) and
    raised to ``floor`` (some systems store a second to tell answered from unanswered).
    """

    reversed: str = "error"
    floor: int = 0
    unit: int = 1

    def __post_init__(self) -> None:
        if self.reversed not in ("error", "zero", "negative", "null") or self.floor < 0 or self.unit < 1:
            raise CalendarError(
                f"{self} is no way to count",
                hint="reversed is error, zero, negative or null; floor >= 0; unit >= 1 microsecond",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Gives ``calendar`` to the subjects that match: one of ``teams`` and one of ``queues``, empty = any.

    It holds on days from ``since`` on and before ``until``, as the calendar counts its days.
    """

    calendar: str
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarBook:
    """The calendars of one file by name, which is the ``default``, and who works under which.

    ``rule`` says how durations under them are reported; ``text`` is the file as it was read, by which
    a run can be repeated.
    """

    calendars: Mapping[str, Calendar]
    default: str
    assignments: tuple[Assignment, ...] = ()
    rule: DurationRule = field(default_factory=DurationRule)
    text: str = field(default="", repr=False)

    @property
    def sha256(self) -> str:
        """The hash of ``text``, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def subjects(self) -> tuple[str, ...]:
        """By which of ``team`` and ``queue`` calendars are given."""
        kinds = {"team": [a.teams for a in self.assignments], "queue": [a.queues for a in self.assignments]}
        return tuple(subject for subject, names in kinds.items() if any(names))

    def under(self, name: str) -> CalendarBook:
        """Returns the book in which everybody works under the calendar ``name``."""
        calendar = self.named(name)
        return replace(
            self, calendars={**self.calendars, calendar.name: calendar}, default=calendar.name, assignments=()
        )

    def named(self, name: str) -> Calendar:
        """Returns the calendar called ``name``; ``24x7`` is always there, in the default's zone."""
        if name in self.calendars:
            return self.calendars[name]
        if name == ROUND_THE_CLOCK:
            return round_the_clock(self.calendars[self.default].zone)
        raise CalendarError(
            f"there is no calendar {name!r}", hint=suggest(name, [*self.calendars, ROUND_THE_CLOCK])
        )

    def of(self, *, team: str | None = None, queue: str | None = None, day: date | None = None) -> Calendar:
        """Returns the calendar of the first assignment that fits on ``day`` (None: any), else the default."""
        for rule in self.assignments:
            if (not rule.teams or team in rule.teams) and (not rule.queues or queue in rule.queues):
                after = rule.since is None or day is None or day >= rule.since
                if after and (rule.until is None or day is None or day < rule.until):
                    return self.calendars[rule.calendar]
        return self.calendars[self.default]
