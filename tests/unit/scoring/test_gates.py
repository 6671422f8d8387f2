from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest

from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured
from kpicore.scoring.result import Score
from kpicore.scoring.scorer import score

GRADES = '[[grade]]\nname = "A"\nat_least = 80\n[[grade]]\nname = "B"\nat_least = 60\n[[grade]]\nname = "C"\n'


def gate(name: str, action: str, argument: str = "", when: str = "> 0") -> str:
    act = f'action = "{action}"\n' if action else ""
    return f'\n[[gate]]\nid = "{name}"\nmetric = "{name}"\nwhen = "{when}"\n{act}{argument}\n'


@pytest.fixture
def gated(make_card: Callable[..., Card], rows: Callable[..., list[Measured]]) -> Callable[..., Score]:
    def run(gates: str, *, value: int = 90, **seen: int) -> Score:
        extra = [Measured(subject=("a",), metric=name, value=F(v)) for name, v in seen.items()]
        card = make_card(100, more=gates + GRADES)
        [one] = score(card, [*rows("a", value), *extra]).scores
        return one

    return run


@pytest.mark.parametrize(
    ("action", "argument", "total", "grade"),
    [
        ("zero_total", "", 0, "C"),
        ("cap_total", "to = 59", 59, "C"),
        ("cap_total", "to = 95", 90, "A"),
        ("zero_group", 'group = "g"', 0, "C"),
        ("cap_grade", 'grade = "B"', 90, "B"),
        ("multiply", "by = 0.8", 72, "B"),
        ("hold_for_review", "", 90, "A"),
    ],
)
def test_actions(gated: Callable[..., Score], action: str, argument: str, total: int, grade: str) -> None:
    one = gated(gate("x", action, argument), x=1)
    assert (one.exact, one.grade, one.gate_effect) == (total, grade, total - 90)
    assert one.held == (action == "hold_for_review")


def test_the_default_holds_for_review_and_changes_no_points(gated: Callable[..., Score]) -> None:
    one = gated(gate("x", ""), x=1)
    assert (one.exact, one.holds) == (90, ("gate:x",))


@pytest.mark.parametrize(
    ("when", "value", "fired"),
    [
        ("> 2", 2, False),
        (">= 2", 2, True),
        ("< 2", 2, False),
        ("<= 2", 2, True),
        ("== 2", 2, True),
        ("!= 2", 2, False),
    ],
)
def test_conditions(gated: Callable[..., Score], when: str, value: int, fired: bool) -> None:
    one = gated(gate("x", "zero_total", when=when), x=value)
    assert one.gates[0].fired is fired
    assert one.exact == (0 if fired else 90)


def test_a_missing_value_fires_nothing_and_is_flagged(gated: Callable[..., Score]) -> None:
    one = gated(gate("x", "zero_total"))
    assert (one.exact, one.gates[0].reason, one.flags) == (90, "no_data", ("gate_undecided:x",))


def test_gates_act_in_the_card_s_order_and_each_effect_is_a_line(gated: Callable[..., Score]) -> None:
    one = gated(gate("x", "multiply", "by = 0.5") + gate("y", "cap_total", "to = 40"), x=1, y=1)
    assert [line.effect for line in one.gates] == [-45, -5]
    other = gated(gate("y", "cap_total", "to = 40") + gate("x", "multiply", "by = 0.5"), x=1, y=1)
    assert [line.effect for line in other.gates] == [-50, -20]


def test_a_group_is_taken_once(gated: Callable[..., Score]) -> None:
    both = gate("x", "zero_group", 'group = "g"') + gate("y", "zero_group", 'group = "g"')
    assert gated(both, x=1, y=1).exact == 0


def test_the_stricter_of_two_grade_caps_stands(gated: Callable[..., Score]) -> None:
    both = gate("x", "cap_grade", 'grade = "C"') + gate("y", "cap_grade", 'grade = "B"')
    assert gated(both, x=1, y=1).grade == "C"


@pytest.mark.parametrize("action", ["zero_total", "multiply", "cap_total"])
def test_a_gate_never_raises_a_total(make_card: Callable[..., Card], action: str) -> None:
    argument = {"multiply": "by = 0.5", "cap_total": "to = 50"}.get(action, "")
    penalty = '\n[[penalty]]\nid = "p"\nmetric = "p"\ncurve = { events = { points_each = 10, cap = 90 } }\n'
    card = make_card(100, top="penalty_cap = 90\n", more=penalty + gate("x", action, argument))
    values = {"m1": 20, "p": 9, "x": 1}
    [one] = score(card, [Measured(subject=("a",), metric=m, value=F(v)) for m, v in values.items()]).scores
    assert (one.exact, one.gate_effect) == (-70, 0)
