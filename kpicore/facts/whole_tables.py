"""For derivations that are plain functions of whole tables: optional columns, look-ups, as-of joins."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "ALWAYS",
    "coded",
    "first_from",
    "given",
    "instant",
    "last_before",
    "latest_before",
    "look_up",
    "paired",
    "plain",
    "starts_of_runs",
]

ALWAYS = -2_208_988_800_000_000, 7_258_118_400_000_000
"""From 1900 to 2200: stands for beginnings and ends that are not known."""


def given(table: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    """Returns a column in one piece, dictionaries resolved; nulls of ``kind`` where the table lacks it."""
    if name not in table.column_names:
        return pa.nulls(len(table), kind)
    return plain(table.column(name))


def plain(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Returns a column in one piece, dictionaries resolved."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array


def instant(table: pa.Table, name: str) -> pa.Array:
    """Returns a column of times in microseconds, null where there is none."""
    return given(table, name, pa.timestamp("us", "UTC")).cast(pa.int64())


def look_up(keys: pa.Array, among: pa.Array, values: pa.Array) -> pa.Array:
    """Returns for each of ``keys`` the value of its first row in ``among``; null where there is none."""
    keys, among = _alike(keys, among)
    return values.take(pc.index_in(keys, value_set=among, skip_nulls=True))


def last_before(key: pa.Array, at: pa.Array, among: pa.Array, when: pa.Array) -> pa.Array:
    """Returns for each row the last row of the same key in ``among`` that is not later; null for none.

    Of rows at the same time the last one counts. Rows without key or time match nothing.
    """
    return _nearest(key, at, among, when, backward=True)


def first_from(key: pa.Array, at: pa.Array, among: pa.Array, when: pa.Array) -> pa.Array:
    """Returns for each row the first row of the same key in ``among`` that is not earlier; null for none."""
    return _nearest(key, at, among, when, backward=False)


def latest_before(code: pa.Array, end: pa.Array) -> pa.Array:
    """Returns the latest ``end`` of the rows before of the same ``code`` (ascending); null for none."""
    times = pc.unique(end)
    times = times.take(pc.sort_indices(times))
    place = pc.index_in(end, value_set=times).cast(pa.int64())
    width = max(len(times), 1)
    # The keys of a code all lie below those of the next, so that the running maximum starts anew with each.
    latest = pc.cumulative_max(pc.add(pc.multiply_checked(code, width), place), skip_nulls=True)
    latest = times.take(pc.subtract(latest, pc.multiply(code, width)))
    size = len(latest)
    before = pa.concat_arrays([pa.nulls(min(size, 1), pa.int64()), latest.slice(0, max(size - 1, 0))])
    return pc.if_else(starts_of_runs(code), pa.scalar(None, pa.int64()), before)


def starts_of_runs(*columns: pa.Array) -> pa.Array:
    """Returns which rows differ from the row before in one of ``columns``; null equals null."""
    size = len(columns[0])
    if not size:
        return pa.array([], pa.bool_())
    differs = pa.repeat(pa.scalar(False), size - 1)
    for column in columns:
        codes = column.dictionary_encode(null_encoding="encode").indices
        differs = pc.or_(differs, pc.not_equal(codes.slice(1), codes.slice(0, size - 1)))
    return pa.concat_arrays([pa.array([True]), differs])


def coded(*columns: pa.Array) -> list[pa.Array]:
    """Returns small integers in the place of ids: the same for equal ids, null too, of any column."""
    codes = (
        pa.concat_arrays([column.cast(pa.string()) for column in columns])
        .dictionary_encode(null_encoding="encode")
        .indices
    )
    ends = list(accumulate((len(column) for column in columns), initial=0))
    return [codes.slice(low, high - low).cast(pa.int64()) for low, high in pairwise(ends)]


def paired(*pairs: tuple[pa.Array, pa.Array]) -> list[pa.Array]:
    """Returns one integer for each pair of small integers."""
    width = 1 + max((pc.max(second).as_py() or 0 for _, second in pairs), default=0)
    return [pc.add(pc.multiply_checked(first, width), second) for first, second in pairs]


def _alike(one: pa.Array, other: pa.Array) -> tuple[pa.Array, pa.Array]:
    one, other = plain(one), plain(other)
    return (one, other) if one.type == other.type else (one.cast(pa.string()), other.cast(pa.string()))


def _nearest(key: pa.Array, at: pa.Array, among: pa.Array, when: pa.Array, *, backward: bool) -> pa.Array:
    size, others = len(key), len(among)
    keys = pa.concat_arrays(_alike(key, among)).dictionary_encode().indices
    own = pa.concat_arrays([pa.repeat(pa.scalar(True), size), pa.repeat(pa.scalar(False), others)])
    rows = pa.table(
        {
            "key": keys,
            "at": pa.concat_arrays([at, when]),
            "later": own if backward else pc.invert(own),
            "row": pa.concat_arrays([pa.arange(0, size), pa.arange(0, others)]),
            "own": own,
        }
    )
    order = [(name, "ascending") for name in ("key", "at", "later", "row")]
    rows = rows.take(pc.sort_indices(rows, sort_keys=order))
    key_of, at_of, row, mine = (plain(rows.column(name)) for name in ("key", "at", "row", "own"))
    none = pa.scalar(None, pa.int64())
    known = pc.and_(pc.is_valid(key_of), pc.is_valid(at_of))
    match = pc.if_else(pc.and_not(known, mine), row, none)
    match = pc.fill_null_forward(match) if backward else pc.fill_null_backward(match)
    same = pc.equal(keys.slice(size).take(match), key_of).fill_null(False)
    match = pc.if_else(pc.and_(known, same), match, none)
    return match.filter(mine).take(pc.sort_indices(row.filter(mine)))
