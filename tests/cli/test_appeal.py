"""``kpicore appeal``, ``kpicore decide`` and ``kpicore audit``, from one call to the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpicore.cli import main
from kpicore.runs import list_runs

from ..unit.runs.test_review import CARD
from .conftest import ZONE

GRADED = CARD + '[[grade]]\nname = "A"\nat_least = 80\n[[grade]]\nname = "B"\n'


@pytest.fixture
def root(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "card.toml").write_text(GRADED, "utf-8")
    card, root = str(tmp_path / "card.toml"), tmp_path / "runs"
    assert main(["score", str(source), "--card", card, "--zone", ZONE, "--root", str(root)]) == 0
    capsys.readouterr()
    return root


def test_from_an_appeal_to_the_audit_log(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    (run,) = list_runs(root).runs
    where = ["--root", str(root)]
    assert main(["explain", run.id, "a01", "--metric", "answered", "--format", "json", *where]) == 0
    contact = json.loads(capsys.readouterr().out)["lines"][0]["rows"][0]["contact"]
    asked = ["appeal", "open", run.id, "a01", "--reason", "线路中断", *where]
    assert main([*asked, "--exclude", f"contact={contact}"]) == 0
    assert f"exclude contact={contact}" in capsys.readouterr().out
    decided = ["appeal", "decide", "appeal-1", "--reason", "so it was", *where]
    assert main([*decided, "--accept", "--reviewer", "a01"]) == 2
    assert "somebody else has to review it" in capsys.readouterr().err
    assert main([*decided, "--reviewer", "lead"]) == 2
    assert "say --accept or --reject" in capsys.readouterr().err
    assert main([*decided, "--accept", "--reviewer", "lead", "--format", "json"]) == 0
    (appeal,) = json.loads(capsys.readouterr().out)
    assert appeal["state"] == "accepted"
    new = appeal["new_run"]
    assert main(["decide", new, "a01", "--grade", "A", "--by", "boss", "--reason", "so", *where]) == 0
    assert main(["decide", new, "a01", "--total", "many", "--by", "boss", "--reason", "so", *where]) == 2
    capsys.readouterr()
    assert main(["audit", "--format", "json", *where]) == 0
    actions = [entry["action"] for entry in json.loads(capsys.readouterr().out)]
    assert actions == ["published", "appeal_opened", "published", "appeal_accepted", "decided"]
    for command in (["audit"], ["appeal", "list"]):
        assert main([*command, *where, "--lang", "zh"]) == 0
        assert "申诉" in capsys.readouterr().out
    (root / ".audit.jsonl").write_text("{}\n", "utf-8")
    assert main(["audit", *where]) == 3
    assert "chain is broken at line 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (["--exclude", "c17"], "not of the form contact=ID"),
        (["--correct", "c17=5"], "not of the form ID:TABLE.COLUMN=VALUE"),
        (["--exclude", "contact=nobody's"], "no row of contact"),
        ([], "the appeal asks for nothing"),
    ],
)
def test_an_appeal_that_cannot_be_read_is_refused(
    option: list[str], told: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = list_runs(root).runs[0].id
    assert main(["appeal", "open", run, "a01", "--reason", "r", "--root", str(root), *option]) in (2, 3)
    assert told in capsys.readouterr().err
