"""``kpicore replay`` and ``kpicore diff``."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from kpicore.cli import main
from kpicore.runs import list_runs, open_run, publish

from ..unit.runs.test_review import CARD
from .conftest import ZONE


@pytest.fixture
def runs(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[Path]:
    kept = []
    for weight in (60, 90):
        card = tmp_path / "card.toml"
        text = CARD.replace("weight = 60", f"weight = {weight}").replace(
            "weight = 40", f"weight = {100 - weight}"
        )
        card.write_text(text, "utf-8")
        root = tmp_path / f"runs{weight}"
        assert main(["score", str(source), "--card", str(card), "--zone", ZONE, "--root", str(root)]) == 0
        kept.append(list_runs(root).runs[0].path)
    capsys.readouterr()
    return kept


def test_runs_are_made_again(runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", *map(str, runs), "--format", "json"]) == 0
    assert [each["same"] for each in json.loads(capsys.readouterr().out)] == [True, True]
    run = open_run(runs[0])
    tables = {name: run.table(name) for name in run.tables}
    tables["scores"] = tables["scores"].slice(1)
    forged = publish(tmp_path / "forged", provenance=run.manifest.provenance, tables=tables, card=run.card)
    assert main(["replay", str(forged)]) == 3
    told = capsys.readouterr()
    assert "no" in told.out
    assert "forged: scores: 0 rows are gone and 1 are new" in told.err


def test_a_change_is_attributed(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    one, other = map(str, runs)
    assert main(["diff", one, other, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [cause["kind"] for cause in found["causes"]] == ["definition"]
    assert all(set(change["by"]) == {"definition"} for change in found["changes"])
    assert main(["diff", one, other, "--lang", "zh"]) == 0
    assert "口径定义" in capsys.readouterr().out


def test_a_changed_input_is_named(
    runs: list[Path], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in source.glob("*.parquet"):
        pq.write_table(pq.read_table(path).slice(1), moved / path.name)
    assert main(["replay", str(runs[0]), "--source", str(moved)]) == 3
    assert "contacts.parquet: its SHA-256 is" in capsys.readouterr().err
