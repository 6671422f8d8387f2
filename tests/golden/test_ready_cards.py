"""Every ready card: each score is explained to the last row, and the run made again is the same."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.errors import DataError
from kpicore.plugin.manager import load_plugins
from kpicore.runs import explain, replay
from kpicore.testing import generate_log

PLUGINS = load_plugins(third_party=False)
CARDS = sorted(PLUGINS.scorecards)
UNMEASURED = {("customer_service", "voicemail")}  # a call that nobody answers belongs to no team


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> kpicore.Log:
    folder = tmp_path_factory.mktemp("log")
    for name, table in generate_log(agents=4, days=2, zone="Asia/Shanghai").items():
        pq.write_table(table, folder / f"{name}.parquet")
    return kpicore.open(folder, zone="Asia/Shanghai", plugins=PLUGINS)


@pytest.fixture(scope="module")
def demo() -> kpicore.Log:
    """The log of `kpicore demo`."""
    return kpicore.open(generate_log(zone="Asia/Shanghai"), zone="Asia/Shanghai", plugins=PLUGINS)


@pytest.mark.slow
@pytest.mark.parametrize("name", CARDS)
def test_every_score_is_explained_and_the_run_made_again(name: str, log: kpicore.Log, tmp_path: Path) -> None:
    card = kpicore.scorecard(name, plugins=PLUGINS)
    made = kpicore.score(log, card, root=tmp_path, plugins=PLUGINS, keep_evidence=True)
    assert made.run is not None
    subjects = made.run.table("scores").column(0).to_pylist()
    assert subjects
    explained = [explain(made.run, subject, PLUGINS) for subject in subjects]
    assert any(line.rows for each in explained for line in each.lines)
    assert replay(made.run, PLUGINS).same


@pytest.mark.slow
@pytest.mark.parametrize("name", CARDS)
def test_the_log_of_the_demo_is_scored_on_every_card(name: str, demo: kpicore.Log) -> None:
    """Somebody has a total, every line is measured for somebody, and who has no total is told why."""
    made = kpicore.score(demo, kpicore.scorecard(name, plugins=PLUGINS), root=None, plugins=PLUGINS)
    scores = made.scores.scores
    assert any(score.total is not None for score in scores)
    for score in scores:
        assert (score.total is None) == bool(score.refusals)
        assert all("of the weight" in refusal for refusal in score.refusals)
    for entry in made.card.entries:
        lines = [line for score in scores for line in score.contributions if line.entry == entry.id]
        if (name, entry.id) in UNMEASURED:
            assert {line.reason for line in lines} == {"no_data"}
        else:
            assert any(line.value is not None for line in lines), entry.id


def test_a_log_that_does_not_say_who_staffs_which_queue_is_told_so() -> None:
    tables = generate_log(agents=4, days=1, zone="Asia/Shanghai")
    tables["agents"] = tables["agents"].drop_columns(["queue"])
    log = kpicore.open(tables, zone="Asia/Shanghai", plugins=PLUGINS)
    with pytest.raises(DataError, match="duty cannot be told apart by queue") as caught:
        kpicore.score(log, kpicore.scorecard("inbound_support", plugins=PLUGINS), root=None, plugins=PLUGINS)
    assert "a column 'queue' of the table agents would tell" in (caught.value.hint or "")
