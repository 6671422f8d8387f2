"""Exemplars of a run: the best and the worst contacts behind each KPI of each subject, by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from kpicore.engine import Query, Result, build, evidence
from kpicore.metrics import Request
from kpicore.plugin import Extremum, Quantile, Ratio, Statistic
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card
from kpicore.scoring.statistics.precision import significant
from kpicore.tables import Log

from .targets import better

__all__ = ["MOST", "exemplars_schema", "exemplars_table"]

MOST = 3
"""The most contacts of each kind per KPI and subject."""

_LARGE = 2_000_000
Side = Literal["higher", "lower"]


def exemplars_schema(subject: str) -> pa.Schema:
    """Returns the columns of exemplars whose subjects are named so.

    ``kind`` is ``best`` or ``worst``, ``rank`` counts from 1. ``value`` is the KPI of the contact alone, in
    ``unit``, and ``at`` its first instant that counts.
    """
    columns: list[tuple[str, pa.DataType]] = [(subject, pa.string()), ("metric", pa.string())]
    columns += [("kind", pa.string()), ("rank", pa.int64()), ("contact_id", pa.string())]
    columns += [("value", pa.float64()), ("unit", pa.string()), ("at", pa.timestamp("us", "UTC"))]
    return pa.schema(columns)


def exemplars_table(log: Log, card: Card, query: Query, result: Result, plugins: Plugins) -> pa.Table:
    """Returns the exemplars of a run that ``query`` gave the values ``result``, as ``exemplars_schema``.

    Only for KPIs that a contact has a value of (means, shares, quantiles, extrema) and where contacts differ.
    The card's curve says which values are good; where it has a best range, those nearest to its middle. Of
    equally good values the later contact stands first; none is among both the best and the worst of a KPI.
    There are none where the log has more than two million rows: those behind the KPIs would not fit into
    memory.
    """
    subject = result.by[0]
    aims = _aims(card)
    statistics = {request.text: build(request) for request in result.requests}
    chosen = [r for r in result.requests if r.text in aims and _of_contacts(statistics[r.text])]
    if not chosen or sum(map(len, log.tables.values())) > _LARGE:
        return exemplars_schema(subject).empty_table()
    rows = _by_contact(
        evidence(log, replace(query, requests=tuple(chosen)), plugins, contents=False), subject
    )
    found = [
        each
        for request in chosen
        for each in _of_metric(rows, subject, request, statistics[request.text], aims[request.text])
    ]
    return pa.Table.from_pylist(found, schema=exemplars_schema(subject))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aim:
    """Which values are good: high ones, low ones, or those near the ``middle`` of the range that is best."""

    side: Side
    middle: Fraction | None = None


def _aims(card: Card) -> Mapping[str, _Aim]:
    aims: dict[str, _Aim] = {}
    for entry in card.entries:
        way = better(entry, None)
        if way != "range":
            aims.setdefault(entry.metric, _Aim(side=way))
        elif entry.curve is not None and entry.curve.reciprocal_of is None:
            top = max(points for _, points in entry.curve.knots)
            best = [x for x, points in entry.curve.knots if points == top]
            if top > min(points for _, points in entry.curve.knots):
                aims.setdefault(entry.metric, _Aim(side="lower", middle=(best[0] + best[-1]) / 2))
    return aims


def _of_contacts(statistic: Statistic) -> bool:
    return isinstance(statistic, Ratio | Quantile | Extremum)


def _by_contact(rows: pa.Table, subject: str) -> pa.Table:
    """Returns a row per subject, metric and contact: ``above`` and ``below`` of its own value, and when."""
    kept = pc.and_(
        rows.column("contact_id").is_valid(),
        pc.is_in(rows.column("measure"), value_set=pa.array(["numerator", "denominator", "value"])),
    )
    rows = rows.filter(kept)
    below = pc.equal(rows.column("measure"), "denominator")
    single = pc.equal(rows.column("measure"), "value")
    added = rows.column("added")
    parts = pa.table(
        {
            subject: rows.column(subject),
            "metric": rows.column("metric"),
            "contact_id": rows.column("contact_id"),
            "above": pc.if_else(below, 0, added),
            "below": pc.if_else(below, added, pc.if_else(single, 1, 0)),
            "at": rows.column("at"),
        }
    )
    keys = [subject, "metric", "contact_id"]
    whole = parts.group_by(keys, use_threads=False).aggregate(
        [("above", "sum"), ("below", "sum"), ("at", "min")]
    )
    return whole.rename_columns(
        [name.removesuffix("_sum").removesuffix("_min") for name in whole.column_names]
    )


def _of_metric(
    rows: pa.Table, subject: str, request: Request, statistic: Statistic, aim: _Aim
) -> list[dict[str, object]]:
    """Returns the exemplars of one metric, by subject."""
    rows = rows.filter(
        pc.and_(pc.equal(rows.column("metric"), request.text), pc.greater(rows.column("below"), 0))
    )
    if not len(rows):
        return []
    value = _values(rows, getattr(statistic, "scale", Fraction(1)))
    judged = value if aim.middle is None else np.abs(value - float(aim.middle))
    subjects = rows.column(subject).combine_chunks().dictionary_encode()
    codes = np.asarray(pc.fill_null(subjects.indices.cast(pa.int64()), len(subjects.dictionary)))
    at = np.asarray(rows.column("at").cast(pa.int64()).combine_chunks().fill_null(0))
    ids = np.asarray(pc.rank(rows.column("contact_id").combine_chunks(), tiebreaker="dense")).astype(np.int64)
    unit = statistic.unit or request.metric.unit
    found = []
    names = rows.column("contact_id")
    for code in np.unique(codes):
        own = np.flatnonzero(codes == code)
        name = subjects.dictionary[int(code)].as_py() if code < len(subjects.dictionary) else None
        for kind, picked in _picked(own, judged, at, ids, aim.side).items():
            for rank, i in enumerate(picked, start=1):
                found.append(
                    {
                        subject: name,
                        "metric": request.text,
                        "kind": kind,
                        "rank": rank,
                        "contact_id": names[i].as_py(),
                        "value": significant(float(value[i])),
                        "unit": unit,
                        "at": rows.column("at")[i].as_py(),
                    }
                )
    return sorted(found, key=lambda row: (row[subject] is None, str(row[subject])))


def _values(rows: pa.Table, scale: Fraction) -> npt.NDArray[np.float64]:
    above, below = (
        np.asarray(rows.column(name).combine_chunks(), dtype=np.float64) for name in ("above", "below")
    )
    values: npt.NDArray[np.float64] = above * scale.numerator / (below * scale.denominator)
    return values


def _picked(
    own: npt.NDArray[np.int64],
    value: npt.NDArray[np.float64],
    at: npt.NDArray[np.int64],
    ids: npt.NDArray[np.int64],
    side: Side,
) -> dict[str, Sequence[int]]:
    """Returns the rows of the best and of the worst contacts, the most extreme first."""
    lowest, highest = value[own].min(), value[own].max()
    most = min(MOST, len(own) // 2)
    up = own[np.lexsort((ids[own], -at[own], value[own]))]
    down = own[np.lexsort((ids[own], -at[own], -value[own]))]
    first, second, good, bad = (
        (down, up, highest, lowest) if side == "higher" else (up, down, lowest, highest)
    )
    best = [int(i) for i in first[:most] if value[i] != bad]
    taken = set(best)
    worst = [int(i) for i in second if i not in taken and value[i] != good][:most]
    return {"best": best, "worst": worst}
