"""What a caller asks the engine for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpicore.clock import CalendarBook
from kpicore.metrics import Request

__all__ = ["Query", "CYCLE_COLUMNS"]

CYCLE_COLUMNS = ("hour_of_day", "weekday")


@dataclass(frozen=True, kw_only=True)
class Query:
    """Metrics by subjects and periods, over a range and a part of the rows.

    ``by`` names subject columns (``agent``, ``team``, ``queue``, a dimension; none for all together);
    ``periods`` at most one grain, and cycles. ``start`` and ``end`` are microseconds UTC, the range of
    the data where they are None. What is still open ends at ``until``; at the end of the range, which is the
    last instant of the data where ``end`` is None, if it is None too. ``where`` keeps rows whose subject or
    cycle is one of the values; with ``!`` behind the name those of which it is none of them.
    ``calendars`` are what business time and working days count under; ``day_start`` is when a day
    begins, in microseconds after midnight, ``week_start`` its weekday (1 = Monday) and
    ``fiscal_year_start`` the month in which years and quarters do.
    """

    requests: tuple[Request, ...]
    by: tuple[str, ...] = ()
    periods: tuple[str, ...] = ("all",)
    zone: str = "UTC"
    start: int | None = None
    end: int | None = None
    until: int | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calendars: CalendarBook | None = None
    day_start: int = 0
    week_start: int = 1
    fiscal_year_start: int = 1
    threads: int | None = None
    batch_rows: int = 131_072
