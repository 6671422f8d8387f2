"""Columns side by side as one column of maps."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["map_column"]


def map_column(values: Mapping[str, pa.Array], size: int, kind: pa.DataType) -> pa.Array:
    """Returns per row a map of the names whose value is not null; keys in the order of ``values``."""
    mapped = pa.map_(pa.string(), kind)
    if not values:
        return pa.MapArray.from_arrays(
            pa.repeat(pa.scalar(0, pa.int32()), size + 1), pa.array([], pa.string()), pa.array([], kind)
        ).cast(mapped)
    width = len(values)
    position = pa.arange(0, size * width)
    row = pc.divide(position, width)
    which = pc.subtract(position, pc.multiply(row, width))
    stacked = pa.concat_arrays([column.cast(kind) for column in values.values()])
    cells = stacked.take(pc.add(pc.multiply(which, size), row))
    present = cells.is_valid()
    running = pc.cumulative_sum(present.cast(pa.int64()))
    ends = running.take(pa.arange(width - 1, size * width, width)) if size else pa.array([], pa.int64())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends.cast(pa.int32())])
    keys = pa.array(list(values), pa.string()).take(which.filter(present))
    return pa.MapArray.from_arrays(offsets, keys, cells.filter(present)).cast(mapped)
