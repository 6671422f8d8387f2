"""Business durations, by hand-checked cases."""

from __future__ import annotations

import pickle
from typing import cast

import pyarrow as pa
import pytest

from kpicore.clock import (
    Calendar,
    CalendarWarning,
    DurationRule,
    Shift,
    WorkingTime,
    parse_instant,
    read_calendars,
    working_time,
)
from kpicore.errors import CalendarError, DataError

HOUR = 3_600_000_000
OFFICE = "week.mon-fri = ['09:00-12:00', '13:00-18:00']"


def calendar(text: str, zone: str) -> Calendar:
    return read_calendars(f"zone = '{zone}'\n{text}").of()


def hours(text: str, zone: str, first: str, last: str, rule: DurationRule | None = None) -> float:
    one = calendar(text, zone)
    start, end = (parse_instant(at, zone, what="edge") for at in (first, last))
    clock = working_time(one, min(start, end) - 50 * HOUR, max(start, end) + 50 * HOUR)
    spans = (pa.array([at], pa.int64()) for at in (start, end))
    return cast("int", clock.between(*spans, rule=rule)[0].as_py()) / HOUR


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-10-12T09:00", "2026-10-12T18:00", 8),
        ("2026-10-12T11:30", "2026-10-12T13:30", 1),
        ("2026-10-12T12:10", "2026-10-12T12:50", 0),
        # asked on Friday night, answered on Sunday: outside all hours
        ("2026-10-16T19:00", "2026-10-18T11:00", 0),
        ("2026-10-16T17:30", "2026-10-19T09:30", 1),
        # a target of two hours used up exactly at closing time stays at two hours until opening
        ("2026-10-12T16:00", "2026-10-12T18:00", 2),
        ("2026-10-12T16:00", "2026-10-13T09:00", 2),
        ("2026-10-12T10:00", "2026-10-12T10:00", 0),
    ],
)
def test_only_working_hours_count(first: str, last: str, expected: float) -> None:
    assert hours(OFFICE, "Asia/Shanghai", first, last) == expected


def test_breaks_are_taken_out() -> None:
    text = "week.daily = '08:00-20:00'\nbreaks.mon-fri = ['12:00-13:00', '19:45-20:30']"
    assert hours(text, "UTC", "2026-10-12", "2026-10-13") == 10.75
    assert hours(text, "UTC", "2026-10-17", "2026-10-18") == 12


def test_a_holiday_ends_exactly_at_midnight() -> None:
    text = "week.daily = '00:00-24:00'\nholidays.dates = ['2026-10-07']"
    assert hours(text, "Asia/Shanghai", "2026-10-06T23:00", "2026-10-08T00:00") == 1
    assert hours(text, "Asia/Shanghai", "2026-10-06T23:00", "2026-10-08T00:00:01") == 1 + 1 / 3600
    assert hours(text, "Asia/Shanghai", "2026-10-07T00:00", "2026-10-08T00:00") == 0


@pytest.mark.parametrize(
    ("zone", "day", "following", "elapsed"),
    [
        ("America/New_York", "2026-03-08", "2026-03-09", 23),
        ("America/New_York", "2026-11-01", "2026-11-02", 25),
        ("Europe/Berlin", "2026-03-29", "2026-03-30", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-26", 25),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-06", 24.5),
        # Hong Kong's last summer time: clocks went forward and back at half past three
        ("Asia/Hong_Kong", "1979-05-13", "1979-05-14", 23),
        ("Asia/Hong_Kong", "1979-10-21", "1979-10-22", 25),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-05", 23),
    ],
)
def test_days_of_23_and_25_hours_are_counted_by_elapsed_time_or_by_the_wall(
    zone: str, day: str, following: str, elapsed: float
) -> None:
    text = "week.daily = '00:00-24:00'\ncount = '{}'"
    assert hours(text.format("elapsed"), zone, day, following) == elapsed
    # where midnight does not exist, the first instant of the day shows one o'clock
    assert hours(text.format("wall"), zone, day, following) == (23 if zone.endswith("Sao_Paulo") else 24)


def test_hong_kong_1979_at_the_half_hour() -> None:
    night = "week.daily = '03:15-05:00'\ncount = '{}'"
    spring, autumn = ("1979-05-13", "1979-05-14"), ("1979-10-21", "1979-10-22")
    # 03:15 to 03:30, then 04:30 to 05:00
    assert hours(night.format("elapsed"), "Asia/Hong_Kong", *spring) == 0.75
    assert hours(night.format("wall"), "Asia/Hong_Kong", *spring) == 1.75
    # open from the first 03:15; 02:30 to 03:30 is shown twice
    assert hours(night.format("elapsed"), "Asia/Hong_Kong", *autumn) == 2.75
    assert hours(night.format("wall"), "Asia/Hong_Kong", *autumn) == 1.75


def test_hours_that_a_gap_swallows_count_on_the_wall_only() -> None:
    text = "week.sun = ['02:15-02:45', '12:00-13:00']\ncount = '{}'"
    for until, elapsed, wall in (("01:59", 0, 0), ("03:00", 0, 0.5), ("12:30", 0.5, 1)):
        span = "2026-03-08T01:00", f"2026-03-08T{until}"
        assert hours(text.format("elapsed"), "America/New_York", *span) == elapsed
        assert hours(text.format("wall"), "America/New_York", *span) == wall


def test_the_second_pass_of_a_repeated_hour_does_not_count_on_the_wall() -> None:
    text = "week.daily = '00:00-24:00'\ncount = 'wall'"
    first, second = "2026-10-25T02:30+02:00", "2026-10-25T02:10+01:00"
    assert hours(text, "Europe/Berlin", first, second) == 0.5
    assert hours(text, "Europe/Berlin", second, "2026-10-25T02:50+01:00") == 0


@pytest.mark.parametrize("day_start", ["00:00", "06:00"])
def test_night_shifts_run_past_midnight(day_start: str) -> None:
    text = f"day_start = '{day_start}'\nweek.mon-fri = '22:00-06:00'\nbreaks.mon-fri = '02:00-02:30'"
    assert hours(text, "UTC", "2026-10-12", "2026-10-13") == 2
    assert hours(text, "UTC", "2026-10-12T20:00", "2026-10-13T20:00") == 7.5
    # Friday's shift ends on Saturday morning
    assert hours(text, "UTC", "2026-10-17", "2026-10-19") == 5.5


def test_a_special_day_keeps_the_night_before() -> None:
    text = "day_start = '06:00'\nweek.daily = '22:00-06:00'\nspecial_days.2026-10-13 = []"
    assert hours(text, "UTC", "2026-10-12T20:00", "2026-10-14T20:00") == 8


def test_shifts_of_neighbouring_days_must_not_overlap() -> None:
    one = calendar("week.mon = '22:00-06:00'\nspecial_days.2026-10-13 = '05:00-07:00'", "UTC")
    start = parse_instant("2026-10-12", "UTC", what="start")
    with pytest.raises(CalendarError, match="first shift of 2026-10-13 overlaps"):
        working_time(one, start, start + 48 * HOUR)


def at(*texts: str | None) -> pa.Array:
    return pa.array(
        [None if text is None else parse_instant(text, "UTC", what="at") for text in texts],
        pa.timestamp("us", "UTC"),
    )


def clock_of(*texts: str) -> WorkingTime:
    start, end = (parse_instant(text, "UTC", what="range") for text in ("2026-10-12", "2026-10-19"))
    return working_time([calendar(text, "UTC") for text in texts], start, end)


def test_rows_may_have_a_calendar_each() -> None:
    clock = clock_of("week.daily = '09:00-17:00'", "week.daily = '00:00-24:00'")
    start = at("2026-10-12T16:00", "2026-10-12T16:00", "2026-10-12T16:00", None)
    end = at("2026-10-12T20:00", "2026-10-12T20:00", "2026-10-12T20:00", "2026-10-12T20:00")
    found = clock.between(start, end, which=pa.array([0, 1, None, 0], pa.int32()))
    assert found.to_pylist() == [HOUR, 4 * HOUR, None, None]


def test_what_a_reversed_interval_is_can_be_chosen() -> None:
    clock = clock_of("week.daily = '09:00-17:00'")
    start, end = (
        at("2026-10-12T12:00", "2026-10-12T10:00", None),
        at("2026-10-12T11:00", "2026-10-12T11:00", None),
    )
    for choice, expected in (("zero", 0), ("negative", -HOUR), ("null", None)):
        found = clock.between(start, end, rule=DurationRule(reversed=choice))
        assert found.to_pylist() == [expected, HOUR, None]
    with pytest.raises(DataError, match=r"row 0: .*2026-10-12T12:00.* ends before it starts"):
        clock.between(start, end)
    with pytest.raises(DataError, match="row 0"):
        clock.between(start[:2], end[:2])


def test_instants_outside_the_range_are_refused() -> None:
    clock = clock_of("week.daily = '09:00-17:00'")
    for start, end in (
        (at("2026-10-11"), at("2026-10-12")),
        (at(None, "2026-10-12"), at(None, "2026-10-20")),
    ):
        with pytest.raises(CalendarError, match=rf"row {len(start) - 1}: .* leaves the range"):
            clock.between(start, end)
    with pytest.raises(CalendarError, match="row 0: its calendar is none of the 1"):
        clock.between(at("2026-10-12"), at("2026-10-13"), which=pa.array([1], pa.int32()))


def test_working_time_since_the_start_of_the_range() -> None:
    clock = clock_of("week.daily = '09:00-17:00'")
    found = clock.worked(at("2026-10-12", "2026-10-12T10:00", "2026-10-14", None, "2026-10-30"))
    assert found.to_pylist() == [0, HOUR, 16 * HOUR, None, None]
    middle = parse_instant("2026-10-12T16:30", "UTC", what="start")
    later = working_time(calendar("week.daily = '09:00-17:00'", "UTC"), middle, middle + 24 * HOUR)
    assert later.worked(at("2026-10-12T16:30", "2026-10-12T23:00", "2026-10-13T09:30")).to_pylist() == [
        0,
        HOUR // 2,
        HOUR,
    ]


def test_a_compiled_calendar_travels() -> None:
    clock = clock_of("week.daily = '09:00-17:00'", OFFICE)
    copy = pickle.loads(pickle.dumps(clock))
    assert copy == clock
    spans = at("2026-10-12T08:00"), at("2026-10-13T08:00")
    assert copy.between(*spans) == clock.between(*spans)


def test_a_period_past_the_known_days_warns() -> None:
    one = calendar(f"{OFFICE}\nknown_through = 2026-12-31", "Asia/Shanghai")
    start, end = (parse_instant(text, "Asia/Shanghai", what="x") for text in ("2026-12-01", "2027-01-01"))
    working_time(one, start, end)
    with pytest.warns(CalendarWarning, match="known through 2026-12-31, but the period runs to 2027-01-01"):
        working_time(one, start, end + 1)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [(1, 0, "range of time"), (0, 6_000_000 * HOUR, "stray date"), (10**18, 10**18 + 1, "nanoseconds")],
)
def test_a_range_that_cannot_be_compiled_is_refused(start: int, end: int, message: str) -> None:
    with pytest.raises(CalendarError, match=message):
        working_time(calendar(OFFICE, "UTC"), start, end)


@pytest.mark.parametrize("rule", [{"reversed": "ignore"}, {"floor": -1}, {"unit": 0}])
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(CalendarError, match="is no way to count"):
        DurationRule(**rule)  # type: ignore[arg-type]


def test_shifts_sort_by_their_start() -> None:
    assert sorted([Shift(start=2, end=3), Shift(start=1, end=5)])[0].start == 1
