"""The edges of periods: where quarter hours, days, weeks, months and years begin in local time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from kpicore.errors import CalendarError, suggest

from .instants import DAY, HOUR, MINUTE, format_duration
from .stretches import first_instants, stretches

__all__ = [
    "CELL_LIMIT",
    "EPOCH_DAY",
    "GRAINS",
    "SUB_DAY",
    "Reckoning",
    "begin_days",
    "begin_every",
    "day_of",
    "edges_around",
]

SUB_DAY = {"15min": 15 * MINUTE, "30min": 30 * MINUTE, "hour": HOUR}
_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
GRAINS = (*SUB_DAY, *_DAYS, "all")
CELL_LIMIT = 5_000_000

EPOCH_DAY = date(1970, 1, 1).toordinal()
_FIRST, _LAST = ((date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY for year in (10, 9990))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """How local time is cut: the zone, when a day begins, a week (1 = Monday), a year (its month).

    ``day_start`` is the wall-clock time, in microseconds after midnight, at which a working day
    begins; a night shift then belongs to the day on which it started. Raises CalendarError for a
    ``day_start`` that is not a multiple of 15 minutes below 24 h, and for days or months that do not exist.
    """

    zone: ZoneInfo
    day_start: int = 0
    week_start: int = 1
    fiscal_year_start: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.day_start < DAY or self.day_start % SUB_DAY["15min"]:
            raise CalendarError(
                f"a day cannot start {format_duration(self.day_start)} after midnight",
                hint="day_start is a multiple of 15 minutes below 24h",
            )
        if not 1 <= self.week_start <= 7:
            raise CalendarError(
                f"a week cannot start on day {self.week_start}", hint="week_start is 1 (Monday) to 7 (Sunday)"
            )
        if not 1 <= self.fiscal_year_start <= 12:
            raise CalendarError(
                f"a year cannot start in month {self.fiscal_year_start}",
                hint="fiscal_year_start is a month, 1 to 12",
            )


def edges_around(start: int, end: int, grain: str, rules: Reckoning) -> list[int]:
    """Returns the edges of the whole periods that touch [start, end), one more than there are periods.

    A period shorter than a day also ends where the offset changes. Raises CalendarError for an empty
    range, an unknown grain, more than ``CELL_LIMIT`` periods, and outside the years 10 to 9990.
    """
    _check(start, end, grain)
    if grain == "all":
        return [start, end]
    edges = _short(start, end, SUB_DAY[grain], rules) if grain in SUB_DAY else _long(start, end, grain, rules)
    return edges[bisect_right(edges, start) - 1 : bisect_left(edges, end) + 1]


def _check(start: int, end: int, grain: str) -> None:
    if grain not in GRAINS:
        raise CalendarError(f"there is no period {grain!r}", hint=suggest(grain, list(GRAINS)))
    if end <= start:
        raise CalendarError(
            f"the range from {start} to {end} us since 1970 is empty",
            hint="its end must be later than its start",
        )
    if start < _FIRST or end > _LAST:
        raise CalendarError(
            f"the range from {start} to {end} us since 1970 leaves the years 10 to 9990",
            hint="times are microseconds since 1970-01-01 UTC; nanoseconds must be divided by 1000",
        )
    step = SUB_DAY.get(grain) or _DAYS.get(grain, 0) * DAY
    if step and (end - start) // step > CELL_LIMIT:
        raise CalendarError(
            f"{format_duration(end - start)} cut by {grain} is more than {CELL_LIMIT:,} periods",
            hint="take a shorter range or longer periods; one stray date can stretch a log over centuries",
        )


def _short(start: int, end: int, step: int, rules: Reckoning) -> list[int]:
    edges: list[int] = []
    for piece in stretches(start - DAY, end + DAY, rules.zone):
        first = -(-(piece.start + piece.offset) // step) * step - piece.offset
        if edges and first > piece.start:
            edges.append(piece.start)
        edges.extend(range(first, piece.end, step))
    return edges


def _long(start: int, end: int, grain: str, rules: Reckoning) -> list[int]:
    margin = _DAYS[grain] + 2
    return begin_days(_walls(start // DAY - margin, end // DAY + margin, grain, rules), rules)


def begin_days(days: Sequence[int], rules: Reckoning) -> list[int]:
    """Returns when the ascending local ``days`` (counted from 1970-01-01) begin.

    A day that the zone skipped altogether shares its beginning with the next; it is returned once.
    """
    return list(dict.fromkeys(begin_every(days, rules)))


def begin_every(days: Sequence[int], rules: Reckoning) -> list[int]:
    """Returns when each of the ascending local ``days`` begins, one instant per day."""
    pieces = stretches((days[0] - 2) * DAY, (days[-1] + 3) * DAY, rules.zone)
    return first_instants((day * DAY + rules.day_start for day in days), pieces)


def day_of(number: int) -> date:
    """Returns the date that lies ``number`` days after 1970-01-01."""
    return date.fromordinal(number + EPOCH_DAY)


def _walls(first: int, last: int, grain: str, rules: Reckoning) -> Sequence[int]:
    """Returns the local days since 1970, from ``first`` to ``last``, on which a period begins."""
    if grain == "day":
        return range(first, last + 1)
    if grain == "week":
        # 1970-01-01 was a Thursday, day 4 of the week
        return range(first + (rules.week_start - 4 - first) % 7, last + 1, 7)
    step = _MONTHS[grain]
    begin, until = day_of(first), day_of(last)
    month = begin.year * 12 + begin.month
    month += (rules.fiscal_year_start - 1 - month) % step
    months = range(month, until.year * 12 + until.month, step)
    return [date(m // 12, m % 12 + 1, 1).toordinal() - EPOCH_DAY for m in months]
