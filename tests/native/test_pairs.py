"""PairIndex: what it numbers, skips, refuses and keeps."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from kpicore._core import Accumulator, PairIndex

Carry = Callable[[Sequence[object], pa.DataType], object]


def ids(index: PairIndex, first: object, second: object, mask: object = None) -> list[int]:
    located = pa.array(index.locate(first, second, mask))
    assert located.type == pa.int32()
    return list(located.to_pylist())


def pairs(index: PairIndex) -> list[tuple[int | None, int | None]]:
    batch = pa.record_batch(index.pairs())
    assert batch.schema.types == [pa.int64(), pa.int64()]
    return list(zip(*batch.to_pydict().values(), strict=True))


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64()])
def test_numbers_pairs_by_first_appearance(carry: Carry, kind: pa.DataType) -> None:
    index = PairIndex()
    first = carry([7, 7, None, 7, -1, 7, None, None, 8], kind)
    second = carry([0, 1, 0, 0, 0, -5, None, 0, 0], pa.int64())
    assert ids(index, first, second) == [0, 1, 2, 0, -1, -1, 3, 2, 4]
    assert pairs(index) == [(7, 0), (7, 1), (None, 0), (None, None), (8, 0)]
    assert len(index) == 5


def test_masked_rows_take_no_part(carry: Carry) -> None:
    index = PairIndex()
    mask = carry([False, None, True, True], pa.bool_())
    assert ids(index, pa.array([1, 2, 3, 3]), pa.array([0, 0, 0, 0]), mask) == [-1, -1, 0, 0]
    assert pairs(index) == [(3, 0)]


def test_empty_and_all_null(carry: Carry) -> None:
    index = PairIndex()
    assert ids(index, carry([], pa.int32()), carry([], pa.int64())) == []
    assert pairs(index) == []
    assert ids(index, carry([None, None], pa.int32()), carry([None, None], pa.int64())) == [0, 0]
    assert pairs(index) == [(None, None)]


def test_ids_chain_to_more_columns() -> None:
    inner, outer = PairIndex(), PairIndex()
    first = pa.array(inner.locate(pa.array([1, 1, -1, 1]), pa.array([5, 6, 5, 5])))
    assert ids(outer, first, pa.array([9, 9, 9, 8])) == [0, 1, -1, 2]


@pytest.mark.parametrize("far", [2**31 - 1, 2**40, 2**63 - 1])
def test_far_numbers_leave_the_grid_and_keep_their_ids(far: int) -> None:
    index = PairIndex()
    small = pa.array(range(3000)), pa.array([n % 7 for n in range(3000)])
    assert ids(index, *small) == list(range(3000))
    assert ids(index, pa.array([far, 0, 0]), pa.array([0, far, 0])) == [3000, 3001, 0]
    assert ids(index, *small) == list(range(3000))
    assert ids(index, pa.array([far, far]), pa.array([0, far])) == [3000, 3002]


def test_growing_codes_and_cells_keep_their_ids() -> None:
    index, known = PairIndex(), dict[tuple[int, int], int]()
    for step in range(1, 40):
        codes = [n * step % 9001 for n in range(300)]
        cells = [step * step + n % 3 for n in range(300)]
        expected = [known.setdefault(pair, len(known)) for pair in zip(codes, cells, strict=True)]
        assert ids(index, pa.array(codes), pa.array(cells)) == expected


def test_merge_maps_the_others_ids() -> None:
    index, other = PairIndex(), PairIndex()
    index.locate(pa.array([1, 2]), pa.array([0, None]))
    other.locate(pa.array([None, 2, 1]), pa.array([3, None, 0]))
    assert pa.array(index.merge(other)).to_pylist() == [2, 1, 0]
    assert pairs(index) == [(1, 0), (2, None), (None, 3)]
    assert pa.array(index.merge(index)).to_pylist() == [0, 1, 2]
    assert pa.array(index.merge(PairIndex())).to_pylist() == []


def test_dump_load_and_pickle_go_on_where_they_stopped() -> None:
    index = PairIndex()
    index.locate(pa.array([1, None, 2**50]), pa.array([0, 5, 1]))
    loaded = PairIndex()
    loaded.locate(pa.array([99]), pa.array([99]))
    loaded.load(index.dump())
    for copy in (loaded, pickle.loads(pickle.dumps(index))):
        assert pairs(copy) == pairs(index)
        assert copy.dump() == index.dump()
        assert ids(copy, pa.array([4, None]), pa.array([0, 5])) == [3, 1]


def test_a_bad_state_is_refused_and_changes_nothing() -> None:
    index = PairIndex()
    index.locate(pa.array([1, 2]), pa.array([0, 0]))
    good = index.dump()
    changed = bytearray(good)
    changed[-20] ^= 1
    for bad in (b"", b"x" * 40, good[:-1], good + b"\0", bytes(changed), Accumulator("sum").dump()):
        with pytest.raises(ValueError, match="not the state"):
            index.load(bad)
    assert pairs(index) == [(1, 0), (2, 0)]


def test_misuse_is_an_error() -> None:
    index = PairIndex()
    numbers = pa.array([1])
    with pytest.raises(TypeError):
        index.locate(None, numbers)
    with pytest.raises(TypeError):
        index.locate(numbers, None)
    with pytest.raises(TypeError, match="one of 'il'"):
        index.locate(pa.array(["a"]), numbers)
    with pytest.raises(TypeError, match="dictionary"):
        index.locate(pa.array(["a"]).dictionary_encode(), numbers)
    with pytest.raises(ValueError, match="1 first keys and 2 second keys"):
        index.locate(numbers, pa.array([1, 2]))
    with pytest.raises(ValueError, match="mask of 2 rows for 1 rows"):
        index.locate(numbers, numbers, pa.array([True, False]))
    with pytest.raises(TypeError):
        index.merge(None)
    with pytest.raises(TypeError):
        index.load(None)
    assert len(index) == 0


def test_results_outlive_the_index_and_the_input() -> None:
    index = PairIndex()
    located = pa.array(index.locate(pa.array(range(5000)), pa.array([1] * 5000)))
    batch = pa.record_batch(index.pairs())
    del index
    gc.collect()
    assert located.to_pylist() == list(range(5000))
    assert batch.column("first").to_pylist() == list(range(5000))
