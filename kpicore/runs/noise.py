"""The noise of measured values: intervals, reliability and shrunk values, from what the values are made
of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from kpicore.engine import Query, Samples, samples
from kpicore.engine.finalize import measures_of
from kpicore.plugin import Measure, MeasureKind, Quantile, Ratio, Statistic, Tally
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Measured
from kpicore.scoring.measured import SubjectKey
from kpicore.scoring.statistics import annotate_rates, as_fraction, grouped, shrink_means
from kpicore.tables import Log

__all__ = ["add_noise", "is_rate"]

_COUNTS = (MeasureKind.COUNT, MeasureKind.DISTINCT)
_ADDITIVE = (MeasureKind.COUNT, MeasureKind.SUM)
_CUT = ("prorated", "snapshot")
Ends = tuple[float, float] | None


def add_noise(
    measured: Iterable[Measured],
    statistics: Mapping[str, Statistic],
    log: Log,
    query: Query,
    plugins: Plugins,
) -> tuple[Measured, ...]:
    """Returns ``measured`` in its order with what is known of its noise; ``statistics`` by metric as written.

    Shares of counted things have Wilson's interval, means Student's, quantiles that of order statistics,
    counts the score interval, other ratios of sums the delta method's over days. Means and ratios also have
    a reliability and a shrunk value. ``query`` names the subjects, range and zone as they were measured.
    """
    rates = [text for text, statistic in statistics.items() if is_rate(statistic)]
    rows = list(annotate_rates(measured, rates))
    needed = {text: _needed(statistic) for text, statistic in statistics.items()}
    wanted = [measure for measures in needed.values() for measure in measures]
    if query.end is None:  # the range is that of the data, and open intervals end with it: of the same data
        wanted += [measure for statistic in statistics.values() for measure in measures_of(statistic)]
    found = None
    if any(needed.values()):
        found = samples(log, wanted, replace(query, requests=(), periods=("day",)), plugins)
    places: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        places.setdefault(row.metric, []).append(i)
    for text, statistic in statistics.items():
        own = [i for i in places.get(text, ()) if rows[i].value is not None]
        for i, row in zip(own, _noisy([rows[i] for i in own], statistic, needed[text], found), strict=True):
            rows[i] = row
    return tuple(rows)


def is_rate(statistic: Statistic) -> bool:
    """Returns whether a statistic is the share of counted things among counted things."""
    return (
        isinstance(statistic, Ratio)
        and statistic.numerator.kind in _COUNTS
        and statistic.denominator.kind in _COUNTS
    )


def _is_mean(ratio: Ratio) -> bool:
    """Whether a ratio divides the sum of values by their number."""
    above, below = ratio.numerator, ratio.denominator
    alike = replace(above, kind=MeasureKind.COUNT, value=None) == below
    return above.kind is MeasureKind.SUM and alike and above.attribution not in _CUT


def _needed(statistic: Statistic) -> tuple[Measure, ...]:
    """Returns the measures that tell the noise of ``statistic``; none where its counts do, or nothing."""
    if isinstance(statistic, Quantile):
        return (statistic.measure,) if statistic.measure.part is None else ()
    if not isinstance(statistic, Ratio) or is_rate(statistic):
        return ()
    above, below = statistic.numerator, statistic.denominator
    if above.part is not None or below.part is not None:
        return ()
    if _is_mean(statistic):
        return (replace(above, kind=MeasureKind.VALUES),)
    return (above, below) if above.kind in _ADDITIVE and below.kind in _ADDITIVE else ()


def _noisy(
    rows: Sequence[Measured], statistic: Statistic, needed: tuple[Measure, ...], found: Samples | None
) -> Iterable[Measured]:
    """Yields the rows of one metric with the noise of its ``statistic``."""
    if isinstance(statistic, Tally) and statistic.measure.kind is MeasureKind.COUNT:
        return [_with_ends(row, _count_ends(row, statistic)) for row in rows]
    if not needed or found is None:
        return rows
    place: dict[SubjectKey, int] = {subject: i for i, subject in enumerate(found.subjects)}
    at = [place.get(row.subject) for row in rows]
    if isinstance(statistic, Quantile):
        drawn = _drawn(found, needed[0])
        ends = grouped.quantile_ends(drawn, float(statistic.q), float(statistic.scale))
        return [row if i is None else _with_ends(row, ends[i]) for row, i in zip(rows, at, strict=True)]
    assert isinstance(statistic, Ratio)
    return _estimated(rows, at, _estimates(statistic, needed, found))


def _estimates(ratio: Ratio, needed: tuple[Measure, ...], found: Samples) -> grouped.Estimates:
    if len(needed) == 1:
        return grouped.means(_drawn(found, needed[0]), float(ratio.scale))
    above, below = (_by_day(found, measure) for measure in needed)
    return grouped.ratios(above, below, float(ratio.scale))


def _estimated(
    rows: Sequence[Measured], at: Sequence[int | None], estimates: grouped.Estimates
) -> list[Measured]:
    known = [
        (k, i)
        for k, i in enumerate(at)
        if i is not None and estimates.variances[i] > 0 and _same(rows[k], estimates.values[i])
    ]
    places = [i for _, i in known]
    shrunk = shrink_means(estimates.values[places].tolist(), estimates.variances[places].tolist())
    done = list(rows)
    for (k, i), one in zip(known, shrunk, strict=True):
        done[k] = replace(
            _with_ends(rows[k], estimates.ends(i)),
            reliability=as_fraction(one.reliability),
            shrunk=as_fraction(one.value),
        )
    return done


def _same(row: Measured, value: float) -> bool:
    """Whether the sample yields the value that was measured; a definition may leave out what it counts."""
    return row.value is not None and bool(np.isclose(float(row.value), value, rtol=1e-9, atol=1e-9))


def _with_ends(row: Measured, ends: Ends) -> Measured:
    if ends is None or row.interval is not None:
        return row
    return replace(row, interval=(as_fraction(ends[0]), as_fraction(ends[1])))


def _count_ends(row: Measured, tally: Tally) -> Ends:
    """Returns the interval of a count, scaled as the count is."""
    if row.n is None or row.value is None:
        return None
    scale = float(row.value / row.n) if row.n else float(tally.scale) if tally.per is None else None
    return None if scale is None else _scaled(grouped.count_interval(row.n), scale)


def _scaled(ends: tuple[float, float], scale: float) -> tuple[float, float]:
    return ends[0] * scale, ends[1] * scale


def _drawn(found: Samples, measure: Measure) -> grouped.Samples:
    values, subject = found.values(measure)
    counts = np.bincount(_array(subject), minlength=len(found.subjects))
    return grouped.Samples(values=_array(values), starts=np.concatenate([[0], np.cumsum(counts)]))


def _by_day(found: Samples, measure: Measure) -> grouped.Integers:
    return _array(found.numbers(measure)).reshape(len(found.subjects), found.periods)


def _array(column: pa.Array) -> grouped.Integers:
    return np.asarray(column).astype(np.int64)
