"""Instants, durations and zones; the periods of local time; business calendars."""

from __future__ import annotations

from .axis import CYCLES, Axis, axis
from .calendar import (
    ROUND_THE_CLOCK,
    Assignment,
    Calendar,
    CalendarBook,
    DurationRule,
    Holidays,
    Shift,
    round_the_clock,
)
from .calendar_file import load_calendars, read_calendars
from .days import WorkDay, known_through, work_days, working_days
from .instants import (
    format_duration,
    format_instant,
    load_zone,
    parse_duration,
    parse_instant,
    parse_time_of_day,
)
from .names import Namer, name_period, naming
from .overview import CalendarOverview, hours_text, overview_of
from .periods import GRAINS, Timeline, parse_period, timeline
from .weeks import week_of
from .working_time import CalendarWarning, WorkingTime, past_known, warn_past_known, working_time

__all__ = [
    "CYCLES",
    "GRAINS",
    "ROUND_THE_CLOCK",
    "Assignment",
    "Axis",
    "Calendar",
    "CalendarBook",
    "CalendarOverview",
    "CalendarWarning",
    "DurationRule",
    "Holidays",
    "Namer",
    "Shift",
    "Timeline",
    "WorkDay",
    "WorkingTime",
    "axis",
    "format_duration",
    "format_instant",
    "hours_text",
    "known_through",
    "load_calendars",
    "load_zone",
    "name_period",
    "naming",
    "overview_of",
    "parse_duration",
    "parse_instant",
    "parse_period",
    "parse_time_of_day",
    "past_known",
    "read_calendars",
    "round_the_clock",
    "timeline",
    "warn_past_known",
    "week_of",
    "work_days",
    "working_days",
    "working_time",
]
