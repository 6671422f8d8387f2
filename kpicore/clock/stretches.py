"""Stretches of constant UTC offset: what makes local time cheap.

``zoneinfo`` answers one instant at a time. Cutting years into quarter hours would ask it tens of
thousands of times, so the zone is probed at coarse steps, each change of offset is pinned down by
bisection, and all else is integer arithmetic inside a stretch.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from itertools import accumulate

from .instants import HOUR, SECOND, local_time

__all__ = ["Stretch", "first_instants", "local_starts", "stretches"]

# Two changes that cancel out within one step would go unseen; the tests hold every zone of the
# time-zone database against this.
_STEP = 96 * HOUR
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A time [start, end) during which local time is UTC + ``offset``; all in microseconds."""

    start: int
    end: int
    offset: int


def _offset(us: int, zone: tzinfo) -> int:
    offset = local_time(us, zone).utcoffset()
    return 0 if offset is None else offset // _MICROSECOND


def stretches(start: int, end: int, zone: tzinfo) -> tuple[Stretch, ...]:
    """Returns the stretches of constant offset that tile [start, end), in order.

    The first and last are clipped to the range. Raises CalendarError outside the years 1 to 9999.
    """
    found: list[Stretch] = []
    begun, offset, at = start, _offset(start, zone), start
    while at < end:
        ahead = min(at + _STEP, end)
        if _offset(ahead, zone) != offset:
            ahead = _change(at, ahead, offset, zone)
            if ahead < end:
                found.append(Stretch(start=begun, end=ahead, offset=offset))
                begun, offset = ahead, _offset(ahead, zone)
        at = ahead
    found.append(Stretch(start=begun, end=end, offset=offset))
    return tuple(found)


def _change(before: int, after: int, offset: int, zone: tzinfo) -> int:
    """Returns the first instant after ``before`` whose offset differs; changes fall on whole seconds."""
    low, high = before // SECOND, -(-after // SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle * SECOND, zone) == offset:
            low = middle
        else:
            high = middle
    return high * SECOND


def local_starts(instants: Sequence[int], pieces: Sequence[Stretch]) -> Iterable[tuple[int, int]]:
    """Yields, for ascending ``instants`` that ``pieces`` cover, each one's local time and offset."""
    piece = iter(pieces)
    here = next(piece)
    for instant in instants:
        while instant >= here.end:
            here = next(piece)
        yield instant + here.offset, here.offset


def first_instants(walls: Iterable[int], pieces: Sequence[Stretch]) -> list[int]:
    """Returns when the local clock first shows (or jumps past) each of the ascending ``walls``.

    ``walls`` are local times as microseconds since 1970 of the local clock, in any order. Walls that
    a single jump skips together share one instant; so do those beyond the last of ``pieces``.
    """
    reach = list(accumulate((piece.end + piece.offset for piece in pieces), max))
    found: list[int] = []
    for wall in walls:
        index = bisect_right(reach, wall)
        if index == len(pieces):
            found.append(pieces[-1].end)
        else:
            found.append(max(wall - pieces[index].offset, pieces[index].start))
    return found
