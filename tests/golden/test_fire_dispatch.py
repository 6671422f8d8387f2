"""Real states: what the units of a fire department did, second by second, and what is odd in the log."""

from __future__ import annotations

import csv
import gzip
import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pytest

import kpicore
from kpicore.plugin.manager import Plugins, load_plugins
from kpicore.tables import Log

HOME = ZoneInfo("America/Los_Angeles")
MAPPING = Path(__file__).parent / "fire_dispatch.toml"
STAGES = {
    "Dispatch DtTm": "busy",
    "Response DtTm": "busy",
    "On Scene DtTm": "on_contact",
    "Transport DtTm": "on_contact",
    "Hospital DtTm": "wrapup",
    "Available DtTm": "available",
}
START, END = "2016-12-31", "2017-01-08"


class Stage(NamedTuple):
    """What a row of the file says of one stage that was reached."""

    at: datetime
    number: int
    until: datetime | None
    state: str


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(third_party=False)


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[dict[str, str]]:
    file = shared_data / "fire_dispatch" / "calls_for_service.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@pytest.fixture(scope="module")
def log(shared_data: Path, plugins: Plugins) -> Log:
    return kpicore.open(shared_data / "fire_dispatch", mapping=MAPPING, plugins=plugins)


@pytest.fixture(scope="module")
def units(rows: list[dict[str, str]]) -> dict[str, list[Stage]]:
    """The stages of each unit, in the order of time and of the columns."""
    found: dict[str, list[Stage]] = defaultdict(list)
    for row in rows:
        reached = [
            (number, datetime.strptime(row[name], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=HOME), state)
            for number, (name, state) in enumerate(STAGES.items())
            if row[name]
        ]
        for one, after in itertools.pairwise([*reached, None]):
            number, at, state = one  # type: ignore[misc]
            found[row["Unit ID"]].append(Stage(at, number, after[1] if after else None, state))
    latest = datetime.max.replace(tzinfo=UTC)
    return {u: sorted(s, key=lambda one: (one.at, one.number, one.until or latest)) for u, s in found.items()}


def account(stages: list[Stage], end: datetime) -> tuple[dict[tuple[str, str], timedelta], dict[str, int]]:
    """Returns a unit's time by state and local day, and what is odd; the next stage ends a stage."""
    times: dict[tuple[str, str], timedelta] = defaultdict(timedelta)
    odd: Counter[str] = Counter()
    for stage, after in itertools.pairwise([*stages, None]):
        assert stage is not None
        until, limit = stage.until, after.at if after else end
        odd["reversed"] += until is not None and until < stage.at
        odd["overlap"] += after is not None and until is not None and until > limit and until >= stage.at
        odd["gap"] += after is not None and until is not None and stage.at <= until < limit
        odd["open_end"] += after is None and until is None
        at, stop = stage.at, limit if until is None else min(until, limit)
        while at < stop:
            midnight = datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), HOME)
            times[stage.state, at.date().isoformat()] += min(stop, midnight) - at
            at = midnight
    return times, dict(odd)


def measured(log: Log, plugins: Plugins) -> kpicore.Result:
    return kpicore.measure(
        log, ["time_in_state"], ["agent"], period="day", start=START, end=END, plugins=plugins
    )


def test_every_stage_is_accounted_for(log: Log, rows: list[dict[str, str]]) -> None:
    log.ledger.check()
    assert len(rows) == 7_704
    assert log.ledger.rows("rejected") == {}
    assert log.ledger.rows("excluded") == {
        "no_end:available": 5,
        "not_reached:responding": sum(not row["Response DtTm"] for row in rows),
        "not_reached:on scene": sum(not row["On Scene DtTm"] for row in rows),
        "not_reached:transport": sum(not row["Transport DtTm"] for row in rows),
        "not_reached:hospital": sum(not row["Hospital DtTm"] for row in rows),
    }


def test_time_in_state_by_unit_and_day(log: Log, units: dict[str, list[Stage]], plugins: Plugins) -> None:
    end = datetime.fromisoformat(END).replace(tzinfo=HOME)
    expected = {
        (unit, day, state): length.total_seconds()
        for unit, stages in units.items()
        for (state, day), length in account([s for s in stages if s.at < end], end)[0].items()
        if day >= START
    }
    found = {
        (row["agent"], str(row["period"])[:10], row["part"]): row["value"]
        for row in measured(log, plugins).rows()
        if row["value"]
    }
    assert found == expected
    assert len({unit for unit, *_ in found}) == 178
    assert {day for _, day, _ in found} == {
        "2016-12-31",
        *(f"2017-01-0{number}" for number in range(1, 8)),
    }


def test_what_is_odd_is_counted(log: Log, units: dict[str, list[Stage]], plugins: Plugins) -> None:
    end = datetime.fromisoformat(END).replace(tzinfo=HOME)
    expected: Counter[str] = Counter()
    for stages in units.values():
        expected.update(account(stages, end)[1])
    notes = measured(log, plugins).ledger.rows("note", table="state_intervals")
    assert expected["reversed"] == 28
    assert expected["overlap"] == 83
    assert {reason: notes.get(reason, 0) for reason in expected} == expected


def test_without_the_idle_stages_the_time_between_calls_is_a_gap(
    log: Log, units: dict[str, list[Stage]], plugins: Plugins
) -> None:
    states = log.tables["agent_states"]
    handling = kpicore.open(
        {"agent_states": states.filter(pc.not_equal(states["state"].cast("string"), "available"))},
        zone="America/Los_Angeles",
        plugins=plugins,
    )
    end = datetime.fromisoformat(END).replace(tzinfo=HOME)
    expected: Counter[str] = Counter()
    for stages in units.values():
        expected.update(account([stage for stage in stages if stage.state != "available"], end)[1])
    notes = measured(handling, plugins).ledger.rows("note", table="state_intervals")
    assert expected["gap"] > 7_000
    assert expected["open_end"] <= 5
    assert {reason: notes.get(reason, 0) for reason in expected} == expected
