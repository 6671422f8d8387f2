"""The trend of a run: its KPIs over the periods before and including its own, per subject and for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.clock import Timeline, timeline
from kpicore.engine import Query, Result, measure
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card
from kpicore.scoring.statistics.intervals import wilson_interval
from kpicore.tables import Log

from .small_groups import SMALL_GROUP, is_small

__all__ = ["PERIODS", "Stretch", "choose_stretch", "trend_schema", "trend_table"]

PERIODS = 12
"""The most periods of a trend."""

_FEWEST = 4
_GRAINS = ("year", "quarter", "month", "week", "day")
_LONGEST = {"hour": 1, "day": 25, "week": 7 * 24 + 1, "month": 31 * 24 + 1, "quarter": 2209, "year": 8785}
_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The periods of a trend: their grain, where the first begins and the last ends (microseconds UTC), and
    when days and years begin.
    """

    grain: str
    start: int
    end: int
    zone: str
    day_start: int = 0
    fiscal_year_start: int = 1

    def cells(self) -> Timeline:
        """Returns the periods, the first and the last cut where the stretch cuts them."""
        return timeline(
            self.start,
            self.end,
            self.grain,
            self.zone,
            day_start=self.day_start,
            fiscal_year_start=self.fiscal_year_start,
        )


def choose_stretch(
    card_period: str,
    first: int,
    start: int,
    end: int,
    zone: str,
    *,
    day_start: int = 0,
    fiscal_year_start: int = 1,
) -> Stretch:
    """Returns the periods of a trend up to ``end`` for a run over [start, end) whose log begins at ``first``.

    They have the grain of the card or, where that gives fewer than 4 periods since the log's first day, the
    largest shorter one that gives 4, else days; the last 12 of them.
    """
    low = timeline(min(first, start), end, "day", zone, day_start=day_start, align=True).edges[0]
    grains = _GRAINS[_GRAINS.index(card_period) :] if card_period in _GRAINS else (card_period,)
    for grain in grains:
        # no more than the last periods are laid out: a log of many years has many days
        near = max(low, end - (PERIODS + 1) * _LONGEST[grain] * _HOUR)
        stretch = Stretch(
            grain=grain,
            start=near,
            end=end,
            zone=zone,
            day_start=day_start,
            fiscal_year_start=fiscal_year_start,
        )
        edges = stretch.cells().edges
        if len(edges) > _FEWEST or grain == grains[-1]:
            break
    return replace(stretch, start=edges[-(PERIODS + 1) :][0])


def trend_schema(subjects: Sequence[str]) -> pa.Schema:
    """Returns the columns of a trend whose subjects are named so.

    ``scope`` is ``subject``, or ``all`` (subject columns null) for all scored subjects of the run together.
    ``period`` is the ISO local start, ``complete`` whether the log and the run cover it whole; ``metric`` to
    ``reason`` are as in the values of a run, but a figure on all may be suppressed with the reason
    ``small_group``. ``low`` and ``high`` are the 95 % interval of a rate, null for other metrics.
    """
    columns: list[tuple[str, pa.DataType]] = [(name, pa.string()) for name in subjects]
    columns += [(name, pa.string()) for name in ("scope", "grain", "period")]
    columns += [("complete", pa.bool_()), ("metric", pa.string()), ("value", pa.float64())]
    columns += [(name, pa.int64()) for name in ("numerator", "denominator", "n")]
    columns += [("unit", pa.string()), ("provisional", pa.bool_()), ("reason", pa.string())]
    return pa.schema([*columns, ("low", pa.float64()), ("high", pa.float64())])


def trend_table(
    log: Log,
    card: Card,
    query: Query,
    plugins: Plugins,
    stretch: Stretch,
    *,
    members: Collection[str],
    rates: Collection[str],
) -> pa.Table:
    """Returns the trend of what ``query`` asks for by one subject, as ``trend_schema``: rows of all
    ``members`` together, then of every subject.

    ``rates`` are the requests that are shares of counted things, whose intervals are Wilson's. A figure on
    all is suppressed where so few of the members have a value that ``is_small`` says so.
    """
    (subject,) = query.by
    over = replace(query, periods=(stretch.grain,), start=stretch.start, end=stretch.end)
    own = _rows(measure(log, over, plugins), subject, "subject", stretch, rates)
    if members:
        together = replace(over, by=(), where={**over.where, subject: tuple(sorted(members))})
        everyone = _rows(measure(log, together, plugins), subject, "all", stretch, rates)
        own = pa.concat_tables([_suppressed(card, everyone, _counted(own, subject, members)), own])
    return own.combine_chunks()


def _counted(own: pa.Table, subject: str, members: Collection[str]) -> Counter[tuple[str, str]]:
    """Returns how many of ``members`` have a value, by metric and period."""
    counting = pc.and_(
        pc.is_in(own.column(subject), value_set=pa.array(list(members), pa.string())),
        pc.is_valid(own.column("value")),
    )
    kept = own.filter(counting)
    return Counter(zip(kept.column("metric").to_pylist(), kept.column("period").to_pylist(), strict=True))


def _suppressed(card: Card, everyone: pa.Table, counted: Mapping[tuple[str, str], int]) -> pa.Table:
    """Returns the figures on all without those behind which too few stand."""
    keys = zip(everyone.column("metric").to_pylist(), everyone.column("period").to_pylist(), strict=True)
    small = pa.array([is_small(card, counted[key]) for key in keys], pa.bool_())
    small = pc.and_(small, pc.is_valid(everyone.column("value")))
    for name in ("value", "numerator", "denominator", "n", "low", "high"):
        kind, place = everyone.schema.field(name).type, everyone.schema.get_field_index(name)
        hidden = pc.if_else(small, pa.scalar(None, kind), everyone.column(name))
        everyone = everyone.set_column(place, name, hidden)
    place = everyone.schema.get_field_index("reason")
    return everyone.set_column(place, "reason", pc.if_else(small, SMALL_GROUP, everyone.column("reason")))


def _rows(result: Result, subject: str, scope: str, stretch: Stretch, rates: Collection[str]) -> pa.Table:
    table = result.to_arrow()
    size = len(table)
    cells = stretch.cells()
    cut = [cells.labels[0]] if cells.first_start < stretch.start else []
    cut += [cells.labels[-1]] if cells.last_end > stretch.end else []
    low, high = _intervals(table, rates)
    columns = {
        subject: table.column(subject) if scope == "subject" else pa.nulls(size, pa.string()),
        "scope": _repeated(scope, size),
        "grain": _repeated(stretch.grain, size),
        "complete": pc.invert(pc.is_in(table.column("period"), value_set=pa.array(cut, pa.string()))),
        "low": low,
        "high": high,
    }
    schema = trend_schema((subject,))
    return pa.table(
        [columns[name] if name in columns else table.column(name) for name in schema.names], schema=schema
    )


def _repeated(text: str, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), size)


def _intervals(table: pa.Table, rates: Collection[str]) -> tuple[pa.Array, pa.Array]:
    """Returns Wilson's 95 % interval of every row of a rate."""
    rate = pc.is_in(table.column("metric"), value_set=pa.array(list(rates), pa.string()))
    counts = [pc.if_else(rate, table.column(name), None).to_pylist() for name in ("numerator", "denominator")]
    known: dict[tuple[int | None, int | None], tuple[float, float] | None] = {}
    ends = []
    for pair in zip(*counts, strict=True):
        if pair not in known:
            known[pair] = _wilson(*pair)
        ends.append(known[pair])
    low, high = ([None if pair is None else pair[i] for pair in ends] for i in (0, 1))
    return pa.array(low, pa.float64()), pa.array(high, pa.float64())


def _wilson(k: int | None, n: int | None) -> tuple[float, float] | None:
    if k is None or n is None or not 0 <= k <= n:
        return None
    return wilson_interval(k, n)
