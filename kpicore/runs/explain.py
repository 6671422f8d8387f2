"""Explanations: from a total down to the rows behind it, every step added up again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from math import isclose
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.engine import build, evidence
from kpicore.engine.durations import is_duration
from kpicore.engine.figures import figures_of
from kpicore.engine.finalize import named_measures
from kpicore.errors import UnknownNameError, UsageError, VerificationError, suggest
from kpicore.metrics import parse_requests
from kpicore.plugin import TABLES, Statistic
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card, load_card

from .amend import amend
from .posting import Posting
from .reopen import reopen
from .review import review_query
from .store import Run
from .terms import terms_of
from .verification import verify

__all__ = ["Behind", "Explanation", "Line", "Touch", "explain", "touched_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A row of a fact, or a piece of it, behind a value: what it ``added`` to each measure.

    ``left_out`` names the reasons for which the row is counted as excluded.
    """

    fact: str
    contact: str | None
    at: datetime
    until: datetime | None
    added: Mapping[str, int]
    row: Mapping[str, str] = field(repr=False)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The reasons why the row is left out; none where it counts."""
        return tuple(name.removeprefix("excluded:") for name in self.added if name.startswith("excluded:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the card: ``stored`` is its row of the table ``contributions``, ``unit`` the metric's.

    ``excluded`` counts rows by reason; ``durations`` are the measures in microseconds; ``rows`` are all
    that stand behind the value, in order of time.
    """

    stored: Mapping[str, object] = field(repr=False)
    unit: str
    excluded: Mapping[str, int]
    durations: frozenset[str]
    rows: tuple[Behind, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The score of one subject (its row of the table ``scores``) and its lines, which add up to it.

    ``postings`` are differences of earlier periods: they stand beside the total, and are no part of it.
    """

    run: str
    subject: str
    score: Mapping[str, object] = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    postings: tuple[Posting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """What one contact adds to one line of one subject."""

    subject: str
    line: Mapping[str, object] = field(repr=False)
    durations: frozenset[str]
    rows: tuple[Behind, ...]


def explain(
    run: Run, subject: str, plugins: Plugins, *, metric: str | None = None, source: Sequence[Path] = ()
) -> Explanation:
    """Returns how the score of ``subject`` came about, down to the rows; of one ``metric`` or line alone.

    The run is verified first. The rows come from the evidence that it keeps, else from its input, whose
    hashes must be what they were. Every figure is made again from the rows and compared; the lines are
    added up to the total. VerificationError says what does not add up.
    """
    run = verify(run.path)
    score = _score_of(run, subject)
    column = _subject_column(run)
    lines = [row for row in run.table("contributions").to_pylist() if row[column] == subject]
    chosen = [row for row in lines if metric in (None, row["metric"], row["entry"])]
    if not chosen:
        known = [str(row["entry"]) for row in lines]
        raise UnknownNameError(f"the card has no line {metric!r}", hint=suggest(str(metric), known))
    check_total(load_card(run.card or ""), score, lines)
    rows = rows_behind(run, plugins, {column: subject}, source)
    values = run.table("values").filter(pc.equal(run.table("values").column(column), subject)).to_pylist()
    by_metric = {row["metric"]: row for row in values}
    statistics = _statistics_of(run, plugins)
    made = {}
    for name in dict.fromkeys(str(row["metric"]) for row in chosen):
        mine = rows.filter(pc.equal(rows.column("metric"), name))
        check_value(name, by_metric.get(name), mine, statistics)
        made[name] = _merged(mine)
    return Explanation(
        run=run.id,
        subject=subject,
        score=score,
        postings=tuple(each for each in terms_of(run).postings if each.subject == subject),
        lines=tuple(
            _line(row, by_metric.get(row["metric"]), made[row["metric"]], statistics, plugins)
            for row in chosen
        ),
    )


def touched_by(run: Run, contact: str, plugins: Plugins, *, source: Sequence[Path] = ()) -> tuple[Touch, ...]:
    """Returns what a contact adds to the lines of all subjects; UnknownNameError where it adds nothing."""
    run = verify(run.path)
    column = _subject_column(run)
    rows = rows_behind(run, plugins, {}, source)
    mine = rows.filter(pc.equal(rows.column("contact_id"), contact).fill_null(False))
    statistics = _statistics_of(run, plugins)
    touches = []
    for row in run.table("contributions").to_pylist():
        of_line = pc.and_(
            pc.equal(mine.column("metric"), row["metric"]), pc.equal(mine.column(column), row[column])
        )
        found = _merged(mine.filter(of_line)) if row["kind"] != "gate" else ()
        if found:
            durations = durations_of(statistics[row["metric"]], plugins)
            touches.append(Touch(subject=row[column], line=row, durations=durations, rows=found))
    if not touches:
        raise UnknownNameError(
            f"the contact {contact!r} touches nothing in {run.path}", hint="look for it in the source"
        )
    return tuple(touches)


def rows_behind(run: Run, plugins: Plugins, subject: Mapping[str, str], source: Sequence[Path]) -> pa.Table:
    """Returns the evidence of a run: kept with it, else derived again from its input."""
    if "evidence" in run.tables:
        kept = run.table("evidence")
        for column, value in subject.items():
            kept = kept.filter(pc.equal(kept.column(column), value))
        return kept
    terms = terms_of(run)
    log = amend(reopen(run, plugins, source), terms.corrections)
    return evidence(log, review_query(load_card(terms.card), log, terms, plugins), plugins, subject)


def check_total(card: Card, score: Mapping[str, object], lines: Iterable[Mapping[str, object]]) -> None:
    """Raises VerificationError unless the contributions of all lines add up to the total."""
    if score["exact"] is None:
        return
    sums = dict.fromkeys(("entry", "bonus", "penalty", "gate"), Fraction(0))
    for line in lines:
        sums[str(line["kind"])] += Fraction(str(line["exact_contribution"] or 0))
    bonus, penalty = min(card.bonus_cap, sums["bonus"]), min(card.penalty_cap, sums["penalty"])
    parts = sums["entry"] + bonus - penalty + sums["gate"]
    exact, residual, total = (Fraction(str(score[name])) for name in ("exact", "residual", "total"))
    if parts != exact or exact + residual != total:
        raise VerificationError(
            f"the lines add up to {parts} and not to {exact}", hint="please report this with the run"
        )


def _statistics_of(run: Run, plugins: Plugins) -> dict[str, Statistic]:
    """Returns the statistics of a run's metrics and formulas, as its card writes them."""
    card = load_card(run.card or "")
    return {r.text: build(r) for r in parse_requests(card.metrics, plugins, card.formulas)}


def check_value(
    name: str, stored: Mapping[str, object] | None, rows: pa.Table, statistics: Mapping[str, Statistic]
) -> None:
    """Raises VerificationError unless the rows behind a stored value add up to it."""
    if stored is None:
        if len(rows):
            raise VerificationError(f"{name}: {len(rows)} rows and no value")
        return
    added: dict[str, list[int]] = {}
    for measure, amount in zip(
        rows.column("measure").to_pylist(), rows.column("added").to_pylist(), strict=True
    ):
        added.setdefault(measure, []).append(amount)
    found = figures_of(statistics[name], added)
    told = {"numerator": found.numerator, "denominator": found.denominator, "n": found.n}
    problems = [
        f"{name}: {key} is {stored[key]}, the rows make {value}"
        for key, value in told.items()
        if stored[key] != value
    ]
    if found.whole and not _same(stored["value"], found.exact):
        problems.append(f"{name}: the value is {stored['value']}, the rows make {found.exact}")
    left_out = dict(stored["excluded"]) if stored["excluded"] else {}  # type: ignore[call-overload]
    if left_out != dict(found.excluded):
        problems.append(f"{name}: excluded are {left_out}, the rows make {dict(found.excluded)}")
    if problems:
        raise VerificationError(
            "the rows do not add up to the figures of the run",
            problems=tuple(problems),
            hint="another version of kpicore or of a plugin may define the metric differently",
        )


def _subject_column(run: Run) -> str:
    name: str = run.table("contributions").column_names[0]
    return name


def _score_of(run: Run, subject: str) -> dict[str, object]:
    if "contributions" not in run.tables:
        raise UsageError(
            f"{run.path} was only measured", hint="`kpicore score` keeps runs that can be explained"
        )
    table = run.table("scores")
    column = table.column_names[0]
    known = table.column(column).to_pylist()
    if subject not in known:
        raise UnknownNameError(
            f"no {column} {subject!r} is in {run.path}", hint=suggest(subject, [k for k in known if k])
        )
    row: dict[str, object] = table.slice(known.index(subject), 1).to_pylist()[0]
    return row


def _line(
    stored: Mapping[str, object],
    value: Mapping[str, object] | None,
    rows: tuple[Behind, ...],
    statistics: Mapping[str, Statistic],
    plugins: Plugins,
) -> Line:
    if value is None:
        return Line(stored=stored, unit="", excluded={}, durations=frozenset(), rows=rows)
    return Line(
        stored=stored,
        unit=str(value["unit"]),
        excluded=dict(value["excluded"] or ()),  # type: ignore[call-overload]
        durations=durations_of(statistics[str(stored["metric"])], plugins),
        rows=rows,
    )


def durations_of(statistic: Statistic, plugins: Plugins) -> frozenset[str]:
    """Returns the names of the measures of ``statistic`` that are in microseconds."""
    schemas = {**TABLES, **{name: fact.schema for name, fact in plugins.facts.items()}}
    named = named_measures(statistic)
    return frozenset(name for name, measure in named if is_duration(measure, schemas[measure.of]))


def _merged(rows: pa.Table) -> tuple[Behind, ...]:
    """Returns the rows of facts, each once, with what it adds to all measures."""
    found: dict[tuple[object, ...], Behind] = {}
    for each in rows.to_pylist(maps_as_pydicts="strict"):
        identity = (each["fact"], each["at"], each["until"], *each["row"].items())
        before = found.get(identity)
        amount = each["added"] + (before.added.get(each["measure"], 0) if before else 0)
        base = before or Behind(
            fact=each["fact"],
            contact=each["contact_id"],
            at=each["at"],
            until=each["until"],
            added={},
            row=each["row"],
        )
        found[identity] = replace(base, added={**base.added, each["measure"]: amount})
    return tuple(sorted(found.values(), key=lambda row: row.at))


def _same(stored: object, exact: Fraction | None) -> bool:
    """Returns whether a stored float is the exact value, as near as a float can be."""
    if exact is None or not isinstance(stored, float):
        return exact is None and stored is None
    return isclose(stored, float(exact), rel_tol=1e-12)
