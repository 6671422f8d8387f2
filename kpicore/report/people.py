"""The people of a run: their totals, the lines behind them, their trends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Literal

from kpicore.analysis import SIGN_NAMES, Anomaly, goal_of, is_small
from kpicore.runs import Appeal
from kpicore.scoring.card import Card, Label, Target
from kpicore.scoring.statistics import funnel

from .kpis import Found, curve_of, entries_of, rate_counts, trend_points
from .model import AppealFacts, Exemplar, Funnel, GateLine, Kpi, Line, LineKind, Person, Sign, Standing
from .rows import Row, decimal, exact, flag, number, text, texts, whole

__all__ = ["people_of"]

_NONE = Decimal(0)
_KINDS: Mapping[str, LineKind] = {"entry": "entry", "bonus": "bonus", "penalty": "penalty"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """What the run holds of one person beside his lines, by metric."""

    values: Mapping[str, Row]
    trend: Mapping[str, Sequence[Row]]
    exemplars: Mapping[str, Sequence[Row]]
    anomalies: Sequence[Anomaly]


def people_of(
    card: Card, found: Found, kpis: Sequence[Kpi], shown: Sequence[str], *, to_one: bool
) -> tuple[Person, ...]:
    """Returns the people called ``shown``, ``to_one`` of them or to those who see all; the lines of those
    whose KPIs are not among ``kpis`` are left out.
    """
    by_key = {(kpi.kind, kpi.id): kpi for kpi in kpis}
    units = {str(row["metric"]): str(row["unit"]) for values in found.values.values() for row in values}
    behind = Counter(str(row["sign"]) for rows in found.signs.values() for row in rows)
    few = {sign for sign, size in behind.items() if is_small(card, size, to_one=to_one)}
    people = []
    for subject in shown:
        roster = found.roster.get(subject, {})
        rows = found.lines.get(subject, ())
        own = _Own(
            values={str(r["metric"]): r for r in found.values.get(subject, ()) if r.get("part") is None},
            trend=_by_metric(found.trend.get(subject, ())),
            exemplars=_by_metric(found.exemplars.get(subject, ())),
            anomalies=found.anomalies.get(subject, ()),
        )
        people.append(
            Person(
                id=subject,
                name=text(roster, "name") or "",
                team=text(roster, "team") or "",
                standing=_standing(found.scores[subject]),
                lines=tuple(
                    _line(card, found, row, by_key[kind, str(row["entry"])], own)
                    for row in rows
                    if (kind := _KINDS.get(str(row["kind"]))) and (kind, str(row["entry"])) in by_key
                ),
                gates=tuple(_gate(row, card, units) for row in rows if row["kind"] == "gate"),
                appeals=tuple(_appeal(each) for each in found.appeals.get(subject, ())),
                signs=tuple(_sign(row, few) for row in found.signs.get(subject, ()) if row["suspect"]),
            )
        )
    return tuple(people)


def _by_metric(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row["metric"]), []).append(row)
    return found


def _line(card: Card, found: Found, row: Row, kpi: Kpi, own: _Own) -> Line:
    entry = next(each for kind, each in entries_of(card) if (kind, each.id) == (kpi.kind, kpi.id))
    variant = whole(row, "variant")
    curve = curve_of(entry, variant)
    excluded = own.values.get(kpi.metric, {}).get("excluded")
    goal = goal_of(entry, found.definitions.get(entry.metric), variant)
    value = exact(row, "value")
    gap = None if goal is None or value is None else goal.gap(value)
    near = exact(row, "high" if gap is not None and gap < 0 else "low")
    target: Target = entry.target if variant is None else entry.variants[variant - 1].target or entry.target
    return Line(
        kpi=kpi.id,
        kind=kpi.kind,
        value=value,
        used=exact(row, "used"),
        n=whole(row, "n"),
        numerator=exact(row, "numerator"),
        denominator=exact(row, "denominator"),
        low=number(row, "low"),
        high=number(row, "high"),
        reliability=number(row, "reliability"),
        provisional=flag(row, "provisional"),
        status=text(row, "status") or "",
        reason=text(row, "reason"),
        excluded=dict(excluded) if isinstance(excluded, dict) else {},
        points=decimal(row, "points"),
        points_low=decimal(row, "points_low"),
        points_high=decimal(row, "points_high"),
        weight=decimal(row, "weight"),
        effective_weight=decimal(row, "effective_weight"),
        contribution=decimal(row, "contribution"),
        exact_contribution=exact(row, "exact_contribution"),
        target=target,
        curve=kpi.curves.index(curve) if curve in kpi.curves else None,
        segment=text(row, "segment"),
        variant=variant,
        evaluator=text(row, "evaluator"),
        evidence=texts(row, "evidence"),
        side=_side(row, kpi.funnel),
        goal=goal,
        gap=gap,
        beyond_chance=None if goal is None or near is None or not gap else goal.gap(near) != 0,
        trend=trend_points(own.trend.get(kpi.metric, ())),
        anomalies=tuple(one for one in own.anomalies if one.metric == kpi.metric),
        exemplars=tuple(
            Exemplar(
                kind=str(each["kind"]), contact=text(each, "contact_id") or "", value=number(each, "value")
            )
            for each in own.exemplars.get(kpi.metric, ())
        ),
    )


def _side(row: Row, common: Funnel | None) -> Literal["inside", "alert", "alarm"] | None:
    counts = rate_counts(row)
    if common is None or counts is None:
        return None
    k, n = counts
    error = sqrt(common.factor * common.centre * (1 - common.centre) / n)
    _, (point,) = funnel([k / n], [error], centre=common.centre, bounds=(0.0, 1.0))
    return point.side


def _gate(row: Row, card: Card, units: Mapping[str, str]) -> GateLine:
    name = text(row, "entry") or ""
    gate = next((each for each in card.gates if each.id == name), None)
    return GateLine(
        id=name,
        label=gate.label if gate else Label(en=name, zh=name),
        action=text(row, "group") or "",
        condition=text(row, "metric") or "",
        value=exact(row, "value"),
        unit=units.get(gate.metric, "") if gate else "",
        status=text(row, "status") or "",
        effect=decimal(row, "contribution") or _NONE,
    )


def _appeal(appeal: Appeal) -> AppealFacts:
    return AppealFacts(
        id=appeal.id,
        by=appeal.by,
        reason=appeal.reason,
        opened_at=appeal.opened_at,
        contacts=tuple(dict.fromkeys(each.contact for each in appeal.corrections)),
        state=appeal.state,
        reviewer=appeal.reviewer,
        because=appeal.decided_because,
        decided_at=appeal.decided_at,
        new_run=appeal.new_run,
    )


def _sign(row: Row, few: Collection[str]) -> Sign:
    name = str(row["sign"])
    en, zh = SIGN_NAMES.get(name, (name, name))
    return Sign(
        label=Label(en=en, zh=zh),
        count=whole(row, "count") or 0,
        n=whole(row, "n") or 0,
        common=None if name in few else number(row, "common"),
    )


def _standing(row: Row) -> Standing:
    return Standing(
        total=decimal(row, "total"),
        exact=exact(row, "exact"),
        residual=exact(row, "residual"),
        grade=text(row, "grade"),
        coefficient=decimal(row, "coefficient"),
        low=decimal(row, "low"),
        high=decimal(row, "high"),
        rank=whole(row, "rank"),
        best=whole(row, "rank_best"),
        worst=whole(row, "rank_worst"),
        tier=whole(row, "tier"),
        base=decimal(row, "base"),
        bonus=decimal(row, "bonus") or _NONE,
        penalty=decimal(row, "penalty") or _NONE,
        gate_effect=decimal(row, "gate_effect") or _NONE,
        unrenormalised=decimal(row, "unrenormalised") or _NONE,
        covered=decimal(row, "covered") or _NONE,
        held=flag(row, "held"),
        holds=texts(row, "holds"),
        refusals=texts(row, "refusals"),
        flags=texts(row, "flags"),
        decided_by=text(row, "decided_by"),
        decided_grade=text(row, "decided_grade"),
        decided_total=text(row, "decided_total"),
        decided_because=text(row, "decided_because"),
    )
