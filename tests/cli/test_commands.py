"""What the commands print: tables for people, the promised shapes for programs."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

import kpicore
from kpicore import Log
from kpicore.cli import main
from kpicore.plugin import Direction

CARD = """
id = "volume"
version = "1"
owner = "operations"
label = { en = "Volume", zh = "工作量" }
profile = "explore"
subject = "agent"
period = "month"

[[group]]
id = "volume"
weight = 100

[[group.entry]]
id = "contacts"
label = { en = "Contacts", zh = "接待量" }
metric = "ticket_volume"
weight = 70
curve = { linear = { zero_at = 0, full_at = 1000 } }

[[group.entry]]
id = "calls"
label = { en = "Calls", zh = "接听量" }
metric = "calls_answered"
weight = 30
curve = { linear = { zero_at = 0, full_at = 200 } }

[[grade]]
name = "A"
at_least = 60

[[grade]]
name = "B"
"""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card.toml"
    path.write_text(CARD, "utf-8")
    return path


def call(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[str, str]:
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert code == 0, err
    return out, err


def test_metrics_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = call(capsys, "metrics", "--format", "json")
    found = {metric["name"]: metric for metric in json.loads(out)}
    assert err == ""
    assert list(found) == list(kpicore.load_plugins().metrics)
    for metric in found.values():
        assert {"name", "zh", "unit", "direction", "definition", "parameters", "needs"} <= set(metric)
        assert metric["direction"] in {direction.value for direction in Direction}
        assert metric["zh"]
        assert metric["needs"]
    within = next(p for p in found["service_level"]["parameters"] if p["name"] == "within")
    assert (within["default"], within["takes"]) == ("20s", "a duration from 0s to 3660d")


def test_metrics_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    english, _ = call(capsys, "metrics")
    assert english.startswith("Metric ")
    chinese, _ = call(capsys, "--lang", "zh", "metrics")
    assert chinese.startswith("指标 ")
    assert "平均处理时" in chinese
    one, _ = call(capsys, "metrics", "service_level")
    assert "Definition" in one
    assert "Genesys" in one


def test_measure_for_programs(capsys: pytest.CaptureFixture[str], source: Path, log: Log) -> None:
    arguments: list[str | Path] = [
        source,
        "-m",
        "ticket_volume",
        "--metric",
        "calls_answered",
        "--by",
        "agent",
        "--period",
        "day",
    ]
    out, err = call(capsys, "measure", *arguments, "--format", "json")
    rows = json.loads(out)
    expected = kpicore.measure(log, ["ticket_volume", "calls_answered"], ["agent"], period="day")
    assert err == ""
    assert rows == expected.rows()
    assert list(rows[0]) == expected.to_arrow().column_names
    assert {"agent", "period", "metric", "value", "numerator", "n", "unit", "excluded"} <= set(rows[0])


def test_measure_takes_ranges_conditions_and_lists(
    capsys: pytest.CaptureFixture[str], source: Path, log: Log
) -> None:
    where = ["--where", "channel=chat", "--where", "channel=voice", "--where", "agent=a01"]
    range_ = ["--from", "2026-10-12", "--to", "2026-10-13", "--zone", "Asia/Shanghai", "--threads", "1"]
    out, _ = call(
        capsys,
        "measure",
        source,
        "-m",
        "ticket_volume",
        "--by",
        "agent,channel",
        *where,
        *range_,
        "--format",
        "json",
    )
    expected = kpicore.measure(
        log,
        ["ticket_volume"],
        ["agent", "channel"],
        zone="Asia/Shanghai",
        start="2026-10-12",
        end="2026-10-13",
        where={"channel": ["chat", "voice"], "agent": ["a01"]},
    )
    assert json.loads(out) == expected.rows()
    assert {row["agent"] for row in json.loads(out)} == {"a01"}


def test_measure_for_people(capsys: pytest.CaptureFixture[str], source: Path, log: Log) -> None:
    one, _ = call(capsys, "measure", source, "-m", "ticket_volume", "--by", "queue", "--period", "day")
    assert one.splitlines()[0].split() == ["Queue", "Period", "Metric", "Value", "Unit", "n"]
    both, _ = call(
        capsys,
        "measure",
        source,
        "-m",
        "ticket_volume",
        "-m",
        "calls_answered",
        "--by",
        "agent",
        "--lang",
        "zh",
    )
    assert both.splitlines()[0].startswith("坐席")
    assert max(map(cell_len, (one + both).splitlines())) <= 80


def test_measure_to_files(capsys: pytest.CaptureFixture[str], source: Path, log: Log, tmp_path: Path) -> None:
    expected = kpicore.measure(log, ["ticket_volume"], ["agent"]).to_arrow()
    arguments: list[str | Path] = ["measure", source, "-m", "ticket_volume", "--by", "agent"]
    call(capsys, *arguments, "--format", "parquet", "-o", tmp_path / "values.parquet")
    with pq.ParquetFile(tmp_path / "values.parquet") as file:
        assert file.read() == expected
    call(capsys, *arguments, "--format", "csv", "-o", tmp_path / "values.csv")
    with (tmp_path / "values.csv").open(encoding="utf-8", newline="") as file_:
        rows = list(csv.DictReader(file_))
    assert [row["agent"] for row in rows] == expected.column("agent").to_pylist()
    assert [float(row["value"]) for row in rows] == expected.column("value").to_pylist()


def test_check(capsys: pytest.CaptureFixture[str], source: Path, log: Log) -> None:
    out, _ = call(capsys, "check", source, "--format", "json")
    found = json.loads(out)
    assert [kpi["metric"] for kpi in found["metrics"]] == list(kpicore.load_plugins().metrics)
    assert all(kpi["computable"] or kpi["missing"] for kpi in found["metrics"])
    assert {row["table"] for row in found["ledger"]} == set(log.tables)
    assert sum(row["rows"] for row in found["ledger"] if row["table"] == "contacts") == len(
        log.tables["contacts"]
    )
    people, _ = call(capsys, "check", source)
    assert "ticket_volume" in people
    assert "agent_states" in people
    assert main(["check", str(source), "--strict"]) == 0


def test_check_is_strict_about_rejected_rows(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    broken = tmp_path / "contacts.csv"
    broken.write_text("contact_id,queue\na,sales\n,sales\n")
    assert main(["check", str(broken)]) == 0
    assert main(["check", str(broken), "--strict"]) == 1
    assert "rejected" in capsys.readouterr().out


def test_score_keeps_a_run_that_can_be_listed_and_verified(
    capsys: pytest.CaptureFixture[str], source: Path, card: Path, tmp_path: Path
) -> None:
    root = tmp_path / "runs"
    out, err = call(capsys, "score", source, "--card", card, "--root", root)
    lines = out.splitlines()
    assert lines[0] == "Volume"
    assert lines[1].split()[:6] == ["Rank", "Agent", "Name", "Total", "95", "%"]
    assert "王芳" in out
    (run,) = root.glob("[0-9]*")
    assert err == f"the run is kept in {run}\n"

    listed, _ = call(capsys, "runs", "--root", root, "--format", "json")
    (record,) = json.loads(listed)
    assert record["run"] == run.name
    assert record["tables"]["scores"] > 0
    people, _ = call(capsys, "runs", "--root", root)
    assert run.name in people
    manifest, _ = call(capsys, "runs", run.name, "--root", root, "--format", "json")
    assert json.loads(manifest)["provenance"]["arguments"]["card"] == "volume"
    shown, _ = call(capsys, "runs", run)
    assert "ticket_volume" in shown

    proved, _ = call(capsys, "verify", run, "--format", "json")
    assert json.loads(proved)[0]["content_hash"] == record["content_hash"]
    with (run / "scores.parquet").open("ab") as file:
        file.write(b"x")
    assert main(["verify", str(run)]) == 3
    assert "scores.parquet: has" in capsys.readouterr().err


def test_score_for_programs(
    capsys: pytest.CaptureFixture[str], source: Path, card: Path, tmp_path: Path
) -> None:
    arguments: list[str | Path] = ["score", source, "--card", card, "--no-keep", "--format", "json"]
    out, err = call(capsys, *arguments)
    totals = {row["agent"]: row["total"] for row in json.loads(out)}
    assert err == ""
    lines, _ = call(capsys, *arguments, "--lines")
    sums: dict[str, float] = dict.fromkeys(totals, 0.0)
    for line in json.loads(lines):
        sums[line["agent"]] += line["contribution"]
    assert sums == pytest.approx(totals, abs=0.01)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.toml"]


def test_ranks_come_first(capsys: pytest.CaptureFixture[str], source: Path, card: Path) -> None:
    out, _ = call(capsys, "score", source, "--card", card, "--no-keep", "--lang", "zh")
    title, headers, *rows = out.splitlines()
    assert title == "工作量"
    assert headers.split()[0] == "排名"
    ranks = [row.split()[0] for row in rows]
    assert ranks == sorted(ranks, key=lambda rank: int(rank.rstrip(",")))


def test_scorecards(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out, _ = call(capsys, "scorecards", "--format", "json")
    missing = {card["name"]: card["missing"] for card in json.loads(out)}
    assert (missing["call_agent"], missing["call_centre"]) == ([], [])
    assert all(name not in kpicore.load_plugins().metrics for names in missing.values() for name in names)
    text, _ = call(capsys, "scorecards", "call_centre")
    assert text == kpicore.scorecard("call_centre")
    call(capsys, "scorecards", "call_centre", "-o", tmp_path / "mine.toml")
    assert (tmp_path / "mine.toml").read_text("utf-8") == text
    assert main(["scorecards", "call_center"]) == 2
    assert "did you mean 'call_centre'?" in capsys.readouterr().err


def test_plugins_and_adapters(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = call(capsys, "plugins", "--format", "json", "--no-plugins")
    listing = {each["plugin"]: each for each in json.loads(out)}
    assert "service_level" in listing["kpicore.metrics.builtin"]["provides"]["metric"]
    assert all(each["builtin"] for each in listing.values())
    people, _ = call(capsys, "plugins", "--no-plugins")
    assert "kpicore.metrics.builtin" in people
    adapters, _ = call(capsys, "adapters", "--format", "json", "--no-plugins")
    assert isinstance(json.loads(adapters), list)


def test_demo(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It shows measures and a review, keeps both log and run, and does the same every time."""
    folder = tmp_path / "demo"
    out, err = call(capsys, "demo", "-o", folder)
    assert err == ""
    assert max(map(cell_len, out.partition("the log: ")[0].splitlines())) <= 80
    ranks = re.findall(r"^ *\d+(?:, \d+-\d+)?  a\d\d", out.split("Rank")[1], re.MULTILINE)
    assert len(ranks) >= 12
    assert "王芳" in out
    (run,) = (folder / "runs").glob("[0-9]*")
    assert f"\nthe run: {run}\n" in out
    written = {path.stem for path in (folder / "log").iterdir()}
    assert {"agent_states", "agents", "contact_events", "contacts", "messages", "surveys"} <= written
    again, _ = call(capsys, "demo", "-o", folder, "--lang", "zh")
    assert "指标值" in again
    listed, _ = call(capsys, "runs", "--root", folder / "runs", "--format", "json")
    assert len({record["content_hash"] for record in json.loads(listed)}) == 1
    call(capsys, "verify", run)


def test_measure_flags_what_jumps(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = ["contact_id,opened_at,agent_id"]
    for day in range(1, 29):
        many = 40 if day == 18 else 12 if day % 7 else 2
        rows += [f"c{day}-{i},2026-06-{day:02d}T09:{i:02d}:00,a" for i in range(many)]
    log = tmp_path / "contacts.csv"
    log.write_text("\n".join(rows) + "\n", "utf-8")
    arguments: list[str | Path] = ["measure", log, "--zone", "UTC", "-m", "ticket_volume", "--period", "day"]
    out, _ = call(capsys, *arguments, "--flag", "--by", "agent", "--format", "json")
    (one,) = json.loads(out)
    assert (one["agent"], one["kind"], one["value"], one["usual"]) == ("a", "spike", 40, 12)
    assert one["compared_with"] == "same weekday"
    people, _ = call(capsys, *arguments, "--flag", "--lang", "zh")
    assert "突增" in people
    calm, _ = call(capsys, *arguments, "--flag", "--from", "2026-06-01", "--to", "2026-06-07")
    assert "nothing jumps" in calm
    assert main(["measure", str(log), "--zone", "UTC", "-m", "ticket_volume", "--flag"]) == 2
    assert "--period day" in capsys.readouterr().err
