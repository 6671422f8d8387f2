"""Who is off target, what moves the KPI, how many reached it, and what the team's own past proposes."""

from __future__ import annotations

from fractions import Fraction as F
from random import Random

import pyarrow as pa
import pytest

from kpicore.analysis import (
    DEFINITIONS,
    Goal,
    attainment,
    definitions_table,
    goal_of,
    off_target,
    peers,
    propose_target,
)
from kpicore.errors import UsageError
from kpicore.metrics import parse_request
from kpicore.plugin.manager import load_plugins
from kpicore.scoring import Card, Mark, Measured, Scores, load_card, score

CARD = """
id = "c"
version = "1"
owner = "o"
profile = "review"
subject = "agent"
period = "month"
missing = { policy = "renormalise", min_coverage = "1%" }
[[group]]
id = "g"
weight = 100
[[group.entry]]
id = "first"
metric = "first_response_time"
weight = 20
target = "100s"
curve = { linear = { zero_at = "300s", full_at = "100s" } }
[[group.entry.variant]]
when = { skill = "new" }
target = "200s"
[[group.entry]]
id = "any"
metric = "first_response_time[actor=any]"
weight = 20
curve = { linear = { zero_at = "600s", full_at = "100s" } }
[[group.entry]]
id = "rate"
metric = "csat"
weight = 20
target = "80%"
curve = { linear = { zero_at = 0, full_at = 1 } }
[[group.entry]]
id = "talk"
metric = "average_session_duration"
weight = 20
target = ["3m", "10m"]
curve = { target_range = { ideal_lo = "3m", ideal_hi = "10m", tolerance = "15%" } }
[[group.entry]]
id = "mark"
manual = "attitude"
weight = 20
target = 60
curve = { linear = { zero_at = 0, full_at = 100 } }
"""


def definitions() -> pa.Table:
    plugins = load_plugins(third_party=False)
    requests = [parse_request(text, plugins) for text in load_card(CARD).metrics]
    return definitions_table(requests, {request.text: request.metric.unit for request in requests})


def scored(
    values: dict[str, tuple[object, ...]], attributes: dict[str, str] | None = None
) -> tuple[Card, Scores]:
    """Scores agents by (first, any, rate, talk, mark); None is missing."""
    card = load_card(CARD)
    metrics = (*card.metrics,)
    rows, marks = [], []
    for agent, row in values.items():
        for metric, value in zip(metrics, row, strict=False):
            exact = None if value is None else F(str(value))
            band = (exact - F(1, 20), exact + F(1, 20)) if metric == "csat" and exact is not None else None
            rows.append(
                Measured(
                    subject=(agent,),
                    metric=metric,
                    value=exact,
                    reason="no_data" if exact is None else None,
                    interval=band,
                )
            )
        if row[4] is not None:
            marks.append(Mark(subject=(agent,), item="attitude", value=F(str(row[4])), evaluator="lead"))
    known = {(agent,): {"skill": skill} for agent, skill in (attributes or {}).items()}
    return card, score(card, rows, marks=marks, attributes=known)


def test_who_is_off_target_and_by_how_much() -> None:
    card, scores = scored(
        {
            "a": (100, 299, "0.8", 180, 60),
            "b": (150, 301, "0.77", 700, 59),
            "c": (150, None, "0.5", 100, None),
        },
        {"c": "new"},
    )
    found = off_target(card, scores.contributions_to_arrow(), definitions(), ["agent"])
    assert [(one.subject[0], one.entry, one.gap, one.beyond_chance) for one in found] == [
        ("b", "first", 50, None),
        ("b", "any", 1, None),
        ("b", "rate", F("-0.03"), False),
        ("b", "talk", 100, None),
        ("b", "mark", -1, None),
        ("c", "rate", F("-0.3"), True),
        ("c", "talk", -80, None),
    ]
    assert [one.goal.basis for one in found[:2]] == ["card", "source"]
    reply = ("set-up of automatic replies", "自动回复的设置")
    assert reply in found[1].causes
    assert reply not in found[0].causes
    assert found[4].causes == found[4].actions == ()


def test_attainment_against_counting() -> None:
    random = Random(5)
    values = {
        f"{i:02}": (
            random.choice((None, 90, 100, 101, 200)),
            random.randint(200, 400),
            random.choice((None, "0.79", "0.8", "0.9")),
            random.randint(100, 700),
            random.randint(0, 100),
        )
        for i in range(50)
    }
    card, scores = scored(values)
    found = {one.entry: one for one in attainment(card, scores.contributions_to_arrow(), definitions())}
    on_target = {
        "first": lambda x: x <= 100,
        "any": lambda x: x <= 300,
        "rate": lambda x: x >= F(4, 5),
        "talk": lambda x: 180 <= x <= 600,
        "mark": lambda x: x >= 60,
    }
    assert list(found) == list(on_target)
    for place, (entry, hits) in enumerate(on_target.items()):
        known = [F(str(row[place])) for row in values.values() if row[place] is not None]
        assert (found[entry].measured, found[entry].reached) == (len(known), sum(map(hits, known)))
        assert found[entry].share == F(sum(map(hits, known)), len(known))


def test_a_goal_without_a_side_or_a_number_is_none() -> None:
    text = CARD.replace('target = "80%"\n', "").replace("target = 60\n", "")
    rate, mark = (next(e for e in load_card(text).entries if e.id == name) for name in ("rate", "mark"))
    assert goal_of(mark, None) is None
    rows = {row["metric"]: row for row in definitions().to_pylist()}
    named = goal_of(rate, rows["csat"])
    assert named is None or named.basis == "source"


def test_without_anybody() -> None:
    nobody = scored({})[1].contributions_to_arrow()
    card = load_card(CARD)
    assert off_target(card, nobody, DEFINITIONS.empty_table(), ["agent"]) == ()
    assert {(one.measured, one.share, one.median) for one in attainment(card, nobody, definitions())} == {
        (0, None, None)
    }


@pytest.mark.parametrize("seed", range(100))
def test_proposals_are_reached_by_the_share_and_hardly_more(seed: int) -> None:
    random = Random(seed)
    unit = random.choice(("ratio", "s", "calls"))
    scale = {"ratio": 1000, "s": random.choice((7, 1)), "calls": 3}[unit]
    values = [F(random.randint(1, 1000), scale) for _ in range(random.randint(1, 40))]
    reach = F(random.randint(1, 20), 20)
    for way in ("higher", "lower", "range"):
        found = propose_target("e", values, way, reach, unit)  # type: ignore[arg-type]
        assert found is not None
        low, high = found.low, found.high
        hits = [v for v in values if (low is None or v >= low) and (high is None or v <= high)]
        assert len(hits) == found.reached >= reach * len(values)
        # a step harder, and too few reach it
        step = F(1, 100) if unit == "ratio" else F(1)
        if way == "higher" and low is not None:
            assert sum(v >= low + step for v in values) < reach * len(values)
        if way == "lower" and high is not None:
            assert sum(v <= high - step for v in values) < reach * len(values)
        assert propose_target("e", sorted(values, reverse=True), way, reach, unit) == found  # type: ignore[arg-type]


def test_proposals_as_lines_of_a_card() -> None:
    half = F(1, 2)
    times = [F(31, 3), F(20), F(47, 2), F(90)]
    assert propose_target("e", times, "lower", half, "s").to_toml("s") == 'target = "20s"'  # type: ignore[union-attr]
    assert propose_target("e", times[:1], "lower", half, "s").to_toml("s") == 'target = "11s"'  # type: ignore[union-attr]
    shares = [F(1, 3), F(2, 3)]
    assert propose_target("e", shares, "higher", half, "ratio").to_toml("ratio") == 'target = "66%"'  # type: ignore[union-attr]
    both = propose_target("e", times, "range", half, "s")
    assert both is not None
    assert (both.to_toml("s"), both.reached) == ('target = ["20s", "24s"]', 2)
    assert propose_target("e", [F(12345, 10)], "higher", half, "calls").to_toml("calls") == "target = 1234"  # type: ignore[union-attr]
    assert propose_target("e", [], "higher", half, "s") is None
    with pytest.raises(UsageError, match="share above 0"):
        propose_target("e", times, "lower", F(0), "s")


def test_gaps() -> None:
    goal = Goal(low=F(3), high=F(5), basis="card")
    assert [goal.gap(F(x)) for x in (2, 3, 4, 5, 7)] == [-1, 0, 0, 0, 2]


def test_peers_have_no_names_and_no_small_groups() -> None:
    card, scores = scored({f"{i}": (i, 1, None, 1, 1) for i in range(1, 6)})
    found = peers(card, scores.contributions_to_arrow())
    assert list(found) == [entry.id for entry in card.entries]
    one = found["first"]
    assert (one.count, one.p10, one.p25, one.median, one.p75, one.p90) == (5, F(7, 5), 2, 3, 4, F(23, 5))
    assert (found["rate"].count, found["rate"].median) == (0, None)
    few = peers(card, scored({f"{i}": (i, 1, None, 1, 1) for i in range(1, 5)})[1].contributions_to_arrow())
    assert (few["first"].count, few["first"].median) == (4, None)
