"""A review: a log measured and judged by a scorecard, and kept as a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from kpicore.analysis import kept_tables
from kpicore.clock import CalendarBook, load_zone, parse_period, parse_time_of_day
from kpicore.engine import Query, Result, build, evidence, measure, query_of
from kpicore.engine.evaluate import CALENDAR_HINT
from kpicore.engine.finalize import measures_of
from kpicore.engine.tenure import LocalDay
from kpicore.errors import CalendarError, CardError, UsageError
from kpicore.plugin import Statistic
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card, Decision, Mark, Measured, Scores, load_card, score
from kpicore.scoring.card_units import check_units
from kpicore.scoring.lines import Attributes, selects
from kpicore.scoring.measured import SubjectKey
from kpicore.scoring.weighting import choose_weighting
from kpicore.tables import Log

from .amend import amend
from .audit import append
from .before import carries_forward, run_before, values_of
from .manifest import Provenance
from .noise import add_noise, is_rate
from .posting import postings_of
from .provenance import provenance_of
from .roster import attributes_of, roster_table
from .store import CALENDAR, DEFAULT_ROOT, MAPPING, Run, keep
from .terms import Terms, terms_tables
from .values import measured_values

if TYPE_CHECKING:
    from .explain import Explanation

__all__ = ["Review", "calendars_of", "judge", "publish_review", "review", "review_query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What came of it: the measured values, the scores, and the stored run (None where not kept).

    ``tables`` and ``provenance`` are what a run of it holds; there are no tables where none is wanted.
    """

    card: Card
    result: Result
    scores: Scores
    run: Run | None
    tables: Mapping[str, pa.Table]
    provenance: Provenance

    def explain(self, subject: str, *, metric: str | None = None) -> Explanation:
        """Returns how the score of ``subject`` came about; UsageError where no run was kept."""
        if self.run is None:
            raise UsageError("nothing was kept that could be explained", hint="score with a root")
        return self.run.explain(subject, metric=metric)


def review(
    log: Log,
    card_text: str,
    plugins: Plugins,
    *,
    period: str | None = None,
    zone: str | None = None,
    calendars: CalendarBook | None = None,
    day_start: int | str = 0,
    fiscal_year_start: int = 1,
    marks: Iterable[Mark] = (),
    previous: Iterable[Measured] = (),
    decisions: Iterable[Decision] = (),
    corrected: Sequence[Run] = (),
    keep_evidence: bool = False,
    root: Path | None = DEFAULT_ROOT,
    threads: int | None = None,
    batch_rows: int = Query.batch_rows,
) -> Review:
    """Measures and scores every subject of a card, and keeps the run under ``root`` (None: not at all).

    ``period`` is written as ``2026-10``, ``2026-W40``, ``2026-Q3``, ``2026`` or a day; without it the
    whole range of the log is one period. ``keep_evidence`` stores the rows behind every figure, which a
    log in memory needs to be explained later. Where the card carries values forward, and ``previous``
    gives none, those of the card's last run under ``root`` before the period are taken. ``corrected``
    names runs of earlier periods that superseded others: their differences are posted beside the totals.
    Where the card names a calendar, everybody works under that one of ``calendars``.
    Raises what measuring and scoring raise; nothing is kept then.
    """
    terms = Terms(
        card=card_text,
        period=period,
        zone=zone,
        marks=tuple(marks),
        previous=tuple(previous),
        decisions=tuple(decisions),
        keep_evidence=keep_evidence,
        postings=() if root is None else postings_of(root, corrected),
        calendars=calendars,
        day_start=parse_time_of_day(day_start) if isinstance(day_start, str) else day_start,
        fiscal_year_start=fiscal_year_start,
    )
    if root is not None and not terms.previous:
        terms = _with_values_before(log, terms, root)
    made = judge(log, terms, plugins, whole=root is not None, threads=threads, batch_rows=batch_rows)
    return made if root is None else publish_review(made, log, terms, root)


def judge(
    log: Log,
    terms: Terms,
    plugins: Plugins,
    *,
    whole: bool = True,
    supersedes: str | None = None,
    threads: int | None = None,
    batch_rows: int = Query.batch_rows,
) -> Review:
    """Returns the review of a log on ``terms``, not kept; its tables are made only where it is ``whole``."""
    card = load_card(terms.card)
    choose_weighting(card, plugins.weightings)
    log = amend(log, terms.corrections)
    query = review_query(card, log, terms, plugins, threads=threads, batch_rows=batch_rows)
    requests = query.requests
    statistics = {request.text: build(request) for request in requests}
    _check_parts(card, statistics)
    check_units(card, {r.text: statistics[r.text].unit or r.metric.unit for r in requests})
    result = measure(log, query, plugins)
    day = LocalDay(zone=load_zone(query.zone), day_start=query.day_start)
    attributes = attributes_of(log, card, result, day)
    rates = [text for text, statistic in statistics.items() if is_rate(statistic)]

    def noise(rows: Iterable[Measured]) -> tuple[Measured, ...]:
        return add_noise(rows, statistics, log, query, plugins)

    scores = score(
        card,
        _with_noise(card, measured_values(result, query.by, attributes), attributes, noise),
        marks=terms.marks,
        previous=terms.previous,
        decisions=terms.decisions,
        attributes=attributes,
        schemes=plugins.weightings,
        subject_columns=query.by,
    )
    made = kept_tables(log, card, query, result, scores, plugins, rates=rates) if whole else {}
    people = roster_table(attributes, {one.subject for one in scores.scores})
    tables = _tables(result, scores) | people | made | terms_tables(terms)
    if terms.keep_evidence:
        tables["evidence"] = evidence(log, query, plugins)
    provenance = provenance_of(log, result, card, terms, plugins, supersedes)
    return Review(card=card, result=result, scores=scores, run=None, tables=tables, provenance=provenance)


def publish_review(made: Review, log: Log, terms: Terms, root: Path) -> Review:
    """Keeps a review as a run under ``root`` and returns it with that run."""
    texts = {MAPPING: log.origin.mapping_text} if log.origin and log.origin.mapping_text else {}
    texts |= {CALENDAR: terms.calendars.text} if terms.calendars else {}
    run = keep(root, provenance=made.provenance, tables=made.tables, card=terms.card, texts=texts)
    append(root, "published", run.id, lambda _: {"content_hash": run.manifest.content_hash})
    return replace(made, run=run)


def _with_values_before(log: Log, terms: Terms, root: Path) -> Terms:
    """Returns the terms with the values of the run before, where the card carries values forward."""
    card = load_card(terms.card)
    start, _ = _range(card, terms, terms.zone or card.zone or log.zone or "UTC")
    if start is None or not carries_forward(card):
        return terms
    before = run_before(root, card, start)
    return terms if before is None else replace(terms, previous=values_of(before), previous_run=before.id)


def review_query(
    card: Card,
    log: Log,
    terms: Terms,
    plugins: Plugins,
    *,
    threads: int | None = None,
    batch_rows: int = Query.batch_rows,
) -> Query:
    """Returns what a review measures."""
    zone = terms.zone or card.zone or log.zone or "UTC"
    start, end = _range(card, terms, zone)
    return query_of(
        log,
        card.metrics,
        (card.subject,),
        plugins,
        zone=zone,
        start=start,
        end=end,
        calendars=calendars_of(card, terms.calendars),
        day_start=terms.day_start,
        fiscal_year_start=terms.fiscal_year_start,
        threads=threads,
        batch_rows=batch_rows,
        formulas=card.formulas,
    )


def _with_noise(
    card: Card,
    measured: Iterable[Measured],
    attributes: Mapping[SubjectKey, Attributes],
    noise: Callable[[Iterable[Measured]], Iterable[Measured]],
) -> list[Measured]:
    """Returns the rows in their order, those of the card's population with the noise among themselves."""
    rows = [(row, selects(card.population, attributes.get(row.subject, {}))) for row in measured]
    known = iter(noise([row for row, inside in rows if inside]))
    return [next(known) if inside else row for row, inside in rows]


def _check_parts(card: Card, statistics: Mapping[str, Statistic]) -> None:
    """Raises CardError for metrics that give several values, which no curve can judge."""
    problems = [
        f"{text} has a row for each {measure.part}; a card needs one value"
        for text, statistic in statistics.items()
        for measure in measures_of(statistic)[:1]
        if measure.part is not None
    ]
    if problems:
        raise CardError(
            f"card {card.id!r} cannot be measured",
            problems=tuple(problems),
            hint="choose one of them by the metric's parameters",
        )


def calendars_of(card: Card, calendars: CalendarBook | None) -> CalendarBook | None:
    """Returns the calendars under which ``card`` is measured; CalendarError where it names one in vain."""
    if card.calendar is None:
        return calendars
    if calendars is None:
        raise CalendarError(
            f"card {card.id!r} works under the calendar {card.calendar!r}", hint=CALENDAR_HINT
        )
    return calendars.under(card.calendar)


def _range(card: Card, terms: Terms, zone: str) -> tuple[int | None, int | None]:
    period = terms.period
    if period is None:
        return None, None
    start, end, grain = parse_period(
        period, zone, day_start=terms.day_start, fiscal_year_start=terms.fiscal_year_start
    )
    if card.period not in (grain, "all"):
        raise CardError(
            f"card {card.id!r} judges a {card.period}, {period} is a {grain}",
            hint=f"name a {card.period}, or change the card's period",
        )
    return start, end


def _tables(result: Result, scores: Scores) -> dict[str, pa.Table]:
    return {
        "values": result.to_arrow(),
        "scores": scores.to_arrow(),
        "contributions": scores.contributions_to_arrow(),
        "ledger": result.ledger.to_arrow(),
    }
