"""The built-in metrics and dialects, offered through the same hook as a plugin's."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.plugin import Dialect, Metric, hookimpl

from . import (
    abandons,
    agent_days,
    cases,
    conversation,
    customers,
    demand,
    experience,
    handling,
    incidents,
    missed,
    presale,
    responses,
    returns,
    reviews,
    sales,
    schedules,
    self_service,
    service_level,
    sessions,
    staffing,
    surveys,
    time_use,
    visits,
    volume,
    waits,
)

__all__ = ["kpicore_dialects", "kpicore_metrics"]


@hookimpl
def kpicore_metrics() -> Iterable[Metric]:
    """Returns every built-in family."""
    for family in (
        abandons,
        agent_days,
        cases,
        conversation,
        customers,
        demand,
        experience,
        handling,
        incidents,
        missed,
        presale,
        responses,
        returns,
        reviews,
        sales,
        schedules,
        self_service,
        service_level,
        sessions,
        staffing,
        surveys,
        time_use,
        visits,
        volume,
        waits,
    ):
        yield from family.METRICS


@hookimpl
def kpicore_dialects() -> Iterable[Dialect]:
    """Returns the dialects that come with kpicore."""
    from .dialect_files import load_dialects

    return load_dialects()
