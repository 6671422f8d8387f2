"""Scores as Arrow tables: points as decimals for reading, and exactly, as text, for checking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa

from kpicore.scoring.quantity import decimal_text
from kpicore.scoring.result import Contribution, GateEffect, Score, Scores
from kpicore.scoring.rounding import to_decimal

__all__ = ["POINTS", "contributions_table", "scores_table"]

POINTS = pa.decimal128(38, 12)
_TEXTS = pa.list_(pa.string())


def scores_table(scores: Scores) -> pa.Table:
    """Returns one row per subject; ``total`` has the card's places, ``exact`` and ``residual`` are exact
    texts, a fraction where no decimal ends. ``low`` and ``high`` are the 95 % interval of ``exact``,
    ``rank_best`` and ``rank_worst`` the ranks that it allows.
    """
    rows = scores.scores
    columns: dict[str, pa.Array] = _subjects(scores, [row.subject for row in rows])

    def points(name: str, read: Callable[[Score], Fraction | Decimal | None]) -> None:
        columns[name] = pa.array([_decimal(read(row)) for row in rows], POINTS)

    def texts(name: str, read: Callable[[Score], str | None]) -> None:
        columns[name] = pa.array([read(row) for row in rows], pa.string())

    columns["total"] = pa.array([row.total for row in rows], pa.decimal128(38, scores.places))
    texts("grade", lambda row: row.grade)
    points("coefficient", lambda row: row.coefficient)
    columns["rank"] = pa.array([row.rank for row in rows], pa.int64())
    points("low", lambda row: row.interval[0] if row.interval else None)
    points("high", lambda row: row.interval[1] if row.interval else None)
    columns["rank_best"] = pa.array([row.rank_set[0] if row.rank_set else None for row in rows], pa.int64())
    columns["rank_worst"] = pa.array([row.rank_set[1] if row.rank_set else None for row in rows], pa.int64())
    columns["tier"] = pa.array([row.tier for row in rows], pa.int64())
    points("appraisal", lambda row: row.appraisal)
    points("base", lambda row: row.base)
    points("bonus", lambda row: row.bonus)
    points("penalty", lambda row: row.penalty)
    points("gate_effect", lambda row: row.gate_effect)
    texts("exact", lambda row: _text(row.exact))
    texts("residual", lambda row: _text(row.residual))
    points("unrenormalised", lambda row: row.unrenormalised)
    points("covered", lambda row: row.covered)
    columns["held"] = pa.array([row.held for row in rows], pa.bool_())
    columns["holds"] = pa.array([row.holds for row in rows], _TEXTS)
    columns["refusals"] = pa.array([row.refusals for row in rows], _TEXTS)
    columns["flags"] = pa.array([row.flags for row in rows], _TEXTS)
    columns["gates"] = pa.array([[gate.gate for gate in row.gates if gate.fired] for row in rows], _TEXTS)
    texts("decided_by", lambda row: row.decision.by if row.decision else None)
    texts("decided_grade", lambda row: row.decision.grade if row.decision else None)
    texts("decided_total", lambda row: _text(row.decision.total) if row.decision else None)
    texts("decided_because", lambda row: row.decision.reason if row.decision else None)
    return _table(scores, columns)


def contributions_table(scores: Scores) -> pa.Table:
    """Returns one row per subject and line; ``kind`` is entry, bonus, penalty or gate."""
    rows: list[tuple[Score, str, Contribution | GateEffect]] = []
    for score in scores.scores:
        rows += [(score, "entry", line) for line in score.contributions]
        rows += [(score, "bonus", line) for line in score.bonuses]
        rows += [(score, "penalty", line) for line in score.penalties]
        rows += [(score, "gate", gate) for gate in score.gates]
    columns: dict[str, pa.Array] = _subjects(scores, [score.subject for score, _, _ in rows])
    columns["kind"] = pa.array([kind for _, kind, _ in rows], pa.string())
    curves: dict[int, str] = {}  # by identity: thousands of lines share the few curves of a card
    fields = [
        _gate_row(line) if isinstance(line, GateEffect) else _line_row(line, curves) for _, _, line in rows
    ]
    for name, kind in _LINE_SCHEMA.items():
        columns[name] = pa.array([row.get(name) for row in fields], kind)
    return _table(scores, columns)


_LINE_SCHEMA = {
    "entry": pa.string(),
    "group": pa.string(),
    "metric": pa.string(),
    "value": pa.string(),
    "used": pa.string(),
    "n": pa.int64(),
    "numerator": pa.string(),
    "denominator": pa.string(),
    "low": pa.string(),
    "high": pa.string(),
    "reliability": pa.string(),
    "provisional": pa.bool_(),
    "status": pa.string(),
    "reason": pa.string(),
    "curve": pa.string(),
    "segment": pa.string(),
    "variant": pa.int64(),
    "points": POINTS,
    "points_low": POINTS,
    "points_high": POINTS,
    "weight": POINTS,
    "effective_weight": POINTS,
    "contribution": POINTS,
    "exact_contribution": pa.string(),
    "evaluator": pa.string(),
    "evidence": _TEXTS,
}


def _line_row(line: Contribution, curves: dict[int, str]) -> dict[str, object]:
    low, high = line.interval or (None, None)
    points_low, points_high = line.points_interval or (None, None)
    return {
        "entry": line.entry,
        "group": line.group,
        "metric": line.metric,
        "value": _text(line.value),
        "used": _text(line.used),
        "n": line.n,
        "numerator": _text(line.numerator),
        "denominator": _text(line.denominator),
        "low": _text(low),
        "high": _text(high),
        "reliability": _text(line.reliability),
        "provisional": line.provisional,
        "status": line.status,
        "reason": line.reason,
        "curve": curves.get(id(line.curve)) or curves.setdefault(id(line.curve), str(line.curve)),
        "segment": None if line.segment is None else str(line.segment),
        "variant": line.variant,
        "points": _decimal(line.points),
        "points_low": _decimal(points_low),
        "points_high": _decimal(points_high),
        "weight": _decimal(line.weight),
        "effective_weight": _decimal(line.effective_weight),
        "contribution": _decimal(line.contribution),
        "exact_contribution": _text(line.contribution),
        "evaluator": line.evaluator,
        "evidence": line.evidence,
    }


def _gate_row(gate: GateEffect) -> dict[str, object]:
    status = "undecided" if gate.reason else "fired" if gate.fired else "passed"
    return {
        "entry": gate.gate,
        "group": gate.action,
        "metric": gate.condition,
        "value": _text(gate.value),
        "provisional": False,
        "status": status,
        "reason": gate.reason,
        "contribution": _decimal(gate.effect),
        "exact_contribution": _text(gate.effect),
        "evidence": (),
    }


def _subjects(scores: Scores, keys: Sequence[tuple[str | None, ...]]) -> dict[str, pa.Array]:
    return {
        name: pa.array([key[i] for key in keys], pa.string()) for i, name in enumerate(scores.subject_columns)
    }


def _table(scores: Scores, columns: dict[str, pa.Array]) -> pa.Table:
    about = {"card": scores.card, "version": scores.version, "fingerprint": scores.fingerprint}
    return pa.table(columns).replace_schema_metadata({f"kpicore.{key}": text for key, text in about.items()})


def _decimal(value: Fraction | Decimal | None) -> Decimal | None:
    return value if value is None or isinstance(value, Decimal) else to_decimal(value, 12)


def _text(value: Fraction | int | None) -> str | None:
    return None if value is None else decimal_text(Fraction(value))
