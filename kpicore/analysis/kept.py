"""The tables of a run that need its log: they are made when it is scored and kept with it."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from kpicore.engine import Query, Result, build, extent
from kpicore.errors import MissingDataError
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card, Scores
from kpicore.tables import Log

from .definitions import definitions_table
from .trend import choose_stretch, trend_table

__all__ = ["kept_tables"]


def kept_tables(
    log: Log,
    card: Card,
    result: Result,
    scores: Scores,
    plugins: Plugins,
    *,
    rates: Collection[str],
    threads: int | None = None,
    batch_rows: int = Query.batch_rows,
) -> dict[str, pa.Table]:
    """Returns ``trend`` and ``definitions`` of a run whose values are ``result``.

    ``rates`` are the requests that are shares of counted things.
    """
    subject = result.by[0]
    units = {request.text: build(request).unit or request.metric.unit for request in result.requests}
    trend = trend_table(
        log,
        result.requests,
        plugins,
        choose_stretch(card.period, _first(log, result, plugins), result.start, result.end, result.zone),
        subject=subject,
        members={key for one in scores.scores if (key := one.subject[0]) is not None},
        rates=rates,
        zone=result.zone,
        threads=threads,
        batch_rows=batch_rows,
    )
    return {"trend": trend, "definitions": definitions_table(result.requests, units)}


def _first(log: Log, result: Result, plugins: Plugins) -> int:
    try:
        return extent(log, result.requests, plugins)[0]
    except MissingDataError:  # a named period over tables without rows has values: counts of 0
        return result.start
