"""Naive local times of a zone as instants, vectorised by stretches of constant offset."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.clock import load_zone
from kpicore.clock.stretches import Stretch, stretches

__all__ = ["UTC", "YEAR_1", "YEAR_10000", "to_instants"]

UTC = pa.timestamp("us", "UTC")
YEAR_1, YEAR_10000 = -62_135_596_800_000_000, 253_402_300_800_000_000
_DAY = 86_400_000_000
_GAP = 400


def to_instants(walls: pa.ChunkedArray, zone: str) -> tuple[pa.ChunkedArray, dict[str, int]]:
    """Returns naive ``walls`` (timestamp[us], local time of ``zone``) as instants, and notes by reason.

    A local time that occurs twice means its first occurrence (``ambiguous_local_time``); one that a
    clock change skips is read with the offset in force before the change and so moves forward
    (``nonexistent_local_time``). Both are counted. Raises CalendarError for an unknown zone.
    """
    home, numbers = load_zone(zone), walls.cast(pa.int64())
    pieces = [piece for first, last in _spans(numbers) for piece in stretches(first, last, home)]
    if not pieces:
        return walls.cast(UTC), {}
    offsets: pa.Scalar | pa.ChunkedArray = pa.scalar(pieces[0].offset, pa.int64())
    notes: dict[str, int] = {}
    for before, after in pairwise(pieces):
        change = after.start + max(before.offset, after.offset)
        if before.end == after.start:
            _note_doubtful(notes, numbers, before, after)
        offsets = pc.if_else(pc.greater_equal(numbers, change), pa.scalar(after.offset, pa.int64()), offsets)
    instants = pc.subtract(numbers, offsets)
    if pieces[-1].end > YEAR_10000 - 3 * _DAY:
        instants = pc.min_element_wise(instants, YEAR_10000 - 1, skip_nulls=False)
    return instants.cast(UTC), notes


def _spans(numbers: pa.ChunkedArray) -> list[tuple[int, int]]:
    """Returns the ranges that hold data: a sentinel such as the year 9999 is a range of its own."""
    days = sorted(day for day in pc.unique(pc.divide(numbers, _DAY)).to_pylist() if day is not None)
    spans: list[tuple[int, int]] = []
    for day in days:
        first = max((day - 2) * _DAY, YEAR_1 + _DAY)
        last = min((day + 3) * _DAY, YEAR_10000 - 2 * _DAY)
        first = min(first, last - 1)
        if spans and day * _DAY - spans[-1][1] < _GAP * _DAY:
            spans[-1] = spans[-1][0], max(last, spans[-1][1])
        else:
            spans.append((first, last))
    return spans


def _note_doubtful(notes: dict[str, int], numbers: pa.ChunkedArray, before: Stretch, after: Stretch) -> None:
    first, last = sorted((after.start + before.offset, after.start + after.offset))
    doubtful = pc.and_(pc.greater_equal(numbers, first), pc.less(numbers, last))
    if found := pc.sum(doubtful).as_py():
        word = "nonexistent" if after.offset > before.offset else "ambiguous"
        reason = f"{word}_local_time"
        notes[reason] = notes.get(reason, 0) + found
