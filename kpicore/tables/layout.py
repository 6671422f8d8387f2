"""Whether arrays keep to their own format, checked before anything indexes memory by what they hold.

Arrow's readers hand on what a damaged file or a broken producer says: offsets beyond the data, codes
beyond the dictionary. The first use of such an array ends the process. Checking offsets costs 1 ns
per row; that text is UTF-8 is checked later, once per distinct value.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import SchemaError

from .faults import Refusal

__all__ = ["check_layout", "check_tables_layout"]

_AS_BYTES: Mapping[pa.DataType, pa.DataType] = {
    pa.string(): pa.binary(),
    pa.large_string(): pa.large_binary(),
    pa.string_view(): pa.binary_view(),
}


def check_layout(array: pa.ChunkedArray) -> None:
    """Raises Refusal for an array whose buffers, offsets or codes point outside their data."""
    for chunk in array.chunks:
        try:
            _check(chunk)
        except pa.ArrowInvalid as error:
            raise Refusal(
                f"damaged data ({error})", "data that keep to the Arrow format", "is the file whole?"
            ) from None


def check_tables_layout(table: pa.Table, *, source: str) -> None:
    """Raises one SchemaError for all columns of ``table`` that are damaged."""
    problems: list[str] = []
    for name in table.column_names:
        try:
            check_layout(table.column(name))
        except Refusal as refusal:
            problems.append(f"column {name!r}: found {refusal.found}, expected {refusal.expected}")
    if problems:
        raise SchemaError(f"{source}: damaged columns", problems=tuple(problems), hint="is the file whole?")


def _check(chunk: pa.Array) -> None:
    kind = chunk.type
    if pa.types.is_dictionary(kind):
        chunk.indices.validate()
        _check(chunk.dictionary)
        _check_codes(chunk)
    elif kind in _AS_BYTES:
        chunk.validate()
        chunk.view(_AS_BYTES[kind]).validate(full=True)
    elif pa.types.is_nested(kind) or pa.types.is_run_end_encoded(kind):
        chunk.validate(full=True)
    else:
        chunk.validate()


def _check_codes(chunk: pa.DictionaryArray) -> None:
    extent, size = pc.min_max(chunk.indices).as_py(), len(chunk.dictionary)
    if extent["min"] is not None and (extent["min"] < 0 or extent["max"] >= size):
        code = extent["min"] if extent["min"] < 0 else extent["max"]
        raise Refusal(
            f"code {code} in a dictionary of {size} values",
            f"codes below {size}",
            "the program that made this table wrote a broken dictionary",
        )
