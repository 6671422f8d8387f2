"""``kpicore compare``: two periods, two people, one person and the team."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from rich.cells import cell_len

import kpicore
from kpicore import Log
from kpicore.cli import main

CARD = """
id = "daily"
version = "1"
owner = "operations"
profile = "explore"
subject = "agent"
period = "day"
[report]
min_group = 4
[[group]]
id = "work"
weight = 100
[[group.entry]]
id = "calls"
label = { en = "Calls", zh = "接听量" }
metric = "calls_answered"
weight = 60
curve = { linear = { zero_at = 0, full_at = 60 } }
[[group.entry]]
id = "transfers"
label = { en = "Transfers", zh = "转接率" }
metric = "transfer_rate"
weight = 40
curve = { linear = { zero_at = "50%", full_at = 0 } }
"""


@pytest.fixture(scope="module")
def runs(log: Log, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("runs")
    found = [
        kpicore.score(log, CARD, period=day, zone="Asia/Shanghai", root=root).run
        for day in ("2026-10-12", "2026-10-13")
    ]
    return [run.path for run in found if run is not None]


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    code = main([str(argument) for argument in ("compare", *arguments)])
    out, err = capsys.readouterr()
    assert code == 0, err
    assert max((cell_len(line) for line in out.splitlines()), default=0) <= 80 or out.startswith("[")
    return out


def totals(run: Path) -> dict[str, Fraction]:
    rows = kpicore.runs.open_run(run).table("scores").to_pylist()
    return {row["agent"]: Fraction(row["total"]) for row in rows if row["total"] is not None}


def test_two_periods_for_programs(capsys: pytest.CaptureFixture[str], runs: list[Path]) -> None:
    rows = json.loads(call(capsys, *runs, "--format", "json"))
    before, after = totals(runs[0]), totals(runs[1])
    whole = {row["subject"]: row for row in rows if row["kind"] == "total"}
    both = before.keys() & after.keys()
    assert len(both) > 1
    for subject in both:
        exact = Fraction(whole[subject]["exact_difference"])
        assert exact == after[subject] - before[subject]
        parts = [row for row in rows if row["subject"] == subject and row["kind"] != "total"]
        assert sum(Fraction(row["exact_difference"]) for row in parts) == exact
        assert {row["first"] for row in parts} == {"2026-10-12"}
        assert {row["metric"] for row in parts if row["kind"] == "entry"} == {
            "calls_answered",
            "transfer_rate",
        }


def test_two_periods_for_people(capsys: pytest.CaptureFixture[str], runs: list[Path]) -> None:
    out = call(capsys, *runs)
    assert {"Agent", "2026-10-12", "2026-10-13", "Verdict"} <= set(out.split())
    assert len(out.splitlines()) > 4
    one = call(
        capsys, runs[0].name, runs[1].name, "--root", runs[0].parent, "--subject", "a01", "--lang", "zh"
    )
    assert "接听量" in one
    assert "总分" in one
    assert one.splitlines()[0].startswith("a01")


def test_two_people_and_one_beside_the_team(capsys: pytest.CaptureFixture[str], runs: list[Path]) -> None:
    known = totals(runs[0])
    rows = json.loads(call(capsys, runs[0], "--subject", "a02", "--subject", "a01", "--format", "json"))
    assert [(row["first"], row["second"]) for row in rows[:1]] == [("a02", "a01")]
    assert Fraction(rows[0]["exact_difference"]) == known["a01"] - known["a02"]
    rows = json.loads(call(capsys, runs[0], "--subject", "a01", "--format", "json"))
    mean = sum(known.values(), Fraction(0)) / len(known)
    assert Fraction(rows[0]["exact_difference"]) == known["a01"] - mean
    everybody = json.loads(call(capsys, runs[0], "--format", "json"))
    assert (
        sum(
            Fraction(row["exact_difference"])
            for row in everybody
            if row["kind"] == "total" and row["exact_difference"]
        )
        == 0
    )
    assert "average of all" in " ".join(call(capsys, runs[0], "--subject", "a01").split())


def test_an_average_of_few_is_not_told(capsys: pytest.CaptureFixture[str], log: Log, tmp_path: Path) -> None:
    card = CARD.replace("[report]\nmin_group = 4\n", "")
    run = kpicore.score(log, card, period="2026-10-12", zone="Asia/Shanghai", root=tmp_path).run
    assert run is not None
    rows = json.loads(call(capsys, run.path, "--subject", "a01", "--format", "json"))
    assert {row["reason"] for row in rows} == {"small_group"}
    assert {(row["first_value"], row["first_points"], row["difference"]) for row in rows} == {(None,) * 3}
    assert rows[0]["second_points"] is not None
    assert "人数过少" in call(capsys, run.path, "--lang", "zh")
    people = json.loads(call(capsys, run.path, "--subject", "a01", "--subject", "a02", "--format", "json"))
    assert {row["reason"] for row in people} == {None}


def test_what_cannot_be_compared(
    capsys: pytest.CaptureFixture[str], runs: list[Path], log: Log, tmp_path: Path
) -> None:
    assert main(["compare", str(runs[0]), "--subject", "a0x"]) == 2
    assert "did you mean" in capsys.readouterr().err
    assert main(["compare", *map(str, [*runs, runs[0]])]) == 2
    assert main(["compare", str(tmp_path / "none")]) != 0
    teams = CARD.replace('"agent"', '"team"').replace('id = "daily"', 'id = "teams"')
    run = kpicore.score(log, teams, period="2026-10-12", zone="Asia/Shanghai", root=tmp_path).run
    assert run is not None
    capsys.readouterr()
    assert main(["compare", str(runs[0]), str(run.path)]) == 3
    assert "one run is about agents, the other about teams" in capsys.readouterr().err


def test_another_card_is_told(
    capsys: pytest.CaptureFixture[str], runs: list[Path], log: Log, tmp_path: Path
) -> None:
    other = CARD.replace("full_at = 60", "full_at = 90")
    run = kpicore.score(log, other, period="2026-10-12", zone="Asia/Shanghai", root=tmp_path).run
    assert run is not None
    assert main(["compare", str(runs[0]), str(run.path)]) == 0
    out, err = capsys.readouterr()
    assert "different cards" in err
    assert run.id in out
