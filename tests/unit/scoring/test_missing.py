from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest

from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured
from kpicore.scoring.resolve import load_card
from kpicore.scoring.result import Score
from kpicore.scoring.scorer import score

MakeCard = Callable[..., Card]
Rows = Callable[..., list[Measured]]


def missing(policy: str, more: str = "") -> str:
    return f'\n[missing]\npolicy = "{policy}"\n{more}\n'


def only(card: Card, table: list[Measured], **further: list[Measured]) -> Score:
    [one] = score(card, table, **further).scores  # type: ignore[arg-type]
    return one


def test_enough_coverage_renormalises_and_shows_both(make_card: MakeCard, rows: Rows) -> None:
    one = only(make_card(70, 30), rows("a", 50, None))
    assert (one.exact, one.unrenormalised, one.covered) == (50, 35, F(7, 10))
    assert [line.effective_weight for line in one.contributions] == [1, 0]
    assert one.flags == ("renormalised",)
    assert (one.contributions[1].status, one.contributions[1].reason) == ("left_out", "no_data")


def test_less_than_seventy_per_cent_is_refused(make_card: MakeCard, rows: Rows) -> None:
    one = only(make_card(69, 31), rows("a", 50, None))
    assert (one.total, one.rank, one.refusals) == (None, None, ("coverage: 0.69 of the weight, 0.7 needed",))
    assert one.contributions[0].contribution is None


def test_refuse_refuses_at_the_first_missing_value(make_card: MakeCard, rows: Rows) -> None:
    one = only(make_card(90, 10, more=missing("refuse")), rows("a", 50, None))
    assert one.refusals == ("e2: missing (no_data)",)


def test_neutral_gives_the_card_s_neutral_points(make_card: MakeCard, rows: Rows) -> None:
    one = only(make_card(50, 50, more=missing("neutral", "neutral_points = 60")), rows("a", 80, None))
    assert (one.exact, one.covered, one.contributions[1].status) == (70, F(1, 2), "neutral")


def test_carry_forward_takes_last_period_s_value_on_today_s_curve(make_card: MakeCard, rows: Rows) -> None:
    card = make_card(50, 50, more=missing("carry_forward"))
    one = only(card, rows("a", 80, None), previous=rows("a", 1, 40))
    line = one.contributions[1]
    assert (one.exact, line.status, line.value, line.used, line.reason) == (
        60,
        "carried_forward",
        None,
        40,
        "no_data",
    )


def test_nothing_to_carry_forward_renormalises(make_card: MakeCard, rows: Rows) -> None:
    card = make_card(80, 20, more=missing("carry_forward"))
    for before in ([], rows("a", 1, None)):
        assert only(card, rows("a", 80, None), previous=before).contributions[1].status == "left_out"


def test_zero_counts_only_what_the_agent_caused(make_card: MakeCard, rows: Rows) -> None:
    card = make_card(80, 20, more=missing("zero"))
    first, second = rows("a", 80, None)
    assert only(card, [first, replace(second, agent_caused=True)]).exact == 64
    assert only(card, [first, second]).exact == 80
    assert only(card, [first, replace(second, agent_caused=True, reason="on_leave")]).exact == 80


def test_the_entry_then_the_reason_then_the_card_decide(make_card: MakeCard, rows: Rows) -> None:
    more = missing("refuse", 'neutral_points = 50\n[missing.by_reason]\non_leave = "neutral"')
    card = make_card(80, 20, more=more)
    first, second = rows("a", 80, None)
    assert only(card, [first, second]).refusals
    assert only(card, [first, replace(second, reason="on_leave")]).exact == 74
    text = card.document.model_dump(by_alias=True, exclude_defaults=True)
    assert text["missing"]["by_reason"] == {"on_leave": "neutral"}
    group = card.groups[0]
    entries = (group.entries[0], replace(group.entries[1], missing="renormalise"))
    own = replace(card, groups=(replace(group, entries=entries),))
    assert only(own, [first, replace(second, reason="on_leave")]).exact == 80


TWO_GROUPS = """
id = "two"
version = "1"
owner = "tests"
profile = "review"
subject = "agent"
period = "month"

[missing]
min_coverage = "10%"
across = "{across}"

[[group]]
id = "g"
weight = 40
[[group.entry]]
id = "e1"
metric = "m1"
weight = 50
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}
[[group.entry]]
id = "e2"
metric = "m2"
weight = 50
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}

[[group]]
id = "h"
weight = 60
[[group.entry]]
id = "e3"
metric = "m3"
weight = 100
curve = {{ linear = {{ zero_at = 0, full_at = 100 }} }}
"""


@pytest.mark.parametrize(
    ("across", "values", "weights"),
    [
        ("group", (1, None, 1), [F(2, 5), 0, F(3, 5)]),
        ("card", (1, None, 1), [F(1, 4), 0, F(3, 4)]),
        ("group", (1, None, None), [1, 0, 0]),
        ("group", (None, None, 1), [0, 0, 1]),
    ],
)
def test_a_missing_weight_is_spread_inside_its_group_or_over_the_card(
    rows: Rows, across: str, values: tuple[int | None, ...], weights: list[F]
) -> None:
    one = only(load_card(TWO_GROUPS.format(across=across)), rows("a", *values))
    assert [line.effective_weight for line in one.contributions] == weights


def test_nothing_measured_is_refused_whatever_the_card_admits(rows: Rows) -> None:
    text = TWO_GROUPS.format(across="group").replace("10%", "0%")
    assert only(load_card(text), rows("a", None, None, None)).total is None


@pytest.mark.parametrize(("n", "status"), [(29, "left_out"), (30, "measured"), (None, "left_out")])
def test_too_few_observations_are_no_value(
    make_card: MakeCard, rows: Rows, n: int | None, status: str
) -> None:
    card = make_card(80, 20)
    group = card.groups[0]
    strict = replace(group, entries=(group.entries[0], replace(group.entries[1], min_n=30)))
    first, second = rows("a", 80, 10)
    line = only(replace(card, groups=(strict,)), [first, replace(second, n=n)]).contributions[1]
    assert (line.status, line.value) == (status, 10)
    assert line.reason == (None if status == "measured" else "below_min_n")


@pytest.mark.parametrize(
    ("reliability", "status"), [(F(1, 2), "measured"), (F(1, 3), "left_out"), (None, "left_out")]
)
def test_too_little_reliability_is_no_value(
    make_card: MakeCard, rows: Rows, reliability: F | None, status: str
) -> None:
    card = make_card(80, 20)
    group = card.groups[0]
    strict = replace(group, entries=(group.entries[0], replace(group.entries[1], min_reliability=F(1, 2))))
    first, second = rows("a", 80, 10)
    one = only(replace(card, groups=(strict,)), [first, replace(second, reliability=reliability)])
    assert one.contributions[1].status == status
