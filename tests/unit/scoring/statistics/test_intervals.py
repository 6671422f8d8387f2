from __future__ import annotations

from random import Random

import numpy as np
import pytest
from scipy import stats

from kpicore.scoring.statistics.bootstrap import LARGE, bca_interval, seed_of
from kpicore.scoring.statistics.intervals import (
    mean_interval,
    quantile_interval,
    ratio_interval,
    wilson_interval,
)


def test_eighty_per_cent_of_twenty_lies_between_58_and_92() -> None:
    low, high = wilson_interval(16, 20) or (0, 0)
    assert (round(low, 2), round(high, 2)) == (0.58, 0.92)


@pytest.mark.parametrize("n", [10, 20, 50, 200])
def test_wilson_covers_95_per_cent_on_average(n: int) -> None:
    random = np.random.RandomState(n)
    rates = random.uniform(0, 1, 20_000)
    ends = np.array([wilson_interval(k, n) for k in range(n + 1)])
    low, high = ends[random.binomial(n, rates)].T
    assert 0.94 < ((low <= rates) & (rates <= high)).mean() < 0.97


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 50), (50, 50), (3, 7), (999, 1000)])
def test_wilson_agrees_with_scipy(k: int, n: int) -> None:
    expected = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert wilson_interval(k, n) == pytest.approx((expected.low, expected.high), abs=1e-11)


def test_wilson_without_trials_and_with_impossible_ones() -> None:
    assert wilson_interval(0, 0) is None
    with pytest.raises(ValueError, match="found 3 successes in 2 trials"):
        wilson_interval(3, 2)


def test_the_mean_s_interval_agrees_with_scipy() -> None:
    values = [3.5, 4.0, 9.25, 1.0, 6.5]
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert mean_interval(values) == pytest.approx((expected.low, expected.high), rel=1e-10)
    assert mean_interval([1.0]) is None


@pytest.mark.parametrize(("n", "q"), [(1, 0.5), (5, 0.5), (6, 0.5), (100, 0.9), (1000, 0.95), (37, 0.1)])
def test_a_quantile_s_order_statistics_cover_it(n: int, q: float) -> None:
    ordered = [float(i) for i in range(1, n + 1)]
    low, high = quantile_interval(ordered, q) or (None, None)
    below = 0 if low is None else stats.binom.cdf(low - 1, n, q)
    above = 0 if high is None else 1 - stats.binom.cdf(high - 1, n, q)
    assert below <= 0.025
    assert above <= 0.025 + 1e-12
    if low is not None:
        assert stats.binom.cdf(low, n, q) > 0.025
    if high is not None and high > 1:
        assert 1 - stats.binom.cdf(high - 2, n, q) > 0.025


def test_a_quantile_of_too_few_values_is_not_bounded() -> None:
    assert quantile_interval([], 0.5) is None
    assert quantile_interval([1.0, 2.0, 3.0], 0.5) == (None, None)


def test_the_delta_method_is_the_t_interval_where_denominators_are_equal() -> None:
    numerators = [3.0, 5.0, 4.0, 8.0]
    assert ratio_interval(numerators, [2.0] * 4) == pytest.approx(
        mean_interval([n / 2 for n in numerators]), rel=1e-11
    )
    assert ratio_interval([1.0], [1.0]) is None
    assert ratio_interval([1.0, 2.0], [0.0, 0.0]) is None
    with pytest.raises(ValueError, match="found 1 numerators and 2"):
        ratio_interval([1.0], [1.0, 2.0])


def test_the_delta_method_covers() -> None:
    random = np.random.RandomState(5)
    inside = 0
    for _ in range(400):
        calls = random.poisson(20, 60) + 1.0
        found = ratio_interval((calls * random.gamma(4, 45, 60)).tolist(), calls.tolist())
        inside += found is not None and found[0] < 180 < found[1]
    assert 0.91 < inside / 400 < 0.98


def test_the_bootstrap_agrees_with_scipy_s() -> None:
    values = np.random.RandomState(7).gamma(2, 90, 60)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1)
    ).confidence_interval
    found = bca_interval(values.tolist(), seed=1) or (0, 0)
    width = expected.high - expected.low
    assert abs(found[0] - expected.low) < 0.05 * width
    assert abs(found[1] - expected.high) < 0.05 * width


def test_the_bootstrap_depends_on_its_seed_and_not_on_the_order() -> None:
    values = np.random.RandomState(3).gamma(2, 90, 40).tolist()
    shuffled = Random(0).sample(values, len(values))
    assert bca_interval(values, seed=1) == bca_interval(shuffled, seed=1)
    assert bca_interval(values, seed=1) != bca_interval(values, seed=2)


def test_the_bootstrap_s_stream_is_pinned() -> None:
    # a change here means that stored runs no longer replay
    assert bca_interval([1.0, 2.0, 4.0, 8.0, 16.0], seed=11) == PINNED


def test_small_equal_and_large_samples() -> None:
    assert bca_interval([1.0], seed=1) is None
    assert bca_interval([2.0, 2.0, 2.0], seed=1) == (2.0, 2.0)
    many = np.random.RandomState(3).gamma(2, 90, LARGE + 1).tolist()
    assert bca_interval(many, seed=1) == mean_interval(many)


def test_the_seed_tells_names_apart() -> None:
    seeds = {
        seed_of("r", "m", ("a",)),
        seed_of("r", "m", (None,)),
        seed_of("r", "m", ("",)),
        seed_of("r", "ma", ("",)),
        seed_of("rm", "", ("a",)),
    }
    assert len(seeds) == 5
    assert seed_of("r", "m", ("a",)) == seed_of("r", "m", ("a",))


PINNED = (2.6, 12.8)
