"""Normalised tables as plain numbers: ids and enumerations become codes, times integers.

All columns of one domain share one dictionary. It is sorted, so that comparing codes compares values
and nothing depends on the order in which values were met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core
from kpicore.plugin import Column, Kind, TableSchema

__all__ = ["WITHOUT", "Coded", "Domain", "code_count", "code_tables", "column_of"]


WITHOUT = {"topic": "untagged", "skill": "unassigned"}
"""What contacts without topics and agents without skills are called, by domain."""

_WHOLE = re.compile("0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Domain:
    """The values behind the codes of an id; ``values`` is None where the integers are the ids."""

    values: pa.Array | None

    def code(self, value: str) -> int | None:
        """Returns the code of ``value``, None where it does not occur."""
        if self.values is None:
            return int(value) if _WHOLE.fullmatch(value) else None
        found = pc.index(self.values, pa.scalar(value, self.values.type)).as_py()
        return None if found < 0 else int(found)

    def decode(self, codes: pa.Array) -> pa.Array:
        """Returns the values of ``codes`` as strings; null stays null."""
        if self.values is None:
            return codes.cast(pa.string())
        return self.values.take(codes)


@dataclass(frozen=True, slots=True)
class Coded:
    """Coded tables by name, with the domains that give their codes a meaning."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)


def column_of(schema: TableSchema, name: str) -> Column:
    """Returns the contract of a column; further columns of open-ended tables are ids."""
    if name in schema:
        return schema.column(name)
    return Column(name=name, kind=Kind.ID, doc="a dimension of the source", domain=name)


def code_count(column: Column, domains: Mapping[str, Domain]) -> int | None:
    """Returns how many codes a column can have; None where that is not known."""
    if column.kind is Kind.ENUM:
        return len(column.values)
    if column.kind is Kind.FLAG:
        return 2
    if column.kind is Kind.ID:
        values = domains[column.domain].values
        return None if values is None else len(values)
    return None


def code_tables(
    tables: Mapping[str, pa.Table], schemas: Mapping[str, TableSchema], wanted: Mapping[str, Iterable[str]]
) -> Coded:
    """Returns the ``wanted`` columns of ``tables`` in coded form."""
    coded = Coded()
    chosen = {
        name: {column: _one_dictionary(tables[name].column(column)) for column in sorted(set(columns))}
        for name, columns in wanted.items()
    }
    by_domain: dict[str, list[pa.ChunkedArray]] = {}
    for name, columns in chosen.items():
        for column, values in columns.items():
            contract = column_of(schemas[name], column)
            if contract.kind in (Kind.ID, Kind.KEY):
                by_domain.setdefault(contract.domain, []).append(values)
            elif contract.kind is Kind.IDS:
                words = [pc.list_flatten(chunk) for chunk in values.chunks]
                words.append(pa.array([WITHOUT[contract.domain]]))
                by_domain.setdefault(contract.domain, []).append(pa.chunked_array(words, pa.string()))
    for domain, members in by_domain.items():
        coded.domains[domain] = _domain(members)
    for name, columns in chosen.items():
        schema = schemas[name]
        arrays = {c: _code(v, column_of(schema, c), coded.domains) for c, v in columns.items()}
        coded.tables[name] = pa.table(arrays) if arrays else pa.table({"row": pa.nulls(len(tables[name]))})
    return coded


def _one_dictionary(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.unify_dictionaries() if pa.types.is_dictionary(column.type) else column


def _domain(members: list[pa.ChunkedArray]) -> Domain:
    if all(pa.types.is_integer(member.type) and _counts(member) for member in members):
        return Domain(None)
    parts = [_words(member) for member in members]
    values = pa.chunked_array(parts, type=pa.string()).unique().drop_null()
    return Domain(values.take(pc.sort_indices(values)))


def _counts(column: pa.ChunkedArray) -> bool:
    """Returns whether no number is negative; negative codes have a meaning of their own."""
    least = pc.min(column)
    return not least.is_valid or least.as_py() >= 0


def _words(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        words = column.chunk(0).dictionary if column.num_chunks else pa.array([], pa.string())
        return words.cast(pa.string())
    return column.unique().drop_null().cast(pa.string())


def _code(column: pa.ChunkedArray, contract: Column, domains: Mapping[str, Domain]) -> pa.ChunkedArray:
    kind = contract.kind
    if kind in (Kind.ID, Kind.KEY):
        domain = domains[contract.domain]
        codes = _key_codes(column, domain)
        return codes.cast(pa.int64()) if kind is Kind.KEY else codes
    if kind is Kind.IDS:
        lists = [_code_lists(chunk, contract, domains) for chunk in column.chunks]
        return pa.chunked_array(lists, pa.list_(pa.int32()))
    if kind is Kind.ENUM:
        return pa.chunked_array([chunk.indices for chunk in column.chunks], pa.int32())
    if kind is Kind.TIME:
        return pa.chunked_array([chunk.view(pa.int64()) for chunk in column.chunks], pa.int64())
    if kind is Kind.MONEY:
        return pa.chunked_array([_last_digits(chunk) for chunk in column.cast(_MONEY).chunks], pa.int64())
    if kind is Kind.NUMBER:
        millionths = pc.multiply(column.cast(pa.float64()), 1e6)
        return pc.round(millionths, 0, "half_to_even").cast(pa.int64())
    return column


def _code_lists(lists: pa.ListArray, contract: Column, domains: Mapping[str, Domain]) -> pa.ListArray:
    """Returns lists of words as lists of different codes, ascending; an empty one has a code for that."""
    domain, size = domains[contract.domain], len(lists)
    rows = pc.list_parent_indices(lists).cast(pa.int64())
    codes = pc.index_in(pc.list_flatten(lists), value_set=domain.values, skip_nulls=True)
    named = pc.is_valid(codes)
    rows, codes = rows.filter(named), codes.filter(named).cast(pa.int64())
    every = pa.arange(0, size)
    bare = every.filter(pc.invert(pc.is_in(every, value_set=rows)))
    without = pa.repeat(pa.scalar(domain.code(WITHOUT[contract.domain]), pa.int64()), len(bare))
    words = 0 if domain.values is None else len(domain.values)
    pairs = pc.add(
        pc.multiply(pa.concat_arrays([rows, bare]), words), pa.concat_arrays([codes, without])
    ).unique()
    pairs = pairs.take(pc.sort_indices(pairs))
    rows = pc.divide(pairs, words)
    ends = pc.cumulative_sum(pc.value_counts(rows).field("counts")).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    return pa.ListArray.from_arrays(offsets, pc.subtract(pairs, pc.multiply(rows, words)).cast(pa.int32()))


_MONEY = pa.decimal128(38, 4)


def _last_digits(decimals: pa.Array) -> pa.Array:
    """Returns decimals as integers of their last digit: 12.3400 is 123400."""
    whole = pa.decimal128(38, 0)
    same = pa.Array.from_buffers(whole, len(decimals), decimals.buffers(), offset=decimals.offset)
    return same.cast(pa.int64())


def _key_codes(column: pa.ChunkedArray, domain: Domain) -> pa.ChunkedArray:
    if domain.values is None:
        return column.cast(pa.int64())
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode().unify_dictionaries()
    if not column.num_chunks:
        return pa.chunked_array([], pa.int32())
    table = pc.index_in(column.chunk(0).dictionary.cast(pa.string()), value_set=domain.values)
    same = len(table) == len(domain.values) and table.equals(pa.array(range(len(table)), pa.int32()))
    indices = [chunk.indices.cast(pa.int32()) for chunk in column.chunks]
    codes = indices if same else [pa.array(_core.remap(chunk, table)) for chunk in indices]
    return pa.chunked_array(codes, pa.int32())
