"""Spikes and drops: values of a series that leave what the series itself makes usual.

Done so, for each subject and metric, so that anybody can do it by hand:

1. Periods that the log covers only in part, and undefined values, do not count.
2. The season: days are compared with the same weekday, hours with the same hour of day, months with the same
   month, quarters with the same quarter, if the table holds at least three periods of each; days of fewer
   weeks with workdays or with weekends. Weeks and years, and shorter tables, have no season.
3. Usual is the median of the periods of the same season; a season of fewer than three values has none.
4. The spread is 1.4826 times the median distance from what is usual, over all seasons of the series (the MAD,
   which equals the standard deviation of normal values and which outliers do not move). At least five values
   are needed. It is never less than the noise: the binomial one of a rate with its n, the Poisson one of a
   count, and for other metrics nothing, but then a difference of less than a tenth of what is usual does not
   count.
5. A value further than 3.5 spreads from what is usual is a spike or a drop (Iglewicz and Hoaglin 1993).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from kpicore.scoring.statistics.precision import significant

__all__ = ["Anomaly", "anomalies", "anomaly_schema"]

Floats: TypeAlias = npt.NDArray[np.float64]
_FARTHEST = 3.5
_MAD = 1.4826
_FEWEST, _OF_A_SEASON = 5, 3
_LEAST = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """One value that leaves its usual range [``low``, ``high``] around ``usual``, ``spreads`` away from it.

    ``low`` is not below 0 where the series never is. ``compared`` says with what: ``same weekday``, ``workday
    or weekend``, ``same hour``, ``same month``, ``same quarter``, or ``all periods`` where no season could be
    told.
    """

    subject: tuple[str | None, ...]
    scope: str
    metric: str
    period: str
    kind: Literal["spike", "drop"]
    value: float
    usual: float
    low: float
    high: float
    spreads: float | None
    compared: str


def anomalies(
    table: pa.Table, subjects: Sequence[str], grain: str, rates: Collection[str] = ()
) -> tuple[Anomaly, ...]:
    """Returns the spikes and drops of every series of ``table``, sorted by metric, scope, subject and period.

    ``table`` is a trend, or a result over periods of ``grain`` (in which provisional periods do not count
    instead of incomplete ones). ``rates`` are the metrics that are shares of counted things; in a trend they
    are known by their intervals. The order of rows does not matter.
    """
    series = _lay_out(table, subjects, rates)
    if not series.keys or not series.periods:
        return ()
    compared, seasons = _seasons(series, grain)
    usual, distance = _usual(series, seasons)
    counted = series.judged & ~np.isnan(usual)
    few = counted.sum(axis=1) < _FEWEST
    spread = _MAD * _medians(np.where(counted, np.abs(distance), np.nan))
    noise, bare = _noise(series, usual)
    allowed = _FARTHEST * np.fmax(spread[:, None], noise)
    allowed = np.where(bare, np.fmax(allowed, _LEAST * np.abs(usual)), allowed)
    # a difference of the last bits is none: equal counts may be divided in different ways
    beyond = np.abs(distance) > allowed * (1 + 1e-9) + 1e-12 * np.abs(usual)
    found = []
    for i, j in np.argwhere(counted & beyond & ~few[:, None]).tolist():
        metric, scope, subject = series.keys[i]
        centre, most = float(usual[i, j]), float(allowed[i, j])
        step = max(float(spread[i]), float(noise[i, j]))
        floor = 0.0 if np.nanmin(series.values[i]) >= 0 else -np.inf
        found.append(
            Anomaly(
                subject=subject,
                scope=scope,
                metric=metric,
                period=series.periods[j],
                kind="spike" if distance[i, j] > 0 else "drop",
                value=significant(float(series.values[i, j])),
                usual=significant(centre),
                low=significant(max(centre - most, floor)),
                high=significant(centre + most),
                spreads=significant(abs(float(distance[i, j])) / step) if step else None,
                compared=compared,
            )
        )
    return tuple(found)


def anomaly_schema(subjects: Sequence[str]) -> pa.Schema:
    """Returns the columns of anomalies as a table: the fields of ``Anomaly``, the subject in its columns."""
    texts = ("scope", "metric", "period", "kind")
    numbers = ("value", "usual", "low", "high", "spreads")
    columns = [(name, pa.string()) for name in (*subjects, *texts)]
    return pa.schema([*columns, *((name, pa.float64()) for name in numbers), ("compared", pa.string())])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """One row per series, one column per period; NaN where there is no value.

    ``judged`` marks values of whole periods. ``n`` is the denominator of rates and NaN for others;
    ``counts`` marks the series that are counts.
    """

    keys: Sequence[tuple[str, str, tuple[str | None, ...]]]
    periods: Sequence[str]
    values: Floats
    judged: npt.NDArray[np.bool_]
    n: Floats
    counts: npt.NDArray[np.bool_]


def _lay_out(table: pa.Table, subjects: Sequence[str], rates: Collection[str]) -> _Series:
    size = len(table)
    columns: Mapping[str, list[object]] = {
        name: table.column(name).to_pylist() for name in table.column_names
    }
    scopes = columns.get("scope", ["subject"] * size)
    own = [tuple(_word(columns[name][i]) for name in subjects) for i in range(size)]
    metrics = [str(metric) for metric in columns["metric"]]
    keys = [(m, str(scope), subject) for m, scope, subject in zip(metrics, scopes, own, strict=True)]
    order = sorted(set(keys), key=lambda key: (key[0], key[1], [(x is not None, x or "") for x in key[2]]))
    periods = sorted({str(period) for period in columns["period"]})
    rows = _places(order, keys)
    at = _places(periods, [str(period) for period in columns["period"]])
    whole = columns["complete"] if "complete" in columns else [not p for p in columns["provisional"]]
    shape = len(order), len(periods)
    values, n = np.full(shape, np.nan), np.full(shape, np.nan)
    judged = np.zeros(shape, dtype=bool)
    values[rows, at] = _floats(columns["value"])
    judged[rows, at] = np.asarray(whole, dtype=bool)
    bounded = columns.get("low", [None] * size)
    rate = np.array(
        [m in rates or low is not None for m, low in zip(metrics, bounded, strict=True)], dtype=bool
    )
    n[rows, at] = np.where(rate, _floats(columns["denominator"]), np.nan)
    tally = [
        top is None and below is None and unit not in ("ratio", "s") and value is not None and value == count
        for top, below, unit, value, count in zip(
            columns["numerator"],
            columns["denominator"],
            columns["unit"],
            columns["value"],
            columns["n"],
            strict=True,
        )
    ]
    counts = np.ones(len(order), dtype=bool)
    np.logical_and.at(counts, rows, np.asarray(tally, dtype=bool) | np.isnan(_floats(columns["value"])))
    return _Series(
        keys=order, periods=periods, values=values, judged=judged & ~np.isnan(values), n=n, counts=counts
    )


def _places(known: Sequence[object], wanted: Sequence[object]) -> npt.NDArray[np.int64]:
    place = {key: i for i, key in enumerate(known)}
    return np.array([place[key] for key in wanted], dtype=np.int64)


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def _floats(values: Sequence[object]) -> Floats:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _seasons(series: _Series, grain: str) -> tuple[str, npt.NDArray[np.int64]]:
    """Returns what periods are compared with, and the season of each period."""
    some = series.judged.any(axis=0)
    for name, season in _SEASONS.get(grain, ()):
        found = np.array([season(period) for period in series.periods], dtype=np.int64)
        sizes = np.bincount(found[some]) if some.any() else np.zeros(1, dtype=np.int64)
        least = sizes[sizes > 0].min() if some.any() else 0
        if least >= _OF_A_SEASON or name == "workday or weekend":
            return name, found
    return "all periods", np.zeros(len(series.periods), dtype=np.int64)


def _weekday(period: str) -> int:
    return date.fromisoformat(period[:10]).weekday()


_SEASONS: Mapping[str, Sequence[tuple[str, Callable[[str], int]]]] = {
    "hour": (("same hour", lambda period: int(period[11:13])),),
    "day": (("same weekday", _weekday), ("workday or weekend", lambda period: int(_weekday(period) > 4))),
    "month": (("same month", lambda period: int(period[5:7])),),
    "quarter": (("same quarter", lambda period: int(period[5:7])),),
}


def _usual(series: _Series, seasons: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Returns the usual value of every cell, NaN where its season is too short, and the distance from it."""
    usual = np.full(series.values.shape, np.nan)
    known = np.where(series.judged, series.values, np.nan)
    for season in np.unique(seasons):
        inside = seasons == season
        enough = series.judged[:, inside].sum(axis=1) >= _OF_A_SEASON
        usual[:, inside] = np.where(enough, _medians(known[:, inside]), np.nan)[:, None]
    return usual, series.values - usual


def _medians(rows: Floats) -> Floats:
    """Returns the median of each row without its NaN; NaN where nothing is left."""
    ordered = np.sort(rows, axis=1)  # NaN last
    size = (~np.isnan(rows)).sum(axis=1)
    first, second = np.maximum(size - 1, 0) // 2, size // 2
    at = np.arange(len(rows))
    return np.where(
        size > 0, (ordered[at, first] + ordered[at, np.minimum(second, rows.shape[1] - 1)]) / 2, np.nan
    )


def _noise(series: _Series, usual: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Returns the standard error of each value around what is usual, and where none is known (0 there)."""
    noise = np.zeros(usual.shape)
    rate = ~np.isnan(series.n) & (series.n > 0) & (usual >= 0) & (usual <= 1)
    n = np.where(rate, series.n, 1.0)
    # half a case more on either side: at 0 and 1 the plain formula knows no noise
    share = np.where(rate, (usual * n + 0.5) / (n + 1), 0.0)
    noise = np.where(rate, np.sqrt(share * (1 - share) / n), noise)
    count = series.counts[:, None] & ~np.isnan(usual)
    noise = np.where(count, np.sqrt(np.where(count, np.maximum(usual, 1.0), 1.0)), noise)
    return noise, ~(rate | count)
