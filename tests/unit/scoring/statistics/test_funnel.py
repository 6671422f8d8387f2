from __future__ import annotations

import numpy as np
import pytest

from kpicore.scoring.statistics.funnel import funnel, funnel_rates


def test_limits_by_hand() -> None:
    # 100 of 200: the error of a rate over 100 trials is 0.05
    factor, points = funnel_rates([40, 60], [100, 100])
    assert factor == 1
    assert (points[0].low95, points[0].high95) == pytest.approx((0.402002, 0.597998), abs=1e-6)
    assert (points[0].low998, points[0].high998) == pytest.approx((0.345488, 0.654512), abs=1e-6)
    assert [point.side for point in points] == ["alert", "alert"]
    assert [point.z for point in points] == pytest.approx([-2, 2])


def test_limits_stay_within_a_rate_s_bounds() -> None:
    _, points = funnel_rates([1, 99], [2, 100])
    assert (points[0].low998, points[0].high998) == (pytest.approx(0.673, abs=0.01), 1.0)


def test_chance_alone_rarely_alarms() -> None:
    random = np.random.RandomState(6)
    trials = random.randint(30, 300, 2000)
    _, points = funnel_rates(random.binomial(trials, 0.3).tolist(), trials.tolist())
    sides = [point.side for point in points]
    assert 0.035 < 1 - sides.count("inside") / 2000 < 0.065
    assert sides.count("alarm") / 2000 < 0.006


def test_limits_widen_where_all_differ_more_than_chance() -> None:
    random = np.random.RandomState(6)
    rates = random.beta(30, 70, 400)
    trials = np.full(400, 500)
    factor, points = funnel_rates(random.binomial(trials, rates).tolist(), trials.tolist())
    assert factor > 3
    assert [point.side for point in points].count("alarm") < 10


def test_one_outlier_does_not_widen_the_limits() -> None:
    factor, points = funnel([10.0] * 29 + [100.0], [1.0] * 30, centre=10.0)
    assert factor == 1
    assert points[-1].side == "alarm"


def test_subjects_without_observations_are_inside() -> None:
    _, points = funnel_rates([0, 5], [0, 10])
    assert (points[0].value, points[0].z, points[0].side) == (None, None, "inside")
    assert funnel_rates([0], [0]) == (1.0, ())
