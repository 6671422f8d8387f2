"""Which clock a duration is measured by: the calendar's, that never stops, or business hours."""

from __future__ import annotations

from kpicore.plugin import Choice, Expression, Parameter, Settings, Text
from kpicore.plugin.expression import Business, Open

__all__ = ["CALENDAR", "CLOCK", "CLOCK_PARAMETERS", "HOURS_COUNTED", "SCHEDULE", "elapsed", "in_hours"]

CLOCK = Choice(
    name="clock",
    doc="whether all time counts, or only business hours, which takes a calendar file",
    values=("calendar", "business"),
    default="calendar",
    used_by={"calendar": "Wangwang, Qiyu", "business": "Zendesk, Zoho, Intercom (options)"},
)
CALENDAR = Text(
    name="calendar",
    doc="the calendar, by its name in the file; none: the one that the file gives to team and queue",
    default="none",
)
SCHEDULE = Choice(
    name="schedule_policy",
    doc="which hours count where the row comes under another calendar on its way: those at its start, those "
    "at its end, or each for its own part",
    values=("at_start", "at_end_event", "piecewise"),
    default="at_start",
    used_by={"at_end_event": "Zendesk (reply times)", "piecewise": "Fivetran, Zendesk (time in status)"},
)
CLOCK_PARAMETERS: tuple[Parameter, ...] = (CLOCK, CALENDAR, SCHEDULE)
"""What a metric of durations takes that can be measured in business hours."""

HOURS_COUNTED = Choice(
    name="hours",
    doc="which contacts count: all, or those that come while business is open, which takes a calendar file",
    values=("all", "in_hours_only"),
    default="all",
    used_by={"in_hours_only": "Talkdesk"},
)


def elapsed(p: Settings, start: Expression, end: Expression) -> Expression:
    """Returns the microseconds from ``start`` to ``end`` by the clock that ``p`` asks for."""
    if p.word("clock") != "business":
        return end - start
    return Business(start, end, _calendar(p), p.word("schedule_policy"))


def in_hours(p: Settings, at: Expression) -> Expression | None:
    """Returns which rows count by the parameter ``hours``, ``at`` being when they come; None for all."""
    return Open(at, _calendar(p)).is_(1) if p.word("hours") == "in_hours_only" else None


def _calendar(p: Settings) -> str:
    return p.word("calendar") if p["calendar"] is not None else ""
