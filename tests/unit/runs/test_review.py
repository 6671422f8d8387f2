"""A log measured, scored and kept: one content, however it was computed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

import kpicore
from kpicore.engine import local
from kpicore.errors import CardError, KpicoreError, MissingDataError
from kpicore.runs import list_runs, verify
from kpicore.scoring.result import verify_total
from kpicore.testing import generate_log

CARD = """
id = "small"
version = "1"
owner = "tests"
profile = "review"
subject = "agent"
period = "month"

[[group]]
id = "calls"
weight = 60
[[group.entry]]
id = "answered"
metric = "calls_answered"
weight = 50
curve = { linear = { zero_at = 0, full_at = 100 } }
[[group.entry]]
id = "speed"
metric = "average_speed_of_answer[statistic=p90]"
weight = 50
curve = { linear = { zero_at = "120s", full_at = "5s" } }

[[group]]
id = "work"
weight = 40
[[group.entry]]
id = "rate"
metric = "work_rate"
weight = 100
curve = { linear = { zero_at = "50%", full_at = "95%" } }
"""


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return generate_log(agents=6, days=3, zone="UTC")


def opened(tables: Mapping[str, pa.Table]) -> kpicore.Log:
    return kpicore.open(tables, zone="UTC")


def test_contributions_sum_to_totals_and_the_run_is_kept(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    log = opened(tables)
    review = kpicore.score(log, CARD, period="2026-10", root=tmp_path)
    assert review.run is not None
    assert verify(review.run.path) == review.run
    assert [run.id for run in list_runs(tmp_path).runs] == [review.run.id]
    roster = set(tables["agents"].column("agent_id").to_pylist())
    assert {score.subject[0] for score in review.scores.scores} == roster
    totals = [score for score in review.scores.scores if score.total is not None]
    assert len(totals) > 2
    for score in totals:
        verify_total(score)
        assert score.total is not None
        assert score.exact == sum(
            (line.contribution or Fraction(0) for line in score.contributions), Fraction(0)
        )
        assert 0 <= score.total <= 100
    assert review.run.table("values").equals(review.result.to_arrow())
    assert review.run.card == CARD
    people = {row["agent_id"]: (row["name"], row["team"]) for row in tables["agents"].to_pylist()}
    kept = {row["agent"]: (row["name"], row["team"]) for row in review.run.table("roster").to_pylist()}
    assert set(kept) == roster
    assert all(kept[agent][0] == people[agent][0] for agent in roster)


def test_the_values_are_those_of_the_month(tables: dict[str, pa.Table]) -> None:
    log = opened(tables)
    review = kpicore.score(log, CARD, period="2026-10", root=None)
    assert review.run is None
    expected = kpicore.measure(
        log, list(review.card.metrics), ["agent"], start="2026-10-01", end="2026-11-01"
    )
    assert review.result.to_arrow().equals(expected.to_arrow())
    by_hand = {
        (row["agent"], row["metric"]): value
        for row, value in zip(expected.rows(), expected.fractions(), strict=True)
    }
    for score in review.scores.scores:
        for line in score.contributions:
            assert line.value == by_hand.get((score.subject[0], line.metric))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_content_is_the_same_for_any_threads_and_order(
    threads: int, tables: dict[str, pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kpicore.score(opened(tables), CARD, period="2026-10", root=tmp_path / "a", threads=1)
    monkeypatch.setattr(local, "SMALL", 0)
    random, other = Random(threads), {}
    for name, table in tables.items():
        order = list(range(len(table)))
        random.shuffle(order)
        # `seq` settles the order of events at one instant; states have none.
        other[name] = table.take(pa.array(order)) if name == "contact_events" else table
    after = kpicore.score(
        opened(other),
        CARD,
        period="2026-10",
        root=tmp_path / "b",
        threads=threads,
        batch_rows=(7, 64, 65_536)[threads - 1],
    )
    assert before.run is not None
    assert after.run is not None
    assert after.run.manifest.content_hash == before.run.manifest.content_hash


def test_an_agent_without_any_row_is_told_so(tables: dict[str, pa.Table]) -> None:
    agents = tables["agents"]
    new = pa.Table.from_pylist([{"agent_id": "newcomer", "name": "New"}], schema=agents.schema)
    log = opened(tables | {"agents": pa.concat_tables([agents, new])})
    review = kpicore.score(log, CARD, period="2026-10", root=None)
    (score,) = (score for score in review.scores.scores if score.subject == ("newcomer",))
    assert score.total is None
    assert {line.reason for line in score.contributions} == {"no_data"}


@pytest.mark.parametrize(
    ("card", "period", "kind", "told"),
    [
        (CARD, "2026-W42", CardError, "judges a month, 2026-W42 is a week"),
        (
            re.sub(r"weight = \d+\n", "", CARD) + '[weighting]\nscheme = "entropi"\n',
            "2026-10",
            KpicoreError,
            "weighting.scheme: found 'entropi'",
        ),
        (CARD.replace('"work_rate"', '"work_rte"'), "2026-10", KpicoreError, "work_rate"),
        (CARD.replace('"work_rate"', '"work_rate[state=busy]"'), "2026-10", KpicoreError, "states"),
        (CARD.replace('"work_rate"', '"state_share"'), "2026-10", CardError, "a row for each state"),
        (
            CARD.replace('"agent"', '"queue"'),
            "2026-10",
            MissingDataError,
            "duty cannot be told apart by queue",
        ),
    ],
)
def test_nothing_is_kept_where_anything_fails(
    card: str, period: str, kind: type[Exception], told: str, tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    log = opened(tables | {"agents": tables["agents"].drop_columns(["queue"])})
    with pytest.raises(kind) as caught:
        kpicore.score(log, card, period=period, root=tmp_path / "runs")
    assert told in str(caught.value)
    assert not list(tmp_path.rglob("*"))
