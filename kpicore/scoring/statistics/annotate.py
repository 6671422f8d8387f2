"""Puts the noise beside measured rates: intervals, reliability and the shrunk value."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from kpicore.scoring.measured import Measured
from kpicore.scoring.statistics.intervals import wilson_interval
from kpicore.scoring.statistics.precision import as_fraction
from kpicore.scoring.statistics.reliability import rate_estimates

__all__ = ["annotate_rates"]


def annotate_rates(measured: Iterable[Measured], rates: Collection[str]) -> tuple[Measured, ...]:
    """Returns ``measured`` in its order, the metrics named in ``rates`` with interval, reliability and
    shrunk value.

    ``rates`` are shares of counted things (numerator and denominator are counts, not durations). A value
    that already carries one of the three keeps it; one that is missing, or whose counts are, stays as it
    is. Intervals are Wilson's; reliability and shrinkage come from all subjects of the same metric
    together.
    """
    rows = list(measured)
    for metric in dict.fromkeys(row.metric for row in rows if row.metric in rates):
        places = [i for i, row in enumerate(rows) if row.metric == metric and _counts(row) is not None]
        counts = [pair for i in places if (pair := _counts(rows[i])) is not None]
        estimates = rate_estimates([k for k, _ in counts], [n for _, n in counts])
        for i, (k, n), (value, reliability) in zip(places, counts, estimates, strict=True):
            row, ends = rows[i], wilson_interval(k, n)
            given = None if ends is None else (as_fraction(ends[0]), as_fraction(ends[1]))
            rows[i] = replace(
                row,
                interval=given if row.interval is None else row.interval,
                reliability=as_fraction(reliability) if row.reliability is None else row.reliability,
                shrunk=as_fraction(value) if row.shrunk is None else row.shrunk,
            )
    return tuple(rows)


def _counts(row: Measured) -> tuple[int, int] | None:
    k, n = row.numerator, row.denominator
    if row.value is None or not isinstance(k, int) or not isinstance(n, int):
        return None
    return (k, n) if 0 <= k <= n and n > 0 else None
