"""remap and Lookup: codes and keys of every width, bad ones included."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from kpicore._core import Lookup, remap

Carry = Callable[[Sequence[object], pa.DataType], object]

WIDTHS = [pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16(), pa.uint32()]


@pytest.mark.parametrize("kind", WIDTHS)
def test_remap_takes_codes_of_every_width(carry: Carry, kind: pa.DataType) -> None:
    table = pa.array([None, 70, 10, 50], pa.int32()).slice(1)
    out = pa.array(remap(carry([0, 2, None, 1, 0, 2, 2, 1, 0, None], kind), table))
    assert out.type == pa.int32()
    assert out.to_pylist() == [70, 50, None, 10, 70, 50, 50, 10, 70, None]
    assert out.null_count == 2


def test_remap_null_entries_give_null(carry: Carry) -> None:
    table = carry([4, None, 6], pa.int32())
    assert pa.array(remap(pa.array([0, 1, 2, 1], pa.int8()), table)).to_pylist() == [4, None, 6, None]
    assert pa.array(remap(pa.array([0, 2], pa.int8()), table)).null_count == 0


def test_remap_empty_and_all_null(carry: Carry) -> None:
    none = carry([], pa.int32())
    assert pa.array(remap(carry([], pa.uint8()), none)).to_pylist() == []
    assert pa.array(remap(carry([None, None], pa.uint8()), none)).to_pylist() == [None, None]


@pytest.mark.parametrize("kind", WIDTHS)
def test_remap_names_the_row_of_a_bad_code(carry: Carry, kind: pa.DataType) -> None:
    most = 2 ** (kind.bit_width - (kind in WIDTHS[:3])) - 1
    for bad in (3, most, *([-1, -most - 1] if kind in WIDTHS[:3] else [])):
        codes = carry([0, None, bad, 1], kind)
        with pytest.raises(ValueError, match=f"row 2: code {bad} is outside a dictionary of 3 values"):
            remap(codes, pa.array([1, 2, 3], pa.int32()))


def test_remap_does_not_look_at_codes_under_nulls() -> None:
    garbage = pa.array([9_999_999, 0], pa.int32()).buffers()[1]
    codes = pa.Array.from_buffers(pa.int32(), 2, [pa.py_buffer(b"\x02"), garbage])
    assert pa.array(remap(codes, pa.array([5], pa.int32()))).to_pylist() == [None, 5]


def test_remap_misuse_is_an_error() -> None:
    codes = pa.array([0], pa.int32())
    for bad in ((None, codes), (codes, None), (codes, pa.array([1])), (pa.array([0]), codes)):
        with pytest.raises(TypeError):
            remap(*bad)


@pytest.mark.parametrize("far", [0, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("kind", [pa.int32(), pa.int64()])
def test_lookup_finds_the_first_row(carry: Carry, kind: pa.DataType, far: int) -> None:
    lookup = Lookup(carry([30, None, 10, 30, far, 10, 30], kind))
    assert lookup.duplicates == 3
    for other in (pa.int32(), pa.int64()):
        out = pa.array(lookup.rows(carry([10, 11, None, 30, far, far + 1 if far < 9 else 9], other)))
        assert out.type == pa.int32()
        assert out.to_pylist() == [2, None, None, 0, 4, None]


def test_lookup_at_the_ends_of_int64() -> None:
    least, most = -(2**63), 2**63 - 1
    lookup = Lookup(pa.array([most, least, 0]))
    assert pa.array(lookup.rows(pa.array([least, most, 0, 1, -1]))).to_pylist() == [1, 0, 2, None, None]
    assert pa.array(Lookup(pa.array([most])).rows(pa.array([most, least]))).to_pylist() == [0, None]


def test_lookup_empty_and_all_null(carry: Carry) -> None:
    for keys in (carry([], pa.int64()), carry([None, None], pa.int64())):
        lookup = Lookup(keys)
        assert lookup.duplicates == 0
        assert pa.array(lookup.rows(carry([1, None], pa.int64()))).to_pylist() == [None, None]
        assert pa.array(lookup.rows(carry([], pa.int32()))).to_pylist() == []
        assert pa.array(lookup.rows(pa.array([2**63 - 1]))).to_pylist() == [None]


def test_lookup_of_many_sparse_keys() -> None:
    keys = [n * 1_000_003 for n in range(5000)]
    lookup = Lookup(pa.array(keys))
    assert pa.array(lookup.rows(pa.array(keys))).to_pylist() == list(range(5000))
    assert pa.array(lookup.rows(pa.array([k + 1 for k in keys]))).null_count == 5000


def test_lookup_misuse_is_an_error() -> None:
    for bad in (None, pa.array(["a"]), pa.array([1.5])):
        with pytest.raises(TypeError):
            Lookup(bad)
        with pytest.raises(TypeError):
            Lookup(pa.array([1])).rows(bad)
