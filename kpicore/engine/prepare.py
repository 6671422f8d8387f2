"""From a query to work that can be run: relations, frames, subjects, columns, the range."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.clock import CalendarBook
from kpicore.errors import MissingDataError, UsageError
from kpicore.plugin import TABLES, Kind, Measure, TableSchema
from kpicore.plugin.expression import Belongs, Business, Open
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .coding import column_of
from .evaluate import belongings_of, businesses_of, columns_of
from .plan import Frame, Relation, Sources, frames_of, resolve
from .subjects import Access, Directory, access
from .worked import worked_below

__all__ = [
    "Preparation",
    "check_where",
    "columns_below",
    "data_range",
    "delivered",
    "durations_of",
    "prepare",
    "sources_of",
    "whole_rows",
]


UNCODED = (Kind.TEXT, Kind.IDS)
_KEYS = {"contact": "contact_id", "agent": "agent_id", "row": ""}
"""The column by which a row leads to its contact or agent."""


UNLESS = "!"
"""What stands behind a subject whose values are not to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Which rows count: those with one of ``values`` at the end of ``way``, or, ``unless``, the others."""

    way: Access
    values: tuple[str, ...]
    unless: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What is to be computed from a log, and which columns of which tables that takes."""

    sources: Sources
    frames: tuple[Frame, ...]
    subjects: Mapping[Frame, tuple[Access, ...]]
    filters: Mapping[Frame, tuple[Condition, ...]]
    contacts: Relation | None
    agents: Relation | None
    hours: Mapping[Frame, tuple[Access, ...]] = field(default_factory=dict)
    worked: Mapping[Relation, tuple[Access, ...]] = field(default_factory=dict)
    belongings: Mapping[Frame, Mapping[Belongs, Access]] = field(default_factory=dict)
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)


def sources_of(log: Log, plugins: Plugins) -> Sources:
    """Returns what there is to plan with."""
    facts = plugins.facts
    schemas: dict[str, TableSchema] = dict(TABLES) | {name: fact.schema for name, fact in facts.items()}
    columns = {name: frozenset(table.column_names) for name, table in log.tables.items()}
    return Sources(schemas=schemas, columns=columns, facts=facts)


def prepare(
    log: Log,
    measures: Iterable[Measure],
    by: Sequence[str],
    where: Mapping[str, tuple[str, ...]],
    plugins: Plugins,
    book: CalendarBook | None = None,
) -> Preparation:
    """Returns the work for ``measures`` by the subjects ``by``, of rows that satisfy ``where``.

    Where the calendars of ``book`` go by team or queue, rows in business time are given a way to these.
    """
    sources = sources_of(log, plugins)
    frames = frames_of(measures, sources)
    contacts, agents = _directory("contacts", sources), _directory("agents", sources)
    subjects: dict[Frame, tuple[Access, ...]] = {}
    filters: dict[Frame, tuple[Condition, ...]] = {}
    hours: dict[Frame, tuple[Access, ...]] = {}
    belongings: dict[Frame, Mapping[Belongs, Access]] = {}

    def ways_of(frame: Frame) -> Callable[[str], Access]:
        columns = _columns(frame.relation, sources)
        return lambda subject: access(subject, frame, columns, contacts, agents)

    for frame in frames:
        find = ways_of(frame)
        subjects[frame] = tuple(find(subject) for subject in by)
        filters[frame] = tuple(
            Condition(way=find(name.removesuffix(UNLESS)), values=values, unless=name.endswith(UNLESS))
            for name, values in where.items()
        )
        hours[frame] = _hours(durations_of(frame.measures), book, find)
        belongings[frame] = {asked: find(asked.subject) for asked in _belongings(frame)}
    worked: dict[Relation, tuple[Access, ...]] = {}
    for relation, wanted in worked_below(frame.relation for frame in frames).items():
        rows = Frame(
            relation=relation.inputs[0], attribution="", part=None, overrides=(), cut_by=(), measures=()
        )
        worked[relation] = _hours((wanted,), book, ways_of(rows))
    used = [
        way
        for f in frames
        for way in (*subjects[f], *(c.way for c in filters[f]), *hours[f], *belongings[f].values())
    ]
    used += [way for ways in worked.values() for way in ways]
    work = Preparation(
        sources=sources,
        frames=frames,
        subjects=subjects,
        filters=filters,
        contacts=contacts[0] if contacts and any(a.via == "contact" for a in used) else None,
        agents=agents[0] if agents and any(a.via == "agent" for a in used) else None,
        hours=hours,
        worked=worked,
        belongings=belongings,
    )
    return replace(work, columns=_needed(work, used))


def _hours(
    wanted: Iterable[Business | Open], book: CalendarBook | None, find: Callable[[str], Access]
) -> tuple[Access, ...]:
    """Returns the ways to the subjects by which rows in business time get their calendar."""
    if book is None or all(business.calendar for business in wanted):
        return ()
    try:
        return tuple(find(subject) for subject in book.subjects)
    except MissingDataError as error:
        raise MissingDataError(
            f"the calendars go by {' and '.join(book.subjects)}, but {error.message}", hint=error.hint
        ) from None


def _belongings(frame: Frame) -> tuple[Belongs, ...]:
    """Returns what the measures of ``frame`` ask of the subjects of rows, in a fixed order."""
    asked = {
        belongs
        for measure in frame.measures
        for part in (measure.value, measure.where)
        for belongs in belongings_of(part)
    }
    return tuple(sorted(asked, key=lambda belongs: (belongs.subject, belongs.values)))


def durations_of(measures: Iterable[Measure]) -> frozenset[Business | Open]:
    """Returns what ``measures`` ask of business calendars."""
    return frozenset(
        business
        for measure in measures
        for part in (measure.value, measure.where)
        for business in businesses_of(part)
    )


def _directory(name: str, sources: Sources) -> Directory | None:
    try:
        relation = resolve(name, {}, sources)
    except MissingDataError:
        return None
    return relation, _columns(relation, sources)


def _columns(relation: Relation, sources: Sources) -> frozenset[str]:
    if relation.derivation is None:
        return sources.columns[relation.name]
    return frozenset(column.name for column in relation.schema.columns)


def delivered(relation: Relation) -> Iterable[Relation]:
    """Yields the delivered tables that ``relation`` rests on."""
    if relation.derivation is None:
        yield relation
    for below in relation.inputs:
        yield from delivered(below)


def _needed(work: Preparation, used: Sequence[Access]) -> dict[str, frozenset[str]]:
    """Returns the columns that must be coded, by delivered table."""
    needed: dict[str, set[str]] = defaultdict(set)
    for frame in work.frames:
        if frame.relation.derivation is None:
            needed[frame.relation.name] |= _frame_columns(frame, work)
        _inputs(frame.relation, needed, work.sources)
    for reader, ways in work.worked.items():
        first = reader.inputs[0]
        if first.derivation is None:
            needed[first.name] |= {_KEYS[way.via] or way.column for way in ways}
    directories = (("contact", work.contacts, "contact_id"), ("agent", work.agents, "agent_id"))
    for via, relation, key in directories:
        if relation is None:
            continue
        _inputs(relation, needed, work.sources)
        if relation.derivation is None:
            columns = {a.column for a in used if a.via == via} | {key, "valid_from", "valid_to"}
            needed[relation.name] |= columns & work.sources.columns[relation.name]
    return {name: frozenset(columns) for name, columns in needed.items()}


def columns_below(relation: Relation, sources: Sources) -> dict[str, frozenset[str]]:
    """Returns the columns of delivered tables that deriving ``relation`` takes; all of its own."""
    needed: dict[str, set[str]] = defaultdict(set)
    if relation.derivation is None:
        there = sources.columns[relation.name]
        needed[relation.name] = {c for c in there if column_of(relation.schema, c).kind not in UNCODED}
    _inputs(relation, needed, sources)
    return {name: frozenset(columns) for name, columns in needed.items()}


def _inputs(relation: Relation, needed: dict[str, set[str]], sources: Sources) -> None:
    if relation.derivation is None:
        return
    for below, wanted in zip(relation.inputs, relation.derivation.inputs, strict=True):
        if below.derivation is None:
            there = {*wanted.columns, *wanted.order} & sources.columns[below.name]
            needed[below.name] |= {c for c in there if column_of(below.schema, c).kind not in UNCODED}
        _inputs(below, needed, sources)


def _frame_columns(frame: Frame, work: Preparation) -> set[str]:
    schema = frame.relation.schema
    stretched = frame.attribution in ("prorated", "snapshot")
    columns = set(schema.interval or ()) if stretched else {schema.times[frame.attribution]}
    columns |= {frame.part} if frame.part else set()
    for measure in frame.measures:
        columns |= columns_of(measure.value) | columns_of(measure.where)
    filtering = (condition.way for condition in work.filters[frame])
    ways = (*work.subjects[frame], *filtering, *work.hours[frame], *work.belongings[frame].values())
    for way in ways:
        columns.add(_KEYS[way.via] or way.column)
    return columns - {"instant"}


def whole_rows(work: Preparation) -> Preparation:
    """Returns the work with every column of the delivered tables that are measured themselves."""
    columns = dict(work.columns)
    for frame in work.frames:
        if frame.relation.derivation is None:
            columns[frame.relation.name] |= columns_below(frame.relation, work.sources)[frame.relation.name]
    return replace(work, columns=columns)


_ENDS = {"agent_states": ("until",)}
"""Times at which something went on that are not its own time: a state goes on until it ends."""


def data_range(log: Log, sources: Sources, relations: Iterable[Relation]) -> tuple[int, int]:
    """Returns the first and the last instant of what happened in the tables below ``relations``."""
    lows: list[int] = []
    highs: list[int] = []
    tables = {table.name: table.schema for relation in relations for table in delivered(relation)}
    if not any(schema.times for schema in tables.values()):
        tables |= {name: sources.schemas[name] for name in log.tables}
    for name, schema in sorted(tables.items()):
        table = log.tables[name]
        for column in sorted({*schema.times.values(), *(schema.interval or ()), *_ENDS.get(name, ())}):
            if column in table.column_names:
                bounds = pc.min_max(table.column(column).cast(pa.int64()))
                if bounds["min"].is_valid:
                    lows.append(bounds["min"].as_py())
                    highs.append(bounds["max"].as_py())
    if not lows:
        raise MissingDataError(
            f"there are no rows in {', '.join(sorted(tables))}", hint="name the range with --from and --to"
        )
    return min(lows), max(highs)


_CYCLE_RANGES = {"hour_of_day": range(24), "weekday": range(1, 8)}


def check_where(where: Mapping[str, tuple[str, ...]], cycles: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Returns the conditions of ``where`` on cycles as numbers; UsageError for another word."""
    chosen: dict[str, tuple[int, ...]] = {}
    for cycle in cycles:
        unless = where.get(cycle + UNLESS, ())
        for word in (*where.get(cycle, ()), *unless):
            if not (word.isascii() and word.isdigit() and int(word) in _CYCLE_RANGES[cycle]):
                raise UsageError(
                    f"{cycle}={word}: there is none", hint="hour_of_day is 0 to 23, weekday 1 (Monday) to 7"
                )
        if cycle in where or unless:
            every = map(int, where[cycle]) if cycle in where else _CYCLE_RANGES[cycle]
            chosen[cycle] = tuple(number for number in every if number not in map(int, unless))
    return chosen
