"""The synthetic contact centre keeps the contracts of the tables and the order of events."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

import kpicore
from kpicore.plugin.schema import Kind
from kpicore.plugin.tables import TABLES
from kpicore.testing import generate_log

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def log() -> Tables:
    return generate_log()


def test_equal_arguments_give_equal_tables(log: Tables) -> None:
    again = generate_log()
    assert all(log[name].equals(again[name]) for name in log)
    assert not log["contacts"].equals(generate_log(seed=8)["contacts"])


def test_tables_keep_their_contracts(log: Tables) -> None:
    for name, table in log.items():
        schema = TABLES[name]
        further = {"queue"} if name == "agents" else set()
        assert set(table.column_names) <= {column.name for column in schema.columns} | further
        for column in schema.columns:
            if column.required:
                assert table[column.name].null_count == 0, (name, column.name)
            if column.name in table.column_names and column.kind is Kind.ENUM:
                assert set(table[column.name].unique().to_pylist()) <= {*column.values, None}


def test_a_demo_has_the_size_of_a_demo(log: Tables) -> None:
    rows = {name: table.num_rows for name, table in log.items()}
    assert 20_000 < sum(rows.values()) < 200_000
    assert len(set(log["agents"]["agent_id"].to_pylist())) == 12


def test_everything_interesting_happens(log: Tables) -> None:
    events = Counter(
        zip(
            log["contact_events"]["event"].to_pylist(),
            log["contact_events"]["detail"].to_pylist(),
            strict=True,
        )
    )
    for pair in (
        ("abandoned", None),
        ("exited", "closed"),
        ("exited", "timeout"),
        ("held", None),
        ("transferred", "queue"),
        ("transferred", "blind"),
        ("transferred", "consult"),
    ):
        assert events[pair] > 0, pair
    left, queued = events["abandoned", None], events["queued", None]
    assert 0.03 < left / queued < 0.2
    assert set(log["messages"]["author"].to_pylist()) >= {
        "customer",
        "agent",
        "bot_auto",
        "bot_assist",
        "welcome",
    }
    assert set(log["agent_states"]["state"].to_pylist()) >= {"meal", "break", "wrapup", "away", "meeting"}
    names = "".join(log["agents"]["name"].to_pylist())
    assert any("一" <= letter <= "鿿" for letter in names)
    assert any(letter.isascii() and letter.isalpha() for letter in names)


def test_one_person_changes_team_without_a_gap(log: Tables) -> None:
    rows = defaultdict(list)
    for row in log["agents"].to_pylist():
        rows[row["agent_id"]].append(row)
    (both,) = [found for found in rows.values() if len(found) > 1]
    assert both[0]["team"] != both[1]["team"]
    assert both[0]["valid_to"] == both[1]["valid_from"]


def test_a_call_goes_in_order_and_handling_never_overlaps(log: Tables) -> None:
    channel = dict(
        zip(log["contacts"]["contact_id"].to_pylist(), log["contacts"]["channel"].to_pylist(), strict=True)
    )
    busy: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    state: dict[str, str] = {}
    since: dict[tuple[str, str], datetime] = {}
    follows = {
        "ivr_entered": {"opened"},
        "queued": {"ivr_left", "transferred", "left", "handed_off", "wrapup_started", "wrapup_ended"},
        "left": {"offered", "wrapup_ended", "wrapup_started"},
        "answered": {"offered", "wrapup_ended", "wrapup_started"},
        "held": {"answered", "retrieved", "wrapup_ended", "wrapup_started"},
        "retrieved": {"held", "wrapup_ended"},
        "started": {"assigned", "pending", "opened"},
        "pending": {"started", "reopened"},
        "resolved": {"started", "reopened"},
        "reopened": {"resolved"},
    }
    for row in log["contact_events"].to_pylist():
        contact, event, agent = row["contact_id"], row["event"], row["agent_id"]
        assert state.get(contact) in follows.get(event, {state.get(contact)}), (contact, event)
        state[contact] = event
        if event in ("answered", "started") and channel[contact] == "voice":
            since[contact, agent] = row["at"]
        if event == "wrapup_ended":
            busy[agent].append((since.pop((contact, agent)), row["at"]))
    assert not since
    assert sum(map(len, busy.values())) > 1000
    for spans in busy.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_days_are_local_days() -> None:
    zone = ZoneInfo("America/New_York")
    log = generate_log(agents=2, days=2, zone="America/New_York")
    hours = Counter(at.astimezone(zone).hour for at in log["contacts"]["opened_at"].to_pylist())
    assert sum(hours[hour] for hour in range(8, 22)) > 0.9 * sum(hours.values())


def test_the_core_finds_nothing_odd_in_it(log: Tables) -> None:
    opened = kpicore.open(log)
    assert opened.ledger.rows("rejected") == {}
    assert opened.ledger.rows("note") == {}
    measured = kpicore.measure(opened, ["calls_offered", "average_handle_time"])
    assert set(measured.ledger.rows("note")) <= {"leg_open"}


def test_other_systems_know_of_the_same_people(log: Tables) -> None:
    agents = set(log["agents"]["agent_id"].to_pylist())
    for name in ("reviews", "incidents", "marks", "schedules"):
        assert set(log[name]["agent_id"].to_pylist()) <= agents, name
    customers = set(log["contacts"]["customer_id"].to_pylist())
    assert customers == set(log["customers"]["customer_id"].to_pylist())
    buyers = log["orders"]["customer_id"].to_pylist()
    assert 0 < sum(buyer in customers for buyer in buyers) < len(buyers)
    assert set(log["incidents"]["kind"].to_pylist()) == {"complaint", "praise", "violation"}
    assert {"csat", "nps", "ces", "fcr", "cx", "esat"} == set(log["surveys"]["kind"].to_pylist())
    assert set(log["contacts"]["direction"].to_pylist()) == {"inbound", "outbound"}
    tickets = [row for row in log["contacts"].to_pylist() if row["channel"] == "mail"]
    assert any(row["reopens"] for row in tickets)
    assert any(row["closed_at"] is None for row in tickets)
    assert any(row["resolved_at"] is not None for row in tickets)


def test_nobody_calls_when_there_is_no_demand() -> None:
    log = generate_log(agents=2, days=1, demand=0.0)
    assert log["contacts"].num_rows == 0
    assert log["agent_states"].num_rows > 0
