"""Coded facts back to values, and values of plugins' facts to codes."""

from __future__ import annotations

from collections.abc import MutableMapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import PluginError
from kpicore.plugin import Column, Kind, TableSchema

from .coding import Domain, column_of

__all__ = ["coded_schema", "decode_table", "encode_table"]

_CODED = {
    Kind.ID: pa.int32(),
    Kind.ENUM: pa.int32(),
    Kind.KEY: pa.int64(),
    Kind.TIME: pa.int64(),
    Kind.DURATION: pa.int64(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.int64(),
    Kind.MONEY: pa.int64(),
    Kind.FLAG: pa.bool_(),
}


def coded_schema(schema: TableSchema) -> pa.Schema:
    """Returns the types of a coded fact."""
    return pa.schema([(c.name, _CODED[c.kind]) for c in schema.columns if c.kind in _CODED])


def decode_table(table: pa.Table, schema: TableSchema, domains: MutableMapping[str, Domain]) -> pa.Table:
    """Returns a coded table with its values: words, instants, integers of microseconds."""
    columns = {}
    for name in table.column_names:
        values = table.column(name).combine_chunks()
        columns[name] = _decode(values, column_of(schema, name), domains)
    return pa.table(columns)


def _decode(values: pa.Array, column: Column, domains: MutableMapping[str, Domain]) -> pa.Array:
    if column.kind is Kind.ENUM:
        return pa.DictionaryArray.from_arrays(values.cast(pa.int32()), pa.array(column.values))
    if column.kind in (Kind.ID, Kind.KEY):
        domain = domains[column.domain]
        if domain.values is None:
            return values if column.kind is Kind.KEY else values.cast(pa.string())
        return pa.DictionaryArray.from_arrays(values.cast(pa.int32()), domain.values)
    if column.kind is Kind.TIME:
        return values.cast(pa.int64()).view(pa.timestamp("us", "UTC"))
    return values


def encode_table(table: pa.Table, schema: TableSchema, domains: MutableMapping[str, Domain]) -> pa.Table:
    """Returns a plugin's fact in coded form; new values are added to their domains.

    Raises PluginError for a column that is missing, of another type, or null where it must not be.
    """
    if not isinstance(table, pa.Table):
        raise PluginError(f"the fact {schema.name} is a {type(table).__name__}, no Arrow table")
    missing = [c.name for c in schema.columns if c.required and c.name not in table.column_names]
    if missing:
        raise PluginError(f"the fact {schema.name} came without {', '.join(missing)}")
    columns = {}
    for column in schema.columns:
        if column.kind not in _CODED:
            continue
        if column.name not in table.column_names:
            columns[column.name] = pa.nulls(len(table), _CODED[column.kind])
            continue
        values = table.column(column.name).combine_chunks()
        if column.required and values.null_count:
            raise PluginError(f"the fact {schema.name} has null in {column.name}, which is required")
        try:
            columns[column.name] = _encode(values, column, domains)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, PluginError) as error:
            raise PluginError(f"the fact {schema.name}, column {column.name}: {error}") from error
    return pa.table(columns)


def _encode(values: pa.Array, column: Column, domains: MutableMapping[str, Domain]) -> pa.Array:
    if column.kind is Kind.ENUM:
        codes = pc.index_in(values.cast(pa.string()), value_set=pa.array(column.values))
        if codes.null_count != values.null_count:
            raise PluginError(f"{column.name} has a value that is none of {', '.join(column.values)}")
        return codes
    if column.kind in (Kind.ID, Kind.KEY):
        domain = domains.get(column.domain, Domain(pa.array([], pa.string())))
        if domain.values is None:
            return values.cast(pa.int64())
        words = values.cast(pa.string())
        new = pc.unique(words).drop_null()
        new = new.filter(pc.invert(pc.is_in(new, value_set=domain.values)))
        known = pa.concat_arrays([domain.values, new]) if len(new) else domain.values
        domains[column.domain] = Domain(known)
        return pc.index_in(words, value_set=known).cast(_CODED[column.kind])
    if column.kind is Kind.TIME:
        return values.cast(pa.timestamp("us", "UTC")).view(pa.int64())
    return values.cast(_CODED[column.kind])
