"""``kpicore explain``: down to the rows, back from a contact, in three forms and two languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpicore.cli import main
from kpicore.runs import list_runs

from ..unit.runs.test_review import CARD
from .conftest import ZONE


@pytest.fixture
def run(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    card = tmp_path / "card.toml"
    card.write_text(CARD, "utf-8")
    arguments = [str(source), "--card", str(card), "--zone", ZONE, "--root", str(tmp_path / "runs")]
    assert main(["score", *arguments]) == 0
    capsys.readouterr()
    (kept,) = list_runs(tmp_path / "runs").runs
    return kept.path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 0
    return capsys.readouterr().out


def test_it_goes_down_to_contacts_and_back(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = json.loads(told(capsys, str(run), "a01", "--format", "json"))
    answered = found["lines"][0]
    assert sum(row["added"].get("value", 0) for row in answered["rows"]) == answered["n"]
    contact = answered["rows"][0]["contact"]
    text = told(capsys, str(run), "a01")
    assert contact in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert contact in told(capsys, str(run), "a01", "--metric", "answered", "--lang", "zh")
    assert "a01" in told(capsys, str(run), "--contact", contact)
    rows = told(capsys, str(run), "a01", "--format", "csv").splitlines()
    assert rows[0].startswith("subject,entry,metric,fact,contact_id,at")
    assert len(rows) > 10


def test_what_is_missing_is_said(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(run)]) == 2
    assert "name a subject, or a contact" in capsys.readouterr().err
    assert main(["explain", str(run), "nobody"]) == 2
    assert main(["explain", str(run), "a01", "--source", "nowhere"]) == 5
    (run / "scores.parquet").write_bytes(b"")
    assert main(["explain", str(run), "a01"]) == 3
