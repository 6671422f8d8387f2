"""What a report shows as tables, one for each matter: for workbooks and for CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from kpicore.clock import name_period
from kpicore.scoring.card import Target

from . import numbers
from .model import Kpi, Line, Person, Report, TrendPoint
from .phrases import Phrases
from .words import Language, Words

__all__ = ["Amount", "Cell", "Matter", "Period", "matters_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number with its unit: ``ratio`` for a share of one, ``s`` for seconds, ``points``, or any other."""

    number: numbers.Number
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period: its first day, and what people call it."""

    start: date
    name: str


_MEASURED = ("value", "unit", "low", "high", "n")

_HEADERS = {
    "overview": ("team", "rank", "total", "low", "high", "grade", "note"),
    "scores": ("group", "kpi", "weight", "target", *_MEASURED, "points", "brings", "status", "reason"),
    "trend": ("kpi", "period", *_MEASURED, "provisional", "incomplete", "reason"),
    "definitions": (
        *("kpi", "metric", "definition", "direction"),
        *("attribution", "settles", "parameters", "dialect", "source", "fingerprint"),
    ),
    "exclusions": ("kpi", "reason", "rows"),
    "appeals": ("appeal", "opened", "reason", "contacts", "outcome", "reviewer", "because", "new_run"),
    "ledger": ("source", "table", "status", "reason", "rows"),
    "inputs": ("file", "size", "checksum", "adapter"),
    "making": ("what", "value"),
}
_OF_PEOPLE = ("overview", "scores", "trend", "exclusions", "appeals")

Cell: TypeAlias = str | int | Period | Amount | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A table with its ``id`` (fit for a file's name), title and headers; a row has a cell for each header.

    ``totals`` are the places of the rows that add up others.
    """

    id: str
    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: frozenset[int] = frozenset()


def matters_of(report: Report, language: Language = "en") -> tuple[Matter, ...]:
    """Returns the tables of ``report``: overview, scores, trend, definitions, exclusions, appeals, ledger,
    inputs and making.
    """
    return _Tables(report, language).all()


class _Tables:
    def __init__(self, report: Report, language: Language) -> None:
        self.report = report
        self.say = Words(language=language)
        self.phrases = Phrases(report=report, say=self.say)

    def all(self) -> tuple[Matter, ...]:
        """Returns the tables in their order."""
        scores, totals = self._scores()
        return (
            self._matter("overview", self._overview()),
            self._matter("scores", scores, totals),
            self._matter("trend", self._trend()),
            self._matter("definitions", self._definitions()),
            self._matter("exclusions", self._exclusions()),
            self._matter("appeals", self._appeals()),
            self._matter("ledger", self._ledger()),
            self._matter("inputs", self._inputs()),
            self._matter("making", self._making()),
        )

    def _matter(
        self, id: str, rows: Iterable[tuple[Cell, ...]], totals: frozenset[int] = frozenset()
    ) -> Matter:
        own = (self.say(self.report.subject), self.say("name")) if id in _OF_PEOPLE else ()
        headers = (*own, *(self.say(header) for header in _HEADERS[id]))
        return Matter(id=id, title=self.say(f"matter_{id}"), headers=headers, rows=tuple(rows), totals=totals)

    def _overview(self) -> Iterator[tuple[Cell, ...]]:
        for one in self.report.people:
            standing = one.standing
            yield (
                one.id,
                one.name,
                one.team,
                standing.rank,
                _amount(standing.total, "points"),
                _amount(standing.low, "points"),
                _amount(standing.high, "points"),
                standing.grade,
                self.phrases.notes(one),
            )

    def _scores(self) -> tuple[list[tuple[Cell, ...]], frozenset[int]]:
        rows: list[tuple[Cell, ...]] = []
        totals = set()
        for one in self.report.people:
            rows += [self._line(one, line) for line in one.lines]
            for name, amount in self.phrases.amounts(one.standing):
                rows.append(self._sum(one, self.say(name), amount))
            totals.add(len(rows))
            rows.append(self._sum(one, self.say("total"), one.standing.total))
        return rows, frozenset(totals)

    def _line(self, one: Person, line: Line) -> tuple[Cell, ...]:
        kpi = self.report.kpi(line)
        groups = {group.id: self.phrases.label(group.label) for group in self.report.groups}
        weight = line.effective_weight if line.effective_weight is not None else line.weight
        return (
            one.id,
            one.name,
            groups.get(kpi.group, "") if line.kind == "entry" else self.say(line.kind),
            self.phrases.label(kpi.label),
            _amount(weight, "ratio") if line.kind == "entry" else None,
            self._target(line.target, kpi),
            *self._measured(kpi, line.value, line.low, line.high, line.n),
            _amount(line.points, "points"),
            _amount(line.contribution, "points"),
            self.say.code("status", line.status),
            self.say.code("reason", line.reason) if line.reason else "",
        )

    def _sum(self, one: Person, what: str, amount: numbers.Number | None) -> tuple[Cell, ...]:
        return one.id, one.name, "", what, *[None] * 8, _amount(amount, "points"), "", ""

    def _target(self, target: Target, kpi: Kpi) -> Cell:
        if isinstance(target, Fraction):
            return _amount(target, kpi.unit)
        return self.phrases.target(target, kpi) if isinstance(target, tuple) else None

    def _measured(
        self,
        kpi: Kpi,
        value: numbers.Number | None,
        low: float | None,
        high: float | None,
        n: int | None,
    ) -> tuple[Cell, ...]:
        unit = self.say.unit(kpi.unit)
        if kpi.unit in ("ratio", "s"):
            unit = self.say("share" if kpi.unit == "ratio" else "time_span")
        return _amount(value, kpi.unit), unit, _amount(low, kpi.unit), _amount(high, kpi.unit), n

    def _trend(self) -> Iterator[tuple[Cell, ...]]:
        for one in self.report.people:
            for line in one.lines:
                kpi = self.report.kpi(line)
                for point in line.trend:
                    yield one.id, one.name, *self._point(kpi, point)
        for kpi in self.report.kpis:
            for point in kpi.team_trend:
                yield "", self.say("all_people"), *self._point(kpi, point)

    def _point(self, kpi: Kpi, point: TrendPoint) -> tuple[Cell, ...]:
        return (
            self.phrases.label(kpi.label),
            Period(start=date.fromisoformat(point.period[:10]), name=self._period(kpi, point)),
            *self._measured(kpi, point.value, point.low, point.high, point.n),
            self.say("yes") if point.provisional else "",
            "" if point.complete else self.say("yes"),
            self.say.code("reason", point.reason) if point.reason else "",
        )

    def _period(self, kpi: Kpi, point: TrendPoint) -> str:
        return name_period(point.period, kpi.grain, fiscal_year_start=self.report.span.fiscal_year_start)

    def _definitions(self) -> Iterator[tuple[Cell, ...]]:
        for kpi in self.report.kpis:
            known = kpi.definition
            if known is None:
                yield self.phrases.label(kpi.label), kpi.metric, *[""] * 8
                continue
            yield (
                self.phrases.label(kpi.label),
                self.phrases.label(known.name),
                self.phrases.label(known.text),
                self.say.code("direction", known.direction),
                self.say.code("attribution", known.attribution) if known.attribution else "",
                self.phrases.settles(known) if known.attribution else "",
                ", ".join(f"{name} = {value}" for name, value in known.parameters.items()),
                known.dialect,
                known.source,
                known.fingerprint,
            )

    def _exclusions(self) -> Iterator[tuple[Cell, ...]]:
        for one in self.report.people:
            for line in one.lines:
                label = self.phrases.label(self.report.kpi(line).label)
                for reason, n in line.excluded.items():
                    if n:
                        yield one.id, one.name, label, self.say.code("reason", reason), n

    def _appeals(self) -> Iterator[tuple[Cell, ...]]:
        for one in self.report.people:
            for each in one.appeals:
                yield (
                    *(one.id, one.name, each.id, each.opened_at, each.reason, ", ".join(each.contacts)),
                    *(self.say.code("state", each.state), each.reviewer, each.because, each.new_run),
                )

    def _ledger(self) -> Iterator[tuple[Cell, ...]]:
        for row in self.report.ledger:
            reason = self.say.code("reason", row.reason) if row.reason else ""
            yield row.source, row.table, self.say.code("status", row.status), reason, row.rows

    def _inputs(self) -> Iterator[tuple[Cell, ...]]:
        for each in self.report.making.inputs:
            yield each.name, each.size, each.sha256, each.adapter

    def _making(self) -> Iterator[tuple[Cell, ...]]:
        report, making = self.report, self.report.making
        yield self.say("card"), f"{self.phrases.label(report.title)} ({report.card} {report.version})"
        yield self.say("period"), self.phrases.span()
        yield self.say("run"), making.run
        yield self.say("made"), making.created_at
        if making.supersedes is not None:
            yield self.say("supersedes"), making.supersedes
        yield self.say("content_hash"), making.content_hash
        yield self.say("card_fingerprint"), making.card_fingerprint
        for title, known in (("versions", making.versions), ("plugins", making.plugins)):
            for name, version in known.items():
                yield f"{self.say(title)}: {name}", version
        for warning in self.phrases.warnings():
            yield self.say("note"), warning


def _amount(number: numbers.Number | None, unit: str) -> Amount | None:
    return None if number is None else Amount(number=number, unit=unit)
