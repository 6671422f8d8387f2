"""The lines of a card, with what they mean and how all people together lie on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum

from kpicore.analysis import SMALL_GROUP, Anomaly, is_small
from kpicore.metrics import write_when
from kpicore.runs import Appeal, Run
from kpicore.scoring.card import Card, Entry, Label
from kpicore.scoring.curve import Curve
from kpicore.scoring.statistics import funnel_rates

from .model import Definition, Funnel, Kpi, LineKind, Spread, TrendPoint
from .rows import Row, exact, flag, number, text, texts, whole
from .scale import nice_edges, spread_counts

__all__ = ["Found", "curve_of", "entries_of", "kpis_of", "rate_counts", "trend_points"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The rows of a run's tables, by subject or metric, and what became of the run since it was kept."""

    scores: Mapping[str, Row]
    lines: Mapping[str, Sequence[Row]]
    values: Mapping[str, Sequence[Row]]
    roster: Mapping[str, Row]
    trend: Mapping[str, Sequence[Row]]
    team_trend: Sequence[Row]
    definitions: Mapping[str, Row]
    anomalies: Mapping[str, Sequence[Anomaly]]
    exemplars: Mapping[str, Sequence[Row]]
    signs: Mapping[str, Sequence[Row]]
    appeals: Mapping[str, Sequence[Appeal]]
    superseded_by: str | None


def entries_of(card: Card) -> tuple[tuple[LineKind, Entry], ...]:
    """Returns every line of a card with its kind, in the card's order."""
    kinds: tuple[tuple[LineKind, tuple[Entry, ...]], ...] = (
        ("entry", card.entries),
        ("bonus", card.bonuses),
        ("penalty", card.penalties),
    )
    return tuple((kind, entry) for kind, entries in kinds for entry in entries)


def kpis_of(card: Card, run: Run, found: Found, *, shown: Sequence[str], to_one: bool) -> tuple[Kpi, ...]:
    """Returns the lines of ``card``; ``shown`` are the subjects whose curves are told.

    Of all together nothing is said that rests on so few subjects that ``is_small`` says so: each line, and
    each period of its trend, is looked at for itself.
    """
    units = {
        str(row["metric"]): str(row["unit"])
        for values in found.values.values()
        for row in values
        if row.get("part") is None
    }
    parameters = {d.request: d for d in run.manifest.provenance.definitions}
    rates = _rates(found)
    kpis = []
    for kind, entry in entries_of(card):
        mine = {
            subject: row
            for subject, lines in found.lines.items()
            for row in lines
            if (row["kind"], row["entry"]) == (kind, entry.id)
        }
        known = parameters.get(entry.metric)
        definition = _definition(
            found.definitions.get(entry.metric),
            parameters={} if known is None else known.parameters,
            fingerprint="" if known is None else known.fingerprint,
            label=entry.label,
        )
        unit = units.get(entry.metric, "points" if entry.manual else "")
        values = [v for row in mine.values() if (v := number(row, "value")) is not None]
        brought = [v for row in mine.values() if (v := number(row, "contribution")) is not None]
        tally = _is_tally(unit, mine.values())
        rate = entry.metric in rates
        pairs = [pair for row in mine.values() if rate and (pair := rate_counts(row)) is not None]
        behind = {"spread": len(values), "average": len(brought), "funnel": len(pairs)}
        few = {name for name, size in behind.items() if is_small(card, size, to_one=to_one)}
        kpis.append(
            Kpi(
                id=entry.id,
                kind=kind,
                group=entry.group,
                label=entry.label,
                metric=entry.metric,
                manual=entry.manual is not None,
                unit=unit,
                weight=entry.weight,
                target=entry.target,
                example=entry.example,
                uses=entry.uses,
                curves=_curves(entry, [mine[one] for one in shown if one in mine]),
                variants=tuple(write_when(tuple(variant.when.items())) for variant in entry.variants),
                definition=definition,
                spread=None if "spread" in few else _spread(values, unit),
                average=fsum(brought) / len(brought) if brought and "average" not in few else None,
                funnel=None if "funnel" in few else _funnel(pairs),
                suppressed={name: SMALL_GROUP for name, size in behind.items() if size and name in few},
                grain=next((str(row["grain"]) for row in found.team_trend), ""),
                tally=tally,
                rate=rate,
                team_trend=_team_trend(card, found, entry.metric, tally=tally, to_one=to_one),
            )
        )
    return tuple(kpis)


def curve_of(entry: Entry, variant: int | None) -> Curve | None:
    """Returns the curve of an entry, or of its ``variant`` (counted from 1)."""
    if variant is None:
        return entry.curve
    return entry.variants[variant - 1].curve if variant <= len(entry.variants) else None


def _curves(entry: Entry, lines: Sequence[Row]) -> tuple[Curve, ...]:
    used = sorted({whole(row, "variant") or 0 for row in lines})
    return tuple(dict.fromkeys(c for v in used if (c := curve_of(entry, v or None)) is not None))


def _spread(values: Sequence[float], unit: str) -> Spread | None:
    edges = nice_edges(values, unit)
    return Spread(edges=edges, counts=spread_counts(values, edges)) if edges else None


def _rates(found: Found) -> frozenset[str]:
    """Returns the metrics that are shares of counted things: in trends they alone have intervals.

    Of a run without trends, from a time when no others had any, it is the lines that tell.
    """
    told = [row for rows in found.trend.values() for row in rows]
    told = told or [row for rows in found.lines.values() for row in rows if row["kind"] != "gate"]
    return frozenset(str(row["metric"]) for row in told if row.get("low") is not None)


def _funnel(pairs: Sequence[tuple[int, int]]) -> Funnel | None:
    if len(pairs) < 3:
        return None
    whole_ = sum(n for _, n in pairs)
    factor, _ = funnel_rates([k for k, _ in pairs], [n for _, n in pairs])
    return Funnel(centre=sum(k for k, _ in pairs) / whole_, factor=factor)


def rate_counts(row: Row) -> tuple[int, int] | None:
    """Returns the counts behind the line of a rate; None where there are none."""
    k, n = exact(row, "numerator"), exact(row, "denominator")
    if row.get("value") is None or k is None or n is None or n <= 0 or not 0 <= k <= n:
        return None
    return (int(k), int(n)) if k.denominator == n.denominator == 1 else None


def _is_tally(unit: str, lines: Iterable[Row]) -> bool:
    """Whether a metric counts; ratios have a denominator, and extremes and quantiles of counts are rare."""
    return unit not in ("", "s", "ratio", "points") and all(row["denominator"] is None for row in lines)


def _team_trend(
    card: Card, found: Found, metric: str, *, tally: bool, to_one: bool
) -> tuple[TrendPoint, ...]:
    """Returns the trend of all together, suppressed where few have a value; of a tally their mean."""
    values: dict[str, list[float]] = {}
    for rows in found.trend.values():
        for row in rows:
            if row["metric"] == metric and (value := number(row, "value")) is not None:
                values.setdefault(str(row["period"]), []).append(value)
    told = []
    for point in trend_points([row for row in found.team_trend if row["metric"] == metric]):
        known = values.get(point.period, [])
        if point.value is not None and is_small(card, len(known), to_one=to_one):
            point = replace(point, value=None, low=None, high=None, n=None, reason=SMALL_GROUP)
        elif point.value is not None and tally and known:
            point = replace(point, value=fsum(known) / len(known), n=None)
        told.append(point)
    return tuple(told)


def trend_points(found: Sequence[Row]) -> tuple[TrendPoint, ...]:
    """Returns the points of a trend in the order of their periods."""
    points = [
        TrendPoint(
            period=str(row["period"]),
            value=number(row, "value"),
            low=number(row, "low"),
            high=number(row, "high"),
            n=whole(row, "n"),
            provisional=flag(row, "provisional"),
            complete=flag(row, "complete"),
            reason=text(row, "reason"),
        )
        for row in found
    ]
    return tuple(sorted(points, key=lambda point: point.period))


def _definition(
    row: Row | None, *, parameters: Mapping[str, str], fingerprint: str, label: Label
) -> Definition | None:
    if row is None and not fingerprint:
        return None
    known = row or {}

    def labels(name: str) -> tuple[Label, ...]:
        english, chinese = texts(known, name), texts(known, f"{name}_zh")
        return tuple(Label(en=en, zh=chinese[i] if i < len(chinese) else en) for i, en in enumerate(english))

    usual = known.get("target")
    return Definition(
        name=Label(en=text(known, "en") or label.en, zh=text(known, "zh") or label.zh),
        text=Label(en=text(known, "definition") or "", zh=text(known, "definition_zh") or ""),
        direction=text(known, "direction") or "",
        parameters=dict(parameters),
        dialect=text(known, "dialect") or "",
        attribution=text(known, "attribution") or "",
        settle_days=whole(known, "settle_days") or 0,
        industry=number(known, "industry"),
        usual_target=tuple(float(each) for each in usual) if isinstance(usual, list) else (),
        causes=labels("causes"),
        actions=labels("actions"),
        source=text(known, "source") or "",
        fingerprint=fingerprint,
    )
