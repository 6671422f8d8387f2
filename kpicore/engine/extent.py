"""The extent of a log: between which instants anything happened that some metrics read."""

from __future__ import annotations

from collections.abc import Sequence

from kpicore.metrics import Request
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .finalize import measures_of
from .measure import build
from .prepare import data_range, prepare

__all__ = ["extent"]


def extent(log: Log, requests: Sequence[Request], plugins: Plugins) -> tuple[int, int]:
    """Returns the first and the last instant, in microseconds since 1970 UTC, of what ``requests`` read.

    Raises MissingDataError where a metric needs what the log does not have, and where there are no rows.
    """
    measures = tuple(measure for request in requests for measure in measures_of(build(request)))
    work = prepare(log, measures, (), {}, plugins)
    return data_range(log, work.sources, [frame.relation for frame in work.frames])
