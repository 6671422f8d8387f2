from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from math import hypot

import numpy as np
import pytest

from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured
from kpicore.scoring.result import Scores
from kpicore.scoring.scorer import score
from kpicore.scoring.statistics.ranks import RankSet, rank_sets

Rows = Callable[..., list[Measured]]


def around(values: list[float], errors: list[float]) -> tuple[RankSet, ...]:
    """The rank sets of values with standard errors."""
    half = [1.959963984540054 * error for error in errors]
    lows = [value - h for value, h in zip(values, half, strict=True)]
    return rank_sets(values, lows, [value + h for value, h in zip(values, half, strict=True)])


def test_without_noise_a_rank_is_one_number_and_equal_values_share_it() -> None:
    found = around([3.0, 1.0, 3.0, 2.0], [0.0] * 4)
    assert [(one.rank, one.best, one.worst, one.tier) for one in found] == [
        (1, 1, 2, 1),
        (4, 4, 4, 3),
        (1, 1, 2, 1),
        (3, 3, 3, 2),
    ]
    assert str(found[1]) == "4"


def test_with_noise_alone_everybody_may_be_anywhere() -> None:
    found = around([1.0, 2.0, 3.0], [100.0] * 3)
    assert [(one.best, one.worst, one.tier) for one in found] == [(1, 3, 1)] * 3
    assert str(found[0]) == "3, 1-3"


@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0, 5.0])
def test_all_rank_sets_together_hold_the_true_ranks(spread: float) -> None:
    random = np.random.RandomState(9)
    missed = 0
    for _ in range(400):
        true = random.normal(0, spread, 12)
        errors = random.uniform(0.2, 1.0, 12)
        seen = true + errors * random.normal(0, 1, 12)
        found = around(seen.tolist(), errors.tolist())
        ranks = [1 + int((true > true[i]).sum()) for i in range(12)]
        missed += any(not one.best <= rank <= one.worst for one, rank in zip(found, ranks, strict=True))
    assert missed / 400 <= 0.05


def test_an_interval_s_sides_count_where_they_are_needed() -> None:
    # 90 may be 60 at least, 80 may be 81 at most: only the better one's low and the other's high end matter
    assert rank_sets([90.0, 80.0], [60.0, 0.0], [91.0, 81.0])[0].worst == 2
    assert rank_sets([90.0, 80.0], [89.0, 0.0], [200.0, 81.0])[0].worst == 1


def test_tiers_part_where_the_leader_surely_wins() -> None:
    found = around([100.0, 99.0, 50.0, 49.0], [1.0] * 4)
    assert [one.tier for one in found] == [1, 1, 2, 2]
    assert rank_sets([], [], []) == ()


def test_tiers_and_sets_do_not_depend_on_the_order_of_equal_values() -> None:
    random = np.random.RandomState(4)
    for _ in range(100):
        values = random.randint(0, 4, 8) * 10.0
        rows = np.stack([values, values - random.randint(0, 30, 8), values + random.randint(0, 30, 8)])
        order = random.permutation(8)
        found = rank_sets(*rows.tolist())
        assert tuple(found[i] for i in order) == rank_sets(*rows[:, order].tolist())


def scored(card: Card, rows: list[Measured], **intervals: tuple[int, int]) -> Scores:
    """Scores of rows, those of the metrics named with an interval."""
    noisy = [
        replace(row, interval=(F(intervals[row.metric][0]), F(intervals[row.metric][1])))
        if row.metric in intervals
        else row
        for row in rows
    ]
    return score(card, noisy)


def test_a_total_s_interval_comes_from_its_values_intervals(
    make_card: Callable[..., Card], rows: Rows
) -> None:
    (one,) = scored(make_card(50, 50), rows("a", 50, 70), m1=(40, 70), m2=(60, 80)).scores
    low, high = one.interval or (F(0), F(0))
    assert one.contributions[0].points_interval == (40, 70)
    assert float(low) == pytest.approx(60 - hypot(5, 5), abs=1e-9)
    assert float(high) == pytest.approx(60 + hypot(10, 5), abs=1e-9)
    assert low == F(str(float(low))), "twelve digits"


def test_the_interval_of_a_total_stays_where_its_curves_are_flat(
    make_card: Callable[..., Card], rows: Rows
) -> None:
    (one,) = scored(make_card(100), rows("a", 120), m1=(90, 150)).scores
    assert one.interval == (90, 100)


def test_without_any_interval_a_total_has_none_and_counts_as_exact(
    make_card: Callable[..., Card], rows: Rows
) -> None:
    scores = score(make_card(50, 50), [*rows("a", 50, 70), *rows("b", 0, 0), *rows("c", None, None)])
    assert [one.interval for one in scores.scores] == [None] * 3
    assert [(one.rank_set, one.tier) for one in scores.scores] == [((1, 1), 1), ((2, 2), 2), (None, None)]


CAPPED = """
penalty_cap = 5
[[penalty]]
id = "minus"
metric = "m2"
curve = { events = { points_each = 2, cap = 20 } }
"""


def test_a_penalty_moves_the_other_end_and_stays_below_its_cap(
    make_card: Callable[..., Card], rows: Rows
) -> None:
    top, more = CAPPED[: CAPPED.index("[[")], CAPPED[CAPPED.index("[[") :]
    (one,) = scored(make_card(100, top=top, more=more), rows("a", 80, 2), m2=(1, 9)).scores
    assert one.exact == 80 - 4
    assert one.interval == (80 - 5, 80 - 2)


def test_where_a_gate_decides_there_is_no_interval(make_card: Callable[..., Card], rows: Rows) -> None:
    gate = '[[gate]]\nid = "limit"\nmetric = "m2"\nwhen = "> 0"\naction = "cap_total"\nto = 60\n'
    (free,) = scored(make_card(100, more=gate), rows("a", 80, 0), m1=(70, 90)).scores
    (capped,) = scored(make_card(100, more=gate), rows("a", 80, 1), m1=(70, 90)).scores
    assert free.interval == (70, 90)
    assert capped.interval is None


def test_the_tables_show_the_noise(make_card: Callable[..., Card], rows: Rows) -> None:
    scores = scored(make_card(100), [*rows("a", 80), *rows("b", 75)], m1=(70, 90))
    first, second = scores.to_arrow().to_pylist()
    assert [first[name] for name in ("low", "high", "rank_best", "rank_worst", "tier")] == [70, 90, 1, 2, 1]
    assert (second["rank"], second["rank_best"], second["tier"]) == (2, 1, 1)
    line = scores.contributions_to_arrow().to_pylist()[0]
    assert (line["points_low"], line["points_high"]) == (70, 90)
