"""The content hash: two tables have it in common exactly when they hold the same rows of plain values.

It does not depend on the order of rows or columns, on chunks, on dictionaries or on how wide an offset
is, so it survives a file format and compares runs that were computed in different ways. File hashes
cannot do that: two Parquet files of equal content differ.

The serialisation, so that anyone can recompute it. Integers are 8 bytes, little endian, two's
complement. A table is its name, its number of rows and its columns in the order of their names; a text
is its length in bytes and its UTF-8. A column is its name, its kind (``integer``, ``float``, ``time``,
...), its distinct values without null in ascending order, preceded by their number, then for every row
the rank of its value, counted from 1, as 4 bytes; 0 is null. Rows are ordered by these ranks, first
column first. A float is ordered and written as the integer that has its bits; a decimal is its text; a
list or a map is a text of its elements (``_joined``), a map ordered by key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import SchemaError

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["content_hash"]

_HEADER = b"kpicore content 1\n"
_NULL, _PRESENT = b"\x00", b"\x01"
_LIMIT = 2**62


class _Digest(Protocol):
    def update(self, data: Buffer, /) -> None: ...


def content_hash(tables: Mapping[str, pa.Table]) -> str:
    """Returns the SHA-256, in hexadecimal, of the rows of ``tables`` (by name), as the module describes.

    Raises SchemaError for a column whose type has no plain form (structs, intervals, unions).
    """
    digest = hashlib.sha256(_HEADER)
    _put_integer(digest, len(tables))
    for name in sorted(tables):
        _put_text(digest, name)
        _put_table(digest, tables[name], name)
    return digest.hexdigest()


def _put_table(digest: _Digest, table: pa.Table, name: str) -> None:
    _put_integer(digest, table.num_rows)
    _put_integer(digest, table.num_columns)
    names = sorted(table.column_names)
    if len(set(names)) != len(names):
        raise SchemaError(f"table {name!r} has two columns of one name: {', '.join(names)}")
    kinds, values, ranks = [], [], []
    for column in names:
        kind, plain = _plain(_whole(table.column(column)), f"{name}.{column}")
        distinct, rank = _ranked(plain)
        kinds.append(kind)
        values.append(distinct)
        ranks.append(rank)
    order = _order(ranks, [len(distinct) for distinct in values], table.num_rows)
    for column, kind, distinct, rank in zip(names, kinds, values, ranks, strict=True):
        _put_text(digest, column)
        _put_text(digest, kind)
        _put_values(digest, distinct)
        digest.update(_fixed_bytes(rank if order is None else rank.take(order)))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """Returns one array without dictionary; chunks may have different dictionaries."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    chunks = column.chunks
    return (
        chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks) if chunks else pa.array([], column.type)
    )


def _plain(array: pa.Array, where: str) -> tuple[str, pa.Array]:
    """Returns the kind of an array and its values as int64 or binary, equal where the cells are equal."""
    kind, types = array.type, pa.types
    if types.is_dictionary(kind):
        return _plain(array.cast(kind.value_type), where)
    if types.is_integer(kind):
        return "integer", array.cast(pa.int64())
    if types.is_floating(kind):
        return "float", array.cast(pa.float64()).view(pa.int64())
    if types.is_boolean(kind):
        return "flag", array.cast(pa.int64())
    if types.is_timestamp(kind):
        named = "local time" if kind.tz is None else "time"
        return named, array.cast(pa.timestamp("us", kind.tz)).view(pa.int64())
    if types.is_duration(kind):
        return "duration", array.cast(pa.duration("us")).view(pa.int64())
    if types.is_date(kind):
        return "date", array.cast(pa.date32()).view(pa.int32()).cast(pa.int64())
    if types.is_decimal(kind):
        return "decimal", array.cast(pa.string()).cast(pa.large_binary())
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return "text", array.cast(pa.large_string()).cast(pa.large_binary())
    if types.is_binary(kind) or types.is_large_binary(kind):
        return "bytes", array.cast(pa.large_binary())
    if types.is_null(kind):
        return "null", array.cast(pa.int64())
    if types.is_map(kind):
        return _map(array, where)
    if types.is_list(kind) or types.is_large_list(kind):
        inner, items = _plain(pc.list_flatten(array), where)
        return f"list of {inner}", _joined(array, _cells(items))
    raise SchemaError(f"{where}: a column of type {kind} has no plain form", hint="publish plain columns")


def _map(array: pa.MapArray, where: str) -> tuple[str, pa.Array]:
    entry = pa.struct([("key", array.type.key_type), ("item", array.type.item_type)])
    lists = array.cast(pa.list_(entry))
    entries, parents = pc.list_flatten(lists), pc.list_parent_indices(lists)
    key_kind, keys = _plain(entries.field("key"), where)
    item_kind, items = _plain(entries.field("item"), where)
    pairs = pc.binary_join_element_wise(_cells(keys), _cells(items), _empty())
    order = _order([parents, *_ranked(keys)[1:]], [len(array), len(keys)], len(entries))
    if order is not None:
        pairs = pairs.take(order)
    return f"map of {key_kind} to {item_kind}", _joined(lists, pairs)


def _joined(lists: pa.Array, cells: pa.Array) -> pa.Array:
    """Returns for each list the cells of its elements, one after the other; null where the list is null."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).cast(pa.int64())
    ends = pc.cumulative_sum(lengths)
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), ends])
    joined = pc.binary_join(pa.LargeListArray.from_arrays(offsets, cells), _empty())
    return pc.if_else(lists.is_valid(), joined, pa.scalar(None, joined.type))


def _cells(plain: pa.Array) -> pa.Array:
    """Returns each value as bytes that tell where they end: a mark, and unless it is null what it holds."""
    if pa.types.is_int64(plain.type):
        payload = _integers_as_bytes(plain.fill_null(0))
    else:
        filled = plain.fill_null(b"")
        payload = pc.binary_join_element_wise(
            _integers_as_bytes(pc.binary_length(filled).cast(pa.int64())), filled, _empty()
        )
    whole = pc.binary_join_element_wise(pa.scalar(_PRESENT, pa.large_binary()), payload, _empty())
    return pc.if_else(plain.is_valid(), whole, pa.scalar(_NULL, pa.large_binary()))


def _empty() -> pa.Scalar:
    return pa.scalar(b"", pa.large_binary())


def _integers_as_bytes(array: pa.Array) -> pa.Array:
    data = array.buffers()[1]
    eight = pa.Array.from_buffers(pa.binary(8), len(array), [None, data], offset=array.offset)
    return eight.cast(pa.large_binary())


def _ranked(plain: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Returns the distinct values in ascending order, and for each row the rank of its value as int32."""
    coded = plain.dictionary_encode()
    distinct = coded.dictionary
    ranks = pc.rank(distinct, tiebreaker="first").cast(pa.int32())
    return distinct.take(pc.sort_indices(distinct)), ranks.take(coded.indices).fill_null(0)


def _order(ranks: list[pa.Array], sizes: list[int], rows: int) -> pa.Array | None:
    """Returns the positions of the rows in ascending order of ``ranks``; None where they are in order.

    Ranks are packed into one integer, which sorts many times faster than rows that are compared column
    by column; whatever could overflow is ranked anew first. Once all rows differ, the rest is not needed.
    """
    key, size = pa.repeat(pa.scalar(0, pa.int64()), rows), 1
    for rank, distinct in zip(ranks, sizes, strict=True):
        if size * (distinct + 1) >= _LIMIT:
            key = pc.rank(key, tiebreaker="dense").cast(pa.int64())
            size = (pc.max(key).as_py() or 0) + 1
            if size > rows:
                break
        key = pc.add(pc.multiply(key, distinct + 1), rank.cast(pa.int64()))
        size *= distinct + 1
    if rows < 2 or pc.all(pc.less_equal(key[:-1], key[1:])).as_py():
        return None
    return pc.sort_indices(key)


def _put_integer(digest: _Digest, value: int) -> None:
    digest.update(value.to_bytes(8, "little"))


def _put_text(digest: _Digest, text: str) -> None:
    data = text.encode("utf-8")
    _put_integer(digest, len(data))
    digest.update(data)


def _put_values(digest: _Digest, distinct: pa.Array) -> None:
    _put_integer(digest, len(distinct))
    if pa.types.is_int64(distinct.type):
        digest.update(_fixed_bytes(distinct))
    else:
        digest.update(_fixed_bytes(pc.binary_length(distinct).cast(pa.int64())))
        digest.update(b"".join(distinct.to_pylist()))


def _fixed_bytes(array: pa.Array) -> memoryview:
    """Returns the bytes of a fixed-width array without nulls."""
    width = array.type.bit_width // 8
    data = array.buffers()[1]
    if data is None:
        return memoryview(b"")
    return memoryview(data)[array.offset * width : (array.offset + len(array)) * width]
