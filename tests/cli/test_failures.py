"""What goes wrong outside of kpicore ends in one clear message and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kpicore.cli import main

MEASURE = ["-m", "ticket_volume", "--by", "queue"]
CARD = """
id = "short"
version = "1"
owner = "operations"
profile = "explore"
subject = "agent"
period = "month"

[[group]]
id = "volume"
weight = 99

[[group.entry]]
id = "contacts"
metric = "ticket_volume"
weight = 100
curve = { linear = { zero_at = 0, full_at = 1000 } }

[[grade]]
name = "A"
"""


def fails(capsys: pytest.CaptureFixture[str], code: int, *arguments: str | Path) -> str:
    assert main([str(argument) for argument in arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert "Traceback" not in err
    return err


def test_a_source_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "nowhere" in fails(capsys, 5, "check", tmp_path / "nowhere")


def test_a_truncated_parquet_file(capsys: pytest.CaptureFixture[str], source: Path, tmp_path: Path) -> None:
    broken = tmp_path / "contacts.parquet"
    broken.write_bytes((source / "contacts.parquet").read_bytes()[:-100])
    assert "contacts.parquet" in fails(capsys, 3, "measure", broken, *MEASURE)


def test_a_naive_time(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("contact_id,opened_at\na,2026-10-01 09:00:00\n")
    err = fails(capsys, 3, "measure", path, *MEASURE)
    assert "opened_at" in err
    assert "zone" in err
    assert main(["measure", str(path), *MEASURE[:2], "--zone", "Asia/Shanghai"]) == 0


def test_a_card_whose_weights_sum_to_99(
    capsys: pytest.CaptureFixture[str], source: Path, tmp_path: Path
) -> None:
    path = tmp_path / "card.toml"
    path.write_text(CARD)
    err = fails(capsys, 2, "score", source, "--card", path, "--root", tmp_path / "runs")
    assert "99" in err
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], source: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    fails(capsys, 5, "measure", source, *MEASURE, "--format", "json", "-o", tmp_path / "no" / "x.json")
    fails(capsys, 5, "demo", "-o", tmp_path / "file" / "demo")


def test_a_metric_that_the_source_cannot_give(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("contact_id,opened_at\na,2026-10-01T09:00:00Z\n")
    assert "visits" in fails(capsys, 3, "measure", path, "-m", "service_level")


@pytest.fixture
def broken_plugin(tmp_path: Path) -> dict[str, str]:
    """An environment with a distribution whose plugin raises when it is imported."""
    (tmp_path / "broken_plugin.py").write_text("raise RuntimeError('cannot reach the licence server')\n")
    info = tmp_path / "broken_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[kpicore.plugins]\nbroken = broken_plugin\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}


def kpicore(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kpicore", *arguments],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_a_plugin_that_raises_on_import(broken_plugin: dict[str, str]) -> None:
    missed = kpicore(broken_plugin, "metrics", "licence_use")
    assert missed.returncode == 4
    assert "licence server" in missed.stderr
    assert "Traceback" not in missed.stderr

    listing = kpicore(broken_plugin, "plugins")
    assert listing.returncode == 0
    assert "cannot reach the licence server" in " ".join(listing.stdout.split())
    assert kpicore(broken_plugin, "plugins", "--strict").returncode == 1

    assert kpicore(broken_plugin, "metrics", "service_level").returncode == 0
    without = kpicore(broken_plugin, "plugins", "--no-plugins")
    assert "broken" not in without.stdout
