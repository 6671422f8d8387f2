"""Memory of output columns is used again, within a thread and beyond its end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc

from kpicore._core import Cells

N = 40_000


def pieces(first: int) -> pa.RecordBatch:
    """Intervals of one cell each: four columns of 160 to 320 kB."""
    cells = Cells(pa.array(range(0, 20 * N, 10), pa.int64()))
    starts = pa.array(range(first, first + 10 * N, 10), pa.int64())
    return pa.record_batch(cells.cut(starts, pc.add(starts, 4)))


def sums(batch: pa.RecordBatch) -> list[int]:
    return [pc.sum(column).as_py() for column in batch.columns]


def test_columns_outlive_their_thread_and_are_freed_in_another() -> None:
    expected = [sums(pieces(first)) for first in range(6)]
    for _ in range(3):
        with ThreadPoolExecutor(2) as threads:
            kept = list(threads.map(pieces, range(6)))
        assert [sums(batch) for batch in kept] == expected
        del kept


def test_memory_in_use_is_not_given_out_again() -> None:
    kept = [pieces(first) for first in range(6)]
    dropped = kept.pop(2)
    del dropped
    kept += [pieces(first) for first in range(2)]
    assert [batch["start"][0].as_py() for batch in kept] == [0, 1, 3, 4, 5, 0, 1]
    assert [batch["start"][N - 1].as_py() - batch["start"][0].as_py() for batch in kept] == [10 * (N - 1)] * 7
