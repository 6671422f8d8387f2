"""The tables of a run that need its log: they are made when it is scored and kept with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pyarrow as pa

from kpicore.engine import Query, Result, build, extent
from kpicore.errors import MissingDataError
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card, Scores
from kpicore.tables import Log

from .definitions import definitions_table
from .exemplars import exemplars_table
from .signs import signs_table
from .trend import choose_stretch, trend_table

__all__ = ["kept_tables"]


def kept_tables(
    log: Log,
    card: Card,
    query: Query,
    result: Result,
    scores: Scores,
    plugins: Plugins,
    *,
    rates: Collection[str],
) -> dict[str, pa.Table]:
    """Returns ``trend``, ``definitions``, ``exemplars`` and ``signs`` of a run whose values ``query`` gave.

    ``rates`` are the requests that are shares of counted things.
    """
    requests = result.requests
    first, last = _extent(log, result, plugins)
    # what is open ends where it ended for the run's own values
    asked = replace(query, start=result.start, end=result.end, until=last if query.end is None else query.end)
    stretch = choose_stretch(
        card.period,
        first,
        result.start,
        result.end,
        result.zone,
        day_start=query.day_start,
        fiscal_year_start=query.fiscal_year_start,
    )
    members = {key for one in scores.scores if (key := one.subject[0]) is not None}
    units = {request.text: build(request).unit or request.metric.unit for request in requests}
    return {
        "trend": trend_table(log, card, asked, plugins, stretch, members=members, rates=rates),
        "definitions": definitions_table(requests, units),
        "exemplars": exemplars_table(log, card, asked, result, plugins),
        "signs": signs_table(log, card, plugins, result.start, result.end),
    }


def _extent(log: Log, result: Result, plugins: Plugins) -> tuple[int, int]:
    try:
        return extent(log, result.requests, plugins)
    except MissingDataError:  # a named period over tables without rows has values: counts of 0
        return result.start, result.end
