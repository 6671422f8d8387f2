from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import numpy as np

from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured
from kpicore.scoring.scorer import score
from kpicore.scoring.statistics.ranks import RankSet, rank_sets, score_error, score_ranks


def test_without_noise_a_rank_is_one_number_and_equal_values_share_it() -> None:
    found = rank_sets([3.0, 1.0, 3.0, 2.0], [0.0] * 4)
    assert [(one.rank, one.best, one.worst, one.tier) for one in found] == [
        (1, 1, 2, 1),
        (4, 4, 4, 3),
        (1, 1, 2, 1),
        (3, 3, 3, 2),
    ]
    assert str(found[1]) == "4"


def test_with_noise_alone_everybody_may_be_anywhere() -> None:
    found = rank_sets([1.0, 2.0, 3.0], [100.0] * 3)
    assert [(one.best, one.worst, one.tier) for one in found] == [(1, 3, 1)] * 3
    assert str(found[0]) == "3, 1-3"


def test_the_true_rank_is_in_the_set() -> None:
    random = np.random.RandomState(9)
    misses = 0
    for _ in range(200):
        true = random.normal(0, 1, 12)
        seen = true + random.normal(0, 0.5, 12)
        for i, one in enumerate(rank_sets(seen.tolist(), [0.5] * 12)):
            rank = 1 + int((true > true[i]).sum())
            misses += not one.best <= rank <= one.worst
    assert misses / (200 * 12) < 0.05


def test_tiers_part_where_the_leader_surely_wins() -> None:
    found = rank_sets([100.0, 99.0, 50.0, 49.0], [1.0] * 4)
    assert [one.tier for one in found] == [1, 1, 2, 2]
    assert rank_sets([], []) == ()


def test_a_total_s_error_comes_from_its_values_intervals(
    make_card: Callable[..., Card], rows: Callable[..., list[Measured]]
) -> None:
    card = make_card(50, 50)
    noisy = [
        replace(row, interval=((row.value or F(0)) - 10, (row.value or F(0)) + 10))
        for row in rows("a", 50, 70)
    ]
    scores = score(card, [*noisy, *rows("b", 0, 0), *rows("c", None, None)])
    first, second, third = scores.scores
    assert first.contributions[0].points_interval == (40, 60)
    assert score_error(first) == round(float(np.hypot(5, 5)) / 1.959963984540054, 11)
    assert (score_error(second), score_error(third)) == (0.0, None)
    assert score_ranks(scores) == {
        ("a",): RankSet(rank=1, best=1, worst=1, tier=1),
        ("b",): RankSet(rank=2, best=2, worst=2, tier=2),
    }
