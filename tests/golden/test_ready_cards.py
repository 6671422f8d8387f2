"""Every ready card: each score is explained to the last row, and the run made again is the same."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.plugin.manager import load_plugins
from kpicore.runs import explain, replay
from kpicore.testing import generate_log

PLUGINS = load_plugins(third_party=False)
CARDS = sorted(PLUGINS.scorecards)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> kpicore.Log:
    folder = tmp_path_factory.mktemp("log")
    tables = generate_log(agents=4, days=2, zone="Asia/Shanghai")
    # Time logged in is told apart by the queue for which an agent is staffed.
    staffed = pc.list_element(tables["agents"].column("skills"), 0)
    tables["agents"] = tables["agents"].append_column("queue", staffed)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return kpicore.open(folder, zone="Asia/Shanghai", plugins=PLUGINS)


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
