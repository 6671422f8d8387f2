"""Holidays, make-up days, special days, and how many days are worked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kpicore.clock import (
    Calendar,
    CalendarWarning,
    known_through,
    parse_instant,
    read_calendars,
    timeline,
    week_of,
    work_days,
    working_days,
    working_time,
)

HOUR = 3_600_000_000


def calendar(text: str, zone: str = "Asia/Shanghai") -> Calendar:
    return read_calendars(f"zone = '{zone}'\nweek.mon-fri = '09:00-18:00'\n{text}").of()


def reasons(one: Calendar, first: date, days: int) -> str:
    """One letter a day, capital where there are hours."""
    found = work_days(one, first, first + timedelta(days=days - 1))
    return "".join(day.reason[0].upper() if day.shifts else day.reason[0] for day in found)


def test_chinas_make_up_days_are_worked() -> None:
    one = calendar("holidays.country = 'CN'")
    # National Day 2026: off from October 1 to 7, made up on Sunday, September 20 and Saturday, October 10
    assert reasons(one, date(2026, 9, 19), 3) == "wMW"
    # Sunday, October 4 is off as any Sunday
    assert reasons(one, date(2026, 10, 1), 11) == "hhhwhhh" + "WW" + "M" + "w"
    saturday = work_days(one, date(2026, 10, 10), date(2026, 10, 10))[0]
    assert saturday.shifts == one.week[0]


def test_make_up_days_can_be_left_out_or_follow_another_weekday() -> None:
    without = calendar("holidays.country = 'CN'\nholidays.make_up_days = false")
    assert reasons(without, date(2026, 10, 10), 1) == "w"
    friday = read_calendars(
        "zone = 'Asia/Shanghai'\nweek = {mon-thu = '09:00-18:00', fri = '09:00-15:00'}\n"
        "holidays = {country = 'CN', make_up_like = 'fri'}"
    ).of()
    assert work_days(friday, date(2026, 10, 10), date(2026, 10, 10))[0].shifts == friday.week[4]


def test_a_make_up_day_with_hours_of_its_own_keeps_them() -> None:
    one = read_calendars(
        "zone = 'Asia/Shanghai'\nweek = {mon-fri = '09:00-18:00', sat = '10:00-14:00'}\n"
        "holidays.country = 'CN'"
    ).of()
    saturday = work_days(one, date(2026, 10, 10), date(2026, 10, 10))[0]
    assert (saturday.reason, saturday.shifts) == ("week", one.week[5])


def test_working_days_of_chinese_months() -> None:
    one = calendar("holidays.country = 'CN'")
    start, end = (parse_instant(text, "Asia/Shanghai", what="x") for text in ("2026-01-01", "2027-01-01"))
    months = timeline(start, end, "month", "Asia/Shanghai")
    # counted by hand from the notice of the State Council for 2026
    assert working_days(one, months) == (21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23)


def test_working_days_of_a_cut_month_and_of_night_shifts() -> None:
    one = calendar("day_start = '06:00'\nholidays.dates = ['2026-10-14']", "UTC")
    start, end = (parse_instant(text, "UTC", what="x") for text in ("2026-10-12T07:00", "2026-10-16T05:00"))
    # Monday, Tuesday and Thursday; five in the morning of Friday is still Thursday
    assert working_days(one, timeline(start, end, "month", "UTC")) == (3,)
    assert working_days(one, timeline(start, end, "day", "UTC", day_start=6 * HOUR)) == (1, 1, 0, 1)


def test_a_day_that_the_zone_skipped_is_not_worked() -> None:
    one = calendar("", "Pacific/Apia")
    start, end = (parse_instant(text, "Pacific/Apia", what="x") for text in ("2011-12-26", "2012-01-02"))
    # Friday, December 30 never was
    assert working_days(one, timeline(start, end, "all", "Pacific/Apia")) == (4,)


def test_the_order_of_what_beats_what() -> None:
    one = calendar(
        "holidays.yearly = ['10-05', '02-29']\nholidays.dates = ['2026-10-06', '2026-10-07']\n"
        "holidays.hours = '10:00-12:00'\nspecial_days = {2026-10-06 = [], 2026-10-10 = '09:00-12:00'}"
    )
    assert reasons(one, date(2026, 10, 5), 6) == "HsHWWS"
    assert reasons(one, date(2028, 2, 29), 1) == "H"
    assert reasons(one, date(2100, 2, 28), 2) == "wW"


def test_subdivisions_have_holidays_of_their_own() -> None:
    bavaria = calendar("holidays = {country = 'DE', subdivision = 'BY'}", "Europe/Berlin")
    berlin = calendar("holidays = {country = 'DE', subdivision = 'BE'}", "Europe/Berlin")
    epiphany = date(2026, 1, 6)
    assert (reasons(bavaria, epiphany, 1), reasons(berlin, epiphany, 1)) == ("h", "W")
    assert work_days(bavaria, epiphany, epiphany)[0].name


def test_make_up_days_are_known_as_far_as_they_are_published() -> None:
    one = calendar("holidays.country = 'CN'")
    assert known_through(one, date(2026, 12, 31)) is None
    far = known_through(one, date(2090, 6, 1))
    assert far is None or far < date(2090, 1, 1)
    start = parse_instant("2095-01-01", "Asia/Shanghai", what="x")
    assert known_through(calendar("holidays.country = 'US'", "UTC"), date(2095, 1, 1)) is None
    stated = calendar("holidays.country = 'CN'\nknown_through = 2025-06-30")
    with pytest.warns(CalendarWarning, match="2025-06-30"):
        working_time(stated, start, start + HOUR)


def test_weeks_are_those_of_iso() -> None:
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(12_000)]
    assert [week_of(day) for day in days] == [day.isocalendar()[:2] for day in days]


@pytest.mark.parametrize(
    ("day", "rules", "expected"),
    [
        (date(2026, 4, 1), {"fiscal_year_start": 4, "least_days": 1}, (2026, 1)),
        (date(2026, 3, 31), {"fiscal_year_start": 4, "least_days": 1}, (2026, 1)),
        (date(2026, 3, 29), {"fiscal_year_start": 4, "least_days": 1}, (2025, 52)),
        (date(2026, 4, 5), {"fiscal_year_start": 4, "least_days": 1, "week_start": 7}, (2026, 2)),
        (date(2026, 4, 5), {"fiscal_year_start": 4, "least_days": 7}, (2025, 52)),
        (date(2026, 4, 6), {"fiscal_year_start": 4, "least_days": 7}, (2026, 1)),
    ],
)
def test_fiscal_weeks(day: date, rules: dict[str, int], expected: tuple[int, int]) -> None:
    assert week_of(day, **rules) == expected
