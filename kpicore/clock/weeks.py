"""Numbers of weeks, as ISO 8601 or a fiscal year counts them."""

from __future__ import annotations

from datetime import date, timedelta

__all__ = ["week_of"]


def week_of(
    day: date, *, week_start: int = 1, fiscal_year_start: int = 1, least_days: int = 4
) -> tuple[int, int]:
    """Returns the year and number of the week that holds ``day``; by default those of ISO 8601.

    Week 1 is the first that has ``least_days`` days of the fiscal year: 4 is the rule of ISO, 1 counts
    from the week in which the year begins, 7 from the first whole one. A fiscal year is named by the
    calendar year in which it begins; ``week_start`` is 1 (Monday) to 7 (Sunday).

    >>> week_of(date(2027, 1, 1)), week_of(date(2026, 4, 1), fiscal_year_start=4, least_days=1)
    ((2026, 53), (2026, 1))
    """
    for year in (day.year + 1, day.year, day.year - 1):
        first = _week_one(year, week_start, fiscal_year_start, least_days)
        if first <= day:
            return year, (day - first).days // 7 + 1
    raise AssertionError(f"no fiscal year holds {day}")


def _week_one(year: int, week_start: int, fiscal_year_start: int, least_days: int) -> date:
    begin = date(year, fiscal_year_start, 1)
    into = (begin.isoweekday() - week_start) % 7
    return begin - timedelta(days=into) + timedelta(days=0 if 7 - into >= least_days else 7)
