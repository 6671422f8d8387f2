"""LastRows: the last row of each key, batch after batch from the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pyarrow as pa
import pytest

from kpicore._core import LastRows

Carry = Callable[[Sequence[object], pa.DataType], object]


def found(last: LastRows, keys: object) -> list[object]:
    rows: list[object] = pa.array(last.find(keys)).to_pylist()
    return rows


def test_the_last_row_of_each_key_is_found_once(carry: Carry) -> None:
    last = LastRows()
    assert found(last, carry([2, 0, 2, None, 7], pa.int32())) == [1, 2, 4]
    assert found(last, carry([7, 1, 0, 1], pa.int32())) == [3]
    assert found(last, carry([], pa.int32())) == []
    assert found(last, carry([None, None], pa.int32())) == []


def test_keys_under_nulls_are_not_looked_at() -> None:
    garbage = pa.array([2_000_000_000, 1], pa.int32()).buffers()[1]
    keys = pa.Array.from_buffers(pa.int32(), 2, [pa.py_buffer(b"\x02"), garbage])
    assert found(LastRows(), keys) == [1]


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_a_search_from_the_end_finds(seed: int) -> None:
    random = Random(seed)
    batches = [[random.randrange(9) for _ in range(random.randrange(12))] for _ in range(5)]
    last, seen = LastRows(), set[int]()
    for batch in reversed(batches):
        wanted = []
        for row in reversed(range(len(batch))):
            if batch[row] not in seen:
                seen.add(batch[row])
                wanted.append(row)
        assert found(last, pa.array(batch, pa.int32())) == sorted(wanted)


def test_bad_keys_are_refused(carry: Carry) -> None:
    with pytest.raises(ValueError, match="row 1: code -1"):
        LastRows().find(carry([0, -1], pa.int32()))
    for bad in (None, pa.array([1]), "x"):
        with pytest.raises(TypeError):
            LastRows().find(bad)
