"""What people call periods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kpicore.clock import name_period, parse_period, timeline

DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("start", "grain", "fiscal", "name"),
    [
        ("2026-02-23T00:00:00+08:00", "week", 1, "2026-W09"),
        ("2024-12-30T00:00:00+08:00", "week", 1, "2025-W01"),
        ("2021-01-01T00:00:00+08:00", "week", 1, "2020-W53"),
        ("2026-07-01T00:00:00+08:00", "quarter", 1, "2026-Q3"),
        ("2026-07-01T06:00:00+08:00", "quarter", 4, "FY2026-Q2"),
        ("2027-01-01T00:00:00+08:00", "quarter", 4, "FY2026-Q4"),
        ("2027-01-01T00:00:00+08:00", "quarter", 10, "FY2026-Q2"),
        ("2026-12-01T00:00:00+08:00", "quarter", 12, "FY2026-Q1"),
        ("2026-04-01T00:00:00+08:00", "year", 4, "FY2026"),
        ("2026-01-01T00:00:00+08:00", "year", 1, "2026"),
        ("2026-10-01T06:00:00+08:00", "month", 4, "2026-10"),
        ("2026-10-12T00:00:00+08:00", "day", 4, "2026-10-12"),
        ("2026-10-12T06:00:00+08:00", "day", 1, "2026-10-12 06:00"),
        ("2026-10-12T09:30:00+08:00", "30min", 1, "2026-10-12 09:30"),
        ("2026-10-12T00:00:00+08:00", "hour", 1, "2026-10-12 00:00"),
        ("2026-10-12T00:00:00+08:00", "15min", 1, "2026-10-12 00:00"),
        ("2026-10-12", "all", 1, "2026-10-12"),
        ("9", "all", 1, "9"),
    ],
)
def test_names(start: str, grain: str, fiscal: int, name: str) -> None:
    assert name_period(start, grain, fiscal_year_start=fiscal) == name


def test_weeks_that_do_not_begin_on_mondays_are_named_by_their_first_day() -> None:
    assert name_period("2026-02-22T00:00:00+08:00", "week", week_start=7) == "2026-02-22"


@pytest.mark.parametrize("fiscal", range(1, 13))
@pytest.mark.parametrize("grain", ["year", "quarter", "month", "week", "day"])
def test_a_name_is_understood_again(grain: str, fiscal: int) -> None:
    """Whatever period is named, asking for it by its name gives the same period."""
    start = int(datetime(2023, 6, 15, tzinfo=UTC).timestamp()) * 1_000_000
    cells = timeline(start, start + 1000 * DAY, grain, "UTC", fiscal_year_start=fiscal, align=True)
    names = [name_period(label, grain, fiscal_year_start=fiscal) for label in cells.labels]
    assert len(set(names)) == len(cells)
    for name, first, last in list(zip(names, cells.edges, cells.edges[1:], strict=False))[:60]:
        assert parse_period(name, "UTC", fiscal_year_start=fiscal) == (first, last, grain)


def test_every_iso_week_of_many_years() -> None:
    monday = date(2000, 1, 3)
    while monday < date(2060, 1, 1):
        year, week, _ = monday.isocalendar()
        assert name_period(f"{monday}T00:00:00+00:00", "week") == f"{year}-W{week:02}"
        monday += timedelta(days=7)
