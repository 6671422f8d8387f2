"""Cutting intervals at instants: for derivations that are plain functions of whole tables."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from .whole_tables import starts_of_runs

__all__ = ["Pieces", "Stretches", "cut"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """Intervals of keys (small integers), in microseconds; none is null or empty."""

    key: pa.Array
    start: pa.Array
    end: pa.Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Parts of intervals: the ``row`` each is cut from, and its ``start`` and ``end``.

    ``place`` is the same for pieces that cover the same stretch of time of the same key.
    """

    row: pa.Array
    place: pa.Array
    start: pa.Array
    end: pa.Array


def cut(*sets: Stretches) -> tuple[Pieces, ...]:
    """Returns each set's intervals, cut wherever an interval of the same key in any set starts or ends."""
    key = pa.concat_arrays([side for s in sets for side in (s.key, s.key)]).cast(pa.int64())
    at = pa.concat_arrays([side for s in sets for side in (s.start, s.end)])
    moment = pc.rank(at, tiebreaker="dense").cast(pa.int64())
    width = (pc.max(moment).as_py() or 0) + 1
    edge = pc.add(pc.multiply_checked(key, width), moment)
    place = pc.subtract(pc.rank(edge, tiebreaker="dense").cast(pa.int64()), 1)
    order = pc.sort_indices(place)
    when = at.take(order.filter(starts_of_runs(place.take(order))))
    found, offset = [], 0
    for s in sets:
        size = len(s.key)
        found.append(_pieces(place.slice(offset, size), place.slice(offset + size, size), when))
        offset += 2 * size
    return tuple(found)


def _pieces(first: pa.Array, last: pa.Array, when: pa.Array) -> Pieces:
    ends = pc.cumulative_sum(pc.subtract(last, first))
    total = ends[-1].as_py() if len(ends) else 0
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), ends])
    every = pa.arange(0, total)
    row = pc.list_parent_indices(pa.LargeListArray.from_arrays(offsets, every))
    place = pc.add(first.take(row), pc.subtract(every, offsets.take(row)))
    return Pieces(row=row, place=place, start=when.take(place), end=when.take(pc.add(place, 1)))
