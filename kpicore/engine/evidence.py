"""Evidence: the rows of facts behind the measures of metrics, with what each of them adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core
from kpicore.metrics import Request
from kpicore.plugin import Column, Kind, Measure, MeasureKind
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .coding import column_of
from .collecting import CollectingRunner
from .finalize import named_measures
from .grid import first_of_each, words_of
from .maps import map_column
from .measure import Measured, build, run_query
from .plan import Frame
from .request import CYCLE_COLUMNS, Query

__all__ = ["evidence"]

_TIME = pa.timestamp("us", "UTC")
_ROW = pa.map_(pa.string(), pa.string())


def evidence(
    log: Log,
    query: Query,
    plugins: Plugins,
    subject: Mapping[str, str] | None = None,
    *,
    contents: bool = True,
) -> pa.Table:
    """Returns the rows behind each measure of the query's metrics; of ``subject`` alone where it is given.

    Columns: the subjects and periods as ``measure`` gives them; ``metric`` (as asked for), ``part``
    (null: the row counts in every part), ``measure`` (``numerator``, ``denominator``, ``value``, ``n``,
    ``excluded:`` with the reason, or the name that a custom statistic gives it), ``kind`` (of the measure:
    ``count``, ``sum``, ...), ``fact``, ``contact_id`` (null where the fact has none), ``at`` (the instant
    that puts the row into the period; of a prorated row the start of the piece, with its end in
    ``until``, else null), ``added`` (int64) and ``row`` (the columns of the fact that are not null, as
    text; durations in microseconds; null without ``contents``, which takes most of the time).

    ``added`` sums up to the measure for counts, sums and distinct values (of rows with one value, the
    first adds 1, the others 0); for extrema and multisets it is the value of the row. A row stands once
    for every measure to which it adds, and nowhere else. Rows have a total order: by subject, period,
    metric and measure, then by time. Raises as ``measure`` does.
    """
    only = {name: (value,) for name, value in (subject or {}).items()}
    requests = tuple(dict.fromkeys(query.requests))
    query = replace(query, requests=requests, where={**query.where, **only})
    named = [(request, named_measures(build(request))) for request in requests]
    measures = tuple(measure for _, members in named for _, measure in members)
    done = run_query(log, measures, query, plugins, collect=True)
    kept = {frame: _kept(frame, runner, done, contents) for frame, runner in done.runners.items()}
    home = {measure: frame for frame in kept for measure in frame.measures}
    tables: list[pa.Table] = []
    for request, members in named:
        for name, measure in members:
            rows = kept[home[measure]]
            if rows is not None:
                tables.append(_of_measure(rows, request, name, measure, len(tables), query))
    return _ordered(tables, done, query)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """The rows of a frame, readable and in order; ``added`` by measure, as it was measured."""

    columns: pa.Table
    keys: pa.Table
    added: Mapping[Measure, pa.Array]


def _kept(frame: Frame, runner: object, done: Measured, contents: bool) -> _Kept | None:
    assert isinstance(runner, CollectingRunner)
    coded = runner.kept
    if coded is None or not len(coded):
        return None
    coded = coded.combine_chunks()
    order = _core.sort_rows(coded.to_batches()[0], coded.column_names)
    coded = coded.take(pa.array(order))
    domains, schema, span, size = done.coded.domains, frame.relation.schema, done.span, len(coded)

    def column(name: str) -> pa.Array:
        return coded.column(name).combine_chunks()

    position = column("position")
    columns: dict[str, pa.Array] = {}
    for i, way in enumerate(done.work.subjects[frame]):
        columns[way.subject] = words_of(column(f"subject {i}"), way.contract, domains).cast(pa.string())
    columns["period"] = pa.array(span.labels, pa.string()).take(position)
    for cycle, values in span.cycles.items():
        columns[cycle] = pa.array(values, pa.int64()).take(position)
    part = pa.nulls(size, pa.string())
    if frame.part is not None:
        part = words_of(column("part"), column_of(schema, frame.part), domains).cast(pa.string())
    columns["part"] = part
    names = [name.removeprefix("row ") for name in coded.column_names if name.startswith("row ")]
    names = [name for name in names if contents or name == "contact_id"]
    texts = {name: _text(column(f"row {name}"), column_of(schema, name), done) for name in names}
    columns["contact_id"] = texts.get("contact_id", pa.nulls(size, pa.string()))
    columns["at"], columns["until"] = (column(name).cast(_TIME) for name in ("at", "until"))
    columns["row"] = map_column(texts, size, pa.string()) if contents else pa.nulls(size, _ROW)
    keys = coded.select(
        [n for n in coded.column_names if n.startswith("subject") or n in ("part", "position")]
    )
    added = {measure: column(f"adds {i}") for i, measure in enumerate(frame.measures)}
    return _Kept(columns=pa.table(columns).append_column("position", position), keys=keys, added=added)


def _text(codes: pa.Array, contract: Column, done: Measured) -> pa.Array:
    """Returns the values of a column of a fact as text."""
    match contract.kind:
        case Kind.TIME:
            return codes.cast(_TIME).cast(pa.string())
        case Kind.NUMBER | Kind.MONEY:
            last = pa.scalar(Decimal(1).scaleb(-6 if contract.kind is Kind.NUMBER else -4))
            return pc.multiply(codes.cast(pa.decimal128(19, 0)), last).cast(pa.string())
        case Kind.DURATION | Kind.INTEGER:
            return codes.cast(pa.string())
    return words_of(codes, contract, done.coded.domains).cast(pa.string())


def _of_measure(
    rows: _Kept, request: Request, name: str, measure: Measure, place: int, query: Query
) -> pa.Table:
    """Returns the rows that add to one measure, in the columns of ``evidence`` and two to sort by."""
    added = rows.added[measure]
    adding = added.is_valid()
    table, added = rows.columns.filter(adding), added.filter(adding)
    if measure.kind is MeasureKind.DISTINCT:
        added = _first_adds([*(c.combine_chunks() for c in rows.keys.filter(adding).columns), added])
    size = len(table)
    columns = {subject: table.column(subject) for subject in query.by}
    columns |= {period: table.column(period) for period in _periods(table)}
    columns["metric"] = _constant(request.text, size)
    columns["part"] = table.column("part")
    columns["measure"] = _constant(name, size)
    columns["kind"] = _constant(measure.kind.value, size)
    columns["fact"] = _constant(measure.of, size)
    columns |= {name: table.column(name) for name in ("contact_id", "at", "until")}
    columns["added"] = added
    columns["row"] = table.column("row")
    columns["position"] = table.column("position")
    columns["place"] = pa.repeat(pa.scalar(place, pa.int64()), size)
    return pa.table(columns)


def _periods(table: pa.Table) -> list[str]:
    return ["period", *(cycle for cycle in CYCLE_COLUMNS if cycle in table.column_names)]


def _constant(word: str, size: int) -> pa.Array:
    return pa.repeat(pa.scalar(word), size)


def _first_adds(codes: Sequence[pa.Array]) -> pa.Array:
    """Returns 1 for the first row of each combination of codes, 0 for all others."""
    row = pa.arange(0, len(codes[0]))
    return pc.is_in(row, value_set=first_of_each(codes)[1].cast(pa.int64())).cast(pa.int64())


def _ordered(tables: Sequence[pa.Table], done: Measured, query: Query) -> pa.Table:
    whole = pa.concat_tables(tables) if tables else _nothing(done, query)
    keys = [(name, "ascending") for name in (*query.by, "position", "place")]
    return whole.take(pc.sort_indices(whole, keys)).drop_columns(["position", "place"]).combine_chunks()


def _nothing(done: Measured, query: Query) -> pa.Table:
    """Returns the table of no rows."""
    words = pa.string()
    cycles = [(cycle, pa.int64()) for cycle in CYCLE_COLUMNS if cycle in done.span.cycles]
    fields = [(name, words) for name in (*query.by, "period")] + cycles
    fields += [(name, words) for name in ("metric", "part", "measure", "kind", "fact", "contact_id")]
    fields += [("at", _TIME), ("until", _TIME), ("added", pa.int64()), ("row", pa.map_(words, words))]
    return pa.schema([*fields, ("position", pa.int32()), ("place", pa.int64())]).empty_table()
