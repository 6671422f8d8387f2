"""Shared handling and slots against what a plain program makes of every minute."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from random import Random

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import ParameterError
from kpicore.plugin.manager import load_plugins
from kpicore.tables import Log

PLUGINS = load_plugins(third_party=False)
MINUTE = 60_000_000
KINDS = ("ring", "talk", "hold", "wrapup")
Row = tuple[str, str, str, str, int, int]


def moments(values: list[int]) -> pa.Array:
    return pa.array([value * MINUTE for value in values], pa.timestamp("us", "UTC"))


def random_rows(random: Random) -> list[Row]:
    rows = []
    for _ in range(random.randrange(1, 25)):
        start = random.randrange(0, 60)
        rows.append(
            (
                random.choice(("Ann", "bob")),
                random.choice("abcdef"),
                random.choice(("sales", "support")),
                random.choice(KINDS),
                start,
                start + random.randrange(0, 30),
            )
        )
    return rows


def open_segments(rows: list[Row]) -> Log:
    names = ("agent_id", "contact_id", "queue", "kind")
    columns = {name: pa.array([row[i] for row in rows]) for i, name in enumerate(names)}
    columns |= {"start": moments([r[4] for r in rows]), "end": moments([r[5] for r in rows])}
    return kpicore.open({"segments": pa.table(columns)}, plugins=PLUGINS)


def shares(rows: list[Row], kinds: tuple[str, ...]) -> dict[tuple[str, str, int], Fraction]:
    """Seconds by agent, queue and hour: each minute is divided among the contacts in hand."""
    found: dict[tuple[str, str, int], Fraction] = defaultdict(Fraction)
    ordered = sorted(
        (r for r in rows if r[3] in kinds), key=lambda r: (r[4], r[5], KINDS.index(r[3]), r[1], r[2])
    )
    for agent in ("Ann", "bob"):
        for minute in range(100):
            held: dict[str, str] = {}
            for who, contact, queue, _, start, end in ordered:
                if who == agent and start <= minute < end:
                    held.setdefault(contact, queue)
            for queue in held.values():
                found[agent, queue, minute // 60] += Fraction(60, len(held))
    return {key: value for key, value in found.items() if value}


@pytest.mark.parametrize("seed", range(12))
def test_shared_time(seed: int) -> None:
    random = Random(seed)
    rows = random_rows(random)
    kinds = tuple(random.sample(KINDS, random.randrange(1, 5)))
    metric = f"handling_time[concurrency=shared,kinds={'+'.join(kinds)}]"
    shuffled = random.sample(rows, len(rows))
    result = kpicore.measure(
        open_segments(shuffled), [metric], ["agent", "queue"], period="hour", start=0, end=120 * MINUTE,
        plugins=PLUGINS,
    )  # fmt: skip
    found = {
        (str(row["agent"]), str(row["queue"]), int(str(row["period"])[11:13])): value
        for row, value in zip(result.rows(), result.fractions(), strict=True)
        if value
    }
    assert found == shares(rows, kinds)


@pytest.mark.parametrize("seed", range(6))
def test_the_shares_of_an_agent_add_up_to_his_time(seed: int) -> None:
    log = open_segments(random_rows(Random(100 + seed)))
    shared, union = (
        kpicore.measure(
            log, [f"handling_time[concurrency={word}]"], ["agent"], period="hour", plugins=PLUGINS
        )
        for word in ("shared", "union")
    )
    assert shared.fractions() == union.fractions()


def test_no_handling_at_all() -> None:
    log = open_segments([("Ann", "a", "sales", "ring", 0, 5)])
    metrics = ["handling_time[concurrency=shared]", "handling_time[concurrency=union]"]
    assert kpicore.measure(log, metrics, plugins=PLUGINS).fractions() == [0, 0]


def test_more_contacts_than_shares_are_kept_for() -> None:
    rows = [("Ann", f"c{i}", "sales", "talk", 0, 5) for i in range(31)]
    found = kpicore.measure(
        open_segments(rows[:30]), ["handling_time[concurrency=shared]"], ["contact"], plugins=PLUGINS
    )
    assert found.fractions() == [10] * 30
    with pytest.raises(ParameterError, match="more than 30 contacts at once"):
        kpicore.measure(open_segments(rows), ["handling_time[concurrency=shared]"], plugins=PLUGINS)


def test_shares_of_single_contacts_are_refused() -> None:
    log = open_segments([("Ann", "a", "sales", "talk", 0, 5)])
    for bracket in ("concurrency=union,statistic=p90", "concurrency=shared,attribution=disconnect"):
        with pytest.raises(ParameterError, match="divides agents' time"):
            kpicore.measure(log, [f"average_handle_time[{bracket}]"], plugins=PLUGINS)


@pytest.mark.parametrize("seed", range(8))
def test_used_capacity(seed: int) -> None:
    random = Random(seed)
    rows = random_rows(random)
    limits = [
        (who, random.choice((None, 1, 2, 5)), start, start + random.randrange(1, 60))
        for who in ("Ann", "bob", "eve")
        for start in random.sample(range(80), random.randrange(0, 4))
    ]
    agents = {
        "agent_id": pa.array([who for who, *_ in limits], pa.string()),
        "capacity": pa.array([most for _, most, *_ in limits], pa.int64()),
        "valid_from": moments([start for *_, start, _ in limits]),
        "valid_to": moments([end for *_, end in limits]),
    }
    states = {
        "agent_id": ["Ann", "bob", "Ann", "bob"],
        "at": moments([0, 10, 70, 90]),
        "state": ["available", "available", "offline", "offline"],
    }
    segments = open_segments(rows).tables["segments"]
    tables = {"segments": segments, "agents": pa.table(agents), "agent_states": pa.table(states)}
    log = kpicore.open(tables, plugins=PLUGINS)
    (row,) = kpicore.measure(log, ["occupancy[concurrency=capacity]"], plugins=PLUGINS).rows()
    used: Counter[str] = Counter()
    for agent, online in (("Ann", range(70)), ("bob", range(10, 90))):
        for minute in online:
            most = [m for who, m, a, b in limits if who == agent and m is not None and a <= minute < b]
            if most:
                held = {r[1] for r in rows if r[0] == agent and r[3] != "ring" and r[4] <= minute < r[5]}
                used["held"] += len(held) * MINUTE
                used["slots"] += max(most) * MINUTE
    assert (row["numerator"], row["denominator"]) == (used["held"], used["slots"])
    assert row["value"] == (used["held"] / used["slots"] if used["slots"] else None)
