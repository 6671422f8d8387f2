"""Values carried forward from the card's run before, by review itself, and made again by replay."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.plugin.manager import load_plugins
from kpicore.runs import Run, replay
from kpicore.testing import generate_log

from .test_review import CARD

PLUGINS = load_plugins(third_party=False)
DAILY = CARD.replace('"month"', '"day"') + '[missing]\npolicy = "carry_forward"\n'


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days, on the second of which nobody's states were logged."""
    folder = tmp_path_factory.mktemp("log")
    tables = generate_log(agents=3, days=2, zone="UTC")
    first = tables["agent_states"].column("at").to_pylist()
    day = min(first).date()
    keep = pa.array([at.date() == day for at in first])
    tables["agent_states"] = tables["agent_states"].filter(keep)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


def days(source: Path) -> tuple[str, str]:
    first = min(pq.read_table(source / "contact_events.parquet").column("at").to_pylist())
    second = first.replace(day=first.day + 1)
    return f"{first:%Y-%m-%d}", f"{second:%Y-%m-%d}"


def scored(source: Path, period: str, root: Path, card: str = DAILY) -> Run:
    log = kpicore.open(source, zone="UTC", plugins=PLUGINS)
    made = kpicore.score(log, card, period=period, root=root, plugins=PLUGINS)
    assert made.run is not None
    return made.run


def lines(run: Run, entry: str) -> dict[str, dict[str, object]]:
    return {row["agent"]: row for row in run.table("contributions").to_pylist() if row["entry"] == entry}


def test_a_missing_value_is_that_of_the_run_before(source: Path, tmp_path: Path) -> None:
    one, two = days(source)
    alone = scored(source, two, tmp_path / "alone")
    assert "carried_forward" not in {row["status"] for row in lines(alone, "rate").values()}
    first = scored(source, one, tmp_path / "runs")
    second = scored(source, two, tmp_path / "runs")
    assert second.manifest.provenance.arguments["previous_run"] == first.id
    carried = {a: row for a, row in lines(second, "rate").items() if row["status"] == "carried_forward"}
    assert carried
    for agent, row in carried.items():
        assert row["used"] == lines(first, "rate")[agent]["used"]
    assert replay(second, PLUGINS).same


def test_a_run_of_later_or_of_another_card_gives_nothing(source: Path, tmp_path: Path) -> None:
    one, two = days(source)
    scored(source, two, tmp_path)
    scored(source, one, tmp_path, DAILY.replace('id = "small"', 'id = "other"'))
    assert "previous_run" not in scored(source, one, tmp_path).manifest.provenance.arguments
    plain = CARD.replace('"month"', '"day"')
    assert "previous" not in scored(source, two, tmp_path, plain).tables
