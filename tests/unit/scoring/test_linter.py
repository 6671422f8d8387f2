from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest

from kpicore.scoring.card import Card
from kpicore.scoring.curve import make_curve
from kpicore.scoring.lint_curves import steepest
from kpicore.scoring.linter import lint
from kpicore.scoring.measured import Measured
from kpicore.scoring.resolve import load_card
from kpicore.scoring.scorer import score

LINEAR = "linear = { zero_at = 0, full_at = 100 }"


def card(*entries: tuple[str, int, str], subject: str = "agent") -> Card:
    head = (
        f'id = "c"\nversion = "1"\nowner = "o"\nprofile = "review"\nsubject = "{subject}"\nperiod = "month"\n'
    )
    lines = "".join(
        f'[[group.entry]]\nid = "e{i}"\nmetric = "{metric}"\nweight = {weight}\ncurve = {{ {curve} }}\n'
        for i, (metric, weight, curve) in enumerate(entries, start=1)
    )
    return load_card(f'{head}[[group]]\nid = "g"\nweight = 100\n{lines}')


def found(card: Card) -> set[tuple[str, str]]:
    return {(finding.rule, finding.where) for finding in lint(card)}


def test_a_sound_card_has_no_findings() -> None:
    assert found(card(("average_handle_time", 40, LINEAR), ("csat[scale=1..5]", 60, LINEAR))) == set()


def test_weights_too_small_and_too_large() -> None:
    assert found(card(("csat", 97, LINEAR), ("nps", 3, LINEAR))) == {("weight", "e1"), ("weight", "e2")}
    assert found(card(("csat", 100, LINEAR))) == set()


def test_speed_without_quality() -> None:
    speedy = card(("average_handle_time@genesys", 50, LINEAR), ("reply_rate", 50, LINEAR))
    assert found(speedy) == {("counter_metric", "e1")}


def test_what_an_agent_cannot_control() -> None:
    entries = (("service_level[within=20s]", 50, LINEAR), ("csat", 50, LINEAR))
    assert found(card(*entries)) == {("control", "e1")}
    assert found(card(*entries, subject="queue")) == set()


@pytest.mark.parametrize(
    "curve",
    [
        "bands = [{ to = 60, points = 0 }, { from = 60, points = 50 }], closed = 'left'",
        "knots = [[0, 0], [60, 0], [60, 50], [90, 100]]",
        "knots = [[0, 0], [60, 50]], between = 'step_right'",
        "knots = [[0, 50], [60, 50]], above = 'zero'",
    ],
)
def test_jumps_are_cliffs(curve: str) -> None:
    assert found(card(("csat", 100, curve))) == {("cliff", "e1")}


def test_open_numbers_are_listed() -> None:
    text = (
        "linear = { zero_at = 0, full_at = 100 }, example = true } \ntarget = 'required' \nlabel = { en = 'x'"
    )
    assert found(card(("csat", 100, text))) == {("example", "e1"), ("target", "e1")}


def measured(n: int, values: Callable[[int], F], *, metric: str = "m1", half: F = F(0)) -> list[Measured]:
    return [
        Measured(
            subject=(f"{i:02}",),
            metric=metric,
            value=values(i),
            n=100,
            interval=(values(i) - half, values(i) + half) if half else None,
        )
        for i in range(n)
    ]


def rules(card: Card, rows: list[Measured]) -> set[tuple[str, str]]:
    return {(finding.rule, finding.where) for finding in lint(card, score(card, rows))}


def test_saturation_counts_either_end(make_card: Callable[..., Card]) -> None:
    one = make_card(100)
    assert rules(one, measured(10, lambda i: F(100 if i else 1))) == {("saturation", "e1")}
    assert rules(one, measured(10, lambda i: F(0 if i else 1))) == {("saturation", "e1")}
    assert rules(one, measured(10, lambda i: F(100 if i > 1 else 1))) == set()
    assert rules(one, measured(5, lambda _: F(100))) == set()


def test_a_standard_error_that_moves_many_points_is_a_cliff(make_card: Callable[..., Card]) -> None:
    one = make_card(100)
    assert rules(one, measured(10, lambda i: F(i), half=F(20))) == {("cliff", "e1")}
    assert rules(one, measured(10, lambda i: F(i), half=F(19))) == set()


def test_steepest_sees_jumps_and_slopes() -> None:
    jump = make_curve([(F(0), F(0)), (F(5), F(0)), (F(5), F(60)), (F(10), F(70))])
    assert steepest(jump, F(1)) == pytest.approx(62, abs=0.1)
    slope = make_curve([(F(0), F(0)), (F(10), F(100))])
    assert steepest(slope, F(2)) == 20
    assert steepest(slope, F(0)) == 0


def test_points_that_move_together_count_twice(make_card: Callable[..., Card]) -> None:
    two = make_card(50, 50)
    alike = [*measured(10, F), *measured(10, lambda i: F(2 * i + i % 2), metric="m2")]
    assert rules(two, alike) == {("double_counting", "e1, e2")}
    other = [*measured(10, F), *measured(10, lambda i: F(i * 7 % 10), metric="m2")]
    assert rules(two, other) == set()


def test_a_range_narrower_than_the_noise(make_card: Callable[..., Card]) -> None:
    one = make_card(100)
    group = one.groups[0]
    wide = replace(group.entries[0], target=(F(10), F(14)), min_n=100)
    rows = measured(10, lambda i: F(i), half=F(3, 2))
    assert rules(replace(one, groups=(replace(group, entries=(wide,)),)), rows) == set()
    few = replace(wide, min_n=25)  # a quarter of the observations: twice the width
    assert rules(replace(one, groups=(replace(group, entries=(few,)),)), rows) == {("narrow_range", "e1")}
