"""Reviews against slow sums of fractions."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
MARKS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.integers(0, 3),
        st.sampled_from([None, "x", "y"]),
        st.sampled_from(["attitude", "brand"]),
        st.integers(0, 6),
        st.none() | st.integers(0, 3),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=25,
)
Mark = tuple[str, int, str | None, str, int, int | None, bool | None]


def oracle(marks: list[Mark], *, weighted: bool, zero: bool) -> dict[str, Fraction | None]:
    def review(mark: Mark) -> tuple[object, ...]:
        return mark[:3]

    def share(mark: Mark) -> Fraction:
        return Fraction(mark[4] - 1, 4)

    inside = [mark for mark in marks if 1 <= mark[4] <= 5]
    failed = {review(mark) for mark in inside if mark[6] and share(mark) < Fraction(1, 2)}
    above: dict[str, Fraction] = defaultdict(Fraction)
    below: dict[str, int] = defaultdict(int)
    for mark in inside:
        if mark[3] != "attitude":
            continue
        weight = 1 if mark[5] is None or not weighted else mark[5]
        above[mark[0]] += weight * (Fraction(0) if zero and review(mark) in failed else share(mark))
        below[mark[0]] += weight
    return {mark[0]: above[mark[0]] / below[mark[0]] if below[mark[0]] else None for mark in marks}


@settings(max_examples=25, deadline=None, derandomize=True)
@given(marks=MARKS)
def test_marks(marks: list[Mark]) -> None:
    times = [MONDAY + timedelta(hours=hour) for _, hour, *_ in marks]
    table = pa.table(
        {
            "agent_id": [m[0] for m in marks],
            "reviewed_at": pa.array(times, pa.timestamp("us", "UTC")),
            "reviewer_id": pa.array([m[2] for m in marks], pa.string()),
            "dimension": [m[3] for m in marks],
            "score": pa.array([m[4] for m in marks], pa.float64()),
            "weight": pa.array([m[5] for m in marks], pa.float64()),
            "critical": pa.array([m[6] for m in marks], pa.bool_()),
        }
    )
    forms = {
        f"service_attitude[weighted={str(weighted).lower()},critical={critical}]": (weighted, critical)
        for weighted in (True, False)
        for critical in ("ignore", "zero")
    }
    rows = kpicore.measure(kpicore.open({"reviews": table}), list(forms), ["agent"], zone="UTC").rows()
    for row in rows:
        weighted, critical = forms[str(row["metric"])]
        wanted = oracle(marks, weighted=weighted, zero=critical == "zero")[str(row["agent"])]
        assert row["value"] == (None if wanted is None else pytest.approx(float(wanted), rel=1e-15))
    assert {row["agent"] for row in rows} == {mark[0] for mark in marks}
