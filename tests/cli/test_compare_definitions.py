"""``kpicore compare-definitions``: a table for people, records for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kpicore
from kpicore.cli import main
from kpicore.cli.commands.compare_definitions import _difference


def test_a_table(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare-definitions", "average_handle_time", str(source), "--dialect", "twilio,nice"]) == 0
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["default", "twilio", "nice"]
    assert "What each parameter does alone" in lines
    moved = next(line for line in lines if "hold+ring+talk+wrapup" in line)
    assert moved.split()[:4] == ["twilio", "components", "hold+talk+wrapup", "hold+ring+talk+wrapup"]
    assert moved.split()[-1].startswith("+")


def test_json_holds_what_the_table_shows(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "compare-definitions",
        "average_handle_time",
        str(source),
        "--dialect",
        "twilio",
        "--by",
        "agent",
    ]
    assert main([*command, "--dialect", "twilio", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    log = kpicore.open(source)
    measured = kpicore.measure(log, ["average_handle_time@twilio"], ["agent"]).rows()
    assert {row["agent"]: row["value"] for row in rows if row["definition"] == "twilio"} == {
        row["agent"]: row["value"] for row in measured
    }
    (move,) = rows[1]["moves"]
    assert move["by"] == pytest.approx(rows[1]["value"] - rows[0]["value"])


def test_a_mistake_is_told(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare-definitions", "ticket_volume", str(source)]) != 0
    assert "no dialect defines ticket_volume" in capsys.readouterr().err


def test_differences() -> None:
    assert _difference(-0.0123, "ratio") == "-1.23"
    assert (_difference(2.5, "s"), _difference(-12.34, "s")) == ("+2.50", "-12.3")
    assert (_difference(0.0, "ratio"), _difference(None, "s")) == ("0", "")
