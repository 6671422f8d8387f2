"""The signs of gaming that a run keeps beside its scores."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pyarrow as pa
import pytest

import kpicore
from kpicore.analysis import SIGN_NAMES, SIGNS, signs_table
from kpicore.plugin.manager import load_plugins
from kpicore.scoring import load_card
from kpicore.testing import generate_log

CARD = """
id = "c"
version = "1"
owner = "o"
profile = "explore"
subject = "agent"
period = "month"
[[group]]
id = "g"
weight = 100
[[group.entry]]
id = "calls"
metric = "calls_answered"
weight = 100
curve = { linear = { zero_at = 0, full_at = 100 } }
"""
PLUGINS = load_plugins(third_party=False)


@pytest.fixture(scope="module")
def log() -> kpicore.Log:
    return kpicore.open(generate_log(agents=6, days=4, zone="UTC"), zone="UTC")


@pytest.fixture(scope="module")
def run(log: kpicore.Log, tmp_path_factory: pytest.TempPathFactory) -> kpicore.Run:
    found = kpicore.score(log, CARD, root=tmp_path_factory.mktemp("runs")).run
    assert found is not None
    return found


def counted(table: pa.Table, sign: str) -> dict[str, tuple[int, int]]:
    return {row["agent"]: (row["count"], row["n"]) for row in table.to_pylist() if row["sign"] == sign}


def test_every_sign_is_kept_and_has_a_name(run: kpicore.Run) -> None:
    table = run.table("signs")
    assert table.schema == SIGNS
    assert set(table.column("sign").to_pylist()) == set(SIGN_NAMES)


def test_against_counting(run: kpicore.Run, log: kpicore.Log) -> None:
    short: Counter[str] = Counter()
    talked: Counter[str] = Counter()
    handled: dict[str, set[str]] = defaultdict(set)
    for leg in kpicore.derive(log, "legs").to_pylist():
        if leg["agent_id"] is not None:
            handled[leg["agent_id"]].add(leg["contact_id"])
            if leg["talk"] is not None:
                talked[leg["agent_id"]] += 1
                short[leg["agent_id"]] += leg["talk"] < 10_000_000
    assert counted(run.table("signs"), "short_contacts") == {a: (short[a], n) for a, n in talked.items()}
    asked = {row["contact_id"] for row in log.tables["surveys"].to_pylist()}
    assert counted(run.table("signs"), "survey_avoidance") == {
        agent: (len(contacts - asked), len(contacts)) for agent, contacts in handled.items()
    }
    closed = {row["contact_id"]: row["closed_at"] for row in log.tables["contacts"].to_pylist()}
    back: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for row in kpicore.derive(log, "repeats").to_pylist():
        if row["agent_id"] is not None:
            cases[row["agent_id"]] += 1
            left = closed[row["contact_id"]] or row["opened_at"]
            hours = None if row["next_at"] is None else (row["next_at"] - left).total_seconds() / 3600
            back[row["agent_id"]] += hours is not None and 0 <= hours <= 24
    assert counted(run.table("signs"), "quick_returns") == {a: (back[a], n) for a, n in cases.items()}


def test_only_what_happened_in_the_range_counts(log: kpicore.Log, run: kpicore.Run) -> None:
    start, end = (int(run.manifest.provenance.arguments[name]) for name in ("start", "end"))
    middle = (start + end) // 2
    card = load_card(CARD)
    whole, first, second = (
        counted(signs_table(log, card, PLUGINS, low, high), "short_contacts")
        for low, high in ((start, end), (start, middle), (middle, end))
    )
    nothing = (0, 0)
    for agent, (count, n) in whole.items():
        parts = first.get(agent, nothing), second.get(agent, nothing)
        assert (count, n) == (parts[0][0] + parts[1][0], parts[0][1] + parts[1][1])


def test_what_the_log_lacks_is_left_out(log: kpicore.Log, tmp_path: Path) -> None:
    tables = {name: log.tables[name] for name in ("contacts", "contact_events")}
    run = kpicore.score(kpicore.open(tables, zone="UTC"), CARD, root=tmp_path).run
    assert run is not None
    assert set(run.table("signs").column("sign").to_pylist()) == set(SIGN_NAMES) - {
        "state_flicker",
        "survey_avoidance",
    }
    teams = load_card(CARD.replace('"agent"', '"queue"'))
    assert signs_table(log, teams, PLUGINS, 0, 2**62) == SIGNS.empty_table()
