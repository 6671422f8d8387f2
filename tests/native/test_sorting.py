"""sort_rows: every type, nulls, ties, ranges that need many words."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from kpicore._core import sort_rows

Carry = Callable[[Sequence[object], pa.DataType], object]
LEAST, MOST = -(2**63), 2**63 - 1


def order(by: list[str], **columns: object) -> list[int]:
    arrays = {name: pa.array(values) for name, values in columns.items()}
    out = pa.array(sort_rows(pa.record_batch(arrays), by))
    assert out.type == pa.int64()
    return list(out.to_pylist())


@pytest.mark.parametrize(
    "kind",
    [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.float64()],
)
def test_sorts_numbers_nulls_first_and_stable(carry: Carry, kind: pa.DataType) -> None:
    assert order(["v"], v=carry([5, None, 3, 100, 3, None, 0], kind)) == [1, 5, 6, 2, 4, 0, 3]


def test_sorts_flags_and_instants(carry: Carry) -> None:
    flags = carry([True, None, False, True, False, None, False, True, False], pa.bool_())
    assert order(["v"], v=flags) == [1, 5, 2, 4, 6, 8, 0, 3, 7]
    assert order(["v"], v=carry([9, -4, None], pa.timestamp("us", "UTC"))) == [2, 1, 0]


def test_the_first_column_decides(carry: Carry) -> None:
    code, at = carry([2, 1, None, 1, 2], pa.int32()), carry([5, 9, 7, 3, 5], pa.int64())
    assert order(["code", "at"], code=code, at=at) == [2, 3, 1, 0, 4]
    assert order(["at", "code"], code=code, at=at) == [3, 0, 4, 2, 1]
    assert order(["code"], code=code, at=at) == [2, 1, 3, 0, 4]
    assert order([], code=code, at=at) == [0, 1, 2, 3, 4]


def test_whole_ranges_of_int64_with_nulls(carry: Carry) -> None:
    wide = carry([MOST, None, LEAST, 0, LEAST, None, -1], pa.int64())
    assert order(["v"], v=wide) == [1, 5, 2, 4, 6, 3, 0]
    other = [1, 2, 2, 0, 1, 1, 0]
    assert order(["other", "v", "v"], v=wide, other=other) == [6, 3, 5, 4, 0, 1, 2]
    assert order(["v", "other"], v=wide, other=other) == [5, 1, 4, 2, 6, 3, 0]


def test_floats_order_as_numbers(carry: Carry) -> None:
    odd = struct.unpack("<d", b"\1\0\0\0\0\0\xf8\xff")[0]  # a NaN with a sign and a payload
    values = [math.inf, -0.0, 0.0, odd, -1.5, None, -math.inf, math.nan, 5e-324]
    assert order(["v"], v=pa.array(values)) == [5, 6, 4, 1, 2, 8, 0, 3, 7]


def test_empty_and_all_null(carry: Carry) -> None:
    assert order(["v"], v=carry([], pa.int64())) == []
    assert order(["v", "w"], v=carry([None] * 3, pa.int64()), w=[2, 1, 3]) == [1, 0, 2]


def test_sliced_batches_start_at_their_own_rows() -> None:
    batch = pa.record_batch({"v": [9, 1, None, 5, 4], "w": [True, None, False, True, False]}).slice(2, 3)
    assert pa.array(sort_rows(batch, ["v"])).to_pylist() == [0, 2, 1]
    assert pa.array(sort_rows(batch, ["w"])).to_pylist() == [0, 2, 1]


def test_many_rows_agree_with_sorted() -> None:
    n = 20_000
    code, at = [i * 7919 % 97 for i in range(n)], [(i * 104_729 % 10_007) ** 3 for i in range(n)]
    assert order(["code", "at"], code=code, at=at) == sorted(range(n), key=lambda i: (code[i], at[i]))


def test_misuse_is_an_error() -> None:
    batch = pa.record_batch({"v": [1], "s": ["a"]})
    with pytest.raises(KeyError, match="no column 'w'"):
        sort_rows(batch, ["w"])
    with pytest.raises(TypeError, match="column 's'"):
        sort_rows(batch, ["s"])
    for arguments in ((None, ["v"]), (batch, None), (batch, [None]), (pa.array([1]), ["v"]), ([1], ["v"])):
        with pytest.raises(TypeError):
            sort_rows(*arguments)
