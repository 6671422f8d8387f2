"""Waits for replies in business hours, from messages to a figure."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore
from kpicore.clock import parse_instant, read_calendars
from kpicore.errors import CalendarError, ParameterError

STAMP = pa.timestamp("us", "UTC")
MINUTE = 60_000_000
FIRST = date(2026, 10, 12)
FIRST_MINUTE = parse_instant(FIRST.isoformat(), "UTC", what="at") // MINUTE
DAY = 1440
OFFICE = "zone = 'Asia/Shanghai'\nweek.mon-fri = ['09:00-12:00', '13:00-18:00']\n"

Round = tuple[str, str | None]


def messages(*rounds: Round, zone: str = "Asia/Shanghai") -> dict[str, pa.Table]:
    """A conversation for each question and its reply, at these local times."""
    rows = [
        (f"c{i}", parse_instant(at, zone, what="at"), role)
        for i, round_ in enumerate(rounds)
        for role, at in zip(("customer", "agent"), round_, strict=True)
        if at is not None
    ]
    return log_of(rows)


def log_of(rows: list[tuple[str, int, str]]) -> dict[str, pa.Table]:
    contacts, times, roles = (list(column) for column in zip(*rows, strict=True))
    return {
        "messages": pa.table(
            {
                "contact_id": contacts,
                "at": pa.array(times, STAMP),
                "author": roles,
                "agent_id": [None if role == "customer" else "a" for role in roles],
            }
        )
    }


def minutes(
    log: dict[str, pa.Table],
    calendar: str,
    metric: str = "first_response_time",
    options: str = "",
    **more: int,
) -> float | None:
    text = f"{metric}[clock=business{options}]"
    (row,) = kpicore.measure(kpicore.open(log), [text], calendar=read_calendars(calendar), **more).rows()  # type: ignore[arg-type]
    value = row["value"]
    assert value is None or isinstance(value, float)
    return None if value is None else value / 60


@pytest.mark.parametrize("metric", ["first_response_time", "average_response_time"])
@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [
        ("2026-10-16T17:45", "2026-10-16T22:00", 15),
        ("2026-10-16T20:00", "2026-10-16T22:00", 0),
        ("2026-10-16T17:45", "2026-10-19T09:10", 25),
        ("2026-10-17T10:00", "2026-10-19T09:10", 10),
        ("2026-10-13T11:50", "2026-10-13T13:05", 15),
        ("2026-10-13T17:50", "2026-10-15T09:05", 15),
    ],
    ids=["reply after hours", "all after hours", "weekend", "asked on Saturday", "lunch", "holiday"],
)
def test_only_business_hours_count(metric: str, asked: str, answered: str, expected: int) -> None:
    holiday = OFFICE + "holidays.dates = [2026-10-14]\n"
    assert minutes(messages((asked, answered)), holiday, metric) == expected


def test_the_hour_that_a_change_of_clocks_skips_or_repeats() -> None:
    always = "zone = 'Europe/Berlin'\nweek.daily = '00:00-24:00'\n"
    for day, elapsed in (("2026-03-29", 120), ("2026-10-25", 240)):
        log = messages((f"{day}T01:00", f"{day}T04:00"), zone="Europe/Berlin")
        assert minutes(log, always) == elapsed
        assert minutes(log, always + "count = 'wall'") == 180


def test_the_cap_holds_in_business_hours() -> None:
    log = messages(("2026-10-16T17:55", "2026-10-19T09:01"), ("2026-10-13T09:00", "2026-10-13T09:30"))
    assert minutes(log, OFFICE, options=",unanswered=cap,cap=10m") == (6 + 10) / 2
    unanswered = messages(("2026-10-16T17:55", "2026-10-19T09:01"), ("2026-10-13T09:00", None))
    assert minutes(unanswered, OFFICE, options=",unanswered=cap,cap=10m") == (6 + 10) / 2
    assert minutes(unanswered, OFFICE, options=",unanswered=cap,cap=10m,statistic=max") == 10
    assert minutes(unanswered, OFFICE) == 6


def test_a_limit_is_one_of_business_hours() -> None:
    log = messages(("2026-10-16T17:55", "2026-10-19T09:01"), ("2026-10-13T09:00", None))
    within = ",statistic=share,within=6m"
    assert minutes(log, OFFICE, options=within) == 1 / 60
    assert minutes(log, OFFICE, options=within + ",unanswered=breach") == 0.5 / 60


def test_a_clock_that_starts_anew_starts_in_business_hours() -> None:
    log = messages(("2026-10-16T17:00", "2026-10-19T09:10"))
    opened = pa.array([parse_instant("2026-10-16T16:30", "Asia/Shanghai", what="at")], STAMP)
    log["contacts"] = pa.table({"contact_id": ["c0"], "opened_at": opened})
    assert minutes(log, OFFICE, options=",clock_start=created") == 100
    assert minutes(log, OFFICE, options=",clock_start=created,unanswered=cap,cap=80m") == 80


@pytest.mark.parametrize("pooling", ["mean_of_session_means", "mean_of_session_medians", "person_days"])
def test_pooled_waits_have_no_business_hours(pooling: str) -> None:
    log = messages(("2026-10-16T17:00", "2026-10-19T09:10"))
    with pytest.raises(ParameterError, match=f"pooling={pooling} does not go with clock=business"):
        minutes(log, OFFICE, "average_response_time", f",pooling={pooling}")


def test_a_calendar_is_asked_for() -> None:
    log = kpicore.open(messages(("2026-10-16T17:00", "2026-10-19T09:10")))
    with pytest.raises(CalendarError, match="needs a calendar"):
        kpicore.measure(log, ["first_response_time[clock=business]"])


Shift = tuple[int, int]


@st.composite
def weeks(draw: st.DrawFn) -> tuple[list[Shift | None], list[int]]:
    """A shift or none for each weekday, in minutes of the day, and which of 14 days are holidays."""
    edges = st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).filter(lambda pair: pair[0] < pair[1])
    shifts = draw(st.lists(st.none() | edges, min_size=7, max_size=7).filter(any))
    return shifts, draw(st.lists(st.integers(0, 13), max_size=3, unique=True))


def as_toml(shifts: list[Shift | None], holidays: list[int]) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    days = zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), shifts, strict=True)
    week = [f"{name} = '{clock(s[0])}-{clock(s[1])}'" for name, s in days if s is not None]
    dates = ", ".join((FIRST + timedelta(days=day)).isoformat() for day in holidays)
    return "\n".join(["zone = 'UTC'", f"holidays.dates = [{dates}]", "[week]", *week])


def slow_wait(shifts: list[Shift | None], holidays: list[int], asked: int, answered: int) -> int:
    """Walks minute by minute from a Monday's midnight on, counting those that are worked."""
    found = 0
    for minute in range(asked, answered):
        day, of_day = divmod(minute, DAY)
        shift = shifts[day % 7]
        if day not in holidays and shift is not None and shift[0] <= of_day < shift[1]:
            found += 1
    return found


@settings(max_examples=40, deadline=None)
@given(
    week=weeks(),
    rounds=st.lists(st.tuples(st.integers(0, 12 * DAY), st.integers(1, 2 * DAY)), min_size=1, max_size=12),
    threads=st.integers(1, 3),
    data=st.data(),
)
def test_figures_are_those_of_a_walk_through_every_minute(
    week: tuple[list[Shift | None], list[int]],
    rounds: list[tuple[int, int]],
    threads: int,
    data: st.DataObject,
) -> None:
    rows = [
        (f"c{i}", (FIRST_MINUTE + at) * MINUTE, role)
        for i, (asked, wait) in enumerate(rounds)
        for role, at in (("customer", asked), ("agent", asked + wait))
    ]
    log = log_of(data.draw(st.permutations(rows)))
    batch = data.draw(st.integers(1, len(rows)))
    log["messages"] = pa.Table.from_batches(log["messages"].to_batches(max_chunksize=batch))
    waits = [slow_wait(*week, asked, asked + wait) for asked, wait in rounds]
    total = minutes(log, as_toml(*week), options=",statistic=sum", threads=threads)
    assert total == sum(waits)
    cap = sum(min(wait, 30) for wait in waits)
    options = ",statistic=sum,unanswered=cap,cap=30m"
    assert minutes(log, as_toml(*week), "average_response_time", options, threads=threads) == cap
