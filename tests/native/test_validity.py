"""AsOf: what holds when, and intervals cut where it changes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from kpicore._core import AsOf

Carry = Callable[[Sequence[object], pa.DataType], object]
Rows = Sequence[tuple[int | None, int | None, int | None, int | None]]

KEY, INSTANT = pa.int32(), pa.int64()
LEAST, MOST = -(2**63), 2**63 - 1


def as_of(rows: Rows, carry: Carry = pa.array) -> AsOf:
    kinds = (KEY, INSTANT, INSTANT, KEY)
    return AsOf(*(carry([row[i] for row in rows], kind) for i, kind in enumerate(kinds)))


def at(made: AsOf, keys: object, instants: object) -> list[int | None]:
    out = pa.array(made.at(keys, instants))
    assert out.type == pa.int32()
    return list(out.to_pylist())


def cut(made: AsOf, keys: object, start: object, end: object) -> list[tuple[int | None, ...]]:
    batch = pa.record_batch(made.cut(keys, start, end))
    assert batch.schema.names == ["row", "start", "end", "value"]
    assert batch.schema.types == [pa.int32(), pa.int64(), pa.int64(), pa.int32()]
    return list(zip(*batch.to_pydict().values(), strict=True))


HISTORY: Rows = [
    (3, None, 10, 1),
    (3, 10, 20, 2),
    (3, 30, None, None),
    (3, 40, 50, 4),
    (None, None, None, 9),
    (-1, None, None, 9),
    (2**30, 0, 5, 6),
    (3, 25, 22, 9),
]


def test_at_finds_what_holds(carry: Carry) -> None:
    keys = carry([3, 3, 3, 3, 3, 3, None, -1, 5, 2**30, 2**30, 3, 3, 3], KEY)
    instants = carry([LEAST, 9, 10, 20, 45, 50, 1, 1, 1, 4, 5, None, MOST, 24], INSTANT)
    expected = [1, 1, 2, None, 4, None, None, None, None, 6, None, None, None, None]
    assert at(as_of(HISTORY, carry), keys, instants) == expected


def test_cut_covers_each_interval(carry: Carry) -> None:
    keys = carry([3, None, 2**30, 3, 3, 3, 3, 8], KEY)
    start = carry([5, 0, -5, 12, 7, None, 1, MOST - 1], INSTANT)
    end = carry([45, 2, 9, 12, 3, 9, None, MOST], INSTANT)
    assert cut(as_of(HISTORY, carry), keys, start, end) == [
        *[(0, 5, 10, 1), (0, 10, 20, 2), (0, 20, 40, None), (0, 40, 45, 4)],
        (1, 0, 2, None),
        *[(2, -5, 0, None), (2, 0, 5, 6), (2, 5, 9, None)],
        (7, MOST - 1, MOST, None),
    ]


def test_what_began_last_wins_and_what_it_hid_comes_back() -> None:
    made = as_of(
        [(0, 0, 100, 1), (0, 20, 60, 2), (0, 30, 40, 3), (0, 55, 70, 4), (0, 20, 25, 5), (0, 20, 25, 6)]
    )
    assert cut(made, *(pa.array([n], kind) for n, kind in ((0, KEY), (-5, INSTANT), (200, INSTANT)))) == [
        *[(0, -5, 0, None), (0, 0, 20, 1), (0, 20, 25, 6), (0, 25, 30, 2), (0, 30, 40, 3)],
        *[(0, 40, 55, 2), (0, 55, 70, 4), (0, 70, 100, 1), (0, 100, 200, None)],
    ]


def test_neighbours_of_equal_value_are_one_piece() -> None:
    made = as_of([(0, 0, 5, 1), (0, 5, 9, 1), (0, 9, 12, None), (0, 14, None, 1)])
    whole = pa.array([0], KEY), pa.array([LEAST]), pa.array([MOST])
    assert cut(made, *whole) == [(0, LEAST, 0, None), (0, 0, 9, 1), (0, 9, 14, None), (0, 14, MOST, 1)]
    assert at(made, pa.array([0], KEY), pa.array([MOST])) == [1]


def test_empty_and_all_null(carry: Carry) -> None:
    for rows in ([], [(None, None, None, None)] * 2):
        made = as_of(rows, carry)
        assert at(made, carry([], KEY), carry([], INSTANT)) == []
        assert at(made, carry([None, 1], KEY), carry([None, None], INSTANT)) == [None, None]
        assert cut(made, carry([], KEY), carry([], INSTANT), carry([], INSTANT)) == []
        assert cut(made, pa.array([1], KEY), pa.array([3]), pa.array([4])) == [(0, 3, 4, None)]


def test_misuse_is_an_error() -> None:
    made, key, instant = as_of(HISTORY), pa.array([3], KEY), pa.array([1])
    two = pa.array([1, 2])
    good = [key, instant, instant, key]
    for place in range(4):
        for bad in (None, pa.array(["a"]), pa.array([1.5])):
            with pytest.raises(TypeError):
                AsOf(*good[:place], bad, *good[place + 1 :])
    for arguments, what in (((key, two, instant, key), "valid_from"), ((key, instant, two, key), "valid_to")):
        with pytest.raises(ValueError, match=f"1 keys and 2 instants in {what}"):
            AsOf(*arguments)
    with pytest.raises(ValueError, match="1 keys and 2 values"):
        AsOf(key, instant, instant, pa.array([1, 2], KEY))
    for bad in (None, instant):
        with pytest.raises(TypeError):
            made.at(bad, instant)
        with pytest.raises(TypeError):
            made.cut(bad, instant, instant)
    with pytest.raises(ValueError, match="1 keys and 2 instants"):
        made.at(key, two)
    with pytest.raises(ValueError, match="1 keys and 2 starts"):
        made.cut(key, two, instant)
    with pytest.raises(ValueError, match="1 keys and 2 ends"):
        made.cut(key, instant, two)


def test_it_outlives_its_input() -> None:
    made = as_of([(n, n, n + 1, n) for n in range(5000)])
    gc.collect()
    keys = pa.array(range(5000), KEY)
    out = pa.array(made.at(keys, pa.array(range(5000))))
    del made
    gc.collect()
    assert out.to_pylist() == list(range(5000))
