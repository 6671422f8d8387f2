"""The tables that Wazo publishes for queue logs, cell by cell, through the public functions."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TypedDict

import pytest

import kpicore
from kpicore.engine import Result
from kpicore.plugin.manager import Plugins, load_plugins

ROOT = Path(__file__).resolve().parents[2]
ZONE = "Europe/Paris"


class Sheet(TypedDict):
    """One published table."""

    granularity: str
    subject: str
    date: str
    rows: list[dict[str, str]]


class Case(TypedDict):
    """A scenario: rows of a queue log, and the tables published for them."""

    scenario: str
    config: dict[str, str]
    events: list[dict[str, str]]
    expect: list[Sheet]


def clock(seconds: Fraction | None) -> str:
    """Whole seconds as the sheets write them; what is undefined is an empty cell."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}"


def percent(share: Fraction | None) -> str:
    return "" if share is None else f"{round(100 * share)} %"


def number(count: Fraction | None) -> str:
    return str(count or 0)


def duration(seconds: Fraction | None) -> str:
    return clock(seconds or Fraction(0))


COLUMNS: Mapping[str, tuple[str, Callable[[Fraction | None], str]]] = {
    "Received": ("calls_offered", number),
    "Answered": ("calls_answered", number),
    "Abandoned": ("calls_offered[outcomes=abandoned]", number),
    "Timeout": ("calls_offered[outcomes=timeout]", number),
    "Blocking": ("calls_offered[outcomes=empty]", number),
    "Saturated": ("calls_offered[outcomes=diverted+full]", number),
    "Closed": ("calls_offered[outcomes=closed]", number),
    "AWT": ("average_wait_time[outcomes=abandoned+answered+empty+timeout]", clock),
    "Answered rate": ("connect_rate[closed=closed,unit=queue_leg]", percent),
    "QoS": ("service_level[abandoned=exclude]", percent),
    "Login": ("logged_in_time", duration),
    "Pause": ("time_in_state[state=away,track=routing]", duration),
    "Wrapup": ("handling_time[kinds=wrapup]", duration),
}
"""What each published column is in terms of metrics, and how its cells are written."""


@pytest.fixture
def plugins(site: Path, monkeypatch: pytest.MonkeyPatch) -> Plugins:
    """The adapter, discovered through a distribution that is laid out beside its sources."""
    info = site / "kpicore_asterisk-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kpicore-asterisk\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[kpicore.plugins]\nasterisk = kpicore_asterisk\n")
    monkeypatch.syspath_prepend(str(ROOT / "plugins" / "kpicore-asterisk" / "src"))
    return load_plugins()


def cases(shared_data: Path) -> list[Case]:
    found: list[Case] = json.loads((shared_data / "conformance" / "queue_log.json").read_text())["cases"]
    return found


def fill(case: Case, sheet: Sheet, path: Path, plugins: Plugins) -> list[dict[str, str]]:
    """Returns the sheet as measured, with the columns and buckets of the published one."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(case["events"][0]))
        writer.writeheader()
        writer.writerows(case["events"])
    log = kpicore.open(path, adapter="asterisk", zone=ZONE, plugins=plugins)
    names = [name for name in sheet["rows"][0] if name != "bucket"]
    subject, value = sheet["subject"].split(":")
    first = date.fromisoformat(sheet["date"])
    weekly = sheet["granularity"] == "day_of_week"
    opens, closes = (int(case["config"][key].split(":")[0]) for key in ("day_start", "day_end"))

    def measure(period: str) -> Result:
        return kpicore.measure(
            log,
            [COLUMNS[name][0] for name in names],
            by=[subject],
            period=period,
            start=str(first),
            end=str(first + timedelta(days=7 if weekly else 1)),
            where={subject: value, "hour_of_day": [str(hour) for hour in range(opens, closes)]},
            zone=ZONE,
            plugins=plugins,
        )

    grain = "day" if weekly else "hour"
    cells, totals = lookup(measure(grain)), lookup(measure("all"))

    def row(bucket: str, of: Callable[[str], Fraction | None]) -> dict[str, str]:
        return {name: COLUMNS[name][1](of(COLUMNS[name][0])) for name in names} | {"bucket": bucket}

    filled = []
    for published in sheet["rows"][:-1]:
        bucket = published["bucket"]
        start = day_of(first, bucket) if weekly else f"{first}T{int(bucket.split('h')[0]):02d}"
        filled.append(row(bucket, lambda metric, start=start: find(cells, metric, start)))  # type: ignore[misc]
    return [*filled, row("Total", lambda metric: find(totals, metric, ""))]


def lookup(result: Result) -> dict[tuple[str, str], Fraction | None]:
    table = result.to_arrow()
    keys = zip(table["metric"].to_pylist(), table["period"].to_pylist(), strict=True)
    return dict(zip(keys, result.fractions(), strict=True))


def find(cells: dict[tuple[str, str], Fraction | None], metric: str, start: str) -> Fraction | None:
    """Returns the value of the one period that begins so; None where the subject has none."""
    found = [value for (name, period), value in cells.items() if name == metric and period.startswith(start)]
    assert len(found) <= 1
    return found[0] if found else None


def day_of(first: date, bucket: str) -> str:
    days = (first + timedelta(days=offset) for offset in range(7))
    (day,) = (day for day in days if bucket == f"{day:%A} {day.day}")
    return str(day)


def test_every_published_cell(shared_data: Path, plugins: Plugins, tmp_path: Path) -> None:
    compared = 0
    for case in cases(shared_data):
        for sheet in case["expect"]:
            filled = fill(case, sheet, tmp_path / "queue_log.csv", plugins)
            assert filled == sheet["rows"], (case["scenario"], sheet["subject"])
            compared += sum(len(row) - 1 for row in sheet["rows"])
    assert compared > 100


def test_the_adapter_keeps_the_laws_on_every_log(shared_data: Path, plugins: Plugins, tmp_path: Path) -> None:
    from kpicore.testing import check_adapter

    adapter = plugins.adapter("asterisk")
    for case in cases(shared_data):
        path = tmp_path / "queue_log.csv"
        fill(case, case["expect"][0], path, plugins)
        check_adapter(adapter, path, zone=ZONE)
