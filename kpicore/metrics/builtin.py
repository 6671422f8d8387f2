"""The built-in metrics, offered through the same hook as a plugin's."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.plugin import Metric, hookimpl

from . import (
    cases,
    customers,
    demand,
    experience,
    handling,
    incidents,
    missed,
    responses,
    reviews,
    self_service,
    staffing,
    surveys,
    time_use,
    visits,
    volume,
)

__all__ = ["kpicore_metrics"]


@hookimpl
def kpicore_metrics() -> Iterable[Metric]:
    """Returns every built-in family."""
    for family in (
        cases,
        customers,
        demand,
        experience,
        handling,
        incidents,
        missed,
        responses,
        reviews,
        self_service,
        staffing,
        surveys,
        time_use,
        visits,
        volume,
    ):
        yield from family.METRICS
