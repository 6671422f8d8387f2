"""Conditions on subjects and on hours of the day, together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import StrangerWarning
from kpicore.plugin.manager import load_plugins

MIDNIGHT = datetime(2026, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize("period", ["hour", "all"])
@pytest.mark.parametrize("metric", ["calls_offered", "handling_time[kinds=talk]"])
def test_rows_of_one_subject_in_some_hours(metric: str, period: str) -> None:
    times = [MIDNIGHT + timedelta(hours=hour, minutes=15) for hour in range(24)]
    at = pa.array(times, pa.timestamp("us", "UTC"))
    queue = pa.array(["one", "two"] * 12)
    visits = {"contact_id": pa.array(range(24)), "queue": queue, "entered_at": at}
    segments = {"contact_id": pa.array(range(24)), "queue": queue, "agent_id": queue, "start": at}
    log = kpicore.open(
        {
            "visits": pa.table(visits | {"outcome": pa.array(["answered"] * 24)}),
            "segments": pa.table(
                segments
                | {
                    "kind": pa.array(["talk"] * 24),
                    "end": pa.array([t + timedelta(seconds=1) for t in times], at.type),
                }
            ),
        },
        plugins=load_plugins(third_party=False),
    )
    result = kpicore.measure(
        log,
        [metric],
        by=["queue"],
        period=period,
        start="2026-10-12",
        end="2026-10-13",
        where={"queue": "two", "hour_of_day": ["8", "9", "10", "11"]},
        plugins=load_plugins(third_party=False),
    )
    rows = [(row["queue"], row["value"]) for row in result.to_arrow().to_pylist()]
    assert rows == ([("two", 2.0)] if period == "all" else [("two", value) for value in (0.0, 1.0, 0.0, 1.0)])


@pytest.mark.parametrize(
    ("where", "offered"),
    [
        ({}, 24),
        ({"queue": "two"}, 8),
        ({"queue!": "two"}, 16),
        ({"queue!": ["two", "three"]}, 8),
        ({"queue!": "none of them"}, 24),
        ({"queue!": "two", "hour_of_day!": ["0", "1", "2", "3"]}, 13),
        ({"hour_of_day": ["1", "2"], "hour_of_day!": "2"}, 1),
    ],
)
def test_rows_of_which_a_subject_is_something_else_or_unknown(where: dict[str, str], offered: int) -> None:
    times = [MIDNIGHT + timedelta(hours=hour, minutes=15) for hour in range(24)]
    visits = {
        "contact_id": pa.array(range(24)),
        "queue": pa.array([None, "two", "three"] * 8),
        "entered_at": pa.array(times, pa.timestamp("us", "UTC")),
        "outcome": pa.array(["answered"] * 24),
    }
    log = kpicore.open({"visits": pa.table(visits)})
    (row,) = kpicore.measure(log, ["calls_offered"], where=where, zone="UTC").rows()
    assert row["value"] == offered


@pytest.mark.parametrize(
    ("metric", "where", "told"),
    [
        ("calls_offered", {"queue": ["two", "thre"]}, "no row has the queue 'thre'; did you mean 'three'?"),
        ("calls_offered", {"queue!": "thre"}, "no row has the queue 'thre'"),
        (
            "calls_offered[; queue=tow: outcomes=abandoned]",
            {},
            "no row has the queue 'tow'; did you mean 'two'?",
        ),
        ("calls_offered", {"tenure": "0-3m"}, "no row has the tenure '0-3m'; did you mean '00-03m'?"),
    ],
)
def test_words_that_no_row_has_are_told(metric: str, where: dict[str, str], told: str) -> None:
    visits = {
        "contact_id": pa.array([1, 2]),
        "agent_id": pa.array(["a", "b"]),
        "queue": pa.array(["two", "three"]),
        "entered_at": pa.array([MIDNIGHT, MIDNIGHT], pa.timestamp("us", "UTC")),
        "outcome": pa.array(["answered"] * 2),
    }
    agents = {"agent_id": pa.array(["a"]), "hired_on": pa.array([MIDNIGHT], pa.timestamp("us", "UTC"))}
    log = kpicore.open({"visits": pa.table(visits), "agents": pa.table(agents)})
    with pytest.warns(StrangerWarning) as warned:
        result = kpicore.measure(log, [metric], where=where, zone="UTC")
    assert [str(each.message) for each in warned] == list(result.remarks)
    assert [remark[: len(told)] for remark in result.remarks] == [told]


def test_words_that_occur_are_not_told() -> None:
    visits = {
        "contact_id": pa.array([1]),
        "queue": pa.array(["two"]),
        "entered_at": pa.array([MIDNIGHT], pa.timestamp("us", "UTC")),
        "outcome": pa.array(["answered"]),
    }
    log = kpicore.open({"visits": pa.table(visits)})
    result = kpicore.measure(log, ["calls_offered[; queue=two: outcomes=abandoned]"], where={"queue": "two"})
    assert result.remarks == ()
