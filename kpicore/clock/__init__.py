"""Instants, durations and zones; the periods of local time; business calendars."""

from __future__ import annotations

from .axis import CYCLES, Axis, axis
from .calendar import Assignment, Calendar, CalendarBook, Holidays, Shift, round_the_clock
from .calendar_file import load_calendars, read_calendars
from .days import WorkDay, known_through, work_days, working_days
from .instants import format_duration, format_instant, load_zone, parse_duration, parse_instant
from .periods import GRAINS, Timeline, parse_period, timeline
from .weeks import week_of
from .working_time import CalendarWarning, DurationRule, WorkingTime, warn_past_known, working_time

__all__ = [
    "CYCLES",
    "GRAINS",
    "Assignment",
    "Axis",
    "Calendar",
    "CalendarBook",
    "CalendarWarning",
    "DurationRule",
    "Holidays",
    "Shift",
    "Timeline",
    "WorkDay",
    "WorkingTime",
    "axis",
    "format_duration",
    "format_instant",
    "known_through",
    "load_calendars",
    "load_zone",
    "parse_duration",
    "parse_instant",
    "parse_period",
    "read_calendars",
    "round_the_clock",
    "timeline",
    "warn_past_known",
    "week_of",
    "work_days",
    "working_days",
    "working_time",
]
