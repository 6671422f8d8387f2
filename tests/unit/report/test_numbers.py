"""Numbers as people read them, and where round numbers lie."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpicore.report import numbers
from kpicore.report.scale import nice_edges, nice_step, spread_counts, ticks


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (None, "s", "–"),
        (0.9996, "ratio", "100.0 %"),
        (Fraction(1, 3), "ratio", "33.3 %"),
        (59.96, "s", "1:00"),
        (59.94, "s", "59.9 s"),
        (60, "s", "1:00"),
        (3599.6, "s", "1:00:00"),
        (7384, "s", "2:03:04"),
        (200000, "s", "2 d 07:33"),
        (-90, "s", "−1:30"),
        (0, "s", "0.0 s"),
        (1234567, "calls", "1,234,567"),
        (1234.56, "calls", "1,235"),
        (12.34, "calls", "12.3"),
        (1.234, "calls", "1.23"),
        (Decimal("-0.001"), "points", "0.00"),
    ],
)
def test_values_in_their_unit(number: numbers.Number | None, unit: str, text: str) -> None:
    assert numbers.value(number, unit) == text


def test_other_texts() -> None:
    assert [numbers.signed(x, 2) for x in (1.5, -1.5, 0, 0.001, None)] == [
        "+1.50",
        "−1.50",
        "0.00",
        "0.00",
        "–",
    ]
    assert [numbers.bytes_text(x) for x in (None, 12, 4321, 7_650_000)] == ["–", "12 B", "4.3 kB", "7.6 MB"]
    assert numbers.day(1790784000000000, "Asia/Shanghai") == "2026-10-01"
    assert numbers.day(1790784000000000 + 5_400_000_000, "Asia/Shanghai") == "2026-10-01 01:30"
    starts = {
        "year": "2026",
        "quarter": "2026-Q2",
        "month": "2026-04",
        "week": "2026-W15",
        "day": "04-06 07:00",
        "hour": "04-06 07:00",
    }
    for grain, text in starts.items():
        assert numbers.period("2026-04-06T07:00:00+08:00", grain) == text
    assert numbers.period("2026-04-01T00:00:00+08:00", "quarter", 4) == "FY2026-Q1"


numbers_ = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


@given(st.lists(numbers_, min_size=1, max_size=200), st.sampled_from(["ratio", "s", "calls"]))
def test_every_value_is_in_one_bin_between_round_edges(values: list[float], unit: str) -> None:
    edges = nice_edges(values, unit)
    assert len(edges) >= 2
    assert all(a < b for a, b in pairwise(edges))
    counts = spread_counts(values, edges)
    assert sum(counts) == len(values)
    if len(values) < 50:
        assert edges[0] <= min(values)
        assert max(values) < edges[-1]
        oracle = [sum(a <= v < b for v in values) for a, b in pairwise(edges)]
        assert list(counts) == oracle


@given(numbers_, st.floats(0.001, 1e6), st.sampled_from(["ratio", "s", "calls"]))
def test_ticks_lie_inside_and_are_few(low: float, width: float, unit: str) -> None:
    found = ticks(low, low + width, unit, 5)
    assert 1 <= len(found) <= 7 or width < 0.01
    assert all(low - width * 1e-6 <= at <= low + width * (1 + 1e-6) for at in found)


@given(st.floats(0.0001, 1e7), st.sampled_from(["ratio", "s", "calls"]))
def test_a_step_is_wide_enough_and_not_much_wider(width: float, unit: str) -> None:
    assert width * (1 - 1e-6) <= nice_step(width, unit) <= width * 5 + 1e-9
