"""Slowly changing values against an instant-by-instant oracle."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore._core import AsOf, Interner

Row = tuple[int | None, int | None, int | None, int | None]

ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, -1, 0, 0, 1, 7_000_000]),
        st.one_of(st.none(), st.integers(0, 20)),
        st.one_of(st.none(), st.integers(0, 20)),
        st.one_of(st.none(), st.integers(0, 3)),
    ),
    max_size=10,
)
KEYS = st.sampled_from([None, -1, 0, 1, 2, 7_000_000])
KINDS = (pa.int32(), pa.int64(), pa.int64(), pa.int32())
ALWAYS = 10**6


def holds_slowly(rows: list[Row], key: int | None, at: int) -> int | None:
    valid = []
    for own, since, until, value in rows:
        since, until = -ALWAYS if since is None else since, ALWAYS if until is None else until
        if key is not None and key >= 0 and own == key and since <= at < until:
            valid.append((since, -until, -1 if value is None else value, value))
    return max(valid)[3] if valid else None


@settings(max_examples=250, derandomize=True, deadline=None)
@given(ROWS, st.lists(st.tuples(KEYS, st.integers(-3, 24), st.integers(-3, 24)), max_size=12))
def test_as_of_agrees_with_each_instant(rows: list[Row], sought: list[tuple[int | None, int, int]]) -> None:
    made = AsOf(*(pa.array([row[i] for row in rows], kind) for i, kind in enumerate(KINDS)))
    keys, starts, ends = (pa.array([row[i] for row in sought], kind) for i, kind in enumerate(KINDS[:3]))
    expected = [holds_slowly(rows, key, at) for key, at, _ in sought]
    assert pa.array(made.at(keys, starts)).to_pylist() == expected
    pieces = []
    for number, (key, start, end) in enumerate(sought):
        held = [(holds_slowly(rows, key, at), at) for at in range(start, end)]
        for value, instants in groupby(held, itemgetter(0)):
            covered = [at for _, at in instants]
            pieces.append((number, covered[0], covered[-1] + 1, value))
    batch = pa.record_batch(made.cut(keys, starts, ends))
    assert list(zip(*batch.to_pydict().values(), strict=True)) == pieces


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.lists(st.one_of(st.none(), st.text(max_size=12))), max_size=4))
def test_interned_strings_are_numbered_as_by_a_dict(batches: list[list[str | None]]) -> None:
    names, known = Interner(), dict[str, int]()
    for batch in batches:
        expected = [None if text is None else known.setdefault(text, len(known)) for text in batch]
        assert pa.array(names.codes(pa.array(batch, pa.utf8()))).to_pylist() == expected
    assert pa.array(names.values()).to_pylist() == list(known)
