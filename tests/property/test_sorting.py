"""sort_rows against Python's stable sort."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore._core import sort_rows

COLUMNS = {
    "code": (pa.int32(), st.integers(-3, 3)),
    "wide": (pa.int64(), st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(0, 5))),
    "number": (pa.float64(), st.one_of(st.floats(allow_nan=False), st.sampled_from([0.0, -0.0, 1.0]))),
    "flag": (pa.bool_(), st.booleans()),
}
ROWS = st.lists(st.tuples(*(st.one_of(st.none(), values) for _, values in COLUMNS.values())), max_size=40)
BY = st.lists(st.sampled_from(list(COLUMNS)), max_size=5)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(ROWS, BY)
def test_order_is_that_of_a_stable_sort(rows: list[tuple[float | None, ...]], by: list[str]) -> None:
    arrays = {
        name: pa.array([row[i] for row in rows], kind) for i, (name, (kind, _)) in enumerate(COLUMNS.items())
    }
    places = [list(COLUMNS).index(name) for name in by]

    def key(row: int) -> list[tuple[bool, float]]:
        return [(rows[row][i] is not None, rows[row][i] or 0) for i in places]

    out = pa.array(sort_rows(pa.record_batch(arrays), by)).to_pylist()
    assert out == sorted(range(len(rows)), key=key)
