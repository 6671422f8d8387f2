from __future__ import annotations

import numpy as np
import pytest

from kpicore.scoring.statistics.reliability import rate_estimates, shrink_means, shrink_rates, signal_variance


def test_the_signal_is_found_in_simulated_means() -> None:
    random = np.random.RandomState(1)
    true = random.normal(200, 20, 4000)
    errors = random.uniform(5, 40, 4000)
    seen = true + errors * random.normal(size=4000)
    assert signal_variance(seen.tolist(), (errors**2).tolist()) == pytest.approx(400, rel=0.1)


def test_shrinkage_brings_means_nearer_to_the_truth_and_its_intervals_cover() -> None:
    random = np.random.RandomState(2)
    true = random.normal(200, 20, 500)
    errors = random.uniform(5, 60, 500)
    seen = true + errors * random.normal(size=500)
    shrunk = shrink_means(seen.tolist(), (errors**2).tolist())
    better = np.array([one.value for one in shrunk])
    assert ((better - true) ** 2).mean() < 0.5 * ((seen - true) ** 2).mean()
    covered = np.mean([one.low < t < one.high for one, t in zip(shrunk, true, strict=True)])
    assert 0.92 < covered < 0.98


def test_noise_alone_has_no_signal() -> None:
    assert signal_variance([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]) == 0
    assert signal_variance([5.0], [1.0]) == 0
    assert [one.value for one in shrink_means([1.0, 1.1, 0.9], [4.0, 4.0, 4.0])] == pytest.approx([1, 1, 1])


def test_few_surveys_are_pulled_to_the_mean_and_many_are_not() -> None:
    successes, trials = [*[70, 95] * 10, 5, 0], [*[100] * 20, 5, 0]
    *_, few, none = shrink_rates(successes, trials)
    many = shrink_rates(successes, trials)[1]
    assert many.reliability > 0.8
    assert few.reliability < 0.4
    assert abs(many.value - 0.95) < 0.03
    assert 0.82 < few.value < 0.93
    assert few.low < few.value < few.high
    assert none.reliability == 0
    assert none.value == pytest.approx(sum(successes) / sum(trials), abs=1e-9)


def test_the_beta_binomial_covers_simulated_rates() -> None:
    random = np.random.RandomState(4)
    true = random.beta(40, 10, 600)
    trials = random.randint(3, 60, 600)
    successes = random.binomial(trials, true)
    shrunk = shrink_rates(successes.tolist(), trials.tolist())
    covered = np.mean([one.low < t < one.high for one, t in zip(shrunk, true, strict=True)])
    assert 0.90 < covered < 0.99
    raw = successes / trials
    better = np.array([one.value for one in shrunk])
    assert ((better - true) ** 2).mean() < 0.6 * ((raw - true) ** 2).mean()


def test_nothing_to_shrink() -> None:
    assert shrink_means([], []) == ()
    assert shrink_rates([0, 0], [0, 0]) == ()
    assert [one.value for one in shrink_rates([5, 5], [5, 5])] == [1.0, 1.0]


def test_the_estimates_of_rates_are_those_with_limits() -> None:
    for successes, trials in (([3, 50, 8], [10, 60, 8]), ([1, 2], [2, 4]), ([0, 0], [0, 5]), ([], [])):
        full = [(one.value, one.reliability) for one in shrink_rates(successes, trials)]
        assert list(rate_estimates(successes, trials)) == full
