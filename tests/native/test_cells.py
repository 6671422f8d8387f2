"""Cells: instants placed and intervals cut at edges."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from kpicore._core import Cells

Carry = Callable[[Sequence[object], pa.DataType], object]
INSTANT = pa.int64()
LEAST, MOST = -(2**63), 2**63 - 1


def cells() -> Cells:
    return Cells(pa.array([0, 10, 20, 40]))


def cut(cells: Cells, start: object, end: object, mask: object = None) -> list[tuple[int, ...]]:
    batch = pa.record_batch(cells.cut(start, end, mask))
    assert batch.schema.names == ["row", "cell", "start", "end"]
    assert batch.schema.types == [pa.int32(), pa.int32(), pa.int64(), pa.int64()]
    return list(zip(*batch.to_pydict().values(), strict=True))


def test_of_places_instants(carry: Carry) -> None:
    at = carry([-1, 0, 9, 10, None, 39, 40, 25, LEAST, MOST], INSTANT)
    out = pa.array(cells().of(at))
    assert out.type == pa.int32()
    assert out.to_pylist() == [-1, 0, 0, 1, -1, 2, -1, 2, -1, -1]


def test_of_leaves_out_masked_rows(carry: Carry) -> None:
    mask = carry([True, False, None, True], pa.bool_())
    assert pa.array(cells().of(pa.array([5, 5, 5, None]), mask)).to_pylist() == [0, -1, -1, -1]


def test_cut_clips_and_splits(carry: Carry) -> None:
    start = carry([5, -9, 10, 20, None, 3, 8, LEAST, 39, 7], INSTANT)
    end = carry([25, 1, 20, 99, 9, None, 8, MOST, 30, 9], INSTANT)
    assert cut(cells(), start, end) == [
        *[(0, 0, 5, 10), (0, 1, 10, 20), (0, 2, 20, 25)],
        *[(1, 0, 0, 1), (2, 1, 10, 20), (3, 2, 20, 40)],
        *[(7, 0, 0, 10), (7, 1, 10, 20), (7, 2, 20, 40), (9, 0, 7, 9)],
    ]


def test_cut_leaves_out_masked_rows(carry: Carry) -> None:
    mask = carry([False, True, None, True], pa.bool_())
    start, end = pa.array([1, 2, 3, 15]), pa.array([4, 5, 6, 22])
    assert cut(cells(), start, end, mask) == [(1, 0, 2, 5), (3, 1, 15, 20), (3, 2, 20, 22)]


def test_empty_and_all_null(carry: Carry) -> None:
    for values in ([], [None, None]):
        array = carry(values, INSTANT)
        assert cut(cells(), array, array) == []
        assert pa.array(cells().of(array)).to_pylist() == [-1] * len(values)


def test_timestamps_are_instants() -> None:
    kind = pa.timestamp("us", "UTC")
    made = Cells(pa.array([0, 10], kind))
    assert cut(made, pa.array([3], kind), pa.array([30], kind)) == [(0, 0, 3, 10)]


def test_intervals_of_very_many_cells() -> None:
    made = Cells(pa.array(range(5001)))
    pieces = cut(made, pa.array([4999, -5] * 3), pa.array([5000, 9999] * 3))
    assert len(pieces) == 3 * 5001
    assert pieces[:2] == [(0, 4999, 4999, 5000), (1, 0, 0, 1)]
    assert pieces[-1] == (5, 4999, 4999, 5000)


def test_edges_must_rise() -> None:
    for bad in ([], [1], [1, 1], [2, 1]):
        with pytest.raises(ValueError, match="edges"):
            Cells(pa.array(bad, INSTANT))
    with pytest.raises(ValueError, match="null"):
        Cells(pa.array([1, None]))


def test_misuse_is_an_error() -> None:
    two, one = pa.array([1, 2]), pa.array([1])
    for call in (Cells, cells().of, lambda bad: cells().cut(bad, one), lambda bad: cells().cut(one, bad)):
        for bad in (None, pa.array([1], pa.int32()), pa.array(["a"])):
            with pytest.raises(TypeError):
                call(bad)
    with pytest.raises(ValueError, match="2 starts and 1 ends"):
        cells().cut(two, one)
    for call in (cells().of, lambda at, mask: cells().cut(at, at, mask)):
        with pytest.raises(ValueError, match="mask of 1 rows for 2 rows"):
            call(two, pa.array([True]))


def test_edges_are_kept_alive() -> None:
    edges = pa.array(range(0, 100_000, 10))
    made = Cells(edges)
    del edges
    gc.collect()
    batch = pa.record_batch(made.cut(pa.array([15]), pa.array([31])))
    del made
    gc.collect()
    assert batch.to_pydict() == {
        "row": [0] * 3,
        "cell": [1, 2, 3],
        "start": [15, 20, 30],
        "end": [20, 30, 31],
    }
