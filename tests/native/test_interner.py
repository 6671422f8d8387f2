"""Interner: codes of strings across batches."""

from __future__ import annotations

import gc
import pickle
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from kpicore._core import Interner

Carry = Callable[[Sequence[object], pa.DataType], object]


def codes(names: Interner, strings: object) -> list[int | None]:
    out = pa.array(names.codes(strings))
    assert out.type == pa.int32()
    return list(out.to_pylist())


@pytest.mark.parametrize("kind", [pa.utf8(), pa.large_utf8()])
def test_numbers_strings_across_batches(carry: Carry, kind: pa.DataType) -> None:
    names = Interner()
    assert codes(names, carry(["b", "", None, "b", "客服", "a longer name", ""], kind)) == [
        0,
        1,
        None,
        0,
        2,
        3,
        1,
    ]
    assert codes(names, carry(["客", "a longer name", "b", "b\0"], kind)) == [4, 3, 0, 5]
    values = pa.array(names.values())
    assert values.type == pa.utf8()
    values.validate(full=True)
    assert values.to_pylist() == ["b", "", "客服", "a longer name", "客", "b\0"]
    assert len(names) == 6


@pytest.mark.parametrize("kind", [pa.utf8(), pa.large_utf8()])
def test_empty_and_all_null(carry: Carry, kind: pa.DataType) -> None:
    names = Interner()
    assert codes(names, carry([], kind)) == []
    assert codes(names, carry([None, None], kind)) == [None, None]
    assert pa.array(names.values()).to_pylist() == []
    assert codes(names, carry(["", ""], kind)) == [0, 0]
    assert pa.array(names.values()).to_pylist() == [""]


def test_many_strings_of_all_lengths() -> None:
    strings = [f"{'x' * (n % 23)}{n}" for n in range(20_000)]
    names = Interner()
    assert codes(names, pa.array(strings)) == list(range(20_000))
    assert codes(names, pa.array(strings[::-1])) == list(range(20_000))[::-1]
    assert pa.array(names.values()).to_pylist() == strings


def test_dump_load_and_pickle_go_on_where_they_stopped() -> None:
    names = Interner()
    names.codes(pa.array(["b", "", "ab"]))
    loaded = Interner()
    loaded.codes(pa.array(["other"]))
    loaded.load(names.dump())
    for copy in (loaded, pickle.loads(pickle.dumps(names))):
        assert pa.array(copy.values()).to_pylist() == ["b", "", "ab"]
        assert codes(copy, pa.array(["new", "ab"])) == [3, 2]


def test_a_bad_state_is_refused_and_changes_nothing() -> None:
    names = Interner()
    names.codes(pa.array(["b", "c"]))
    good = names.dump()
    for bad in (b"", good[:-1], good + b"\0", good.replace(b"bc", b"bb")):
        with pytest.raises(ValueError, match="not the state"):
            names.load(bad)
    assert pa.array(names.values()).to_pylist() == ["b", "c"]


def test_impossible_offsets_are_an_error() -> None:
    buffers = [None, pa.array([0, 3, 1], pa.int32()).buffers()[1], pa.py_buffer(b"abc")]
    with pytest.raises(ValueError, match="row 1: the string's offsets"):
        Interner().codes(pa.Array.from_buffers(pa.utf8(), 2, buffers))


def test_misuse_is_an_error() -> None:
    dictionary = pa.array(["a"]).dictionary_encode()
    for bad in (None, pa.array([1]), pa.array([b"a"]), pa.array(["a"], pa.string_view()), dictionary, "a"):
        with pytest.raises(TypeError):
            Interner().codes(bad)


def test_values_outlive_the_interner() -> None:
    names = Interner()
    names.codes(pa.array([str(n) for n in range(9999)]))
    values = pa.array(names.values())
    del names
    gc.collect()
    assert values.to_pylist() == [str(n) for n in range(9999)]
