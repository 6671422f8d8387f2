"""Columns of facts as numpy arrays: names as codes, times and durations as microseconds, enumerations as
flags.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Agents", "Microseconds", "encode", "flags", "microseconds"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """Names, and per row the index of its name; -1 where it is null."""

    names: tuple[str, ...]
    codes: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Microseconds:
    """Values in microseconds, and where they are known; unknown ones hold 0."""

    values: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]

    def minus(self, other: Microseconds) -> Microseconds:
        """Returns the differences, known where both are."""
        return Microseconds(values=self.values - other.values, known=self.known & other.known)


def encode(table: pa.Table, name: str) -> Agents:
    """Returns the column ``name`` as codes."""
    column = pc.cast(table.column(name), pa.string()).combine_chunks()
    coded = column.dictionary_encode()
    codes = pc.fill_null(pc.cast(coded.indices, pa.int64()), -1)
    return Agents(names=tuple(coded.dictionary.to_pylist()), codes=np.asarray(codes))


def microseconds(table: pa.Table, name: str) -> Microseconds:
    """Returns the column ``name``, a time or duration."""
    column = table.column(name).combine_chunks()
    known = np.asarray(pc.is_valid(column))
    plain = column.cast(pa.timestamp("us", column.type.tz)) if pa.types.is_timestamp(column.type) else column
    return Microseconds(values=np.asarray(pc.fill_null(plain.cast(pa.int64()), 0)), known=known)


def flags(table: pa.Table, name: str, values: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Returns where the column ``name`` is one of ``values``."""
    column = pc.cast(table.column(name), pa.string())
    found = pc.is_in(column, value_set=pa.array(list(values), pa.string()))
    return np.asarray(found.combine_chunks())
