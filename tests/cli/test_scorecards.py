"""``kpicore scorecards``: print, lint, backtest, schema, weights, proposed targets."""

from __future__ import annotations

import csv
import json
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from rich.cells import cell_len

import kpicore
from kpicore import Log
from kpicore.cli import main
from kpicore.cli.commands.scorecards import command as group
from kpicore.cli.scorecards import COMMANDS
from kpicore.scoring import load_card

CARD = """
id = "daily"
version = "1"
owner = "operations"
profile = "explore"
subject = "agent"
period = "day"
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
metric = "transfer_rate"
weight = 40
target = "required"
min_n = 5
curve = { linear = { zero_at = "50%", full_at = 0 } }
[[grade]]
name = "A"
at_least = 60
[[grade]]
name = "B"
"""


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cards") / "card.toml"
    path.write_text(CARD, "utf-8")
    return path


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> tuple[str, str]:
    found = main(["scorecards", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert found == code, err
    return out, err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_summary_is_its_commands_own(name: str) -> None:
    found = group.get_command(None, name)  # type: ignore[attr-defined]
    assert found.name == name
    assert found.get_short_help_str(200).startswith(COMMANDS[name].rstrip("."))


def test_a_name_alone_prints_the_card(capsys: pytest.CaptureFixture[str], card: Path, tmp_path: Path) -> None:
    assert (
        call(capsys, "ecommerce")[0] == call(capsys, "show", "ecommerce")[0] == kpicore.scorecard("ecommerce")
    )
    assert call(capsys, card)[0] == CARD
    call(capsys, "ecommerce", "--output", tmp_path / "copy.toml")
    assert load_card((tmp_path / "copy.toml").read_text("utf-8")).id == "ecommerce"
    assert "did you mean" in call(capsys, "ecomerce", code=2)[1]
    assert "behind" in call(capsys, "--format", "json", "schema", code=2)[1]


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(call(capsys, "schema")[0])
    assert {"id", "group", "grade"} <= set(found["properties"])


def test_weights(capsys: pytest.CaptureFixture[str], card: Path) -> None:
    pairs = ["speed:quality=1/3", "speed:cost=2", "quality:cost=6"]
    out, err = call(capsys, "weights", *pairs, "--strict")
    assert err == ""
    assert out.startswith("# consistency ratio 0.000: consistent")
    weights = [Decimal(line.split()[-1]) for line in out.splitlines() if line.startswith("weight")]
    # exactly consistent, so the weights are the shares 2 : 6 : 1
    assert [round(weight) for weight in weights] == [22, 67, 11]
    assert sum(weights) == 100
    found = json.loads(call(capsys, "weights", *pairs, "--format", "json")[0])
    assert found["weights"] == {"speed": 22.22, "quality": 66.67, "cost": 11.11}
    assert found["consistent"] is True
    rows = list(csv.DictReader(call(capsys, "weights", *pairs, "--format", "csv")[0].splitlines()))
    assert [row["name"] for row in rows] == ["speed", "quality", "cost"]


def test_contradicting_comparisons(capsys: pytest.CaptureFixture[str]) -> None:
    circle = ["a:b=9", "b:c=9", "c:a=9"]
    assert "contradict" in call(capsys, "weights", *circle)[1]
    assert "不一致" in call(capsys, "weights", *circle, "--strict", "--lang", "zh", code=1)[1]
    for bad in ("a:b", "a=3", "a:b=x", "a:b=0", ":b=1"):
        assert "compares nothing" in call(capsys, "weights", bad, code=2)[1]
    assert "compared 0 times" in call(capsys, "weights", "a:b=2", "c:d=2", code=2)[1]


def test_lint(capsys: pytest.CaptureFixture[str], card: Path, source: Path) -> None:
    found = json.loads(call(capsys, "lint", card, "--format", "json")[0])
    assert {(one["rule"], one["where"]) for one in found} >= {
        ("target", "transfers"),
        ("counter_metric", "calls"),
    }
    out = call(capsys, "lint", card, "--lang", "zh", "--strict", code=1)[0]
    assert "缺少质量指标" in out
    assert "奖励速度或数量" in "".join(out.split())
    for one in found:
        assert {key for key in one if any("\u4e00" <= sign <= "\u9fff" for sign in one[key])} == {
            "zh",
            "hint_zh",
        }
    tried = json.loads(
        call(
            capsys,
            "lint",
            card,
            source,
            "--period",
            "2026-10-12",
            "--zone",
            "Asia/Shanghai",
            "--format",
            "json",
        )[0]
    )
    assert [one for one in tried if one in found] == found


def test_backtest(
    capsys: pytest.CaptureFixture[str], card: Path, source: Path, log: Log, tmp_path: Path
) -> None:
    new = tmp_path / "new.toml"
    new.write_text(CARD.replace("full_at = 60", "full_at = 90"), "utf-8")
    arguments = ["backtest", card, new, source, "--zone", "Asia/Shanghai"]
    rows = json.loads(call(capsys, *arguments, "--format", "json")[0])
    assert {row["period"] for row in rows} == {"2026-10-12", "2026-10-13"}
    for period in ("2026-10-12", "2026-10-13"):
        before, after = (
            {
                one.subject[0]: one
                for one in kpicore.score(
                    log, path.read_text("utf-8"), period=period, zone="Asia/Shanghai", root=None
                ).scores.scores
            }
            for path in (card, new)
        )
        own = {row["agent"]: row for row in rows if row["period"] == period}
        assert own.keys() == before.keys()
        for agent, row in own.items():
            one, two = before[agent], after[agent]
            assert (row["grade_before"], row["grade_after"]) == (one.grade, two.grade)
            if one.total is not None and two.total is not None:
                assert row["difference"] == float(two.total - one.total)
    regraded = json.loads(call(capsys, *arguments, "--changed", "--format", "json")[0])
    assert regraded == [row for row in rows if row["regraded"]]
    out = call(capsys, *arguments, "--period", "2026-10-12")[0]
    assert "2026-10-13" not in out
    assert max(map(cell_len, out.splitlines())) <= 80
    assert "On average" in " ".join(out.split())


def test_backtest_needs_cards_for_the_same_thing(
    capsys: pytest.CaptureFixture[str], card: Path, source: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(CARD.replace('"day"', '"month"'), "utf-8")
    assert (
        "the old card's period is day, the new one's month"
        in call(capsys, "backtest", card, other, source, code=2)[1]
    )


def test_proposed_targets(capsys: pytest.CaptureFixture[str], card: Path, source: Path, log: Log) -> None:
    arguments = ["propose-targets", card, source, "--zone", "Asia/Shanghai", "--reach", "0.75"]
    out = call(capsys, *arguments)[0]
    assert "# calls: Calls" in out
    assert [set(tomllib.loads(part)) for part in out.strip().split("\n\n")] == [{"target"}, {"target"}]
    rows = {row["entry"]: row for row in json.loads(call(capsys, *arguments, "--format", "json")[0])}
    result = kpicore.measure(
        log, ["calls_answered", "transfer_rate"], ["agent"], period="day", zone="Asia/Shanghai"
    )
    values: dict[str, list[Fraction]] = {"calls_answered": [], "transfer_rate": []}
    for row, value in zip(result.rows(), result.fractions(), strict=True):
        if value is not None and (row["metric"] == "calls_answered" or int(str(row["n"])) >= 5):
            values[str(row["metric"])].append(value)
    assert rows["calls"]["measured"] == len(values["calls_answered"])
    assert rows["transfers"]["measured"] == len(values["transfer_rate"])
    assert rows["calls"]["reached"] == sum(v >= rows["calls"]["low"] for v in values["calls_answered"])
    high = Fraction(str(rows["transfers"]["high"]))
    assert rows["transfers"]["reached"] == sum(v <= high for v in values["transfer_rate"])
    for row in rows.values():
        assert row["reached"] >= 0.75 * row["measured"]
    assert "达到" in call(capsys, *arguments, "--lang", "zh")[0]
    assert "--reach" in call(capsys, *arguments[:-1], "150%", code=2)[1]
