"""Occupancy and work rate against minutes painted one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pyarrow as pa
import pytest

import kpicore
from kpicore.plugin.manager import load_plugins

NINE = datetime(2026, 10, 12, 9, tzinfo=UTC)
MINUTE, END = 60_000_000, 150
PLUGINS = load_plugins(third_party=False)
TIME = pa.timestamp("us", "UTC")
AGENTS = ("Ann", "bob", "李雷")
TRACKS = ("presence", "routing")
OFF = ("away", "break", "meal", "meeting", "offline", "training")
WORDS = ("available", "available", "on_contact", "busy", "break", "away", "offline")
Row = dict[str, object]
Tables = Mapping[str, Sequence[Row]]


def random_log(random: Random) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {"agent_states": [], "schedules": [], "segments": [], "agents": []}
    for agent in AGENTS:
        for track in random.choice((TRACKS, ("routing",), ("presence",))):
            for at in sorted(random.sample(range(120), random.randrange(1, 8))):
                word = random.choice(WORDS)
                tables["agent_states"].append({"agent_id": agent, "at": at, "state": word, "track": track})
        for start in random.sample(range(100), 2):
            tables["schedules"].append(
                {"agent_id": agent, "start": start, "end": start + random.randrange(1, 60)}
            )
        for _ in range(random.randrange(8)):
            start, kind = random.randrange(120), random.choice(("ring", "talk", "hold", "wrapup"))
            own: Row = {"agent_id": agent, "contact_id": random.choice("abcd"), "kind": kind}
            tables["segments"].append({**own, "start": start, "end": start + random.randrange(1, 25)})
        tables["agents"].append({"agent_id": agent, "capacity": random.choice((None, 1, 2, 3))})
    tables["segments"].append({"agent_id": "eve", "contact_id": "e", "kind": "talk", "start": 0, "end": END})
    return tables


def opened(tables: Tables) -> kpicore.Log:
    def column(name: str, values: Iterable[object]) -> pa.Array:
        if name in ("at", "start", "end"):
            return pa.array([NINE + timedelta(minutes=value) for value in values], TIME)  # type: ignore[arg-type]
        return pa.array(values, pa.int64() if name == "capacity" else pa.string())

    found = {
        table: pa.table({name: column(name, [row[name] for row in rows]) for name in rows[0]})
        for table, rows in tables.items()
    }
    return kpicore.open(found, plugins=PLUGINS)


def states_of(
    tables: Tables, agent: str, minute: int, beat: int | None, shifts: bool
) -> tuple[str | None, str | None]:
    """Returns presence and routing at a minute, as long as they are believed."""
    found: list[str | None] = []
    for track in TRACKS:
        last: Row | None = None
        for row in tables["agent_states"]:
            if (row["agent_id"], row["track"]) == (agent, track) and row["at"] <= minute:  # type: ignore[operator]
                last = row
        if last is not None and beat is not None and minute >= last["at"] + beat:  # type: ignore[operator]
            last = None
        if last is not None and shifts and last["state"] != "offline":
            plans = [s for s in tables["schedules"] if s["agent_id"] == agent]
            planned = {m for s in plans for m in range(s["start"], s["end"])}  # type: ignore[call-overload]
            if not planned.issuperset(range(last["at"], minute + 1)) and last["at"] in planned:  # type: ignore[call-overload]
                last = None
        found.append(None if last is None else str(last["state"]))
    return found[0], found[1]


def counted(tables: Tables, agent: str, beat: int | None, shifts: bool, tracks: str) -> Counter[str]:
    """Returns minutes of an agent by what they count in."""
    (capacity,) = (row["capacity"] for row in tables["agents"] if row["agent_id"] == agent)
    found: Counter[str] = Counter()
    for minute in range(END):
        presence, routing = states_of(tables, agent, minute, beat, shifts)
        online = presence != "offline" if presence is not None else routing not in (None, "offline")
        held = {
            row["contact_id"]
            for row in tables["segments"]
            if row["agent_id"] == agent and row["kind"] != "ring" and row["start"] <= minute < row["end"]  # type: ignore[operator]
        }
        state = routing if routing is not None else presence
        if online and presence not in OFF and routing not in OFF and (held or state == "available"):
            found["handling"] += bool(held)
            found["contacts"] += len(held)
            found["ready"] += 1
            if isinstance(capacity, int):
                found["used"] += len(held)
                found["slots"] += capacity
        if tracks == "presence_first" and presence in OFF:
            state = presence
        found["online"] += online
        for word in ("on_contact", "busy", "available", "break"):
            found[word] += online and state == word
    return found


@pytest.mark.parametrize("seed", range(16))
def test_minutes_of_agents(seed: int) -> None:
    random = Random(seed)
    tables = random_log(random)
    beat, shifts = random.choice((None, 7, 30)), random.random() < 0.5
    tracks = random.choice(("routing_first", "presence_first"))
    belief = (
        f"heartbeat={'none' if beat is None else f'{beat}m'},logout={'shift_end' if shifts else 'next_row'}"
    )
    working = "basis=states,busy_states=busy+on_contact,denominator_states=available+on_contact+break"
    texts = {
        f"occupancy[{belief}]": ("handling", "ready"),
        f"occupancy[concurrency=elapsed,{belief}]": ("contacts", "ready"),
        f"occupancy[concurrency=elapsed,clip=true,{belief}]": ("contacts", "ready"),
        f"occupancy[concurrency=capacity,clip=true,{belief}]": ("used", "slots"),
        f"occupancy[{working},tracks={tracks},{belief}]": ("on_contact+busy", "available+on_contact+break"),
        f"work_rate[tracks={tracks},states=available+break,{belief}]": ("available+break", "online"),
    }
    rows = kpicore.measure(
        opened(tables), list(texts), ["agent"], start=NINE.isoformat(),
        end=(NINE + timedelta(minutes=END)).isoformat(), zone="UTC", plugins=PLUGINS,
    ).rows()  # fmt: skip
    minutes = {agent: counted(tables, agent, beat, shifts, tracks) for agent in AGENTS}
    assert {row["metric"] for row in rows} == set(texts)
    for row in rows:
        if row["agent"] == "eve":
            continue
        text = str(row["metric"])
        own = minutes[str(row["agent"])]
        above, below = (sum(own[word] for word in side.split("+")) for side in texts[text])
        assert (row["numerator"], row["denominator"]) == (above * MINUTE, below * MINUTE), text
        if not below:
            assert row["value"] is None
        else:
            assert row["value"] == (min(above / below, 1) if "clip" in text else above / below)
