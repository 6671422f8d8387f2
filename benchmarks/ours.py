"""The works as kpicore does them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

import kpicore
from kpicore import engine
from kpicore.plugin import col, total
from kpicore.plugin.manager import load_plugins
from kpicore.tables import Log

__all__ = ["concurrency", "load", "response_times", "state_seconds"]

_PLUGINS = load_plugins(third_party=False)
_STATISTICS = ("mean", "p50", "p90", "share")


def load(tables: Mapping[str, pa.Table]) -> Log:
    """Returns the log, validated; peers are likewise given tables that lie in memory."""
    return kpicore.open(tables, plugins=_PLUGINS)


def state_seconds(log: Log, threads: int | None = None) -> pa.Table:
    """W1: agent, state, hour, microseconds."""
    length = total("state_intervals", col("end") - col("start"), attribution="prorated", part="state")
    query = engine.Query(requests=(), by=("agent",), periods=("hour",), threads=threads)
    return engine.tally(log, {"us": length}, query, _PLUGINS)


def response_times(log: Log, threads: int | None = None) -> pa.Table:
    """W2: the first and every response by agent: mean, p50, p90, share over a minute, and their number."""
    metrics = [
        f"{name}[statistic={statistic}]"
        for name in ("first_response_time", "average_response_time")
        for statistic in _STATISTICS
    ]
    return kpicore.measure(log, metrics, by=["agent"], plugins=_PLUGINS, threads=threads).to_arrow()


def concurrency(log: Log, threads: int | None = None) -> pa.Table:
    """W3: peak and time-weighted concurrency and the union of handling by agent and day."""
    metrics = ["max_concurrency[basis=observed]", "max_concurrency[basis=observed,statistic=mean]"]
    return kpicore.measure(log, metrics, by=["agent", "day"], plugins=_PLUGINS, threads=threads).to_arrow()
