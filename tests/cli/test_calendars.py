"""Calendars on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kpicore.cli import main

BUSINESS = "average_resolution_time[clock=business]"


def calendar(folder: Path, text: str) -> str:
    path = folder / "hours.toml"
    path.write_text("zone = 'Asia/Shanghai'\n" + text, encoding="utf-8")
    return str(path)


def test_a_calendar_gives_business_hours(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for hours in ("00:00-24:00", "09:00-18:00", "00:00-00:30"):
        file = calendar(tmp_path, f"week.daily = '{hours}'")
        options = ["--calendar", file, "-m", BUSINESS, "-m", "average_resolution_time"]
        assert main(["measure", str(source), *options, "--format", "json"]) == 0
        found[hours] = [row["value"] for row in json.loads(capsys.readouterr().out)]
    always, plain = found["00:00-24:00"]
    assert always == plain
    assert found["00:00-00:30"][0] < found["09:00-18:00"][0] <= plain


def test_without_a_calendar_the_option_is_named(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", str(source), "-m", BUSINESS]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"error: {BUSINESS}: business time needs a calendar" in said.err
    assert "--calendar FILE" in said.err


def test_overlapping_shifts_are_told_and_nothing_is_written(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = calendar(tmp_path, "week.mon = ['09:00-13:00', '12:00-18:00']")
    written = tmp_path / "out.csv"
    root = tmp_path / "runs"
    measure = ["measure", str(source), "-m", BUSINESS, "--format", "csv", "--output", str(written)]
    score = ["score", str(source), "--card", "ecommerce", "--root", str(root)]
    for command in (measure, score):
        assert main([*command, "--calendar", file]) == 2
        assert "week.mon: shifts overlap at 12:00" in capsys.readouterr().err
    assert not written.exists()
    assert not root.exists()


def test_a_period_past_the_known_calendar_warns(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = calendar(tmp_path, "week.daily = '09:00-18:00'\nknown_through = 2026-01-31")
    assert main(["measure", str(source), "-m", BUSINESS, "--calendar", file]) == 0
    said = capsys.readouterr()
    assert "warning: calendar 'hours' is known through 2026-01-31" in said.err
    assert "warning" not in said.out


def test_days_begin_when_the_night_shift_ends(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["-m", "resolution_rate", "--period", "day", "--format", "json"]
    assert main(["measure", str(source), *options, "--day-start", "06:00"]) == 0
    periods = [row["period"] for row in json.loads(capsys.readouterr().out)]
    assert all("T06:00:00+" in period for period in periods)
    assert main(["measure", str(source), *options, "--day-start", "25:00"]) == 2
    assert "'25:00' is not a time of day" in capsys.readouterr().err


def test_definitions_are_compared_in_business_hours(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = calendar(tmp_path, "week.daily = '09:00-18:00'")
    metric = "service_level[hours=in_hours_only]"
    assert main(["compare-definitions", metric, str(source), "--calendar", file, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"default", "genesys"} <= {row["definition"] for row in rows}
