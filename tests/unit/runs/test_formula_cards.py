"""Cards with metrics of their own: formulas measured, scored exactly, kept and replayable."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import kpicore
from kpicore.errors import CardError, FormulaError
from kpicore.runs import verify
from kpicore.scoring import load_card
from kpicore.testing import generate_log

CARD = """
id = "small"
version = "1"
owner = "tests"
profile = "review"
subject = "agent"
period = "month"

[[formula]]
name = "answered_share"
expression = "calls_answered / case(calls_answered > 2, calls_answered + 1)"
unit = "ratio"
direction = "higher"
label = { en = "Answered share", zh = "接听占比" }

[[group]]
id = "calls"
weight = 100
[[group.entry]]
id = "share"
metric = "answered_share"
weight = 60
curve = { linear = { zero_at = "0%", full_at = "100%" } }
[[group.entry]]
id = "double"
metric = "= 2 * answered_share - 1"
weight = 40
curve = { linear = { zero_at = "0%", full_at = "100%" } }
"""


def test_the_scores_are_exact_and_the_run_is_kept(tmp_path: Path) -> None:
    log = kpicore.open(generate_log(agents=6, days=3, zone="UTC"), zone="UTC")
    review = kpicore.score(log, CARD, period="2026-10", root=tmp_path)
    assert review.run is not None
    assert verify(review.run.path) == review.run
    calls = kpicore.measure(log, ["calls_answered"], by=["agent"], start="2026-10-01", end="2026-11-01")
    answered = {str(row["agent"]): row["numerator"] or row["n"] for row in calls.rows()}
    judged = [score for score in review.scores.scores if score.total is not None]
    assert len(judged) > 2
    for score in judged:
        n = answered[str(score.subject[0])]
        assert isinstance(n, int)
        share, double = score.contributions
        assert share.value == Fraction(n, n + 1)
        assert double.value == 2 * Fraction(n, n + 1) - 1
        assert share.contribution == 60 * Fraction(n, n + 1)
    definitions = {d.request: d.metric for d in review.run.manifest.provenance.definitions}
    assert definitions == {"answered_share": "answered_share", "= 2 * answered_share - 1": "formula"}


def test_what_is_not_applicable_stays_so() -> None:
    log = kpicore.open(generate_log(agents=6, days=3, zone="UTC"), zone="UTC")
    never = CARD.replace("calls_answered > 2", "calls_answered < 0")
    review = kpicore.score(log, never, period="2026-10", root=None)
    lines = [line for score in review.scores.scores for line in score.contributions]
    assert {line.reason for line in lines} == {"not_applicable"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "case(calls_answered > 2",
            "case((calls_answered > 2",
            "formula[answered_share]: the formula cannot",
        ),
        ('"= 2 * answered_share - 1"', '"= 2 * (answered_share"', "metric: the formula cannot be read"),
        ('direction = "higher"', 'direction = "up"', "formula[answered_share].direction: found 'up'"),
        ('name = "answered_share"', 'name = "Share"', "name"),
        ("unit =", "units =", "did you mean 'unit'?"),
    ],
)
def test_faults_of_form_are_told_with_all_others(old: str, new: str, said: str) -> None:
    with pytest.raises(CardError) as caught:
        load_card(CARD.replace(old, new))
    assert said in str(caught.value)


def test_a_name_cannot_be_given_twice() -> None:
    again = '[[formula]]\nname = "answered_share"\nexpression = "calls_answered"\n\n[[group]]'
    with pytest.raises(CardError, match="formula answered_share: found 2 times"):
        load_card(CARD.replace("[[group]]", again))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("+ 1)", "+ average_speed_of_answer)", "adds calls and s"),
        ("+ 1)", "+ answered_share)", "defined by itself"),
        ("calls_answered /", "calls_anwsered /", "did you mean 'calls_answered'?"),
        ('unit = "ratio"', 'unit = "s"', "yields ratio, not s"),
        ('zero_at = "0%"', 'zero_at = "5s"', "found the duration 5s"),
    ],
)
def test_nothing_is_kept_of_a_card_that_cannot_be_measured(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    log = kpicore.open(generate_log(agents=2, days=1, zone="UTC"), zone="UTC")
    with pytest.raises((CardError, FormulaError, LookupError)) as caught:
        kpicore.score(log, CARD.replace(old, new, 1), period="2026-10", root=tmp_path / "runs")
    assert said in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_a_score_by_formula_is_explained_down_to_the_rows_of_its_metrics(tmp_path: Path) -> None:
    log = kpicore.open(generate_log(agents=6, days=3, zone="UTC"), zone="UTC")
    review = kpicore.score(log, CARD, period="2026-10", root=tmp_path, keep_evidence=True)
    assert review.run is not None
    (judged, *_) = (score for score in review.scores.scores if score.total is not None)
    agent = str(judged.subject[0])
    found = review.explain(agent)
    share, double = found.lines
    assert share.rows
    assert len(share.rows) == len(double.rows)
    assert {name for row in share.rows for name in row.added} == {"calls_answered: value"}
    n = sum(row.added["calls_answered: value"] for row in share.rows)
    assert judged.contributions[0].value == Fraction(n, n + 1)
