"""Intervals of many subjects at once, against those of one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from kpicore.scoring.statistics.grouped import Samples, count_interval, means, quantile_ends, ratios
from kpicore.scoring.statistics.intervals import mean_interval, quantile_interval, ratio_interval


def samples(*groups: list[int]) -> Samples:
    values = np.array([value for group in groups for value in sorted(group)], dtype=np.int64)
    starts = np.cumsum([0, *map(len, groups)])
    return Samples(values=values, starts=starts)


def random_groups(seed: int) -> list[list[int]]:
    random = np.random.RandomState(seed)
    return [random.randint(-50, 200, n).tolist() for n in (0, 7, 1, 2, 0, 30, 101, 0)]


@pytest.mark.parametrize("seed", range(5))
def test_means_are_those_of_one_subject_at_a_time(seed: int) -> None:
    groups = random_groups(seed)
    found = means(samples(*groups), 0.5)
    for i, group in enumerate(groups):
        assert found.ends(i) == (
            None if len(group) < 2 else pytest.approx(mean_interval([v / 2 for v in group]), rel=1e-10)
        )
        assert (np.isnan(found.values[i]) and not group) or found.values[i] == np.mean(group) / 2
    within = sum(np.var(g) * len(g) for g in groups if g) / sum(len(g) - 1 for g in groups if g) / 4
    assert found.variances[5] == pytest.approx(within / 30)
    assert found.variances[2] == pytest.approx(within), "one value: its error is known from the others"


def test_means_of_what_cannot_be_negative_are_not_negative() -> None:
    assert means(samples([0, 0, 0, 90])).ends(0) == (0, pytest.approx(94.1, abs=0.1))
    assert (means(samples([-1, 0, 0, 90])).ends(0) or (0, 0))[0] < 0


def test_means_without_any_value() -> None:
    found = means(samples([], []))
    assert (found.ends(0), found.ends(1)) == (None, None)
    assert np.isnan(found.values).all()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("q", [0.5, 0.9, 0.99])
def test_quantiles_are_those_of_one_subject_at_a_time(seed: int, q: float) -> None:
    groups = random_groups(seed)
    for group, ends in zip(groups, quantile_ends(samples(*groups), q, 2.0), strict=True):
        expected = quantile_interval([2.0 * value for value in sorted(group)], q)
        assert ends == (None if expected is None or None in expected else expected)


@pytest.mark.parametrize("seed", range(5))
def test_ratios_are_those_of_one_subject_at_a_time(seed: int) -> None:
    random = np.random.RandomState(seed)
    above, below = random.randint(-5, 40, (6, 9)), random.randint(0, 20, (6, 9))
    below[:, 3] = above[:, 3] = 0
    below[4], above[5, 1:], below[5, 1:] = 0, 0, 0
    found = ratios(above, below, 3.0)
    for i in range(6):
        units = (above[i] != 0) | (below[i] != 0)
        expected = ratio_interval((3.0 * above[i][units]).tolist(), below[i][units].astype(float).tolist())
        assert found.ends(i) == (None if expected is None else pytest.approx(expected, rel=1e-9))


def test_ratios_of_parts_to_wholes_stay_between_0_and_1() -> None:
    found = ratios(np.array([[0, 9], [9, 10]]), np.array([[10, 10], [10, 10]]))
    assert [found.ends(i) for i in (0, 1)] == [(0, 1), (pytest.approx(0.3147, abs=1e-4), 1)]


@pytest.mark.parametrize("count", [0, 1, 4, 50])
def test_a_count_s_interval_holds_the_rates_that_do_not_contradict_it(count: int) -> None:
    z = stats.norm.ppf(0.975)
    for end in count_interval(count)[0 if count else 1 :]:
        assert abs(count - end) / np.sqrt(end) == pytest.approx(z, rel=1e-9)


def test_the_intervals_of_means_quantiles_and_counts_cover() -> None:
    """Lognormal handle times of 40 calls, their 0.8 quantile, and Poisson counts around 12."""
    random = np.random.RandomState(11)
    draws = random.lognormal(5, 0.6, (2_000, 40))
    held = Samples(values=np.sort(draws * 1e6).astype(np.int64).ravel(), starts=np.arange(0, 80_001, 40))
    mean, eighty = np.exp(5 + 0.18), float(stats.lognorm.ppf(0.8, 0.6, scale=np.exp(5)))
    found = means(held, 1e-6)
    assert 0.91 < ((found.low <= mean) & (mean <= found.high)).mean() < 0.97
    ends = quantile_ends(held, 0.8, 1e-6)
    assert np.mean([e is not None and e[0] <= eighty <= e[1] for e in ends]) > 0.945
    counts = [count_interval(k) for k in random.poisson(12, 2_000)]
    assert 0.93 < np.mean([low <= 12 <= high for low, high in counts]) < 0.98
