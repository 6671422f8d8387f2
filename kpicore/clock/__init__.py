"""Instants, durations, zones and the periods of local time."""

from __future__ import annotations

from .axis import CYCLES, Axis, axis
from .instants import format_duration, format_instant, load_zone, parse_duration, parse_instant
from .periods import GRAINS, Timeline, parse_period, timeline

__all__ = [
    "CYCLES",
    "GRAINS",
    "Axis",
    "Timeline",
    "axis",
    "format_duration",
    "format_instant",
    "load_zone",
    "parse_duration",
    "parse_instant",
    "parse_period",
    "timeline",
]
