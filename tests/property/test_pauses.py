"""Pauses of handling against minutes painted one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pyarrow as pa
import pytest

import kpicore
from kpicore.plugin.manager import load_plugins

NINE = datetime(2026, 10, 12, 9, tzinfo=UTC)
MINUTE = 60_000_000
PLUGINS = load_plugins(third_party=False)
TIME = pa.timestamp("us", "UTC")
AGENTS = ("Ann", "bob", "李雷")
WRITERS = {"both": ("customer", "agent", "bot_assist"), "customer": ("customer",)}
WRITERS["agent"] = ("agent", "bot_assist")
OFF = ("away", "break", "meal", "meeting", "offline", "training")
Row = dict[str, object]
Tables = Mapping[str, Sequence[Row]]


def random_log(random: Random) -> dict[str, list[Row]]:
    """Each agent takes a contact at most once: it rings, he talks, perhaps holds, and wraps up."""
    tables: dict[str, list[Row]] = {"legs": [], "segments": [], "messages": [], "agent_states": []}
    for contact in "abcde"[: random.randrange(1, 6)]:
        for agent in random.sample(AGENTS, random.randrange(1, 4)):
            at = random.randrange(1, 50)
            lengths = {kind: random.randrange(0, 25) for kind in ("talk", "hold", "wrapup")}
            own: Row = {"contact_id": contact, "agent_id": agent}
            tables["segments"].append({**own, "kind": "ring", "start": at - 1, "end": at})
            leg: Row = {**own, "began_at": at, "began": "answered", "ended": "closed", "ring": MINUTE}
            for kind, length in lengths.items():
                tables["segments"].append({**own, "kind": kind, "start": at, "end": at + length})
                leg[kind] = length * MINUTE
                at += length
            tables["legs"].append({**leg, "ended_at": at, "talk_ended_at": at - lengths["wrapup"]})
        for _ in range(random.randrange(8)):
            author = random.choice(("customer", "agent", "bot_assist", "bot_auto", "note", "system"))
            tables["messages"].append(
                {"contact_id": contact, "at": random.randrange(120), "author": author, "agent_id": None}
            )
            if author in WRITERS["agent"]:
                tables["messages"][-1]["agent_id"] = random.choice(AGENTS)
    for agent in AGENTS[:2]:
        for at in sorted(random.sample(range(120), random.randrange(6))):
            state = random.choice(("available", "on_contact", "break", "away", "offline"))
            track = random.choice((None, "presence", "routing"))
            tables["agent_states"].append({"agent_id": agent, "at": at, "state": state, "track": track})
    tables["messages"].append({"contact_id": "nobody's", "at": 0, "author": "note", "agent_id": None})
    tables["agent_states"].append({"agent_id": "eve", "at": 119, "state": "break", "track": None})
    return tables


def opened(tables: Tables, random: Random) -> kpicore.Log:
    times = {"at", "start", "end", "began_at", "ended_at", "talk_ended_at"}
    found = {}
    for name, rows in tables.items():
        mixed = random.sample(rows, len(rows)) if name != "agent_states" else rows
        found[name] = pa.table(
            {
                column: pa.array(
                    [NINE + timedelta(minutes=row[column]) for row in mixed]  # type: ignore[arg-type]
                    if column in times
                    else [row[column] for row in mixed],
                    TIME if column in times else pa.int64() if column in ("ring", "talk", "hold") else None,
                )
                for column in rows[0]
            }
        )
    return kpicore.open(found, plugins=PLUGINS)


def off_duty(tables: Tables, agent: object, minute: int) -> bool:
    """Tells whether the last state of a track says so; one without track is on both, the later one counts."""
    last: dict[str, Row] = {}
    for row in tables["agent_states"]:
        if row["agent_id"] == agent and row["at"] <= minute:  # type: ignore[operator]
            for track in ("presence", "routing") if row["track"] is None else (str(row["track"]),):
                last[track] = row
    return any(row["state"] in OFF for row in last.values())


def handled(tables: Tables, pauses: str, idle: int, activity: str) -> Counter[tuple[object, object, int]]:
    """Minutes by agent, contact and hour in which nothing halts the handling."""
    found: Counter[tuple[object, object, int]] = Counter()
    for segment in tables["segments"]:
        agent, contact, kind = (segment[name] for name in ("agent_id", "contact_id", "kind"))
        signs = [row["began_at"] for row in tables["legs"] if row["contact_id"] == contact]
        signs += [
            row["at"]
            for row in tables["messages"]
            if row["contact_id"] == contact and row["author"] in WRITERS[activity]
        ]
        for minute in range(segment["start"], segment["end"]):  # type: ignore[call-overload]
            talks = kind in ("talk", "hold")
            if talks and "idle" in pauses and not any(at <= minute < at + idle for at in signs):  # type: ignore[operator]
                continue
            if "away" in pauses and off_duty(tables, agent, minute):
                continue
            if kind != "ring":
                found[agent, contact, minute // 60] += 1
    return found


@pytest.mark.parametrize("seed", range(16))
def test_minutes_without_pauses(seed: int) -> None:
    random = Random(seed)
    tables = random_log(random)
    log = opened(tables, random)
    pauses, activity = random.choice(("idle", "away", "away+idle")), random.choice(tuple(WRITERS))
    idle = random.randrange(1, 15)
    bracket = f"pause_on={pauses},idle={idle}m,activity={activity}"
    expected = handled(tables, pauses, idle, activity)
    by_hour = kpicore.measure(
        log, [f"handling_time[{bracket}]"], ["agent", "contact"], period="hour", zone="UTC",
        start=NINE.isoformat(), end=(NINE + timedelta(hours=3)).isoformat(), plugins=PLUGINS,
    ).rows()  # fmt: skip
    found = {
        (row["agent"], row["contact"], int(str(row["period"])[11:13]) - 9): row["value"] for row in by_hour
    }
    assert {key: value for key, value in found.items() if value} == {k: v * 60 for k, v in expected.items()}
    texts = [f"average_handle_time[{bracket},{word}]" for word in ("statistic=sum", "unit=interaction")]
    parts = kpicore.measure(log, texts, ["contact"], zone="UTC", plugins=PLUGINS).rows()
    whole = Counter[object]()
    for (_, contact, _), minutes in expected.items():
        whole[contact] += minutes
    assert {row["contact"]: row["value"] for row in parts} == {
        leg["contact_id"]: whole[leg["contact_id"]] * 60 for leg in tables["legs"]
    }
    assert len(parts) == 2 * len({leg["contact_id"] for leg in tables["legs"]})


@pytest.mark.parametrize("seed", range(8))
def test_who_wrote(seed: int) -> None:
    random = Random(100 + seed)
    tables = random_log(random)
    wrote = {
        (leg["contact_id"], leg["agent_id"])
        for leg in tables["legs"]
        for row in tables["messages"]
        if (row["contact_id"], row["agent_id"]) == (leg["contact_id"], leg["agent_id"])
        and row["at"] >= leg["began_at"]  # type: ignore[operator]
    }
    legs, contacts = (
        {leg["agent_id"] for leg in tables["legs"]},
        {leg["contact_id"] for leg in tables["legs"]},
    )
    texts = ["average_handle_time[require_agent_message=true]"]
    rows = kpicore.measure(opened(tables, random), texts, ["agent"], plugins=PLUGINS).rows()
    for row in rows:
        mine = [leg for leg in tables["legs"] if leg["agent_id"] == row["agent"]]
        kept = [leg for leg in mine if (leg["contact_id"], leg["agent_id"]) in wrote]
        assert row["numerator"] == sum(leg["talk"] + leg["hold"] + leg["wrapup"] for leg in kept)  # type: ignore[operator, misc]
        assert row["denominator"] == len(kept)
        assert row["excluded"].get("no_agent_message", 0) == len(mine) - len(kept)  # type: ignore[attr-defined]
    assert {row["agent"] for row in rows} == legs
    texts = ["average_handle_time[require_agent_message=true,unit=interaction]"]
    (row,) = kpicore.measure(opened(tables, random), texts, plugins=PLUGINS).rows()
    assert row["denominator"] == len({contact for contact, _ in wrote})
    assert row["excluded"].get("no_agent_message", 0) == len(contacts) - row["denominator"]  # type: ignore[attr-defined, operator]


@pytest.mark.parametrize("seed", range(8))
def test_cases_solved(seed: int) -> None:
    random = Random(200 + seed)
    tables = random_log(random)
    solved = {leg["contact_id"]: random.random() < 0.6 for leg in tables["legs"]}
    log = opened(tables, random)
    contacts = {
        "contact_id": list(solved),
        "opened_at": pa.array([NINE] * len(solved), TIME),
        "resolved_at": pa.array(
            [NINE + timedelta(hours=3) if done else None for done in solved.values()], TIME
        ),
    }
    log = kpicore.open({**log.tables, "contacts": pa.table(contacts)}, plugins=PLUGINS)
    for by in ((), ("agent",)):
        for row in kpicore.measure(
            log, ["average_handle_time[denominator=solved]"], by, plugins=PLUGINS
        ).rows():
            mine = [leg for leg in tables["legs"] if not by or leg["agent_id"] == row["agent"]]
            pairs = {(leg["contact_id"], leg["agent_id"]) for leg in mine if solved[leg["contact_id"]]}
            assert row["numerator"] == sum(leg["talk"] + leg["hold"] + leg["wrapup"] for leg in mine)  # type: ignore[operator, misc]
            assert row["denominator"] == len(pairs)
