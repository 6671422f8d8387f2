"""A card that names its calendar, from scoring to the explanation of a figure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kpicore
from kpicore.cli import main
from kpicore.runs import open_run

HOURS = """
zone = "Asia/Shanghai"
default = "always"
[calendars.always]
week.daily = "00:00-24:00"
[calendars.desk]
week.mon-fri = ["09:00-12:00", "13:00-18:00"]
[[assign]]
team = "support"
calendar = "always"
"""
CARD = """
id = "quick"
version = "1"
owner = "operations"
profile = "explore"
subject = "agent"
period = "month"
calendar = "desk"
[[group]]
id = "work"
weight = 100
[[group.entry]]
id = "resolution"
metric = "average_resolution_time[clock=business]"
weight = 100
curve = { linear = { zero_at = "5d", full_at = "1h" } }
"""
METRIC = "average_resolution_time[clock=business]"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    card, hours = tmp_path / "quick.toml", tmp_path / "hours.toml"
    card.write_text(CARD)
    hours.write_text(HOURS)
    return card, hours


def values(run: Path) -> dict[str, float | None]:
    return {row["agent"]: row["value"] for row in open_run(run).table("values").to_pylist()}


def test_from_the_card_to_the_rows(
    source: Path, files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, hours = files
    root = tmp_path / "runs"
    score = ["score", str(source), "--card", str(card), "--zone", "Asia/Shanghai", "--root", str(root)]
    assert main([*score, "--calendar", str(hours)]) == 0
    (run,) = (each.path for each in kpicore.runs.list_runs(root).runs)
    assert (run / "calendar.toml").read_text() == HOURS
    known = values(run)
    for calendar, same in (("desk", True), ("always", False)):
        metric = f"average_resolution_time[clock=business, calendar={calendar}]"
        measured = kpicore.measure(
            kpicore.open(source), [metric], ["agent"], zone="Asia/Shanghai", calendar=str(hours)
        )
        assert ({row["agent"]: row["value"] for row in measured.rows()} == known) is same
    hours.unlink()
    capsys.readouterr()
    assert main(["verify", str(run)]) == 0
    assert main(["replay", str(run)]) == 0
    agent = next(name for name, value in known.items() if value is not None)
    capsys.readouterr()
    assert main(["explain", str(run), agent, "--format", "json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["lines"]
    assert line["metric"] == METRIC
    assert main(["report", str(run), "--subject", agent, "-o", str(tmp_path / "one.html")]) == 0


def test_a_changed_calendar_is_noticed(
    source: Path, files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, hours = files
    review = kpicore.score(kpicore.open(source), card.read_text(), calendar=hours, root=tmp_path / "runs")
    assert review.run is not None
    kept = review.run.path / "calendar.toml"
    kept.write_text(HOURS.replace("18:00", "19:00"))
    assert main(["verify", str(review.run.path)]) == 3
    assert "calendar.toml" in capsys.readouterr().err


def test_without_the_calendar_nothing_is_kept(
    source: Path, files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, hours = files
    root = tmp_path / "runs"
    score = ["score", str(source), "--card", str(card), "--root", str(root)]
    assert main(score) == 2
    err = capsys.readouterr().err
    assert "card 'quick' works under the calendar 'desk'" in err
    assert "--calendar FILE" in err
    card.write_text(CARD.replace('"desk"', '"dask"'))
    assert main([*score, "--calendar", str(hours)]) == 2
    assert "there is no calendar 'dask'" in (err := capsys.readouterr().err)
    assert "did you mean 'desk'" in err
    assert not root.exists()


@pytest.mark.parametrize(
    "command", [["lint", "CARD"], ["backtest", "CARD", "CARD"], ["propose-targets", "CARD"]]
)
def test_a_card_is_tried_under_its_calendar(
    source: Path, files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    card, hours = files
    named = [word.replace("CARD", str(card)) for word in command]
    assert main(["scorecards", *named, str(source), "--calendar", str(hours)]) == 0, capsys.readouterr().err
    assert main(["scorecards", *named, str(source)]) == 2
    assert "works under the calendar 'desk'" in capsys.readouterr().err
