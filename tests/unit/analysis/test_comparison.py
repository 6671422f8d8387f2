"""Two sides beside each other: whether values differ beyond chance, and sides that are missing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from math import sqrt

import pytest

from kpicore.analysis import Breakdown, Figure, Line, compare, judge_difference, team_breakdown
from kpicore.scoring import load_card
from kpicore.scoring.statistics import wilson_interval

CARD = """
id = "c"
version = "1"
owner = "o"
profile = "review"
subject = "agent"
period = "month"
[report]
min_group = 5
[[group]]
id = "g"
weight = 100
[[group.entry]]
id = "one"
metric = "m1"
weight = 100
curve = { linear = { zero_at = 0, full_at = 70 } }
"""
E1, E2 = Line(kind="entry", id="one"), Line(kind="entry", id="two")


def side(name: str, one: int, two: int, value: F | None = None) -> Breakdown:
    return Breakdown(
        subject=(name,),
        total=F(one + two),
        grade=None,
        rank=None,
        interval=None,
        lines={E1: F(one), E2: F(two)},
        figures={E1: Figure(metric="m1", value=value), E2: Figure(metric="m2", value=F(two))},
    )


@pytest.mark.parametrize(
    ("k1", "k2", "n"), [(80, 90, 100), (80, 92, 100), (10, 10, 20), (16, 4, 20), (0, 3, 9)]
)
def test_two_rates_differ_beyond_chance_where_newcombes_interval_leaves_out_zero(
    k1: int, k2: int, n: int
) -> None:
    (low1, high1), (low2, high2) = (wilson_interval(k, n) or (0.0, 0.0) for k in (k1, k2))
    p1, p2 = k1 / n, k2 / n
    # Newcombe's hybrid score interval (1998, method 10) of p2 - p1, written out
    low = (p2 - p1) - sqrt((p2 - low2) ** 2 + (high1 - p1) ** 2)
    high = (p2 - p1) + sqrt((high2 - p2) ** 2 + (p1 - low1) ** 2)
    expected = "equal" if k1 == k2 else "higher" if low > 0 else "lower" if high < 0 else "within_chance"
    ends = [(F(low1), F(high1)), (F(low2), F(high2))]
    assert judge_difference(F(k1, n), ends[0], F(k2, n), ends[1]) == expected


def test_verdicts_without_intervals() -> None:
    assert judge_difference(F(1), None, F(2), None) == "unknown"
    assert judge_difference(None, None, F(2), (F(1), F(3))) == "unknown"
    assert judge_difference(F(5), None, F(2), (F(1), F(3))) == "lower"
    assert judge_difference(F(3), None, F(2), (F(1), F(3))) == "within_chance"


def test_a_side_that_is_missing() -> None:
    change = compare(None, side("a", 10, 20))
    assert (change.difference, change.verdict) == (None, "unknown")
    assert [(c.first_points, c.second_points, c.difference) for c in change.lines] == [
        (None, F(10), None),
        (None, F(20), None),
    ]
    assert change.drivers == ()


def test_the_team_is_the_mean_of_points_and_the_median_of_values() -> None:
    nobody = Breakdown(subject=("d",), total=None, grade=None, rank=None, interval=None, lines={}, figures={})
    card = load_card(CARD.replace("min_group = 5", "min_group = 2"))
    team = team_breakdown(
        card, [side("a", 10, 20, F(1)), side("b", 30, 20, F(100)), side("c", 20, 20, None), nobody]
    )
    assert team is not None
    assert (team.total, dict(team.lines)) == (F(40), {E1: F(20), E2: F(20)})
    assert (team.figures[E1].value, team.figures[E1].n) == (F(101, 2), 2)
    assert team_breakdown(card, [nobody]) is None


def members(values: list[F | None]) -> list[Breakdown]:
    return [side(f"{i}", 10 + i, 20, value) for i, value in enumerate(values)]


def test_a_team_of_few_tells_nothing() -> None:
    card = load_card(CARD)
    few = members([F(1)] * 4)
    team = team_breakdown(card, few)
    assert team is not None
    assert (team.total, team.reason, dict(team.lines)) == (None, "small_group", {})
    assert {(f.value, f.n, f.reason) for f in team.figures.values()} == {(None, None, "small_group")}
    change = compare(team, few[0])
    assert (change.difference, change.verdict, change.reason) == (None, "unknown", "small_group")
    assert {(c.first_points, c.difference, c.reason) for c in change.lines} == {(None, None, "small_group")}
    assert [c.second_points for c in change.lines] == [10, 20]
    assert team_breakdown(card, members([F(1)] * 5)).reason is None  # type: ignore[union-attr]
    teams = load_card(CARD.replace('subject = "agent"', 'subject = "team"'))
    assert team_breakdown(teams, few).total == F(63, 2)  # type: ignore[union-attr]


def test_a_line_of_few_goes_with_another_so_that_subtraction_tells_nothing() -> None:
    team = team_breakdown(load_card(CARD), members([F(1), F(2), F(3), None, None, None]))
    assert team is not None
    assert (team.total, team.reason) == (F(65, 2), None)
    assert (dict(team.lines), team.suppressed) == ({}, {E1, E2})
    assert (team.figures[E1].value, team.figures[E1].reason) == (None, "small_group")
    assert (team.figures[E2].value, team.figures[E2].n) == (F(20), 6)


def test_a_line_of_few_without_another_takes_the_total_with_it() -> None:
    known = members([F(1), F(2), F(3), None, None, None])
    alone = [replace(one, lines={E1: one.lines[E1]}, figures={E1: one.figures[E1]}) for one in known]
    team = team_breakdown(load_card(CARD), alone)
    assert team is not None
    assert (team.total, team.reason, team.suppressed) == (None, "small_group", {E1})
