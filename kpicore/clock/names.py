"""What people call a period, from its ISO start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TypeAlias

from .edges import SUB_DAY

__all__ = ["Namer", "name_period", "naming"]

Namer: TypeAlias = Callable[[str], str]
"""Gives the name of a period from its ISO start."""


def name_period(start: str, grain: str, *, week_start: int = 1, fiscal_year_start: int = 1) -> str:
    """Returns the name of the period of ``grain`` that begins at ``start``, ISO local time.

    A fiscal year and its quarters, which do not begin in January, are named by the calendar year in which
    the fiscal year begins. Weeks have ISO numbers where they begin on Mondays, else the date of their first
    day, as days have; shorter periods also have a time. Text that is no ISO time stays as it is.

    >>> name_period("2026-02-23T00:00:00+08:00", "week"), name_period("2026-07-01", "quarter")
    ('2026-W09', '2026-Q3')
    >>> name_period("2027-01-01T00:00:00+01:00", "quarter", fiscal_year_start=10)
    'FY2026-Q2'
    """
    text, _, clock = start.partition("T")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return start
    fiscal = "" if fiscal_year_start == 1 else "FY"
    year, month = divmod(day.year * 12 + day.month - fiscal_year_start, 12)
    match grain:
        case "year":
            return f"{fiscal}{year}"
        case "quarter":
            return f"{fiscal}{year}-Q{month // 3 + 1}"
        case "month":
            return text[:7]
        case "week" if week_start == 1:
            return f"{day.isocalendar().year}-W{day.isocalendar().week:02}"
    whole = not clock or (clock.startswith("00:00:00") and grain not in SUB_DAY)
    return text if whole else f"{text} {clock[:5]}"


def naming(grain: str, *, week_start: int = 1, fiscal_year_start: int = 1) -> Namer:
    """Returns the function that names periods of ``grain``."""
    return partial(name_period, grain=grain, week_start=week_start, fiscal_year_start=fiscal_year_start)
