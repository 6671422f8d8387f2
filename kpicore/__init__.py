"""From the raw logs of customer service to KPIs and reviews that anyone can check.

>>> import kpicore as kpi
>>> log = kpi.open("logs/", zone="Asia/Shanghai")                      # doctest: +SKIP
>>> res = kpi.measure(log, ["average_handle_time"], by=["agent", "day"])  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api import check, compare_definitions, derive, load_plugins, measure, open, score, scorecard
    from .engine import Comparison, Finding, Result
    from .runs import Review
    from .tables import Log

__all__ = [
    "Comparison",
    "Finding",
    "Log",
    "Result",
    "Review",
    "check",
    "compare_definitions",
    "derive",
    "load_plugins",
    "measure",
    "open",
    "score",
    "scorecard",
]

__version__ = "0.1.0"

_HOMES = {"Comparison": "engine", "Finding": "engine", "Result": "engine", "Review": "runs", "Log": "tables"}


def __getattr__(name: str) -> object:
    """Imports what is asked for when it is asked for: ``import kpicore`` itself costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'kpicore' has no attribute {name!r}")
    return getattr(import_module(f"kpicore.{_HOMES.get(name, 'api')}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
