"""Cutting at the edges of cells, against a walk through all cells."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore._core import Cells

Interval = tuple[int | None, int | None, bool | None]

EDGES = st.lists(st.integers(-50, 50), min_size=2, max_size=12, unique=True).map(sorted)
INSTANTS = st.one_of(st.none(), st.integers(-60, 60))
INTERVALS = st.lists(st.tuples(INSTANTS, INSTANTS, st.sampled_from([True, True, False, None])), max_size=30)


def cut_slowly(edges: list[int], intervals: list[Interval]) -> list[tuple[int, int, int, int]]:
    pieces = []
    for row, (start, end, mask) in enumerate(intervals):
        if start is None or end is None or not mask:
            continue
        for cell, (low, high) in enumerate(pairwise(edges)):
            if max(start, low) < min(end, high):
                pieces.append((row, cell, max(start, low), min(end, high)))
    return pieces


@settings(max_examples=200, derandomize=True, deadline=None)
@given(EDGES, INTERVALS, st.booleans())
def test_cut_and_of_agree_with_a_walk(edges: list[int], intervals: list[Interval], masked: bool) -> None:
    cells = Cells(pa.array(edges))
    if not masked:
        intervals = [(start, end, True) for start, end, _ in intervals]
    start, end, mask = (
        pa.array([row[i] for row in intervals], kind)
        for i, kind in enumerate([pa.int64(), pa.int64(), pa.bool_()])
    )
    batch = pa.record_batch(cells.cut(start, end, mask if masked else None))
    assert list(zip(*batch.to_pydict().values(), strict=True)) == cut_slowly(edges, intervals)
    points = [(at, None if at is None else at + 1, keep) for at, _, keep in intervals]
    expected = {row: cell for row, cell, _, _ in cut_slowly(edges, points)}
    of = pa.array(cells.of(start, mask if masked else None)).to_pylist()
    assert of == [expected.get(row, -1) for row in range(len(points))]
