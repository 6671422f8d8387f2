"""Which clock a duration is measured by: the calendar's, that never stops, or business hours."""

from __future__ import annotations

from collections.abc import Callable

from kpicore.plugin import Choice, Parameter, Settings, Text, col
from kpicore.plugin.expression import Business, Expression

__all__ = ["CALENDAR", "CLOCK", "CLOCK_PARAMETERS", "SCHEDULE", "between", "named_calendar", "worked_between"]

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
"""What durations take that can be measured in business hours."""


def named_calendar(p: Settings) -> str:
    """Returns the name of the calendar that ``p`` asks for; empty for that of team and queue."""
    return p.word("calendar") if p["calendar"] is not None else ""


def between(p: Settings, start: Expression, end: Expression) -> Business | None:
    """Returns the business time from ``start`` to ``end``; None where ``p`` asks for calendar time."""
    if p.word("clock") != "business":
        return None
    return Business(start, end, named_calendar(p), p.word("schedule_policy"))


def worked_between(start: str, end: str) -> Callable[[Settings], Business | None]:
    """Returns what a derivation asks for that needs business time between two columns."""
    return lambda settings: between(settings, col(start), col(end))
