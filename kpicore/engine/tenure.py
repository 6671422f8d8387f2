"""Tenure bands: whole months since an agent was hired, at the local day of an event."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kpicore.clock.instants import local_time, to_microseconds
from kpicore.errors import UsageError
from kpicore.plugin import Column, Kind

__all__ = ["UNKNOWN", "LocalDay", "band_edges", "tenure_bands", "tenure_column"]

UNKNOWN = "unknown"
"""The band of agents of whom nothing says when they were hired."""

_DEFAULT = (3, 12, 36)
_SUBJECT = re.compile(r"tenure(?:\[([^\]]*)\])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDay:
    """What a day is: the zone of its date, and microseconds from midnight to its beginning."""

    zone: ZoneInfo
    day_start: int


def tenure_bands(subject: str) -> tuple[int, ...] | None:
    """Returns the limits in months that ``tenure`` or ``tenure[3+12+36]`` names; None for another subject.

    Raises UsageError for limits that do not ascend from 1.
    """
    found = _SUBJECT.fullmatch(subject)
    if found is None:
        return None
    if found[1] is None:
        return _DEFAULT
    words = [word.strip() for word in found[1].split("+")]
    months = tuple(int(word) for word in words if re.fullmatch("[1-9][0-9]{0,2}", word))
    if len(months) < len(words) or any(a >= b for a, b in itertools.pairwise(months)):
        raise UsageError(
            f"{subject}: {found[1] or 'nothing'} names no bands",
            hint="write ascending limits in whole months, such as tenure[3+12+36]",
        )
    return months


def tenure_column(bands: Sequence[int]) -> Column:
    """Returns the column of the bands up to and from the months ``bands``, padded so that they sort."""
    width = len(str(bands[-1]))
    limits = [f"{month:0{width}d}" for month in (0, *bands)]
    words = [f"{low}-{high}m" for low, high in itertools.pairwise(limits)]
    return Column(
        name="tenure",
        kind=Kind.ENUM,
        doc="whole months since the agent was hired",
        values=(*words, f"{limits[-1]}m+", UNKNOWN),
    )


def band_edges(hired: int, bands: Sequence[int], day: LocalDay) -> list[int]:
    """Returns the instants from which an agent hired at ``hired`` has been there for so many months.

    A month is over at the beginning of the local day of the same number, or of the first day of the
    next month where there is none.
    """
    first = local_time(hired, day.zone)
    edges = []
    for months in bands:
        years, month = divmod(first.month - 1 + months, 12)
        try:
            date = datetime(first.year + years, month + 1, first.day)
        except ValueError:
            date = datetime(first.year + years + (month == 11), (month + 1) % 12 + 1, 1)
        begins = date + timedelta(microseconds=day.day_start)
        edges.append(to_microseconds(begins.replace(tzinfo=day.zone)))
    return edges
