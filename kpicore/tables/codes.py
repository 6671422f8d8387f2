"""Text as int32 codes into one dictionary of valid strings, whatever way it came."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from .faults import Refusal, RowFault, where

__all__ = ["ID", "Coded", "as_codes", "decoded", "is_text", "unified"]

ID = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Codes (int32, null where the value is) into ``dictionary`` (string, no nulls)."""

    codes: pa.ChunkedArray
    dictionary: pa.StringArray
    faults: tuple[RowFault, ...] = ()

    def array(self) -> pa.ChunkedArray:
        """The column as dictionary<int32, string>, without copying codes."""
        chunks = [
            pa.DictionaryArray.from_arrays(codes, self.dictionary, safe=False) for codes in self.codes.chunks
        ]
        return pa.chunked_array(chunks, type=ID)

    def remapped(self, new: pa.Int32Array, dictionary: pa.StringArray) -> Coded:
        """The same values in another dictionary: code c becomes ``new[c]``, null where that is null."""
        chunks = [new.take(codes) for codes in self.codes.chunks]
        return Coded(
            codes=pa.chunked_array(chunks, type=pa.int32()), dictionary=dictionary, faults=self.faults
        )


def is_text(kind: pa.DataType) -> bool:
    """Returns whether ``kind`` is one of Arrow's types of string."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def decoded(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns a dictionary column (its codes checked before) as plain values, others as they are."""
    if not pa.types.is_dictionary(array.type):
        return array
    chunks = [chunk.dictionary.take(chunk.indices) for chunk in array.chunks]
    return pa.chunked_array(chunks, type=array.type.value_type)


def as_codes(array: pa.ChunkedArray, name: str) -> Coded:
    """Returns text, integers or flags as codes; raises Refusal for other types.

    Codes of dictionary columns must have been checked. Values that are no UTF-8 become row faults.
    """
    if not pa.types.is_dictionary(array.type):
        if not (is_text(array.type) or pa.types.is_integer(array.type) or pa.types.is_boolean(array.type)):
            raise Refusal(str(array.type), "string, dictionary of string, or integer", _hint(array.type))
        array = array.dictionary_encode()
    array = unified(array)
    dictionary = array.chunk(0).dictionary
    kind = dictionary.type
    if not (is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        raise Refusal(str(array.type), "string, dictionary of string, or integer", _hint(kind))
    chunks = [chunk.indices.cast(pa.int32()) for chunk in array.chunks]
    codes = pa.chunked_array(chunks, type=pa.int32())
    broken = _not_utf8(dictionary) if is_text(kind) else ()
    if broken:
        dictionary = _without(dictionary, broken)
    if kind != pa.string():
        dictionary = dictionary.cast(pa.string())
    if not dictionary.null_count:
        return Coded(codes=codes, dictionary=dictionary)
    faults = where(pc.is_in(codes, pa.array(broken, pa.int32())), "invalid_utf8", name) if broken else ()
    return _compacted(Coded(codes=codes, dictionary=dictionary, faults=faults))


def unified(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns a dictionary column of at least one chunk, all chunks in one dictionary.

    Chunks that share a dictionary already (by its place in memory) cost nothing: comparing or hashing a
    large dictionary once per chunk would be quadratic.
    """
    if not array.num_chunks:
        return _empty(array.type)
    places = {_place(chunk.dictionary): chunk.dictionary for chunk in array.chunks}
    if len(places) == 1:
        return array
    if pa.types.is_string_view(array.type.value_type):
        places = {place: dictionary.cast(pa.string()) for place, dictionary in places.items()}
    values = pa.chunked_array(list(places.values())).unique()
    moves = {place: pc.index_in(dictionary, value_set=values) for place, dictionary in places.items()}
    chunks = [
        pa.DictionaryArray.from_arrays(
            moves[_place(chunk.dictionary)].take(chunk.indices), values, safe=False
        )
        for chunk in array.chunks
    ]
    return pa.chunked_array(chunks)


def _place(dictionary: pa.Array) -> tuple[int | None, ...]:
    buffers = (None if buffer is None else buffer.address for buffer in dictionary.buffers())
    return dictionary.offset, len(dictionary), *buffers


def _hint(kind: pa.DataType) -> str:
    if pa.types.is_floating(kind):
        return "convert it to integers or text; ids with gaps often became floating point on their way"
    return "decode it to text" if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) else ""


def _empty(kind: pa.DataType) -> pa.ChunkedArray:
    indices = pa.array([], kind.index_type)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(indices, pa.array([], kind.value_type))])


def _compacted(coded: Coded) -> Coded:
    """Returns the same with the nulls of the dictionary moved into the codes."""
    kept = pc.is_valid(coded.dictionary)
    places = pc.subtract(pc.cumulative_sum(kept.cast(pa.int32())), 1).cast(pa.int32())
    new = pc.if_else(kept, places, pa.scalar(None, pa.int32()))
    return coded.remapped(new, coded.dictionary.drop_null())


def _not_utf8(dictionary: pa.Array) -> tuple[int, ...]:
    try:
        dictionary.validate(full=True)
    except pa.ArrowInvalid:
        return tuple(i for i in range(len(dictionary)) if _value(dictionary, i) is None)
    return ()


def _value(dictionary: pa.Array, position: int) -> str | None:
    try:
        return str(dictionary[position].as_py())
    except UnicodeDecodeError:
        return None


def _without(dictionary: pa.Array, broken: tuple[int, ...]) -> pa.StringArray:
    wrong = set(broken)
    values = [None if i in wrong else dictionary[i].as_py() for i in range(len(dictionary))]
    return pa.array(values, pa.string())
