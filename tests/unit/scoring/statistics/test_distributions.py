from __future__ import annotations

import pytest
from scipy import stats

from kpicore.scoring.statistics.distributions import (
    beta_cdf,
    beta_quantile,
    binomial_cdf,
    normal_cdf,
    normal_quantile,
    t_cdf,
    t_quantile,
)

PS = (0.001, 0.025, 0.2, 0.5, 0.9, 0.975, 0.9999)


@pytest.mark.parametrize("freedom", [1, 2, 4.5, 30, 1000, 1e6])
def test_t_agrees_with_scipy(freedom: float) -> None:
    for p in PS:
        assert t_quantile(p, freedom) == pytest.approx(stats.t.ppf(p, freedom), rel=1e-9, abs=1e-12)
    for x in (-8, -1, 0, 0.3, 5):
        assert t_cdf(x, freedom) == pytest.approx(stats.t.cdf(x, freedom), rel=1e-11)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (0.5, 0.5), (2, 30), (400, 3), (5000, 7000), (1e5, 1e5)])
def test_beta_agrees_with_scipy(a: float, b: float) -> None:
    for p in PS:
        assert beta_quantile(p, a, b) == pytest.approx(stats.beta.ppf(p, a, b), rel=1e-10)
    for x in (-1, 0, 0.1, 0.5, 0.99, 1, 2):
        assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), rel=1e-10, abs=1e-15)


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (20, 0.8), (1000, 0.01), (50_000, 0.95)])
def test_binomial_agrees_with_scipy(n: int, p: float) -> None:
    for k in (-1, 0, 1, n // 2, n - 1, n, n + 1):
        assert binomial_cdf(k, n, p) == pytest.approx(stats.binom.cdf(k, n, p), rel=1e-10, abs=1e-300)


def test_a_rate_of_eighteen_surveys_is_noisy() -> None:
    # with a true rate of 15/18, 13 of 18 or fewer happen once in six months
    assert binomial_cdf(13, 18, 15 / 18) == pytest.approx(0.168, abs=5e-4)


def test_normal() -> None:
    assert normal_quantile(0.975) == pytest.approx(1.959963984540054, abs=1e-14)
    assert normal_cdf(normal_quantile(0.1)) == pytest.approx(0.1, abs=1e-14)
