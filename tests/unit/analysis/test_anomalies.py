"""Spikes and drops on small series that can be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pyarrow as pa
import pytest

from kpicore.analysis import Anomaly, anomalies


def found(
    values: Sequence[float | None], grain: str = "week", unit: str = "s", **more: Sequence[object]
) -> tuple[Anomaly, ...]:
    size = len(values)
    step = {"week": 7, "day": 1, "month": 31}[grain]
    starts = [date(2026, 1, 5) + timedelta(days=step * i) for i in range(size)]
    if grain == "month":
        starts = [date(2020 + i // 12, i % 12 + 1, 1) for i in range(size)]
    columns: dict[str, Sequence[object]] = {
        "agent": ["a"] * size,
        "period": [f"{start}T00:00:00+00:00" for start in starts],
        "provisional": [False] * size,
        "metric": ["m"] * size,
        "value": values,
        "numerator": [None] * size,
        "denominator": [None] * size,
        "n": [None] * size,
        "unit": [unit] * size,
    }
    return anomalies(pa.table({**columns, **more}), ["agent"], grain)


def test_a_spike_is_told_with_what_is_usual() -> None:
    (one,) = found([100, 102, 98, 101, 180, 99])
    assert (one.kind, one.value, one.usual, one.compared) == ("spike", 180, 100.5, "all periods")
    # distances 0.5, 1.5, 2.5, 0.5, 79.5, 1.5: their median is 1.5
    assert one.spreads == pytest.approx(79.5 / (1.4826 * 1.5))
    # 3.5 spreads are 7.8, a tenth of what is usual is more
    assert (one.low, one.high) == (pytest.approx(90.45), pytest.approx(110.55))


def test_too_few_values_say_nothing() -> None:
    assert found([100, 100, 100, 900]) == ()
    assert len(found([100, 100, 100, 900, 100])) == 1


def test_what_hardly_differs_is_no_anomaly() -> None:
    assert found([100, 100, 100, 100, 109]) == ()
    assert len(found([100, 100, 100, 100, 111])) == 1


def test_undefined_and_provisional_values_do_not_count() -> None:
    assert found([100, 100, None, 100, 900]) == ()
    flags = [False, False, False, False, False, True]
    assert found([100, 100, 100, 100, 100, 900], provisional=flags) == ()


def test_weekends_are_compared_with_weekends() -> None:
    week = [100.0, 101, 99, 100, 102, 20, 21]
    assert found([*week, *week], "day") == ()
    assert [(one.kind, one.period[:10]) for one in found([*week, *week[:6], 100], "day")] == [
        ("spike", "2026-01-18")
    ]
    # three weeks: every weekday by itself, so a busy Monday of every week is usual
    monday = [300.0, 101, 99, 100, 102, 20, 21]
    assert found(monday * 3, "day") == ()
    (one,) = found([*monday, *monday, 100, *monday[1:], *monday], "day")
    assert (one.kind, one.compared, one.usual) == ("drop", "same weekday", 300)


def test_december_is_compared_with_december() -> None:
    year = [100.0 + i for i in range(11)] + [400.0]
    assert found(year * 3, "month") == ()
    assert [(one.kind, one.compared) for one in found(year * 2, "month")] == [("spike", "all periods")] * 2


def test_chance_alone_makes_no_anomaly_of_a_rate() -> None:
    few = {"numerator": [16, 16, 16, 16, 11], "denominator": [20] * 5, "n": [20] * 5}
    many = {"numerator": [1600, 1600, 1600, 1600, 1100], "denominator": [2000] * 5, "n": [2000] * 5}
    values = [0.8, 0.8, 0.8, 0.8, 0.55]
    low = {"low": [0.5] * 5}
    assert found(values, unit="ratio", **few, **low) == ()
    assert [one.kind for one in found(values, unit="ratio", **many, **low)] == ["drop"]


def test_counts_know_their_noise() -> None:
    assert found([4, 4, 4, 4, 9], unit="calls", n=[4, 4, 4, 4, 9]) == ()
    assert len(found([4, 4, 4, 4, 12], unit="calls", n=[4, 4, 4, 4, 12])) == 1


def test_an_empty_table() -> None:
    assert found([]) == ()
