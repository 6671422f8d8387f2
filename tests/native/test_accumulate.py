"""Accumulator: what each kind holds, skips, refuses and keeps."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from kpicore._core import Accumulator

Carry = Callable[[Sequence[object], pa.DataType], object]

KINDS = ("count", "sum", "minimum", "maximum", "distinct", "values")
LEAST, MOST = -(2**63), 2**63 - 1


def filled(kind: str, ids: object, values: object, mask: object = None) -> Accumulator:
    state = Accumulator(kind)
    state.add(ids, None if kind == "count" else values, mask)
    return state


def result(state: Accumulator, size: int) -> list[int | None]:
    out = pa.array(state.result(size))
    assert out.type == pa.int64()
    return list(out.to_pylist())


def quantile(state: Accumulator, a: int, b: int, size: int) -> list[tuple[int | None, int]]:
    batch = pa.record_batch(state.quantile(a, b, size))
    assert batch.schema.names == ["scaled", "n"]
    return list(zip(*batch.to_pydict().values(), strict=True))


def test_sorted_gives_every_value_by_id(carry: Carry) -> None:
    ids = carry([2, 0, -1, 2, None, 2, 0, 2], pa.int32())
    state = filled("values", ids, carry([5, 9, 1, -3, 7, 5, None, MOST], pa.int64()))
    expected = {"id": [0, 2, 2, 2, 2], "value": [9, -3, 5, 5, MOST]}
    other = filled("values", pa.array([0, 0], pa.int32()), pa.array([LEAST, 4]))
    assert pa.record_batch(state.sorted(4)).to_pydict() == expected
    state.merge(other, pa.array([3], pa.int32()))
    again = pa.record_batch(state.sorted(4)).to_pydict()
    assert again == {"id": [*expected["id"], 3, 3], "value": [*expected["value"], LEAST, 4]}
    assert pa.record_batch(Accumulator("values").sorted(2)).num_rows == 0
    with pytest.raises(TypeError, match="'sum' keeps no values"):
        Accumulator("sum").sorted(1)
    with pytest.raises(ValueError, match="there are ids below 4"):
        state.sorted(1)


EXPECTED = {
    "count": [3, 0, 2, 0],
    "sum": [11, 0, -8, 0],
    "minimum": [3, None, -4, None],
    "maximum": [5, None, -4, None],
    "distinct": [2, 0, 1, 0],
}


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64()])
@pytest.mark.parametrize("name", EXPECTED)
def test_holds_per_id_what_its_kind_says(carry: Carry, name: str, kind: pa.DataType) -> None:
    ids = carry([0, 2, -1, 0, None, 2, 0], pa.int32())
    values = carry([5, -4, 99, 3, 77, -4, 3], kind)
    assert result(filled(name, ids, values), 4) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_null_values_and_masked_rows_are_skipped(carry: Carry, name: str) -> None:
    ids = pa.array([0, 0, 0, 1, 1], pa.int32())
    values = carry([None, 4, 1, 2, None], pa.int64())
    mask = carry([True, True, False, None, False], pa.bool_())
    one = {"count": [2, 0], "sum": [4, 0], "distinct": [1, 0]}.get(name, [4, None])
    assert result(filled(name, ids, values, mask), 2) == one


@pytest.mark.parametrize("name", EXPECTED)
def test_empty_and_all_null(carry: Carry, name: str) -> None:
    state = filled(name, carry([], pa.int32()), carry([], pa.int64()))
    if name != "count":
        state.add(carry([0, 1], pa.int32()), carry([None, None], pa.int64()))
    state.add(carry([None, None], pa.int32()), *([] if name == "count" else [pa.array([1, 2])]))
    nothing = None if name in ("minimum", "maximum") else 0
    assert result(state, 2) == [nothing, nothing]
    assert result(state, 0) == []
    assert state.dump() == Accumulator(name).dump()


def test_extremes_of_int64_are_values_like_others() -> None:
    ids = pa.array([0, 1, 1], pa.int32())
    values = pa.array([MOST, LEAST, MOST])
    assert result(filled("minimum", ids, values), 3) == [MOST, LEAST, None]
    assert result(filled("maximum", pa.array([0, 1], pa.int32()), pa.array([LEAST, LEAST])), 2) == [
        LEAST,
        LEAST,
    ]


def test_a_sum_overflows_only_if_its_total_does() -> None:
    state = filled("sum", pa.array([3, 3, 0], pa.int32()), pa.array([MOST, 1, 5]))
    with pytest.raises(OverflowError, match="id 3 "):
        state.result(4)
    state.add(pa.array([3], pa.int32()), pa.array([-1]))
    assert result(state, 4) == [5, 0, 0, MOST]


def test_quantiles_are_exact(carry: Carry) -> None:
    ids = carry([1, 1, 1, 1, 3, -1, 3], pa.int32())
    state = filled("values", ids, carry([40, 10, 30, 20, -7, 1000, None], pa.int64()))
    # position 90 * 3 / 100 = 2 remainder 70: 30 * 30 + 40 * 70
    assert quantile(state, 90, 100, 5) == [(None, 0), (3700, 4), (None, 0), (-700, 1), (None, 0)]
    assert quantile(state, 0, 1, 4) == [(None, 0), (10, 4), (None, 0), (-7, 1)]
    assert quantile(state, 1, 1, 4) == [(None, 0), (40, 4), (None, 0), (-7, 1)]
    assert quantile(state, 1, 2, 4) == [(None, 0), (50, 4), (None, 0), (-14, 1)]


def test_quantiles_of_long_lists_agree_with_sorting() -> None:
    values = [(n * 7919) % 10007 * (n % 13) ** 5 - 50_000 for n in range(4000)] + [LEAST // 200, MOST // 200]
    state = Accumulator("values")
    ids = pa.array([0, 1] * 2001, pa.int32())
    state.add(ids, pa.array(values))
    for a in (0, 1, 10, 25, 50, 77, 90, 99, 100):
        expected = []
        for own in (sorted(values[::2]), sorted(values[1::2])):
            k, r = divmod(a * (len(own) - 1), 100)
            expected.append((own[k] * (100 - r) + own[min(k + 1, len(own) - 1)] * r, len(own)))
        assert quantile(state, a, 100, 2) == expected


def test_a_quantile_that_overflows_names_the_id() -> None:
    state = filled("values", pa.array([2], pa.int32()), pa.array([MOST]))
    assert quantile(state, 1, 1, 3)[2] == (MOST, 1)
    with pytest.raises(OverflowError, match="id 2 "):
        state.quantile(1, 2, 3)


def test_rows_may_come_between_quantiles_of_different_sizes() -> None:
    state = filled("values", pa.array([0, 0], pa.int32()), pa.array([1, 3]))
    assert quantile(state, 1, 2, 9)[:2] == [(4, 2), (None, 0)]
    state.add(pa.array([1, 0], pa.int32()), pa.array([8, 2]))
    assert quantile(state, 1, 2, 2) == [(4, 3), (16, 1)]
    assert pickle.loads(pickle.dumps(state)).dump() == state.dump()


@pytest.mark.parametrize("name", KINDS)
def test_merging_maps_ids_and_drops_what_maps_to_nothing(name: str) -> None:
    state = filled(name, pa.array([0, 4], pa.int32()), pa.array([10, 20]))
    other = filled(name, pa.array([0, 1, 2, 2], pa.int32()), pa.array([7, 99, 20, 3]))
    state.merge(other, pa.array([4, -1, 0], pa.int32()))
    expected = filled(name, pa.array([0, 4, 4, 0, 0], pa.int32()), pa.array([10, 20, 7, 20, 3]))
    assert state.dump() == expected.dump()
    state.merge(Accumulator(name), pa.array([], pa.int32()))
    assert state.dump() == expected.dump()


@pytest.mark.parametrize("name", KINDS)
def test_dump_load_and_pickle_go_on_where_they_stopped(name: str) -> None:
    state = filled(name, pa.array([5, 0, 0], pa.int32()), pa.array([LEAST, MOST, 3]))
    loaded = filled(name, pa.array([8], pa.int32()), pa.array([1]))
    loaded.load(state.dump())
    for copy in (loaded, pickle.loads(pickle.dumps(state))):
        assert copy.dump() == state.dump()
        assert copy.kind == name
        for each in (copy, filled(name, pa.array([5, 0, 0], pa.int32()), pa.array([LEAST, MOST, 3]))):
            each.merge(state, pa.array(range(len(state)), pa.int32()))
            again = each.dump()
        assert copy.dump() == again


@pytest.mark.parametrize("name", KINDS)
def test_a_bad_state_is_refused_and_changes_nothing(name: str) -> None:
    state = filled(name, pa.array([0, 2], pa.int32()), pa.array([10, 20]))
    good = state.dump()
    other = Accumulator("sum" if name != "sum" else "count").dump()
    changed = bytearray(good)
    changed[-12] ^= 1
    for bad in (b"", b"x" * 40, good[:-1], good + b"\0", bytes(changed), other):
        with pytest.raises(ValueError, match="not the state"):
            state.load(bad)
    assert state.dump() == good


def test_misuse_is_an_error() -> None:
    ids, values = pa.array([0], pa.int32()), pa.array([1])
    with pytest.raises(ValueError, match="unknown kind 'mean'; known: count, sum"):
        Accumulator("mean")
    with pytest.raises(TypeError):
        Accumulator(None)
    total, count, bag = Accumulator("sum"), Accumulator("count"), Accumulator("values")
    for state, arguments in ((total, (None, values)), (total, (ids,)), (count, (ids, values))):
        with pytest.raises(TypeError):
            state.add(*arguments)
    with pytest.raises(TypeError, match="one of 'i'"):
        total.add(values, values)
    with pytest.raises(TypeError, match="one of 'il'"):
        total.add(ids, pa.array([1.5]))
    with pytest.raises(ValueError, match="2 values for 1 ids"):
        total.add(ids, pa.array([1, 2]))
    with pytest.raises(ValueError, match="mask of 0 rows"):
        total.add(ids, values, pa.array([], pa.bool_()))
    with pytest.raises(TypeError, match="quantiles"):
        bag.result(1)
    with pytest.raises(TypeError, match="no quantiles"):
        total.quantile(1, 2, 1)
    for a, b in ((-1, 2), (3, 2), (0, 0), (1, -1)):
        with pytest.raises(ValueError, match="quantile"):
            bag.quantile(a, b, 1)


def test_sizes_and_remaps_must_reach_all_ids() -> None:
    ids, values = pa.array([3], pa.int32()), pa.array([1])
    total, bag = filled("sum", ids, values), filled("values", ids, values)
    for state in (total, bag):
        for size in (3, -1):
            with pytest.raises(ValueError, match="ids below 4"):
                state.result(size) if state is total else state.quantile(1, 2, size)
        with pytest.raises(ValueError, match="the remap only 3"):
            Accumulator(state.kind).merge(state, pa.array([0, 1, 2], pa.int32()))
        with pytest.raises(ValueError, match="null"):
            Accumulator(state.kind).merge(state, pa.array([0, 1, 2, None], pa.int32()))
        with pytest.raises(ValueError, match="merges with another"):
            state.merge(state, pa.array([0, 1, 2, 3], pa.int32()))
    with pytest.raises(ValueError, match="merges with another"):
        total.merge(bag, pa.array([0, 1, 2, 3], pa.int32()))


def test_results_outlive_the_state() -> None:
    state = filled("values", pa.array(range(3000), pa.int32()), pa.array(range(3000)))
    batch = pa.record_batch(state.quantile(1, 1, 3000))
    del state
    gc.collect()
    assert batch.column("scaled").to_pylist() == list(range(3000))
