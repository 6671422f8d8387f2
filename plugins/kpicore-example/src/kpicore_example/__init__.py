"""A plugin to copy from: one metric and one weighting scheme."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.plugin import Metric, Weighting, hookimpl

from .long_wait import LONG_WAIT_RATE
from .rank_order import RANK_ORDER

__all__ = ["KPICORE_API", "kpicore_metrics", "kpicore_weightings"]

KPICORE_API = 1


@hookimpl
def kpicore_metrics() -> Iterable[Metric]:
    """Returns the metric ``long_wait_rate``."""
    return (LONG_WAIT_RATE,)


@hookimpl
def kpicore_weightings() -> Iterable[Weighting]:
    """Returns the weighting scheme ``rank-order``."""
    return (RANK_ORDER,)
