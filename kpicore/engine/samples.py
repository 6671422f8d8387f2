"""Samples: what a value is made of, for statements about its noise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Measure
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .grid import Grid, Subject, lay_frames
from .measure import run_query
from .request import Query

__all__ = ["Samples", "samples"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The measures of a query: those of kind ``values`` one by one, all others as numbers by period."""

    subjects: tuple[Subject, ...]
    periods: int
    grid: Grid

    def values(self, measure: Measure) -> tuple[pa.Array, pa.Array]:
        """Returns all values of a multiset (int64) over all periods, and the position of each one's subject.

        They are sorted by subject and value; values without a subject are left out.
        """
        layout = self.grid.measured[measure]
        values, members = layout.runner.sorted_values(measure)
        table = pa.table({"subject": layout.subject.take(members), "value": values})
        table = table.filter(pc.is_valid(table.column("subject")))
        table = table.sort_by([("subject", "ascending"), ("value", "ascending")]).combine_chunks()
        return table.column("value").combine_chunks(), table.column("subject").combine_chunks()

    def numbers(self, measure: Measure) -> pa.Array:
        """Returns a measure by subject and, within, by period; see ``MeasureKind``."""
        return self.grid.dense(measure, (None,))


def samples(log: Log, measures: Iterable[Measure], query: Query, plugins: Plugins) -> Samples:
    """Returns what ``measures`` (none with a part) found, by the subjects and periods of ``query``."""
    done = run_query(log, tuple(dict.fromkeys(measures)), query, plugins)
    grid = lay_frames(done.runners, done.work.subjects, done.coded.domains, len(done.span))
    return Samples(subjects=grid.subjects, periods=len(done.span), grid=grid)
