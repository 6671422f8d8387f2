from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

from kpicore.scoring.measured import Measured
from kpicore.scoring.statistics import annotate_rates, shrink_rates, wilson_interval


def rate(agent: str, k: int, n: int, metric: str = "csat") -> Measured:
    return Measured(subject=(agent,), metric=metric, value=F(k, n), n=n, numerator=k, denominator=n)


def test_rates_get_interval_reliability_and_shrunk_value() -> None:
    rows = [rate("a", 60, 100), rate("b", 95, 100), rate("c", 5, 5), rate("a", 1, 2, "other")]
    done = annotate_rates(rows, {"csat"})
    low, high = wilson_interval(95, 100) or (0, 0)
    assert done[1].interval == (F(str(low)), F(str(high)))
    expected = shrink_rates([60, 95, 5], [100, 100, 5])
    assert [float(row.shrunk or 0) for row in done[:3]] == [one.value for one in expected]
    assert [float(row.reliability or 0) for row in done[:3]] == [one.reliability for one in expected]
    assert done[3] == rows[3]
    assert [row.value for row in done] == [row.value for row in rows]


def test_what_is_missing_no_count_or_given_stays() -> None:
    given = replace(rate("a", 1, 2), interval=(F(0), F(1)))
    rows = [
        given,
        replace(rate("b", 1, 2), value=None, reason="no_data"),
        replace(rate("c", 1, 2), numerator=None),
        replace(rate("d", 1, 2), numerator=3),
    ]
    done = annotate_rates(rows, {"csat"})
    assert done[0].interval == (F(0), F(1))
    assert done[1:] == tuple(rows[1:])
