"""One column of any producer, brought to the one Arrow type of its kind.

Producers differ in what they call the same thing: Polars sends strings as views and dictionary codes
as uint32, DuckDB codes as uint8 and the zone ``Etc/UTC``, pandas nanoseconds. Arrow's own validation
lets codes point outside their dictionary and text be no UTF-8, so both are checked here, before
anything indexes memory by them. What is canonical already passes without being copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Column, Kind

from .codes import ID, as_codes, decoded, is_text
from .faults import Refusal, RowFault, where
from .layout import check_layout
from .local import UTC, YEAR_1, YEAR_10000, to_instants

__all__ = ["Converted", "convert", "may_be_id"]

MONEY = pa.decimal128(18, 4)
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A column in its canonical type, the rows that could not follow, and oddities by reason."""

    array: pa.ChunkedArray
    faults: tuple[RowFault, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)


def convert(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    """Returns ``array`` in the canonical type of ``column``; raises Refusal where its type cannot be.

    ``zone`` gives naive timestamps their meaning.
    """
    check_layout(array)
    if pa.types.is_run_end_encoded(array.type):
        chunks = [pc.run_end_decode(chunk) for chunk in array.chunks]
        array = pa.chunked_array(chunks, type=array.type.value_type)
    if pa.types.is_null(array.type):
        return Converted(array=_nulls(len(array), column))
    return _KINDS[column.kind](array, column, zone)


def may_be_id(kind: pa.DataType) -> bool:
    """Returns whether a further column of this type can be kept as a dimension."""
    if pa.types.is_dictionary(kind):
        return may_be_id(kind.value_type)
    return bool(is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def _nulls(length: int, column: Column) -> pa.ChunkedArray:
    if column.kind is Kind.ENUM:
        codes = pa.nulls(length, pa.int32())
        dictionary = pa.array(column.values, pa.string())
        return pa.chunked_array([pa.DictionaryArray.from_arrays(codes, dictionary)])
    return pa.chunked_array([pa.nulls(length, _TYPES[column.kind])])


def _id(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    coded = as_codes(array, column.name)
    return Converted(array=coded.array(), faults=coded.faults)


def _key(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    value_type = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if pa.types.is_integer(value_type):
        return _integer(array, column, zone)
    return _id(array, column, zone)


def _enum(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    coded = as_codes(array, column.name)
    values = pa.array(column.values, pa.string())
    if coded.dictionary.equals(values):
        return Converted(array=coded.array(), faults=coded.faults)
    known = pc.index_in(coded.dictionary, value_set=values)
    recoded = coded.remapped(known, values)
    lost = pc.and_(pc.is_valid(coded.codes), pc.is_null(recoded.codes))
    return Converted(array=recoded.array(), faults=coded.faults + where(lost, "unknown", column.name))


def _time(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    array = decoded(array)
    kind = array.type
    if not pa.types.is_timestamp(kind):
        raise Refusal(str(kind), "timestamp with a zone", _time_hint(kind))
    if kind.tz is None and zone is None:
        raise Refusal(
            f"{kind} without a zone", "timestamp with a zone", "name the zone of the log, such as zone='UTC'"
        )
    faults: tuple[RowFault, ...] = ()
    if kind.unit != "ns":
        array, faults = _within_years(array, column.name)
    if kind.tz is None and zone is not None:
        instants, notes = to_instants(array.cast(pa.timestamp("us"), safe=False), zone)
        noted = {f"{reason}:{column.name}": count for reason, count in notes.items()}
        return Converted(array=instants, faults=faults, notes=noted)
    return Converted(array=array if kind == UTC else array.cast(UTC, safe=False), faults=faults)


def _time_hint(kind: pa.DataType) -> str:
    if pa.types.is_date(kind):
        return "a mapping can read a date as the midnight of a zone"
    if is_text(kind):
        return "convert it to a timestamp, or describe its format in a mapping"
    if pa.types.is_integer(kind):
        return "convert it to a timestamp; a number does not say its unit"
    return "convert it to a timestamp"


def _within_years(array: pa.ChunkedArray, name: str) -> tuple[pa.ChunkedArray, tuple[RowFault, ...]]:
    scale = _PER_SECOND[array.type.unit]
    low, high = YEAR_1 // 10**6 * scale, YEAR_10000 // 10**6 * scale
    numbers = array.cast(pa.int64())
    extent = pc.min_max(numbers).as_py()
    if extent["min"] is None or (low <= extent["min"] and extent["max"] < high):
        return array, ()
    wild = pc.or_(pc.less(numbers, low), pc.greater_equal(numbers, high))
    return _blanked(array, wild), where(wild, "out_of_range", name)


def _blanked(array: pa.ChunkedArray, mask: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(mask, pa.scalar(None, array.type), array)


def _duration(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    array = decoded(array)
    kind = array.type
    if pa.types.is_duration(kind):
        limit = 2**63 // 10**6 * _PER_SECOND[kind.unit]
        numbers = array.cast(pa.int64())
        faults: tuple[RowFault, ...] = ()
        if kind.unit in ("s", "ms"):
            wild = pc.or_(pc.less(numbers, -limit), pc.greater_equal(numbers, limit))
            faults = where(wild, "out_of_range", column.name)
            array = _blanked(array, wild) if faults else array
        array = array.cast(pa.duration("us"), safe=False).cast(pa.int64())
        converted = Converted(array=array, faults=faults)
    elif pa.types.is_integer(kind):
        converted = _integer(array, column, zone)
    else:
        hint = "a mapping can say the unit of a number"
        raise Refusal(str(kind), "duration, or integer microseconds", hint)
    least = pc.min(converted.array).as_py()
    if least is None or least >= 0:
        return converted
    negative = where(pc.less(converted.array, 0), "negative", column.name)
    return Converted(array=converted.array, faults=converted.faults + negative)


def _integer(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    array = decoded(array)
    if not pa.types.is_integer(array.type):
        hint = "convert it to integers; a column with gaps often became floating point on its way"
        raise Refusal(str(array.type), "integer", hint if pa.types.is_floating(array.type) else "")
    if array.type == pa.int64():
        return Converted(array=array)
    if array.type != pa.uint64():
        return Converted(array=array.cast(pa.int64()))
    wild = pc.greater(array, pa.scalar(2**63 - 1, pa.uint64()))
    faults = where(wild, "out_of_range", column.name)
    return Converted(array=(_blanked(array, wild) if faults else array).cast(pa.int64()), faults=faults)


def _number(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    array = decoded(array)
    kind = array.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise Refusal(str(kind), "number")
    array = array.cast(pa.float64(), safe=False)
    if not pa.types.is_floating(kind) or pc.all(pc.is_finite(array)).as_py() is not False:
        return Converted(array=array)
    nothing = pc.is_nan(array)
    count = pc.sum(nothing).as_py() or 0
    faults = where(pc.is_inf(array), "infinite", column.name)
    notes = {f"nan_as_null:{column.name}": count} if count else {}
    return Converted(array=_blanked(array, nothing), faults=faults, notes=notes)


def _money(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    array = decoded(array)
    if pa.types.is_integer(array.type):
        array = array.cast(pa.decimal128(20, 0))
    if not pa.types.is_decimal(array.type):
        raise Refusal(
            str(array.type), "decimal or integer", "binary fractions are not exact; cast to decimal"
        )
    try:
        return Converted(array=array.cast(MONEY))
    except pa.ArrowInvalid:
        wide = array.cast(pa.decimal256(76, max(array.type.scale, 4)))
        huge = pc.greater_equal(pc.abs(wide), pa.scalar(10**14))
        inexact = pc.and_not(pc.not_equal(pc.round(wide, ndigits=4), wide), huge)
        faults = where(huge, "out_of_range", column.name) + where(inexact, "inexact", column.name)
        return Converted(array=_blanked(array, pc.or_(huge, inexact)).cast(MONEY), faults=faults)


def _flag(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    array = decoded(array)
    if not pa.types.is_boolean(array.type):
        raise Refusal(str(array.type), "boolean")
    return Converted(array=array)


def _text(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    coded = as_codes(array, column.name)
    return Converted(array=coded.array().cast(pa.string()), faults=coded.faults)


def _ids(array: pa.ChunkedArray, column: Column, zone: str | None) -> Converted:
    kind = array.type
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if not any(is_list(kind) for is_list in lists) or not may_be_id(kind.value_type):
        raise Refusal(str(kind), "list of string")
    return Converted(array=array.cast(pa.list_(pa.string())))


_KINDS: Mapping[Kind, Callable[[pa.ChunkedArray, Column, str | None], Converted]] = {
    Kind.ID: _id,
    Kind.KEY: _key,
    Kind.ENUM: _enum,
    Kind.TIME: _time,
    Kind.DURATION: _duration,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.FLAG: _flag,
    Kind.TEXT: _text,
    Kind.IDS: _ids,
}
_TYPES: Mapping[Kind, pa.DataType] = {
    Kind.ID: ID,
    Kind.KEY: ID,
    Kind.TIME: UTC,
    Kind.DURATION: pa.int64(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.MONEY: MONEY,
    Kind.FLAG: pa.bool_(),
    Kind.TEXT: pa.string(),
    Kind.IDS: pa.list_(pa.string()),
}
