"""Drivers add up: for random cards and values the lines' differences are exactly the difference of totals."""

from __future__ import annotations

from fractions import Fraction as F
from random import Random

import pytest

from kpicore.analysis import Breakdown, against_team, breakdowns, compare
from kpicore.scoring import Card, Measured, Scores, load_card, score

HEAD = """
id = "c"
version = "1"
owner = "o"
profile = "review"
subject = "agent"
period = "month"
bonus_cap = 10
penalty_cap = 15
rounding = {{ places = {places} }}
missing = {{ policy = "renormalise", min_coverage = "50%" }}
report = {{ min_group = 1 }}

[[bonus]]
id = "plus"
metric = "plus"
curve = {{ events = {{ points_each = 3, cap = 20 }} }}
[[bonus]]
id = "extra"
metric = "extra"
curve = {{ linear = {{ zero_at = 0, full_at = 7, full = 5 }} }}
[[penalty]]
id = "minus"
metric = "minus"
curve = {{ events = {{ points_each = 4, cap = 99 }} }}
[[gate]]
id = "half"
metric = "half"
when = ">= 4"
action = "multiply"
by = "50%"
[[group]]
id = "g"
weight = 100
"""
ENTRY = """
[[group.entry]]
id = "m{i}"
metric = "m{i}"
weight = {weight}
curve = {{ linear = {{ zero_at = 0, full_at = 70 }} }}
"""


def scored(random: Random) -> tuple[Card, Scores]:
    first = random.randint(10, 50)
    weights = (first, 60 - first, 40)
    text = HEAD.format(places=random.randint(0, 3))
    text += "".join(ENTRY.format(i=i, weight=weight) for i, weight in enumerate(weights))
    rows = []
    for agent in range(random.randint(1, 9)):
        for metric in ("m0", "m1", "m2", "plus", "extra", "minus", "half"):
            small = not metric.startswith("m") or metric == "minus"
            value = (
                None
                if random.random() < 0.15
                else F(random.randint(0, 5 if small else 200), 1 if small else 3)
            )
            reason = "no_data" if value is None else None
            rows.append(Measured(subject=(f"{agent}",), metric=metric, value=value, reason=reason))  # type: ignore[arg-type]
    card = load_card(text)
    return card, score(card, rows)


def broken_down(scores: Scores) -> tuple[Breakdown, ...]:
    return breakdowns(scores.to_arrow(), scores.contributions_to_arrow(), scores.subject_columns)


@pytest.mark.parametrize("seed", range(60))
def test_lines_add_up_to_totals_and_differences_to_differences(seed: int) -> None:
    card, scores = scored(Random(seed))
    found = broken_down(scores)
    for one, true in zip(found, scores.scores, strict=True):
        assert one.subject == true.subject
        if true.total is None:
            assert (one.total, dict(one.lines)) == (None, {})
            continue
        assert one.total == F(true.total)
        assert sum(one.lines.values(), F(0)) == F(true.total)
        by_kind: dict[str, F] = {}
        for line, points in one.lines.items():
            by_kind[line.kind] = by_kind.get(line.kind, F(0)) + points
        bonus = sum(((line.contribution or F(0)) for line in true.bonuses), F(0))
        penalty = sum(((line.contribution or F(0)) for line in true.penalties), F(0))
        assert by_kind["entry"] == true.base
        assert by_kind["bonus"] == bonus
        assert by_kind["penalty"] == -penalty
        assert by_kind["gate"] == true.gate_effect
        assert by_kind.get("caps", F(0)) == (true.bonus - bonus) - (true.penalty - penalty)
        assert by_kind.get("rounding", F(0)) == true.residual
    totals = {one.subject: F(one.total) for one in scores.scores if one.total is not None}
    for subject, comparison in against_team(card, found).items():
        if subject not in totals:
            assert comparison.difference is None
            continue
        mean = sum(totals.values(), F(0)) / len(totals)
        assert comparison.difference == totals[subject] - mean
        assert sum((c.difference or F(0) for c in comparison.lines), F(0)) == totals[subject] - mean
        moved = [c.difference or F(0) for c in comparison.drivers]
        assert moved == sorted(c.difference for c in comparison.lines if c.difference)
    for one in found:
        for two in found:
            between = compare(one, two)
            back = compare(two, one)
            if one.total is None or two.total is None:
                assert between.difference is None
                continue
            assert between.difference == two.total - one.total == -(back.difference or F(0))
            assert between.difference == sum((c.difference or F(0) for c in between.lines), F(0))
            assert {c.line: c.difference for c in between.lines} == {
                c.line: -(c.difference or F(0)) for c in back.lines
            }


def test_caps_gates_and_rounding_were_all_met() -> None:
    kinds = set()
    for seed in range(60):
        for one in broken_down(scored(Random(seed))[1]):
            kinds |= {line.kind for line, points in one.lines.items() if points}
    assert kinds == {"entry", "bonus", "penalty", "gate", "caps", "rounding"}
