"""Calendars on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
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


HOURS = """
default = "office"
[calendars.office]
week.mon-fri = ["09:00-12:00", "13:00-18:00"]
week.sat = "10:00-16:00"
breaks.mon = "15:00-15:15"
holidays.yearly = ["12-25"]
[calendars.night]
day_start = "06:00"
week.daily = "22:00-06:00"
known_through = 2026-12-31
[[assign]]
team = ["Hotlin"]
queue = "no such"
from = 2026-10-01
calendar = "night"
"""


def test_a_calendar_is_checked_without_a_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = calendar(tmp_path, HOURS)
    assert main(["check", "--calendar", file, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["calendar"]
    office, night = found["calendars"]
    assert (found["default"], office["name"], night["name"]) == ("office", "office", "night")
    assert office["week"] == (
        "mon 09:00-12:00, 13:00-15:00, 15:15-18:00; tue-fri 09:00-12:00, 13:00-18:00; sat 10:00-16:00"
    )
    assert (night["week"], night["known_through"]) == ("mon-sun 22:00-06:00", "2026-12-31")
    assert [(day["day"][4:], day["reason"], day["hours"]) for day in office["coming"]] == [
        ("-12-25", "holiday", "")
    ] * len(office["coming"])
    (rule,) = found["assignments"]
    assert (rule["team"], rule["from"], rule["until"]) == (["Hotlin"], "2026-10-01", None)
    assert main(["check", "--calendar", file, "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert {"日历", "适用范围", "近期特殊日期", "节假日"} <= set(told.split())
    assert main(["check", "--calendar", file, "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("calendar,day,reason,name,hours\noffice,")


def test_a_calendar_is_checked_against_a_log(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = calendar(tmp_path, HOURS)
    assert main(["check", str(source), "--calendar", file, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"metrics", "ledger", "sources", "calendar"} == found.keys()
    doubts = found["calendar"]["doubts"]
    assert [doubt.partition(";")[0] for doubt in doubts] == [
        "the log has no team 'Hotlin'",
        "the log has no queue 'no such'",
    ]
    assert "did you mean 'Hotline'?" in doubts[0]
    assert main(["check", str(source), "--calendar", file, "--strict"]) == 1
    assert "the log has no team" in capsys.readouterr().out
    known = calendar(tmp_path, HOURS.replace("Hotlin", "Hotline").replace('queue = "no such"\n', ""))
    assert main(["check", str(source), "--calendar", known, "--strict"]) == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("week.mon = '9-17'", "week.mon: '9-17' are not hours; write 09:00-17:00"),
        ("week.mon = ['09:00-13:00', '12:00-18:00']", "week.mon: shifts overlap at 12:00"),
        ("weak.mon = '09:00-17:00'", "weak: there is no such key; did you mean 'week'?"),
        (
            "week.mon = '09:00-17:00'\nknown_through = 'soon'",
            "known_through: 'soon' is not a date; write 2026",
        ),
        ("week.mon = '09:00-17:00'\ndefault = 'hour'", "default: there is no calendar 'hour'; did you mean"),
        ("week.mon = ", "this is not TOML"),
    ],
)
def test_faults_name_the_file_the_key_and_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    file = calendar(tmp_path, text)
    assert main(["check", "--calendar", file]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"error: {file}: " in said.err
    assert told in said.err
    assert "docs/calendars.md" in said.err


def test_nothing_to_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 2
    assert "name a SOURCE, or a file with --calendar" in capsys.readouterr().err
    assert main(["check", "--calendar", str(tmp_path / "none.toml")]) != 0
    assert "there is no calendar file" in capsys.readouterr().err


def test_people_read_names_of_periods_and_programs_their_starts(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure = ["measure", str(source), "-m", "resolution_rate", "--zone", "Asia/Shanghai"]
    fiscal = ["--fiscal-year-start", "9"]
    for options, name, start in (
        (["--period", "week", "--by", "agent"], "2026-W42", "2026-10-12T00:00:00+08:00"),
        (["--period", "quarter", "--by", "agent", *fiscal], "FY2026-Q1", "2026-09-01T00:00:00+08:00"),
        (["--period", "year", "--by", "agent", *fiscal], "FY2026", "2026-09-01T00:00:00+08:00"),
    ):
        file = tmp_path / "out.xlsx"
        assert main([*measure, *options, "--format", "json"]) == 0
        assert {row["period"] for row in json.loads(capsys.readouterr().out)} == {start}
        assert main([*measure, *options, "--format", "xlsx", "-o", str(file)]) == 0
        header, first, *_ = openpyxl.load_workbook(file).active.values
        cells = dict(zip(header, first, strict=True))
        assert (cells["period"], cells["starts"]) == (name, start)
    two = ["--from", "2026-10-06", "--to", "2026-10-20", "--period", "week"]
    assert main([*measure, *two]) == 0
    assert {"2026-W41", "2026-W42", "2026-W43"} <= set(capsys.readouterr().out.split())
