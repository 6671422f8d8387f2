"""The hooks of the entry-point group ``kpicore.plugins``.

Every hook returns an iterable of frozen records. None is called per row or batch.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from .adapter import Adapter
from .dialect import Dialect, ScorecardFile
from .fact import Fact
from .metric import Metric
from .weighting import Weighting

__all__ = ["API_VERSION", "GROUP", "hookimpl", "hookspec"]

GROUP = "kpicore.plugins"
API_VERSION = 1
"""A plugin module may state ``KPICORE_API = 1``; another number is refused by name."""

hookspec = pluggy.HookspecMarker("kpicore")
hookimpl = pluggy.HookimplMarker("kpicore")


@hookspec
def kpicore_adapters() -> Iterable[Adapter]:
    """Returns adapters: readers of a system's logs."""
    return ()


@hookspec
def kpicore_facts() -> Iterable[Fact]:
    """Returns facts: what can be derived from tables."""
    return ()


@hookspec
def kpicore_metrics() -> Iterable[Metric]:
    """Returns metric families."""
    return ()


@hookspec
def kpicore_dialects() -> Iterable[Dialect]:
    """Returns dialects: bundles of parameter values."""
    return ()


@hookspec
def kpicore_weightings() -> Iterable[Weighting]:
    """Returns weighting schemes."""
    return ()


@hookspec
def kpicore_scorecards() -> Iterable[ScorecardFile]:
    """Returns ready scorecards."""
    return ()


@hookspec(firstresult=True)
def kpicore_resolve_adapter(source: str) -> str | None:
    """Returns the name of the adapter for ``source`` (a path or URL), or None to let others say."""
    return None
