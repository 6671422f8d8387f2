from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from itertools import product

import pytest

from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured
from kpicore.scoring.result import Score
from kpicore.scoring.scorer import score
from kpicore.scoring.statistics.sensitivity import grade_shares, smallest_flip

GRADES = (
    '\n[[grade]]\nname = "A"\nat_least = 80\n[[grade]]\nname = "B"\nat_least = 60\n[[grade]]\nname = "C"\n'
)


@pytest.fixture
def one(
    make_card: Callable[..., Card], rows: Callable[..., list[Measured]]
) -> Callable[..., tuple[Card, Score]]:
    def run(weights: tuple[int, ...], values: tuple[int, ...], more: str = "") -> tuple[Card, Score]:
        card = make_card(*weights, more=GRADES + more)
        return card, score(card, rows("a", *values)).scores[0]

    return run


def test_the_smallest_move_by_hand(one: Callable[..., tuple[Card, Score]]) -> None:
    # 50 % x 60 + 50 % x 98 = 79: one point short of A less the half hundredth that rounding gives
    found = smallest_flip(*one((50, 50), (60, 98)))
    assert found is not None
    assert found.grade == "A"
    assert found.moved == (1 - F(1, 200)) / 38
    assert found.changes == {"e1": -found.moved, "e2": found.moved}


def test_no_smaller_move_flips_the_grade(one: Callable[..., tuple[Card, Score]]) -> None:
    card, scored = one((40, 30, 30), (20, 90, 100))
    found = smallest_flip(card, scored)
    assert (scored.grade, found and found.grade) == ("B", "C")
    assert found is not None
    points = [line.points or F(0) for line in scored.contributions]
    weights = [line.effective_weight or F(0) for line in scored.contributions]
    step = found.moved / 10
    for shift in product(range(-10, 11), repeat=2):
        changes = [shift[0] * step, shift[1] * step, -(shift[0] + shift[1]) * step]
        moved = sum(abs(change) for change in changes) / 2
        if moved < found.moved and all(w + c >= 0 for w, c in zip(weights, changes, strict=True)):
            total = sum((w + c) * p for w, c, p in zip(weights, changes, points, strict=True))
            assert F(60) - F(1, 200) <= total < 80


def test_where_all_points_are_equal_no_weight_matters(one: Callable[..., tuple[Card, Score]]) -> None:
    assert smallest_flip(*one((50, 50), (70, 70))) is None


def test_where_a_gate_acted_the_weights_do_not_decide(one: Callable[..., tuple[Card, Score]]) -> None:
    gate = '\n[[gate]]\nid = "x"\nmetric = "m1"\nwhen = "> 0"\naction = "zero_total"\n'
    card, scored = one((50, 50), (60, 98), gate)
    assert smallest_flip(card, scored) is None
    assert grade_shares(card, scored, seed=1) == {}


def test_random_weights_near_a_boundary_give_either_grade(one: Callable[..., tuple[Card, Score]]) -> None:
    near = grade_shares(*one((50, 50), (60, 99)), seed=1)
    assert set(near) == {"A", "B", "C"}
    assert 0.2 < near["A"] < 0.6
    assert near["A"] + near["B"] == pytest.approx(1)
    assert grade_shares(*one((50, 50), (95, 99)), seed=1)["A"] == 1
    assert near == grade_shares(*one((50, 50), (60, 99)), seed=1)
