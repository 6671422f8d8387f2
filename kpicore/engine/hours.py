"""Business hours of rows: under which calendar each is, and the time worked between its instants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core
from kpicore.clock import Calendar, CalendarBook, DurationRule, WorkingTime, past_known, working_time
from kpicore.clock.edges import EPOCH_DAY, begin_days
from kpicore.errors import CalendarError
from kpicore.plugin import Kind, TableSchema
from kpicore.plugin.expression import Business, Open

from .coding import Coded, Domain, column_of
from .directories import AgentDirectory, ContactDirectory, codes_of
from .evaluate import CALENDAR_HINT, Rows
from .frame import Filter, both
from .plan import Relation
from .subjects import Access

__all__ = ["CompiledBook", "RowHours", "compile_book", "instants_of"]

_ROW, _START, _END, _VALUE = "row", "start", "end", "value"


def _names_needed(wanted: Iterable[Business | Open], book: CalendarBook) -> tuple[str, ...]:
    """Returns the names of the calendars that ``wanted`` durations can count under, sorted."""
    named = {business.calendar for business in wanted}
    if "" in named:
        named |= {book.default, *(assignment.calendar for assignment in book.assignments)}
    return tuple(sorted(named - {""}))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledBook:
    """Calendars compiled for the instants of a log: ``numbers`` by name, ``notes`` on their limits."""

    book: CalendarBook
    clock: WorkingTime
    numbers: Mapping[str, int]
    notes: tuple[str, ...]


def compile_book(
    wanted: Iterable[Business | Open], book: CalendarBook | None, low: int, high: int
) -> CompiledBook | None:
    """Returns the calendars that ``wanted`` durations count under, for instants from ``low`` to ``high``.

    None where nothing is wanted. Raises CalendarError where there is no book, a name is unknown, or the
    range is too long.
    """
    durations = tuple(wanted)
    if not durations:
        return None
    if book is None:
        raise CalendarError("business time needs a calendar", hint=CALENDAR_HINT)
    names = _names_needed(durations, book)
    calendars = [book.named(name) for name in names]
    clock = working_time(calendars, low, high)
    notes = tuple(told for calendar in calendars if (told := past_known(calendar, high)))
    return CompiledBook(
        book=book, clock=clock, numbers={name: i for i, name in enumerate(names)}, notes=notes
    )


def instants_of(coded: Coded, schemas: Mapping[str, TableSchema]) -> tuple[int, ...]:
    """Returns the first and the last instant of the coded tables; nothing where they hold none."""
    bounds: list[int] = []
    for name, table in coded.tables.items():
        for column in table.column_names:
            if column_of(schemas[name], column).kind is Kind.TIME:
                found = pc.min_max(table.column(column)).as_py()
                bounds += [at for at in found.values() if at is not None]
    return (min(bounds), max(bounds)) if bounds else ()


class _Rule:
    """One assignment with the codes of its teams and queues, and when it holds."""

    def __init__(
        self,
        number: int,
        filters: tuple[Filter, ...],
        since: int | None,
        until: int | None,
    ) -> None:
        self.number = number
        self.filters = filters
        self.since = since
        self.until = until

    def holds(self, codes: Mapping[str, pa.Array], at: pa.Array) -> pa.Array:
        mask: pa.Array | None = None
        for wanted in self.filters:
            mask = both(mask, wanted.keeps(codes[wanted.access.subject]))
        if self.since is not None:
            mask = both(mask, pc.greater_equal(at, self.since))
        if self.until is not None:
            mask = both(mask, pc.less(at, self.until))
        return mask


class RowHours:
    """Business durations of the rows of one relation.

    ``ways`` lead from a row to the team and queue by which calendars are given. A team is the agent's
    as of the instant whose calendar counts; a row that no assignment fits is under the default.
    """

    def __init__(
        self,
        relation: Relation,
        compiled: CompiledBook,
        ways: tuple[Access, ...],
        domains: Mapping[str, Domain],
        contacts: ContactDirectory | None,
        agents: AgentDirectory | None,
    ) -> None:
        self._relation = relation
        self._compiled = compiled
        self._ways = ways
        self._domains = domains
        self._contacts = contacts
        self._agents = agents

    def between(self, wanted: Business, rows: Rows, start: pa.Array, end: pa.Array) -> pa.Array:
        """Returns the time worked from ``start`` to ``end`` of each row, int64 microseconds."""
        rule = self._compiled.book.rule
        if (number := self._of_all(wanted)) is not None:
            return self._between(start, end, number, rule)
        at = end if wanted.schedule == "at_end_event" else start
        whole = self._between(start, end, self._which(self._codes(rows, at), at), rule)
        if wanted.schedule != "piecewise":
            return whole
        forward = pc.greater(end, start).fill_null(False)
        return pc.if_else(forward, self._piecewise(rows, start, end), whole)

    def is_open(self, wanted: Open, rows: Rows, at: pa.Array) -> pa.Array:
        """Returns 1 for each row whose calendar is open at its instant ``at``, else 0; int64."""
        number = self._of_all(wanted)
        which = self._which(self._codes(rows, at), at) if number is None else number
        worked = self._between(at, pc.add(at, 1), which, None)
        return pc.greater(worked, 0).cast(pa.int64())

    def _of_all(self, wanted: Business | Open) -> int | None:
        """Returns the number of the calendar that all rows are under; None where it depends on the row."""
        book = self._compiled.book
        if wanted.calendar or not book.assignments:
            return self._compiled.numbers[wanted.calendar or book.default]
        return None

    def _between(
        self, start: pa.Array, end: pa.Array, which: pa.Array | int, rule: DurationRule | None
    ) -> pa.Array:
        return self._compiled.clock.between(start, end, which=which, rule=rule, what=self._relation.name)

    def _codes(self, rows: Rows, at: pa.Array) -> dict[str, pa.Array]:
        return {way.subject: codes_of(way, rows, at, self._contacts, self._agents) for way in self._ways}

    @cached_property
    def _rules(self) -> tuple[_Rule, ...]:
        """The assignments, the last first, so that the first that fits has the last word."""
        ways = {way.subject: way for way in self._ways}
        rules = []
        for assignment in reversed(self._compiled.book.assignments):
            names = {"team": assignment.teams, "queue": assignment.queues}
            calendar = self._compiled.book.calendars[assignment.calendar]
            rules.append(
                _Rule(
                    number=self._compiled.numbers[assignment.calendar],
                    filters=tuple(
                        Filter(ways[s], words, self._domains) for s, words in names.items() if words
                    ),
                    since=_begin(calendar, assignment.since),
                    until=_begin(calendar, assignment.until),
                )
            )
        return tuple(rules)

    def _which(self, codes: Mapping[str, pa.Array], at: pa.Array) -> pa.Array:
        """Returns the number of the calendar that each row is under at its instant."""
        default = self._compiled.numbers[self._compiled.book.default]
        which = pa.repeat(pa.scalar(default, pa.int32()), len(at))
        for rule in self._rules:
            holds = rule.holds(codes, at).fill_null(False)
            which = pc.if_else(holds, pa.scalar(rule.number, pa.int32()), which)
        return which

    def _piecewise(self, rows: Rows, start: pa.Array, end: pa.Array) -> pa.Array:
        """Returns the sum of the parts of each row, cut where its calendar can change."""
        index = pa.arange(0, len(start))
        changing = [way for way in self._ways if way.via == "agent" and self._agents is not None]
        fixed = [way for way in self._ways if way not in changing]
        codes = {w.subject: codes_of(w, rows, start, self._contacts, self._agents) for w in fixed}
        for way in changing:
            assert self._agents is not None
            cut = self._agents.cut(rows.column("agent_id").take(index), start, end, way)
            index, codes = _taken(index, codes, cut.column(_ROW))
            codes[way.subject] = cut.column(_VALUE)
            start, end = cut.column(_START), cut.column(_END)
        cut = pa.record_batch(self._edges.cut(start, end, None))
        index, codes = _taken(index, codes, cut.column(_ROW))
        start, end = cut.column(_START), cut.column(_END)
        worked = self._between(start, end, self._which(codes, start), None)
        found = (
            pa.table({_ROW: index, _VALUE: worked})
            .group_by(_ROW, use_threads=False)
            .aggregate([(_VALUE, "sum")])
        )
        at = pc.index_in(pa.arange(0, rows.length), value_set=_plain(found.column(_ROW)))
        return _reported(_plain(found.column("value_sum")).take(at), self._compiled.book.rule)

    @cached_property
    def _edges(self) -> _core.Cells:
        """The instants at which an assignment begins or ceases to hold, within the compiled range."""
        clock = self._compiled.clock
        inner = {edge for rule in self._rules for edge in (rule.since, rule.until) if edge is not None}
        edges = sorted({clock.start, clock.end + 1, *(e for e in inner if clock.start < e <= clock.end)})
        return _core.Cells(pa.array(edges, pa.int64()))


def _taken(
    index: pa.Array, codes: Mapping[str, pa.Array], rows: pa.Array
) -> tuple[pa.Array, dict[str, pa.Array]]:
    return index.take(rows), {name: values.take(rows) for name, values in codes.items()}


def _begin(calendar: Calendar, day: date | None) -> int | None:
    """Returns when ``day`` begins, as the calendar counts its days."""
    return None if day is None else begin_days([day.toordinal() - EPOCH_DAY], calendar.rules)[0]


def _reported(worked: pa.Array, rule: DurationRule) -> pa.Array:
    """Returns sums of parts cut and raised as ``rule`` has it; none of them is negative."""
    if rule.unit > 1:
        worked = pc.multiply(pc.divide(worked, rule.unit), rule.unit)
    return pc.if_else(pc.less(worked, rule.floor), rule.floor, worked) if rule.floor else worked


def _plain(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)
