"""Measuring as callers write it: metrics, subjects and periods as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpicore.clock import CYCLES, GRAINS, CalendarBook, parse_instant, parse_time_of_day
from kpicore.errors import UsageError
from kpicore.metrics import Formula, parse_requests
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .measure import measure
from .request import Query
from .result import Result

__all__ = ["ask", "query_of"]


def query_of(
    log: Log,
    metrics: Sequence[str],
    by: Sequence[str],
    plugins: Plugins,
    *,
    period: str | Sequence[str] = (),
    zone: str | None = None,
    start: str | int | None = None,
    end: str | int | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    calendars: CalendarBook | None = None,
    day_start: int | str = 0,
    week_start: int = 1,
    fiscal_year_start: int = 1,
    threads: int | None = None,
    batch_rows: int = Query.batch_rows,
    formulas: Sequence[Formula] = (),
) -> Query:
    """Returns the query for metrics, formulas and conditions in text.

    ``by`` and ``period`` may both name periods (a grain and cycles); all other names of ``by`` are
    subjects. ``formulas`` are others that metrics may name. Instants are text in ``zone`` or microseconds
    UTC; ``zone`` is the log's, else UTC.
    ``day_start`` is a time of day (``06:00``), or microseconds after midnight.
    """
    named = [period] if isinstance(period, str) else list(period)
    periods = list(dict.fromkeys([p for p in by if p in GRAINS or p in CYCLES] + named))
    subjects = tuple(name for name in by if name not in periods and name != "all")
    if not metrics:
        raise UsageError("no metric is named", hint="kpicore metrics lists them")
    if len(set(subjects)) < len(subjects):
        raise UsageError(f"by {', '.join(by)} names a subject twice")
    chosen = zone or log.zone or "UTC"
    conditions = {
        name: (values,) if isinstance(values, str) else tuple(values)
        for name, values in (where or {}).items()
    }
    return Query(
        requests=parse_requests(metrics, plugins, formulas),
        by=subjects,
        periods=tuple(periods) or ("all",),
        zone=chosen,
        start=parse_instant(start, chosen, what="--from") if isinstance(start, str) else start,
        end=parse_instant(end, chosen, what="--to") if isinstance(end, str) else end,
        where=conditions,
        calendars=calendars,
        day_start=parse_time_of_day(day_start) if isinstance(day_start, str) else day_start,
        week_start=week_start,
        fiscal_year_start=fiscal_year_start,
        threads=threads,
        batch_rows=batch_rows,
    )


def ask(
    log: Log,
    metrics: Sequence[str],
    by: Sequence[str],
    plugins: Plugins,
    *,
    period: str | Sequence[str] = (),
    zone: str | None = None,
    start: str | int | None = None,
    end: str | int | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    calendars: CalendarBook | None = None,
    day_start: int | str = 0,
    week_start: int = 1,
    fiscal_year_start: int = 1,
    threads: int | None = None,
    batch_rows: int = Query.batch_rows,
    formulas: Sequence[Formula] = (),
) -> Result:
    """Returns the measured metrics; see ``query_of`` for the words and ``Result`` for the columns."""
    query = query_of(
        log,
        metrics,
        by,
        plugins,
        period=period,
        zone=zone,
        start=start,
        end=end,
        where=where,
        calendars=calendars,
        day_start=day_start,
        week_start=week_start,
        fiscal_year_start=fiscal_year_start,
        threads=threads,
        batch_rows=batch_rows,
        formulas=formulas,
    )
    return measure(log, query, plugins)
