from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction as F
from itertools import chain

import pytest

from kpicore.errors import CardError, DataError, KpicoreError
from kpicore.scoring.card import Card
from kpicore.scoring.measured import Decision, Mark, Measured
from kpicore.scoring.result import Score, verify_total
from kpicore.scoring.scorer import score

MakeCard = Callable[..., Card]
Rows = Callable[..., list[Measured]]
GRADES = """
[[grade]]
name = "A"
at_least = 90
coefficient = 1.2

[[grade]]
name = "B"
at_least = 60

[[grade]]
name = "C"
coefficient = 0.8
"""


def test_the_total_is_the_weighted_sum(make_card: MakeCard, rows: Rows) -> None:
    [one] = score(make_card(25, 75), rows("a", 80, 90)).scores
    assert (one.total, one.exact, one.residual) == (Decimal("87.50"), F(175, 2), 0)
    assert [line.contribution for line in one.contributions] == [20, F(135, 2)]
    assert str(one.contributions[0].segment) == "between (0, 0) and (100, 100)"


def test_the_residual_is_what_rounding_changed(make_card: MakeCard, rows: Rows) -> None:
    [one] = score(make_card(50, 50), rows("a", F(1, 3), 0)).scores
    assert (one.total, one.residual) == (Decimal("0.17"), F(17, 100) - F(1, 6))


@pytest.mark.parametrize(
    ("value", "grade"),
    [(90, "A"), ("89.995", "A"), ("89.994", "B"), (60, "B"), ("59.99", "C"), (0, "C"), (100, "A")],
)
def test_a_total_on_a_boundary_has_the_grade(
    make_card: MakeCard, rows: Rows, value: int | str, grade: str
) -> None:
    [one] = score(make_card(100, more=GRADES), rows("a", value)).scores
    assert one.grade == grade
    assert one.coefficient == {"A": F(6, 5), "B": None, "C": F(4, 5)}[grade]


@pytest.mark.parametrize(
    ("mode", "value", "total"),
    [
        ("half_up", "2.5", "3"),
        ("half_even", "2.5", "2"),
        ("half_even", "3.5", "4"),
        ("down", "2.9", "2"),
        ("half_up", "2.4999", "2"),
    ],
)
def test_rounding_modes(make_card: MakeCard, rows: Rows, mode: str, value: str, total: str) -> None:
    card = make_card(100, more=f'\n[rounding]\nplaces = 0\nmode = "{mode}"\n')
    assert str(score(card, rows("a", value)).scores[0].total) == total


def test_equal_exact_scores_share_a_rank_in_any_order_of_rows(make_card: MakeCard, rows: Rows) -> None:
    values = {"a": (30, 60), "b": (60, 30), "c": (45, 45), "d": (50, 50), "e": (0, 0)}
    table = [row for agent, pair in values.items() for row in rows(agent, *pair)]
    card = make_card(50, 50)
    expected = {"a": 2, "b": 2, "c": 2, "d": 1, "e": 5}
    first = score(card, table)
    for seed in range(5):
        shuffled = random.Random(seed).sample(table, len(table))
        again = score(card, shuffled)
        assert again == first
        assert {one.subject[0]: one.rank for one in again.scores} == expected


def test_who_else_is_there_changes_nobody_s_score(make_card: MakeCard, rows: Rows) -> None:
    card = make_card(50, 50, profile="pay", more=GRADES)
    table = {
        agent: rows(agent, *pair) for agent, pair in {"a": (30, 60), "b": (99, 1), "c": (70, 80)}.items()
    }

    def alone(one: Score) -> Score:
        return replace(one, rank=None, rank_set=None, tier=None)

    whole = {one.subject: alone(one) for one in score(card, chain(*table.values())).scores}
    for absent in table:
        left = score(card, [row for agent, part in table.items() if agent != absent for row in part])
        assert all(alone(one) == whole[one.subject] for one in left.scores)


BONUS = """
[[bonus]]
id = "praise"
metric = "praise"
curve = { events = { points_each = 2, cap = 6 } }

[[bonus]]
id = "teaching"
manual = "teaching"
curve = { knots = [[0, 0], [5, 5]] }

[[penalty]]
id = "complaint"
metric = "complaint"
curve = { events = { points_each = 5, cap = 20 } }
"""
CAPS = "bonus_cap = 7\npenalty_cap = 12\n"


def test_bonuses_and_penalties_are_capped_together(make_card: MakeCard, rows: Rows) -> None:
    card = make_card(100, top=CAPS, more=BONUS)
    extra = [
        Measured(subject=("a",), metric="praise", value=F(2), evidence=("p1", "p2")),
        Measured(subject=("a",), metric="complaint", value=F(3)),
    ]
    marks = [Mark(subject=("a",), item="teaching", value=F(4), evaluator="lead", evidence="plan 7")]
    [one] = score(card, [*rows("a", 50), *extra], marks=marks).scores
    assert [line.points for line in one.bonuses] == [4, 4]
    assert (one.bonus, one.penalty, one.total) == (7, 12, Decimal("45.00"))
    assert one.bonuses[0].evidence == ("p1", "p2")
    assert (one.bonuses[1].evaluator, one.bonuses[1].evidence) == ("lead", ("plan 7",))


def test_without_events_there_is_neither_bonus_nor_penalty(make_card: MakeCard, rows: Rows) -> None:
    [one] = score(make_card(100, top=CAPS, more=BONUS), rows("a", 50)).scores
    assert (one.bonus, one.penalty, one.total) == (0, 0, Decimal("50.00"))
    assert {line.status for line in (*one.bonuses, *one.penalties)} == {"not_counted"}


def test_a_value_outside_a_curve_that_refuses_has_no_total(make_card: MakeCard, rows: Rows) -> None:
    extra = [Measured(subject=("a",), metric="praise", value=F(-1))]
    [one] = score(make_card(100, top=CAPS, more=BONUS), [*rows("a", 50), *extra]).scores
    assert (one.total, one.refusals) == (None, ("praise: the value lies outside the curve",))


def test_variants_choose_the_curve_by_attributes() -> None:
    text = """
id = "v"
version = "1"
owner = "tests"
profile = "review"
subject = "agent"
period = "month"
population = { site = "north" }
[[group]]
id = "g"
weight = 100
[[group.entry]]
id = "e"
metric = "m1"
weight = 100
curve = { linear = { zero_at = 0, full_at = 100 } }
variant = [
    { when = { team = "new" }, curve = { linear = { zero_at = 0, full_at = 50 } } },
    { when = { skill = ["tech"] }, curve = { linear = { zero_at = 0, full_at = 80 } } },
]
"""
    from kpicore.scoring.resolve import load_card

    card = load_card(text)
    table = [Measured(subject=(a,), metric="m1", value=F(40)) for a in "abcd"]
    about = {
        ("a",): {"site": "north", "team": "new"},
        ("b",): {"site": "north", "skill": "tech"},
        ("c",): {"site": "north", "team": None},
        ("d",): {"site": "south"},
    }
    scores = score(card, table, attributes=about)
    assert [(one.subject[0], one.exact, one.contributions[0].variant) for one in scores.scores] == [
        ("a", 80, 1),
        ("b", 50, 2),
        ("c", 40, None),
    ]
    assert scores.outside == (("d",),)
    both = {("a",): {"site": "north", "team": "new", "skill": "tech"}}
    with pytest.raises(CardError, match="variants 1, 2 all match"):
        score(card, table[:1], attributes=both)


def test_standardised_and_shrunk_values_count_only_where_the_card_says_so(
    rows: Rows, make_card: MakeCard
) -> None:
    one = replace(rows("a", 40)[0], standardised=F(50), shrunk=F(60))
    card = make_card(100)
    entry = replace(card.groups[0].entries[0], uses="standardised")
    other = replace(card, groups=(replace(card.groups[0], entries=(entry,)),))
    assert score(card, [one]).scores[0].exact == 40
    [scored] = score(other, [one]).scores
    assert (scored.exact, scored.contributions[0].value, scored.contributions[0].used) == (50, 40, 50)


def test_provisional_values_are_accepted_held_or_refused(make_card: MakeCard, rows: Rows) -> None:
    late = [replace(row, provisional=True) for row in rows("a", 80)]
    [accepted] = score(make_card(100), late).scores
    assert (accepted.held, accepted.flags) == (False, ("provisional",))
    [held] = score(make_card(100, profile="pay"), late).scores
    assert (held.held, held.holds, held.total) == (True, ("provisional",), Decimal("80.00"))
    with pytest.raises(DataError, match="still provisional"):
        score(make_card(100, profile="pay", top='provisional = "settled"\n'), late)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"value": None, "reason": "source_failed"}, "its source failed"),
        ({"value": None, "reason": None}, "no value and no reason"),
        ({"reason": "on_leave"}, "only one can be true"),
    ],
)
def test_values_that_cannot_be_scored(
    make_card: MakeCard, rows: Rows, bad: dict[str, str | None], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        score(make_card(100), [replace(rows("a", 80)[0], **bad)])  # type: ignore[arg-type]


def test_a_value_comes_once(make_card: MakeCard, rows: Rows) -> None:
    with pytest.raises(DataError, match="came twice"):
        score(make_card(100), rows("a", 80) * 2)


def test_a_mark_needs_its_evaluator(make_card: MakeCard, rows: Rows) -> None:
    with pytest.raises(DataError, match="no evaluator"):
        score(make_card(100), rows("a", 1), marks=[Mark(subject=("a",), item="x", value=F(1), evaluator=" ")])


def test_metrics_that_the_card_does_not_use_are_named(make_card: MakeCard, rows: Rows) -> None:
    assert score(make_card(100), rows("a", 80, 1)).unused == ("m2",)


def test_a_decision_stands_beside_the_score(make_card: MakeCard, rows: Rows) -> None:
    decision = Decision(subject=("a",), by="head", reason="outage", grade="A")
    [one] = score(make_card(100, more=GRADES), rows("a", 50), decisions=[decision]).scores
    assert (one.grade, one.decision) == ("C", decision)


def test_the_advised_distribution_is_compared_and_never_enforced(make_card: MakeCard, rows: Rows) -> None:
    more = GRADES + '\n[distribution]\nA = "20%"\nB = "70%"\nC = "10%"\n'
    scores = score(make_card(100, more=more), [*rows("a", 95), *rows("b", 95)])
    assert [one.grade for one in scores.scores] == ["A", "A"]
    assert [(g.grade, g.count, g.share, g.advised) for g in scores.distribution] == [
        ("A", 2, 1, F(1, 5)),
        ("B", 0, 0, F(7, 10)),
        ("C", 0, 0, F(1, 10)),
    ]


def test_a_total_that_does_not_add_up_is_our_error(make_card: MakeCard, rows: Rows) -> None:
    [one] = score(make_card(100), rows("a", 80)).scores
    with pytest.raises(KpicoreError, match="do not sum"):
        verify_total(replace(one, total=Decimal("80.01")))
    with pytest.raises(KpicoreError, match="do not sum"):
        verify_total(replace(one, bonus=F(1)))


def test_arrow_tables_carry_decimals_and_exact_texts(make_card: MakeCard, rows: Rows) -> None:
    card = make_card(50, 50, top=CAPS, more=BONUS + GRADES)
    table = score(card, [*rows("a", F(1, 3), 0), *rows("b", 1, None)]).to_arrow()
    assert table.column_names[:3] == ["agent", "total", "grade"]
    first, second = table.to_pylist()
    assert (first["total"], first["exact"]) == (Decimal("0.17"), "1/6")
    assert str(first["total"]) == "0.17"
    assert (second["total"], second["refusals"]) == (None, ["coverage: 0.5 of the weight, 0.7 needed"])
    assert table.schema.metadata[b"kpicore.fingerprint"].decode() == card.fingerprint
    lines = score(card, rows("a", F(1, 3), 0)).contributions_to_arrow().to_pylist()
    assert [line["kind"] for line in lines] == ["entry", "entry", "bonus", "bonus", "penalty"]
    assert lines[0]["exact_contribution"] == "1/6"


def test_the_curve_used_is_kept_with_the_line(make_card: MakeCard, rows: Rows) -> None:
    lines = score(make_card(100), rows("a", 50)).contributions_to_arrow().to_pylist()
    assert lines[0]["curve"] == "(0, 0) (100, 100), linear, below: clamp, above: clamp"
