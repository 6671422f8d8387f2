"""Arrow arrays as different producers hand them over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

Carry = Callable[[Sequence[object], pa.DataType], object]


class Bare:
    """Offers the dunder and nothing else."""

    def __init__(self, array: pa.Array) -> None:
        self.array = array

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self.array.__arrow_c_array__()


def _plain(values: Sequence[object], kind: pa.DataType) -> object:
    return pa.array(values, kind)


def _bare(values: Sequence[object], kind: pa.DataType) -> object:
    return Bare(pa.array(values, kind))


def _sliced(values: Sequence[object], kind: pa.DataType) -> object:
    # 11 rows before it: data and bitmaps begin in the middle of a byte
    around = [*[None] * 7, *list(values[:1]) * 4, *values, *list(values[:1]) * 3]
    before = len(around) - len(values) - 3 * bool(values)
    return pa.array(around, kind).slice(before, len(values))


def _unknown_nulls(values: Sequence[object], kind: pa.DataType) -> object:
    array = pa.array(values, kind)
    return pa.Array.from_buffers(kind, len(array), array.buffers(), null_count=-1)


def _one_chunk(array: pa.ChunkedArray, kind: pa.DataType) -> object:
    assert array.type == kind
    return array.chunk(0) if array.num_chunks == 1 else pa.concat_arrays(array.chunks or [pa.array([], kind)])


def _polars(values: Sequence[object], kind: pa.DataType) -> object:
    import polars as pl

    series = pl.Series(values, dtype=pl.Series(pa.array([], kind)).dtype)
    return _one_chunk(pa.chunked_array(series).cast(kind), kind)


def _pandas(values: Sequence[object], kind: pa.DataType) -> object:
    import pandas as pd

    return _one_chunk(pa.chunked_array(pd.Series(values, dtype=pd.ArrowDtype(kind))), kind)


def _duckdb(values: Sequence[object], kind: pa.DataType) -> object:
    import duckdb

    given = pa.table({"place": range(len(values)), "v": pa.array(values, kind)})
    with duckdb.connect() as con:
        rows = con.from_arrow(given).query("given", "select v from given order by place")
        return _one_chunk(pa.RecordBatchReader.from_stream(rows).read_all()["v"].cast(kind), kind)


WAYS = {
    "plain": _plain,
    "bare": _bare,
    "sliced": _sliced,
    "unknown_nulls": _unknown_nulls,
    "polars": _polars,
    "pandas": _pandas,
    "duckdb": _duckdb,
}


@pytest.fixture(params=WAYS)
def carry(request: pytest.FixtureRequest) -> Carry:
    """Makes an Arrow array of values the way one producer does."""
    return WAYS[request.param]
