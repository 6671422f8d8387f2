"""Pairs, accumulators and codes against slow oracles, and the laws of mergeable state."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore._core import Accumulator, Lookup, PairIndex, remap

Row = tuple[int | None, int | None, bool | None]
Entry = tuple[int | None, int | None]

FAR = st.sampled_from([2**20, 2**31 - 1])
NUMBERS = st.one_of(st.none(), st.integers(-2, 6), st.integers(0, 3000), FAR)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from([True, True, True, False, None])), max_size=40)
KINDS = ("count", "sum", "minimum", "maximum", "distinct", "values")
VALUES = st.one_of(st.none(), st.integers(-5, 5), st.integers(-(2**40), 2**40))
ENTRIES = st.lists(st.tuples(st.one_of(st.none(), st.integers(-1, 4)), VALUES), max_size=30)


def columns(rows: list[Row]) -> tuple[pa.Array, pa.Array, pa.Array]:
    first, second, mask = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.array(first, pa.int32()), pa.array(second, pa.int64()), pa.array(mask, pa.bool_())


def number_slowly(rows: list[Row], known: dict[Entry, int]) -> list[int]:
    ids = []
    for first, second, mask in rows:
        part = mask and (first is None or first >= 0) and (second is None or second >= 0)
        ids.append(known.setdefault((first, second), len(known)) if part else -1)
    return ids


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.lists(ROWS, max_size=5))
def test_pairs_are_numbered_as_by_a_dict(batches: list[list[Row]]) -> None:
    index, known = PairIndex(), dict[Entry, int]()
    for rows in batches:
        first, second, mask = columns(rows)
        assert pa.array(index.locate(first, second, mask)).to_pylist() == number_slowly(rows, known)
    listed = pa.record_batch(index.pairs()).to_pydict()
    assert list(zip(listed["first"], listed["second"], strict=True)) == list(known)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(ROWS, ROWS)
def test_merging_pairs_is_locating_the_others_pairs(mine: list[Row], others: list[Row]) -> None:
    known, foreign = dict[Entry, int](), dict[Entry, int]()
    index, other = PairIndex(), PairIndex()
    for rows, into, numbers in ((mine, index, known), (others, other, foreign)):
        into.locate(*columns(rows))
        number_slowly(rows, numbers)
    expected = number_slowly([(*pair, True) for pair in foreign], known)
    assert pa.array(index.merge(other)).to_pylist() == expected


def accumulate(kind: str, entries: list[Entry]) -> Accumulator:
    state = Accumulator(kind)
    ids = pa.array([i for i, _ in entries], pa.int32())
    state.add(ids, *([] if kind == "count" else [pa.array([v for _, v in entries], pa.int64())]))
    return state


def accumulate_slowly(kind: str, entries: list[Entry]) -> list[int | None]:
    if kind == "count":
        entries = [(i, 0) for i, _ in entries]
    result: list[int | None] = []
    for wanted in range(5):
        own = [value for i, value in entries if i == wanted and value is not None]
        if kind in ("minimum", "maximum"):
            result.append((min if kind == "minimum" else max)(own) if own else None)
        else:
            result.append({"count": len(own), "sum": sum(own), "distinct": len(set(own))}[kind])
    return result


@settings(max_examples=150, derandomize=True, deadline=None)
@given(ENTRIES, st.sampled_from(KINDS[:-1]))
def test_accumulators_agree_with_lists(entries: list[Entry], kind: str) -> None:
    assert pa.array(accumulate(kind, entries).result(5)).to_pylist() == accumulate_slowly(kind, entries)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(ENTRIES, st.integers(0, 20), st.integers(0, 20))
def test_quantiles_are_those_of_type_seven(entries: list[Entry], a: int, b: int) -> None:
    a, b = min(a, b), max(a, b, 1)
    by_id = defaultdict(list)
    for i, value in entries:
        if i is not None and value is not None:
            by_id[i].append(value)
    expected: list[tuple[int | None, int]] = []
    for i in range(5):
        own, n = sorted(by_id[i]), len(by_id[i])
        place = Fraction(a * (n - 1), b)
        k = place.numerator // place.denominator
        exact = own[k] + (place - k) * (own[min(k + 1, n - 1)] - own[k]) if n else None
        expected.append((None if exact is None else int(exact * b), n))
    batch = pa.record_batch(accumulate("values", entries).quantile(a, b, 5))
    assert list(zip(*batch.to_pydict().values(), strict=True)) == expected


@settings(max_examples=150, derandomize=True, deadline=None)
@given(ENTRIES, ENTRIES, ENTRIES, st.sampled_from(KINDS))
def test_state_is_a_commutative_monoid(x: list[Entry], y: list[Entry], z: list[Entry], kind: str) -> None:
    same = pa.array(range(5), pa.int32())

    def merged(*parts: list[Entry]) -> bytes:
        whole = Accumulator(kind)
        for part in parts:
            whole.merge(accumulate(kind, part), same)
        return bytes(whole.dump())

    def nested(first: list[Entry], rest: bytes) -> bytes:
        whole, other = accumulate(kind, first), Accumulator(kind)
        other.load(rest)
        whole.merge(other, same)
        return bytes(whole.dump())

    at_once = accumulate(kind, x + y + z).dump()
    assert merged(x, y, z) == merged(z, x, y) == merged(y, z, x) == at_once  # commutative
    assert nested(x, merged(y, z)) == nested(z, merged(x, y)) == at_once  # associative
    assert merged(x) == nested([], merged(x)) == accumulate(kind, x).dump()  # identity


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.integers(-3, 9))),
    st.lists(st.one_of(st.none(), st.integers(0, 99)), max_size=8),
)
def test_remap_indexes_or_names_the_first_bad_row(codes: list[int | None], table: list[int | None]) -> None:
    bad = [row for row, code in enumerate(codes) if code is not None and not 0 <= code < len(table)]
    arguments = pa.array(codes, pa.int16()), pa.array(table, pa.int32())
    if bad:
        with pytest.raises(ValueError, match=f"^row {bad[0]}: code {codes[bad[0]]} "):
            remap(*arguments)
    else:
        expected = [None if code is None else table[code] for code in codes]
        assert pa.array(remap(*arguments)).to_pylist() == expected


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(NUMBERS), st.lists(NUMBERS))
def test_lookup_is_the_first_index(keys: list[int | None], sought: list[int | None]) -> None:
    lookup = Lookup(pa.array(keys, pa.int64()))
    there = [key for key in keys if key is not None]
    assert lookup.duplicates == len(there) - len(set(there))
    expected = [keys.index(key) if key is not None and key in keys else None for key in sought]
    assert pa.array(lookup.rows(pa.array(sought, pa.int64()))).to_pylist() == expected
