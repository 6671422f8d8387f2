"""Which period a row falls into: cycles, conditions on them, ranges that leave rows out."""

from __future__ import annotations

import pyarrow as pa
import pytest

import kpicore
from kpicore.engine import Result
from kpicore.errors import UsageError

US = 1_000_000
NOON = 1_792_843_200 * US  # 2026-10-24 12:00 UTC, a Saturday
HOUR = 3600 * US
DAY = 24 * HOUR


def visits(*waits: tuple[int, int | None]) -> kpicore.Log:
    """A log of answered visits: (entered, wait in seconds)."""
    stamp = pa.timestamp("us", tz="UTC")
    left = [None if wait is None else at + wait * US for at, wait in waits]
    table = pa.table(
        {
            "contact_id": [f"c{i}" for i in range(len(waits))],
            "queue": ["sales"] * len(waits),
            "entered_at": pa.array([at for at, _ in waits], stamp),
            "left_at": pa.array(left, stamp),
            "outcome": ["answered"] * len(waits),
            "wait": pa.array([None if wait is None else wait * US for _, wait in waits], pa.int64()),
        }
    )
    return kpicore.open({"visits": table})


def numbers(result: Result) -> dict[object, object]:
    return {row["period"]: row["value"] for row in result.rows()}


def test_rows_outside_the_range_are_in_no_hour_of_day() -> None:
    log = visits((NOON - DAY, 1), (NOON, 2), (NOON + DAY, 3))
    result = kpicore.measure(log, ["calls_offered"], ["hour_of_day"], start=NOON - HOUR, end=NOON + HOUR)
    assert numbers(result)["12"] == 1
    assert sum(row["value"] for row in result.rows()) == 1  # type: ignore[misc]


def test_rows_without_an_instant_are_in_no_hour_of_day() -> None:
    log = visits((NOON, None), (NOON + HOUR, 2))
    result = kpicore.measure(log, ["calls_offered[attribution=event]"], ["hour_of_day"])
    assert {hour: n for hour, n in numbers(result).items() if n} == {"13": 1}


def test_all_keeps_its_label_where_hours_are_chosen() -> None:
    log = visits((NOON, 1), (NOON + HOUR, 2))
    every = kpicore.measure(log, ["calls_offered"])
    chosen = kpicore.measure(log, ["calls_offered"], where={"hour_of_day": "12"})
    assert numbers(every) == {"2026-10-24T00:00:00+00:00": 2}
    assert numbers(chosen) == {"2026-10-24T00:00:00+00:00": 1}


def test_all_is_there_where_no_chosen_weekday_is_in_the_range() -> None:
    log = visits((NOON, 1), (NOON + HOUR, 2))
    assert list(numbers(kpicore.measure(log, ["calls_offered"], where={"weekday": "1"})).values()) == [0]
    assert numbers(kpicore.measure(log, ["calls_offered"], ["day"], where={"weekday": "1"})) == {}


@pytest.mark.parametrize(
    ("cycle", "word"),
    [("hour_of_day", "24"), ("weekday", "0"), ("weekday", "8"), ("weekday", "Monday"), ("hour_of_day", "²")],
)
def test_hours_and_weekdays_that_do_not_exist(cycle: str, word: str) -> None:
    with pytest.raises(UsageError, match=f"{cycle}={word}") as caught:
        kpicore.measure(visits((NOON, 1)), ["calls_offered"], where={cycle: word})
    assert "0 to 23" in caught.value.hint
