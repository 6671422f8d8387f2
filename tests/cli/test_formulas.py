"""Formulas on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpicore.cli import main


def test_a_formula_is_measured_beside_metrics(capsys: pytest.CaptureFixture[str], source: Path) -> None:
    arguments = ["measure", str(source), "-m", "load: ratio = average_handle_time / average_wait_time"]
    assert main([*arguments, "-m", "= load * 2", "-m", "average_handle_time", "--format", "json"]) == 0
    load, double, handle = json.loads(capsys.readouterr().out)
    assert (load["metric"], load["unit"], double["metric"]) == ("load", "ratio", "= load * 2")
    assert double["value"] == 2 * load["value"]
    assert load["parameters"]["formula"] == "average_handle_time / average_wait_time"
    assert handle["unit"] == "s"


@pytest.mark.parametrize(("lang", "title"), [("en", "= 1 / calls_answered"), ("zh", "1/call ")])
def test_the_table_names_formulas(
    capsys: pytest.CaptureFixture[str], source: Path, lang: str, title: str
) -> None:
    arguments = ["measure", str(source), "-m", "= 1 / calls_answered", "--by", "agent", "--lang", lang]
    assert main(arguments) == 0
    assert title.removeprefix("= ") in capsys.readouterr().out


def test_a_mistake_is_pointed_at(capsys: pytest.CaptureFixture[str], source: Path) -> None:
    arguments = ["measure", str(source), "-m", "sum = average_handle_time + calls_answered"]
    assert main([*arguments, "--output", str(source / "no.csv"), "--format", "csv"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.split("\n")[:3] == [
        "error: the formula adds s and calls",
        "  sum = average_handle_time + calls_answered",
        "                              ^ formula sum, column 29",
    ]
    assert not (source / "no.csv").exists()
