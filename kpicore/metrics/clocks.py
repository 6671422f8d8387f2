"""Which clock a duration is measured by: the calendar's, that never stops, or business hours."""

from __future__ import annotations

from kpicore.facts.clocks import CALENDAR, CLOCK, CLOCK_PARAMETERS, SCHEDULE, between, named_calendar
from kpicore.plugin import Choice, Expression, Settings
from kpicore.plugin.expression import Open
from kpicore.plugin.measure import Options

__all__ = [
    "CALENDAR",
    "CLOCK",
    "CLOCK_PARAMETERS",
    "HOURS_COUNTED",
    "SCHEDULE",
    "clock_options",
    "elapsed",
    "in_hours",
]

HOURS_COUNTED = Choice(
    name="hours",
    doc="which contacts count: all, or those that come while business is open, which takes a calendar file",
    values=("all", "in_hours_only"),
    default="all",
    used_by={"in_hours_only": "Talkdesk"},
)


def elapsed(p: Settings, start: Expression, end: Expression) -> Expression:
    """Returns the microseconds from ``start`` to ``end`` by the clock that ``p`` asks for."""
    business = between(p, start, end)
    return end - start if business is None else business


def clock_options(p: Settings) -> Options:
    """Returns the options of a fact that measures by the clock that ``p`` asks for."""
    if p.word("clock") != "business":
        return ()
    named: Options = () if p["calendar"] is None else (("calendar", p.word("calendar")),)
    return (*named, ("clock", "business"), ("schedule_policy", p.word("schedule_policy")))


def in_hours(p: Settings, at: Expression) -> Expression | None:
    """Returns which rows count by the parameter ``hours``, ``at`` being when they come; None for all."""
    return Open(at, named_calendar(p)).is_(1) if p.word("hours") == "in_hours_only" else None
