"""Measures as they are: the integers behind metrics, for the groups that occurred."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from kpicore.errors import UsageError
from kpicore.plugin import Measure, MeasureKind
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .coding import column_of
from .grid import words_of
from .measure import run_query
from .request import Query

__all__ = ["tally"]


def tally(log: Log, measures: Mapping[str, Measure], query: Query, plugins: Plugins) -> pa.Table:
    """Returns a row per subject, period and part that occurred, in no particular order.

    Columns: the subjects (dictionaries), ``period_start`` (timestamp; for cycles the position of the
    period instead, as ``period``), the measures' ``part`` under its own name, and an int64 column per
    measure. The measures must read the same rows: one fact, attribution and part. Use it where most
    groups are empty and ``measure``, which fills them all in, would be large.
    """
    if any(measure.kind is MeasureKind.VALUES for measure in measures.values()):
        raise UsageError("a multiset is not a number", hint="measure a metric with statistic=p50 instead")
    done = run_query(log, tuple(measures.values()), query, plugins)
    if len(done.runners) != 1:
        raise UsageError("these measures do not read the same rows", hint="tally them one by one")
    ((frame, runner),) = done.runners.items()
    members = runner.members()
    columns: dict[str, pa.Array] = {}
    contracts = {way.subject: way.contract for way in done.work.subjects[frame]}
    if frame.part is not None:
        contracts[frame.part] = column_of(frame.relation.schema, frame.part)
    for (name, contract), codes in zip(contracts.items(), members.codes, strict=True):
        columns[name] = words_of(codes, contract, done.coded.domains)
    starts = done.span.starts
    if None in starts:
        columns["period"] = members.period
    else:
        columns["period_start"] = members.along(pa.array(starts, pa.timestamp("us", "UTC")))
    for name, measure in measures.items():
        columns[name] = runner.result(measure)
    return pa.table(columns)
