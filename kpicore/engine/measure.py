"""Measuring: the one way from a log and a query to a result."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction

import pyarrow as pa

from kpicore import _core
from kpicore.clock import GRAINS, Timeline, load_zone, working_days
from kpicore.errors import CalendarError, MissingDataError, StrangerWarning, UsageError
from kpicore.metrics import build, leaves, measures_of
from kpicore.plugin import Kind, Measure, Quantile, Statistic, Tally
from kpicore.plugin.manager import Plugins
from kpicore.tables import Ledger, Log

from .coding import Coded, Domain, code_tables
from .derive import Deriver
from .directories import AgentDirectory, ContactDirectory
from .evaluate import CALENDAR_HINT, Evaluator
from .finalize import Days, finalize
from .frame import Filter, FrameRunner, FrameSetup
from .grid import Grid, lay_frames
from .hours import CompiledBook, RowHours, compile_book, instants_of
from .plan import Frame, Relation, Sources, resolve
from .prepare import (
    UNLESS,
    Preparation,
    check_where,
    columns_below,
    data_range,
    durations_of,
    prepare,
    sources_of,
    whole_rows,
)
from .recode import decode_table
from .request import CYCLE_COLUMNS, Query
from .result import Result, tabulate
from .span import Span, lay_out
from .strangers import strangers
from .subjects import Access, with_codes
from .tenure import LocalDay
from .worked import worked_below

__all__ = ["Measured", "build", "derive", "measure", "run_query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a query left behind: the work, codes, periods, measured frames, and oddities."""

    work: Preparation
    coded: Coded
    span: Span
    runners: Mapping[Frame, FrameRunner]
    notes: Mapping[str, Counter[str]]
    remarks: tuple[str, ...] = ()


def measure(log: Log, query: Query, plugins: Plugins) -> Result:
    """Returns the values of the query's metrics, dense over subjects and periods.

    Raises MissingDataError where a metric needs what the log does not have, CalendarError for an
    impossible range, PluginError naming a metric whose definition fails. The result is the same for
    any number of threads, size of batches, and order of rows.
    """
    query = replace(query, requests=tuple(dict.fromkeys(query.requests)))
    statistics = [build(request) for request in query.requests]
    _check_calendar(query, statistics)
    measures = tuple(m for statistic in statistics for m in measures_of(statistic))
    done = run_query(log, measures, query, plugins)
    unknown = strangers(done.work, done.coded.domains)
    for told in unknown:
        warnings.warn(told, StrangerWarning, stacklevel=2)
    span = done.span
    grid = lay_frames(done.runners, done.work.subjects, done.coded.domains, len(span))
    as_of = max(span.end, _last(log, done.work.sources, _relations(done.work)))
    _select_quantiles(statistics, grid, query.threads or os.cpu_count() or 1)
    days: Days = {"day": span.days}
    if any(map(_by_working_day, statistics)):
        days = {**days, "working_day": _working_days(query, span)}
    finalized = [
        finalize(request.metric.name, statistic, grid, days)
        for request, statistic in zip(query.requests, statistics, strict=True)
    ]
    tables = [
        tabulate(request, values, grid, query.by, span, as_of)
        for request, values in zip(query.requests, finalized, strict=True)
    ]
    return Result(
        table=pa.concat_tables(tables).combine_chunks(),
        exact=tuple(values.outcome.exact for values in finalized),
        by=query.by,
        requests=query.requests,
        ledger=_noted(log.ledger, done.notes),
        zone=query.zone,
        start=span.start,
        end=span.end,
        remarks=(*done.remarks, *unknown),
        grain=next((period for period in query.periods if period in GRAINS), "all"),
        week_start=query.week_start,
        fiscal_year_start=query.fiscal_year_start,
    )


def _check_calendar(query: Query, statistics: Sequence[Statistic]) -> None:
    """Raises CalendarError, naming the metrics, where one needs a calendar and there is none."""
    if query.calendars is not None:
        return
    needing = [
        request.text
        for request, statistic in zip(query.requests, statistics, strict=True)
        if _in_business_time(measures_of(statistic)) or _by_working_day(statistic)
    ]
    if needing:
        raise CalendarError(f"{', '.join(needing)}: business time needs a calendar", hint=CALENDAR_HINT)


def _in_business_time(measures: Sequence[Measure]) -> bool:
    """Returns whether ``measures`` are in business time, or read facts that are told to be."""
    return bool(durations_of(measures)) or any(("clock", "business") in m.options for m in measures)


def _by_working_day(statistic: Statistic) -> bool:
    return any(isinstance(leaf, Tally) and leaf.per == "working_day" for leaf in leaves(statistic))


def _working_days(query: Query, span: Span) -> tuple[int, ...]:
    """Returns the working days of each period in the calendar's default; CalendarError for cyclic periods."""
    assert query.calendars is not None
    calendar = query.calendars.named(query.calendars.default)
    found: list[int] = []
    for start, end in zip(span.starts, span.ends, strict=True):
        if start is None or end is None:
            raise CalendarError(
                "working days cannot be told by hour of day or weekday", hint="take another --period"
            )
        cell = Timeline(zone=query.zone, grain="all", edges=(start, end), first_start=start, last_end=end)
        found += working_days(calendar, cell)
    return tuple(found)


def _select_quantiles(statistics: Sequence[Statistic], grid: Grid, threads: int) -> None:
    """Selects all quantiles at once, different multisets side by side; what is asked for later is known."""
    wanted: dict[Measure, list[Fraction]] = {}
    for statistic in (leaf for whole in statistics for leaf in leaves(whole)):
        if isinstance(statistic, Quantile):
            wanted.setdefault(statistic.measure, []).append(statistic.q)

    def select(measure: Measure) -> None:
        for q in wanted[measure]:
            grid.measured[measure].runner.quantile(measure, q)

    if len(wanted) > 1 and threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(select, wanted))


def run_query(
    log: Log, measures: tuple[Measure, ...], query: Query, plugins: Plugins, *, collect: bool = False
) -> Measured:
    """Derives what ``measures`` read and measures it by the query's subjects and periods.

    Where rows are collected, every runner is a ``CollectingRunner``, and keeps all columns of its rows.
    """
    for name, number in (("threads", query.threads), ("batch_rows", query.batch_rows)):
        if number is not None and number < 1:
            raise UsageError(f"{name}={number}: at least 1 is needed")
    cycles = check_where(query.where, CYCLE_COLUMNS)
    rows_where = {
        name: values for name, values in query.where.items() if name.removesuffix(UNLESS) not in CYCLE_COLUMNS
    }
    work = prepare(log, measures, query.by, rows_where, plugins, query.calendars)
    work = whole_rows(work) if collect else work
    low, high = _range(log, work, query)
    span = lay_out(
        low,
        high + (query.end is None),
        query.periods,
        query.zone,
        where=cycles,
        day_start=query.day_start,
        week_start=query.week_start,
        fiscal_year_start=query.fiscal_year_start,
        align_start=query.start is None,
        align_end=query.end is None,
    )
    coded = _coded(log, work)
    threads = query.threads or os.cpu_count() or 1
    local: dict[str, str | int] = {"zone": query.zone, "day_start": query.day_start}
    until = high if query.until is None else query.until
    deriver = Deriver(log.tables, coded, until, threads, query.batch_rows, local)
    day = LocalDay(zone=load_zone(query.zone), day_start=query.day_start)
    instants = (*instants_of(coded, work.sources.schemas), span.start, span.end, high)
    wanted = {*durations_of(measures), *worked_below(_relations(work)).values()}
    compiled = compile_book(wanted, query.calendars, min(instants), max(instants) + 1)
    runners = deriver.measure(*_setups(work, coded, span, deriver, day, compiled, collect))
    remarks = compiled.notes if compiled else ()
    return Measured(work=work, coded=coded, span=span, runners=runners, notes=deriver.notes, remarks=remarks)


def derive(log: Log, name: str, plugins: Plugins, *, options: Mapping[str, object] | None = None) -> pa.Table:
    """Returns the table or fact ``name`` with its values, rows sorted by all columns."""
    sources = sources_of(log, plugins)
    relation = resolve(name, options or {}, sources)
    work = Preparation(
        sources=sources,
        frames=(),
        subjects={},
        filters={},
        contacts=None,
        agents=None,
        columns=columns_below(relation, sources),
    )
    coded = _coded(log, work)
    until = _last(log, sources, [relation])
    table = (
        Deriver(log.tables, coded, until, os.cpu_count() or 1, Query.batch_rows)
        .table(relation)
        .combine_chunks()
    )
    order = _core.sort_rows(table.to_batches()[0], table.column_names) if len(table) else []
    return decode_table(table.take(pa.array(order, pa.int64())), relation.schema, coded.domains)


def _relations(work: Preparation) -> list[Relation]:
    return [frame.relation for frame in work.frames]


def _last(log: Log, sources: Sources, relations: list[Relation]) -> int:
    """Returns the last instant of what happened; the epoch where nothing did."""
    try:
        return data_range(log, sources, relations)[1]
    except MissingDataError:
        return 0


def _range(log: Log, work: Preparation, query: Query) -> tuple[int, int]:
    if query.start is not None and query.end is not None:
        low, high = query.start, query.end
    else:
        first, last = data_range(log, work.sources, _relations(work))
        low = first if query.start is None else query.start
        high = last if query.end is None else query.end
    if low > high or (query.end is not None and low == high):
        raise UsageError("the range is empty", hint="--from must be before --to")
    return low, high


def _coded(log: Log, work: Preparation) -> Coded:
    """Returns the tables in coded form, with a domain for every id that any fact mentions."""
    coded = code_tables(log.tables, work.sources.schemas, work.columns)
    for schema in work.sources.schemas.values():
        for column in schema.columns:
            if column.kind in (Kind.ID, Kind.KEY):
                coded.domains.setdefault(column.domain, Domain(pa.array([], pa.string())))
    return coded


def _setups(
    work: Preparation,
    coded: Coded,
    span: Span,
    deriver: Deriver,
    day: LocalDay,
    compiled: CompiledBook | None,
    collect: bool,
) -> tuple[dict[Frame, FrameSetup], dict[Relation, RowHours]]:
    """Returns what measures each frame, and what tells the business time that derivations need."""
    contacts = ContactDirectory(deriver.table(work.contacts)) if work.contacts else None
    agents = AgentDirectory(deriver.table(work.agents), day) if work.agents else None

    def hours_of(relation: Relation, ways: tuple[Access, ...]) -> RowHours | None:
        if compiled is None:
            return None
        return RowHours(relation, compiled, ways, coded.domains, contacts, agents)

    setups = {
        frame: FrameSetup(
            frame=frame,
            accesses=tuple(with_codes(way, coded.domains) for way in work.subjects[frame]),
            filters=tuple(
                Filter(with_codes(c.way, coded.domains), c.values, coded.domains, unless=c.unless)
                for c in work.filters[frame]
            ),
            belongings={
                asked: Filter(with_codes(way, coded.domains), asked.values, coded.domains)
                for asked, way in work.belongings[frame].items()
            },
            span=span,
            evaluator=Evaluator(
                frame.relation.schema, coded.domains, hours_of(frame.relation, work.hours[frame])
            ),
            domains=coded.domains,
            contacts=contacts,
            agents=agents,
            collect=collect,
        )
        for frame in work.frames
    }
    below = {relation: hours_of(relation.inputs[0], ways) for relation, ways in work.worked.items()}
    return setups, {relation: hours for relation, hours in below.items() if hours is not None}


def _noted(ledger: Ledger, notes: Mapping[str, Counter[str]]) -> Ledger:
    """Returns the log's ledger with the oddities met while deriving."""
    noted = Ledger()
    noted.merge(ledger)
    for derivation, reasons in notes.items():
        for reason, rows in reasons.items():
            noted.note(derivation, reason, rows)
    return noted
