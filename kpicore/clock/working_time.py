"""Business durations: a calendar compiled once, then two look-ups per interval."""

from __future__ import annotations

import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import pyarrow as pa

from kpicore._core import Business, IntervalFault
from kpicore.errors import CalendarError, DataError

from .calendar import Calendar, DurationRule
from .days import known_through, work_days
from .edges import CELL_LIMIT, EPOCH_DAY, day_of
from .instants import DAY, HOUR, format_duration, format_instant, local_time
from .stretches import Stretch, first_instants, stretches

__all__ = ["CalendarWarning", "WorkingTime", "past_known", "warn_past_known", "working_time"]

Piece = tuple[int, int, int]
"""Where a stretch of work starts, how long it lasts, and how much was worked before it."""


class CalendarWarning(UserWarning):
    """A period runs past the day through which a calendar is known."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Calendars compiled for a range of time, by ``working_time``."""

    calendars: tuple[Calendar, ...]
    start: int
    end: int
    core: Business = field(repr=False, compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        return working_time, (self.calendars, self.start, self.end)

    def worked(self, at: pa.Array, calendar: int = 0) -> pa.Array:
        """Returns the working time, in microseconds, between the range's start and each instant.

        ``at`` is int64 or ``timestamp[us]``; the result is int64, null where ``at`` is null or
        outside the range. The business duration of two instants is the difference.
        """
        return pa.array(self.core.worked(at, calendar))

    def between(
        self,
        start: pa.Array,
        end: pa.Array,
        *,
        which: pa.Array | int = 0,
        rule: DurationRule | None = None,
        what: str = "",
    ) -> pa.Array:
        """Returns the working time in each [start, end) as int64 microseconds, null where either is null.

        ``which`` numbers the calendar of all rows, or (int32) that of each; without it the first counts.
        Raises DataError for a reversed interval, unless ``rule`` says otherwise, and CalendarError for an
        instant outside the range that was compiled; messages call the rows ``what`` and else by number.
        """
        rule = rule or DurationRule()
        number, numbers = (which, None) if isinstance(which, int) else (0, which)
        try:
            return pa.array(
                self.core.between(
                    start,
                    end,
                    numbers,
                    reversed=rule.reversed,
                    floor=rule.floor,
                    unit=rule.unit,
                    calendar=number,
                )
            )
        except IntervalFault as fault:
            raise self._explain(fault, start, end, what or f"row {fault.row}") from None

    def _explain(self, fault: IntervalFault, start: pa.Array, end: pa.Array, what: str) -> Exception:
        zone = self.calendars[0].zone
        first, last = (format_instant(at[fault.row].cast(pa.int64()).as_py(), zone) for at in (start, end))
        if fault.reason == "reversed":
            return DataError(
                f"{what}: an interval from {first} to {last} ends before it starts",
                hint="correct the log, or let the calendar file say what such intervals count: "
                "durations.reversed = 'zero', 'negative' or 'null'",
            )
        if fault.reason == "calendar":
            return CalendarError(
                f"{what}: its calendar is none of the {len(self.calendars)} that were compiled"
            )
        return CalendarError(
            f"{what}: {first} to {last} leaves the range that the calendar was compiled for",
            hint=f"it was for {format_instant(self.start, zone)} to {format_instant(self.end, zone)}",
        )


def working_time(calendars: Calendar | Sequence[Calendar], start: int, end: int) -> WorkingTime:
    """Returns the calendars compiled for instants from ``start`` to ``end``, both included.

    A shift opens when the clock on the wall first shows its start, and closes when it first shows its
    end. Issues a CalendarWarning where the range runs past the day through which a calendar is known.
    Raises CalendarError for an empty range, shifts of neighbouring days that overlap, and a range of
    more than ``CELL_LIMIT`` hours.
    """
    given = (calendars,) if isinstance(calendars, Calendar) else tuple(calendars)
    if end < start or not given:
        raise CalendarError(
            "a calendar is compiled for a range of time", hint="its end comes after its start"
        )
    if (end - start) // HOUR > CELL_LIMIT:
        raise CalendarError(
            f"a calendar cannot be compiled for {format_duration(end - start)}",
            hint="take a shorter range; one stray date can stretch a log over centuries",
        )
    compiled = []
    for calendar in given:
        warn_past_known(calendar, end)
        pieces = _clip(_pieces(calendar, start, end), start)
        columns = ([piece[k] for piece in pieces] for k in range(3))
        compiled.append((start, end, *(pa.array(column, pa.int64()) for column in columns)))
    try:
        core = Business(compiled, CELL_LIMIT)
    except OverflowError:
        raise CalendarError(
            "the calendar changes so often that it does not fit into memory", hint="take a shorter range"
        ) from None
    return WorkingTime(given, start, end, core)


def warn_past_known(calendar: Calendar, end: int) -> None:
    """Issues a CalendarWarning where ``end`` lies after the day through which ``calendar`` is known."""
    if told := past_known(calendar, end):
        warnings.warn(told, CalendarWarning, stacklevel=3)


def past_known(calendar: Calendar, end: int) -> str:
    """Returns what to say where ``end`` lies after the day through which ``calendar`` is known; else ""."""
    last = local_time(end - 1 - calendar.day_start, calendar.rules.zone).date()
    known = known_through(calendar, last)
    if known is None or known >= last:
        return ""
    return (
        f"calendar {calendar.name!r} is known through {known}, but the period runs to {last}: "
        "later holidays and make-up days may be missing"
    )


def _pieces(calendar: Calendar, start: int, end: int) -> list[Piece]:
    first, last = start // DAY - 3, end // DAY + 2
    walls = _walls(calendar, first, last)
    tiles = stretches((first - 1) * DAY, (last + 4) * DAY, calendar.rules.zone)
    return _by_wall(walls, tiles) if calendar.count == "wall" else _by_elapsed(walls, tiles)


def _walls(calendar: Calendar, first: int, last: int) -> list[tuple[int, int]]:
    """Returns the open spans of the local clock, sorted, those that touch joined."""
    spans: list[tuple[int, int]] = []
    for day in work_days(calendar, day_of(first), day_of(last)):
        midnight = (day.day.toordinal() - EPOCH_DAY) * DAY
        for shift in day.shifts:
            opens, closes = midnight + shift.start, midnight + shift.end
            if spans and opens < spans[-1][1]:
                raise CalendarError(
                    f"calendar {calendar.name!r}: the first shift of {day.day} overlaps the last before it",
                    hint="let one end where the other begins",
                )
            if spans and opens == spans[-1][1]:
                spans[-1] = spans[-1][0], closes
            else:
                spans.append((opens, closes))
    return spans


def _by_elapsed(walls: Sequence[tuple[int, int]], tiles: Sequence[Stretch]) -> list[Piece]:
    instants = first_instants((edge for span in walls for edge in span), tiles)
    pieces: list[Piece] = []
    worked = 0
    for opens, closes in zip(instants[::2], instants[1::2], strict=True):
        if closes > opens:
            pieces.append((opens, closes - opens, worked))
            worked += closes - opens
    return pieces


def _by_wall(walls: Sequence[tuple[int, int]], tiles: Sequence[Stretch]) -> list[Piece]:
    """Work counts as the local clock moves past the furthest time it has shown; a gap counts at once."""
    before = [0, *accumulate(closes - opens for opens, closes in walls)]
    starts = [opens for opens, _ in walls]

    def counted(wall: int) -> int:
        index = bisect_right(starts, wall) - 1
        return before[index] + min(wall - starts[index], walls[index][1] - starts[index]) if index >= 0 else 0

    pieces: list[Piece] = []
    reach = tiles[0].start + tiles[0].offset
    for tile in tiles:
        low, high = max(reach, tile.start + tile.offset), tile.end + tile.offset
        if counted(low) > counted(reach):
            pieces.append((low - tile.offset, 0, counted(low)))
        for index in range(max(bisect_right(starts, low) - 1, 0), bisect_left(starts, high)):
            opens, closes = max(walls[index][0], low), min(walls[index][1], high)
            if closes > opens:
                if pieces and pieces[-1][0] == opens - tile.offset:
                    pieces.pop()
                pieces.append((opens - tile.offset, closes - opens, counted(opens)))
        reach = max(reach, high)
    return pieces


def _clip(pieces: Iterable[Piece], start: int) -> list[Piece]:
    """Returns the pieces from ``start`` on, counted from there."""
    kept: list[Piece] = []
    offset = 0
    for opens, length, worked in pieces:
        if opens + length <= start:
            offset = worked + length
        elif opens < start:
            offset = worked + start - opens
            kept.append((start, length - (start - opens), 0))
        else:
            kept.append((opens, length, worked - offset))
    return kept
