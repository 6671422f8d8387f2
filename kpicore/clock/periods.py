"""Timelines: a range cut into periods of local time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kpicore.errors import CalendarError

from .edges import CELL_LIMIT, EPOCH_DAY, GRAINS, Reckoning, begin_days, edges_around
from .instants import DAY, load_zone, local_time
from .stretches import local_starts, stretches

__all__ = ["CELL_LIMIT", "GRAINS", "Timeline", "labels_of", "parse_period", "timeline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A range cut into cells: cell i is [edges[i], edges[i + 1]), in microseconds since 1970 UTC.

    ``first_start`` and ``last_end`` are where the periods of the first and last cell really begin and
    end; they lie outside the edges where the range cuts a period.
    """

    zone: str
    grain: str
    edges: tuple[int, ...]
    first_start: int
    last_end: int

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def starts(self) -> tuple[int, ...]:
        """Where the period of each cell begins, even before the range."""
        return (self.first_start, *self.edges[1:-1])

    @property
    def labels(self) -> tuple[str, ...]:
        """The start of each cell's period as ISO local time with offset.

        The offset tells the two passes of a repeated hour apart.
        """
        return labels_of(self.starts, load_zone(self.zone))


def timeline(
    start: int,
    end: int,
    grain: str,
    zone: str | ZoneInfo,
    *,
    day_start: int = 0,
    week_start: int = 1,
    fiscal_year_start: int = 1,
    align: bool = False,
) -> Timeline:
    """Returns [start, end) cut into periods of ``grain`` (one of ``GRAINS``) in local time of ``zone``.

    A day begins when the local clock first shows ``day_start`` (microseconds after midnight) or jumps
    past it, and so lasts 23 or 25 hours when clocks change. Hours and their parts begin at full local
    hours and parts; a change of offset ends one, so each pass of a repeated hour is a cell of its
    own. With ``align`` the range is first widened to whole periods, otherwise the first and last cell
    are clipped to it. Raises CalendarError for an empty range, an unknown grain or zone, and more
    than ``CELL_LIMIT`` cells.

    >>> timeline(0, 1, "day", "Asia/Shanghai").labels
    ('1970-01-01T00:00:00+08:00',)
    """
    home = load_zone(zone)
    rules = Reckoning(
        zone=home, day_start=day_start, week_start=week_start, fiscal_year_start=fiscal_year_start
    )
    edges = edges_around(start, end, grain, rules)
    outer = edges[0], edges[-1]
    if not align:
        edges[0], edges[-1] = start, end
    return Timeline(zone=home.key, grain=grain, edges=tuple(edges), first_start=outer[0], last_end=outer[1])


def labels_of(instants: Sequence[int], zone: ZoneInfo) -> tuple[str, ...]:
    """Returns ascending ``instants`` as ISO local time with offset."""
    if not instants:
        return ()
    dates: dict[int, str] = {}
    clocks: dict[tuple[int, int], str] = {}
    labels: list[str] = []
    pieces = stretches(instants[0], instants[-1] + 1, zone)
    for instant, (local, offset) in zip(instants, local_starts(instants, pieces), strict=True):
        day, rest = divmod(local, DAY)
        if (rest, offset) not in clocks or day not in dates:
            dates[day], clocks[rest, offset] = local_time(instant, zone).isoformat().split("T")
        labels.append(f"{dates[day]}T{clocks[rest, offset]}")
    return tuple(labels)


_PERIODS = (
    (re.compile(r"(?:FY)?(\d{4})"), "year"),
    (re.compile(r"(?:FY)?(\d{4})-Q([1-4])"), "quarter"),
    (re.compile(r"(\d{4})-(\d{2})"), "month"),
    (re.compile(r"(\d{4})-W(\d{2})"), "week"),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), "day"),
)


def parse_period(
    text: str, zone: str | ZoneInfo, *, day_start: int = 0, fiscal_year_start: int = 1
) -> tuple[int, int, str]:
    """Returns start and end, in microseconds since 1970 UTC, and the grain of the period ``text`` names.

    ``2026`` is a year, ``2026-Q3`` a quarter, ``2026-10`` a month, ``2026-W40`` an ISO week (from its
    Monday) and ``2026-10-05`` a day, in local time of ``zone``. A fiscal year and its quarters are
    named by the calendar year in which the fiscal year begins, also as ``FY2026``. Raises CalendarError
    for other text and for a day that the zone skipped.

    >>> parse_period("2026-10", "UTC")
    (1790812800000000, 1793491200000000, 'month')
    """
    rules = Reckoning(zone=load_zone(zone), day_start=day_start, fiscal_year_start=fiscal_year_start)
    for pattern, grain in _PERIODS:
        if match := pattern.fullmatch(text.strip().upper()):
            numbers = [int(group) for group in match.groups()]
            try:
                days = [day.toordinal() - EPOCH_DAY for day in _span(grain, numbers, fiscal_year_start)]
                start, end = begin_days(days, rules)
            except (ValueError, OverflowError):
                break
            return start, end, grain
    raise CalendarError(
        f"{text!r} is not a period of {rules.zone.key}",
        hint="write 2026, 2026-Q3, 2026-10, 2026-W40 or 2026-10-05",
    )


def _span(grain: str, numbers: list[int], fiscal_year_start: int) -> tuple[date, date]:
    """Returns the first day of the period and of the one after it; ValueError where there is none."""
    if grain == "day":
        day = date(*numbers)
        return day, day + timedelta(days=1)
    if grain == "week":
        monday = date.fromisocalendar(numbers[0], numbers[1], 1)
        return monday, monday + timedelta(days=7)
    year, part = numbers[0], numbers[1] if len(numbers) > 1 else 1
    step = {"year": 12, "quarter": 3, "month": 1}[grain]
    if grain == "month" and not 1 <= part <= 12:
        raise ValueError(part)
    origin = 1 if grain == "month" else fiscal_year_start
    month = year * 12 + origin - 1 + (part - 1) * step
    return _first_of(month), _first_of(month + step)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
