from __future__ import annotations

from fractions import Fraction as F

import pytest

from kpicore.scoring.curve import Curve, evaluate, make_curve


def points(curve: Curve, x: int | str) -> F | None:
    return evaluate(curve, F(x))[0]


def test_linear_between_knots_is_exact() -> None:
    curve = make_curve([(F(0), F(0)), (F(3), F(100))])
    assert points(curve, 1) == F(100, 3)
    assert points(curve, "1/7") == F(100, 21)


def test_beyond_the_ends() -> None:
    knots = [(F(1), F(10)), (F(2), F(20))]
    assert [points(make_curve(knots), x) for x in (0, 9)] == [10, 20]
    assert [points(make_curve(knots, below="zero", above="zero"), x) for x in (0, 9)] == [0, 0]
    assert [points(make_curve(knots, below="refuse", above="refuse"), x) for x in (0, 9)] == [None, None]


def test_steps_hold_from_the_left_or_from_the_right() -> None:
    knots = [(F(1), F(10)), (F(2), F(20)), (F(3), F(30))]
    left, right = make_curve(knots, between="step_left"), make_curve(knots, between="step_right")
    assert [points(left, x) for x in (1, "1.5", 2, "2.5", 3)] == [10, 10, 20, 20, 30]
    assert [points(right, x) for x in (1, "1.5", 2, "2.5", 3)] == [10, 20, 20, 30, 30]


@pytest.mark.parametrize(("rule", "value"), [("left", 0), ("right", 60), ("higher", 60), ("lower", 0)])
def test_a_jump_says_which_side_it_belongs_to(rule: str, value: int) -> None:
    knots = [(F(0), F(0)), (F(5), F(0)), (F(5), F(60)), (F(10), F(100))]
    curve = make_curve(knots, at_jump=rule)  # type: ignore[arg-type]
    assert points(curve, 5) == value
    assert points(curve, "4.999") == 0
    assert points(curve, "5.005") == F(6004, 100)


def test_three_knots_at_one_x_are_left_at_and_right() -> None:
    curve = make_curve([(F(0), F(0)), (F(1), F(10)), (F(1), F(50)), (F(1), F(90)), (F(2), F(100))])
    assert points(curve, "0.5") == 5
    assert points(curve, 1) == 50
    assert points(curve, "1.5") == 95


def test_reciprocal_stands_over_target_over_value() -> None:
    curve = make_curve([(F(0), F(0)), (F(1), F(100))], reciprocal_of=F(60))
    assert [points(curve, x) for x in (30, 60, 90, 120)] == [100, 100, F(200, 3), 50]
    assert points(curve, 0) == 100
    assert points(curve, -1) is None


@pytest.mark.parametrize(
    ("x", "text"),
    [(0, "below (1, 10)"), (1, "at (1, 10)"), ("1.5", "between (1, 10) and (2, 20)"), (3, "above (2, 20)")],
)
def test_the_segment_used_is_named(x: int | str, text: str) -> None:
    curve = make_curve([(F(1), F(10)), (F(2), F(20))])
    assert str(evaluate(curve, F(x))[1]) == text


@pytest.mark.parametrize(
    ("knots", "message"),
    [
        ([], "no knots"),
        ([(F(2), F(0)), (F(1), F(1))], "ascending"),
        ([(F(1), F(i)) for i in range(4)], "at most three"),
    ],
)
def test_knots_that_make_no_curve(knots: list[tuple[F, F]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_curve(knots)
