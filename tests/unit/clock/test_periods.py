"""Where periods begin, by hand-checked cases."""

from __future__ import annotations

import pytest

from kpicore.clock import Timeline, format_instant, parse_instant, parse_period, timeline
from kpicore.errors import CalendarError

HOUR = 3_600_000_000


def cut(first: str, last: str, grain: str, zone: str, day_start: int = 0, align: bool = False) -> Timeline:
    start, end = (parse_instant(text, zone, what="edge") for text in (first, last))
    return timeline(start, end, grain, zone, day_start=day_start, align=align)


def lengths(cells: Timeline) -> list[float]:
    return [(b - a) / HOUR for a, b in zip(cells.edges, cells.edges[1:], strict=False)]


@pytest.mark.parametrize(
    ("first", "last", "zone", "hours"),
    [
        ("2026-03-07", "2026-03-10", "America/New_York", [24, 23, 24]),
        ("2026-10-31", "2026-11-03", "America/New_York", [24, 25, 24]),
        ("2026-03-28", "2026-03-31", "Europe/Berlin", [24, 23, 24]),
        ("2026-10-24", "2026-10-27", "Europe/Berlin", [24, 25, 24]),
        ("2026-04-04", "2026-04-07", "Australia/Lord_Howe", [24, 24.5, 24]),
        ("2026-10-03", "2026-10-06", "Australia/Lord_Howe", [24, 23.5, 24]),
        # midnight does not exist: the day begins at 01:00
        ("2018-11-03", "2018-11-06", "America/Sao_Paulo", [24, 23, 24]),
        ("2026-03-28", "2026-03-31", "Asia/Beirut", [24, 23, 24]),
        # the hour before midnight is repeated, or the hour after it
        ("2018-02-17", "2018-02-20", "America/Sao_Paulo", [25, 24, 24]),
        ("2022-11-06", "2022-11-08", "America/Havana", [25, 24]),
        # clocks went back at one minute past midnight, to 23:01 of the day before
        ("2010-11-06", "2010-11-09", "America/St_Johns", [24, 25, 24]),
        # a day that the islands skipped
        ("2011-12-29", "2012-01-01", "Pacific/Apia", [24, 24]),
    ],
)
def test_days_last_as_long_as_the_clock_on_the_wall_takes(
    first: str, last: str, zone: str, hours: list[float]
) -> None:
    assert lengths(cut(first, last, "day", zone)) == hours


def test_a_missing_midnight_makes_the_day_begin_at_one() -> None:
    assert cut("2018-11-04", "2018-11-05", "day", "America/Sao_Paulo").labels == (
        "2018-11-04T01:00:00-02:00",
    )


def test_a_repeated_hour_makes_two_cells_told_apart_by_the_offset() -> None:
    labels = cut("2026-10-25T01:00", "2026-10-25T04:00", "hour", "Europe/Berlin").labels
    assert labels == (
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    )


def test_a_skipped_hour_has_no_cell() -> None:
    labels = cut("2026-03-08T01:00", "2026-03-08T05:00", "30min", "America/New_York").labels
    assert [label[11:16] for label in labels] == ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]


def test_a_shift_by_half_an_hour_ends_the_hour_it_falls_into() -> None:
    back = cut("2026-04-05T00:00", "2026-04-05T04:00", "hour", "Australia/Lord_Howe")
    assert [(label[11:16], label[19:]) for label in back.labels] == [
        ("00:00", "+11:00"),
        ("01:00", "+11:00"),
        ("01:30", "+10:30"),
        ("02:00", "+10:30"),
        ("03:00", "+10:30"),
    ]
    assert lengths(back) == [1, 1, 0.5, 1, 1]
    ahead = cut("2026-10-04T01:00", "2026-10-04T04:00", "hour", "Australia/Lord_Howe")
    assert [label[11:16] for label in ahead.labels] == ["01:00", "02:30", "03:00"]
    assert lengths(ahead) == [1, 0.5, 1]


def test_hours_are_cut_in_local_time_where_the_offset_is_no_whole_hour() -> None:
    assert cut("2026-10-01T09:10", "2026-10-01T11:50", "hour", "Asia/Kathmandu").labels == (
        "2026-10-01T09:00:00+05:45",
        "2026-10-01T10:00:00+05:45",
        "2026-10-01T11:00:00+05:45",
    )


def test_the_range_clips_cells_but_not_their_labels() -> None:
    cells = cut("2026-10-01T09:10", "2026-10-01T10:20", "hour", "UTC")
    assert lengths(cells) == [50 / 60, 20 / 60]
    assert [label[11:16] for label in cells.labels] == ["09:00", "10:00"]
    assert (cells.edges[0] - cells.first_start, cells.last_end - cells.edges[-1]) == (HOUR / 6, HOUR * 2 / 3)


def test_align_widens_to_whole_periods() -> None:
    cells = cut("2026-10-14", "2026-11-02", "month", "Asia/Shanghai", align=True)
    assert [format_instant(edge, "Asia/Shanghai")[:10] for edge in cells.edges] == [
        "2026-10-01",
        "2026-11-01",
        "2026-12-01",
    ]


@pytest.mark.parametrize(
    ("grain", "labels"),
    [
        ("week", ["2026-09-28", "2026-10-05"]),
        ("month", ["2026-10-01"]),
        ("quarter", ["2026-10-01"]),
        ("year", ["2026-01-01"]),
        ("all", ["2026-10-01"]),
    ],
)
def test_long_periods_begin_where_the_calendar_says(grain: str, labels: list[str]) -> None:
    assert [label[:10] for label in cut("2026-10-01", "2026-10-10", grain, "UTC").labels] == labels


def test_weeks_and_years_may_begin_elsewhere() -> None:
    start, end = (parse_instant(text, "UTC", what="edge") for text in ("2026-05-20", "2026-05-21"))
    sunday = timeline(start, end, "week", "UTC", week_start=7)
    april = timeline(start, end, "year", "UTC", fiscal_year_start=4)
    february = timeline(start, end, "quarter", "UTC", fiscal_year_start=2)
    assert [cells.labels[0][:10] for cells in (sunday, april, february)] == [
        "2026-05-17",
        "2026-04-01",
        "2026-05-01",
    ]


def test_a_night_shift_belongs_to_the_day_it_started_on() -> None:
    cells = cut("2026-10-01T02:00", "2026-10-01T07:00", "day", "UTC", day_start=6 * HOUR)
    assert cells.labels == ("2026-09-30T06:00:00+00:00", "2026-10-01T06:00:00+00:00")
    assert lengths(cells) == [4, 1]


@pytest.mark.parametrize(
    ("text", "zone", "first", "last", "grain"),
    [
        ("2026", "UTC", "2026-01-01", "2027-01-01", "year"),
        ("2026-q3", "UTC", "2026-07-01", "2026-10-01", "quarter"),
        ("2026-12", "Asia/Shanghai", "2026-12-01", "2027-01-01", "month"),
        ("2026-W01", "UTC", "2025-12-29", "2026-01-05", "week"),
        ("2020-W53", "UTC", "2020-12-28", "2021-01-04", "week"),
        ("2026-10-25", "Europe/Berlin", "2026-10-25", "2026-10-26", "day"),
    ],
)
def test_periods_are_read(text: str, zone: str, first: str, last: str, grain: str) -> None:
    expected = *(parse_instant(edge, zone, what="edge") for edge in (first, last)), grain
    assert parse_period(text, zone) == expected


def test_a_fiscal_year_is_named_by_the_year_it_begins_in() -> None:
    start, end, _ = parse_period("2026-Q4", "UTC", fiscal_year_start=4)
    assert [format_instant(at, "UTC")[:10] for at in (start, end)] == ["2027-01-01", "2027-04-01"]


def test_a_period_starts_with_the_working_day() -> None:
    start, _, _ = parse_period("2026-10", "UTC", day_start=6 * HOUR)
    assert format_instant(start, "UTC") == "2026-10-01T06:00:00+00:00"


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2025-W53", "2026-02-30", "October", "26", "2026-Q5", "0000"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(CalendarError, match="is not a period"):
        parse_period(text, "UTC")


def test_a_day_that_never_was_is_refused() -> None:
    with pytest.raises(CalendarError, match="is not a period of Pacific/Apia"):
        parse_period("2011-12-30", "Pacific/Apia")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grain": "fortnight"}, "no period 'fortnight'"),
        ({"grain": "hours"}, "did you mean 'hour'"),
        ({"end": 0}, "is empty"),
        ({"end": 300_000 * 365 * 24 * HOUR}, "nanoseconds"),
        ({"end": 300 * 365 * 24 * HOUR, "grain": "15min"}, "more than 5,000,000"),
        ({"day_start": 7}, "day_start"),
        ({"day_start": 24 * HOUR}, "day_start"),
        ({"week_start": 0}, "week_start"),
        ({"fiscal_year_start": 13}, "fiscal_year_start"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
    ],
)
def test_what_cannot_be_cut_is_refused(change: dict[str, object], message: str) -> None:
    given = {"start": 0, "end": HOUR, "grain": "day", "zone": "UTC", **change}
    with pytest.raises(CalendarError, match=message):
        timeline(given.pop("start"), given.pop("end"), given.pop("grain"), given.pop("zone"), **given)  # type: ignore[arg-type]
