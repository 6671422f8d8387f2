"""``kpicore runs prune``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from kpicore.cli import main
from kpicore.runs import Provenance, keep, list_runs, read_audit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for day in range(3):
        tables = {"scores": pa.table({"agent": ["a"], "day": [day]})}
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        keep(tmp_path, provenance=Provenance(), tables=tables, created_at=at)
    return tmp_path


def test_runs_are_removed_when_it_is_meant(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--root", str(root)]
    assert main(["runs", "prune", "--keep", "1", "--dry-run", "--format", "json", *where]) == 0
    assert [each["what"] for each in json.loads(capsys.readouterr().out)] == ["would be removed"] * 2
    assert len(list_runs(root).runs) == 3
    assert main(["runs", "prune", "--keep", "1", "--older-than", "1d", "--lang", "zh", *where]) == 0
    assert "已删除" in capsys.readouterr().out
    assert len(list_runs(root).runs) == 1
    assert [entry.action for entry in read_audit(root)] == ["pruned", "pruned"]


def test_what_cannot_be_meant_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "prune", "--root", str(root)]) == 2
    assert "nothing says which runs to remove" in capsys.readouterr().err
    assert main(["runs", "prune", "--older-than", "long", "--root", str(root)]) == 2
    assert "not a duration" in capsys.readouterr().err
    assert len(list_runs(root).runs) == 3
