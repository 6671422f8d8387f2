"""A review: a log measured and judged by a scorecard, and kept as a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from kpicore.analysis import kept_tables
from kpicore.clock import parse_period
from kpicore.engine import Query, Result, ask, build
from kpicore.engine.finalize import measures_of
from kpicore.errors import CardError
from kpicore.metrics import parse_request
from kpicore.plugin import Statistic
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card, Mark, Measured, Scores, load_card, score
from kpicore.scoring.card_units import check_units
from kpicore.tables import Log

from .fingerprint import definition_fingerprint
from .manifest import Definition, InputFile, Provenance
from .noise import add_noise, is_rate
from .roster import Attributes, roster
from .store import DEFAULT_ROOT, Run, keep

__all__ = ["Review", "review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What came of it: the measured values, the scores, and the stored run (None where not kept)."""

    card: Card
    result: Result
    scores: Scores
    run: Run | None


def review(
    log: Log,
    card_text: str,
    plugins: Plugins,
    *,
    period: str | None = None,
    zone: str | None = None,
    marks: Iterable[Mark] = (),
    root: Path | None = DEFAULT_ROOT,
    threads: int | None = None,
    batch_rows: int = Query.batch_rows,
) -> Review:
    """Measures and scores every subject of a card, and keeps the run under ``root`` (None: not at all).

    ``period`` is written as ``2026-10``, ``2026-W40``, ``2026-Q3``, ``2026`` or a day; without it the
    whole range of the log is one period. Raises what measuring and scoring raise; nothing is kept then.
    """
    card = load_card(card_text)
    chosen = zone or card.zone or log.zone or "UTC"
    start, end = _range(card, period, chosen)
    requests = [parse_request(text, plugins) for text in card.metrics]
    statistics = {request.text: build(request) for request in requests}
    _check_parts(card, statistics)
    check_units(card, {r.text: statistics[r.text].unit or r.metric.unit for r in requests})
    subjects = (card.subject,)
    result = ask(
        log,
        card.metrics,
        subjects,
        plugins,
        zone=chosen,
        start=start,
        end=end,
        threads=threads,
        batch_rows=batch_rows,
    )
    attributes = roster(log, card.subject, result.start, result.end)
    query = Query(
        requests=(),
        by=subjects,
        zone=chosen,
        start=start,
        end=end,
        threads=threads,
        batch_rows=batch_rows,
    )
    scores = score(
        card,
        add_noise(_measured(result, subjects, attributes), statistics, log, query, plugins),
        marks=marks,
        attributes=attributes,
        schemes=plugins.weightings,
        subject_columns=subjects,
    )
    run = None
    if root is not None:
        rates = [text for text, statistic in statistics.items() if is_rate(statistic)]
        provenance = _provenance(log, result, card, plugins, period)
        made = kept_tables(
            log, card, result, scores, plugins, rates=rates, threads=threads, batch_rows=batch_rows
        )
        run = keep(root, provenance=provenance, tables=_tables(result, scores) | made, card=card_text)
    return Review(card=card, result=result, scores=scores, run=run)


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


def _range(card: Card, period: str | None, zone: str) -> tuple[int | None, int | None]:
    if period is None:
        return None, None
    start, end, grain = parse_period(period, zone)
    if card.period not in (grain, "all"):
        raise CardError(
            f"card {card.id!r} judges a {card.period}, {period} is a {grain}",
            hint=f"name a {card.period}, or change the card's period",
        )
    return start, end


def _measured(
    result: Result, subjects: Sequence[str], attributes: Mapping[tuple[str | None, ...], Attributes]
) -> Iterable[Measured]:
    """Yields a value per subject and metric; those of the roster without any row have no data."""
    seen: set[tuple[str | None, ...]] = set()
    for row, value in zip(result.rows(), result.fractions(), strict=True):
        subject: tuple[str | None, ...] = tuple(_word(row[name]) for name in subjects)
        seen.add(subject)
        yield Measured(
            subject=subject,
            metric=str(row["metric"]),
            value=value,
            n=_whole(row["n"]),
            numerator=_whole(row["numerator"]),
            denominator=_whole(row["denominator"]),
            reason="no_data" if value is None else None,
            provisional=bool(row["provisional"]),
        )
    for absent in attributes:
        if absent not in seen:
            for request in result.requests:
                yield Measured(subject=absent, metric=request.text, value=None, reason="no_data")


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _tables(result: Result, scores: Scores) -> dict[str, pa.Table]:
    return {
        "values": result.to_arrow(),
        "scores": scores.to_arrow(),
        "contributions": scores.contributions_to_arrow(),
        "ledger": result.ledger.to_arrow(),
    }


def _provenance(log: Log, result: Result, card: Card, plugins: Plugins, period: str | None) -> Provenance:
    providers = [plugins.provenance("metric", request.metric.name) for request in result.requests]
    return Provenance(
        inputs=tuple(
            InputFile(name=s.name, size=s.size, sha256=s.sha256, adapter=s.adapter) for s in log.sources
        ),
        definitions=tuple(
            Definition(
                request=request.text,
                metric=request.metric.name,
                parameters=dict(request.parameters),
                fingerprint=definition_fingerprint(request.metric, request.settings),
            )
            for request in result.requests
        ),
        plugins={p.distribution: p.version for p in providers if not p.builtin},
        arguments={
            "card": card.id,
            "zone": result.zone,
            "period": period or "all",
            "start": str(result.start),
            "end": str(result.end),
        },
        card_fingerprint=card.fingerprint,
    )
