"""Occupancy in the ways of platforms, on an hour that can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.testing import check_metric

NINE = datetime(2026, 10, 12, 9, tzinfo=UTC)
MINUTE = 60_000_000
Row = Mapping[str, object]
Tables = Mapping[str, Sequence[Row]]


def minute(number: float) -> datetime:
    return NINE + timedelta(minutes=number)


def measured(tables: Tables, text: str) -> Row:
    found = {}
    for name, rows in tables.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        found[name] = pa.table({c: pa.array([row.get(c) for row in rows]) for c in columns})
    (row,) = kpicore.measure(
        kpicore.open(found), [text], zone="UTC", start="2026-10-12T09:00", end="2026-10-12T11:00"
    ).rows()
    return row


def state(at: float, word: str, track: str) -> Row:
    return {"agent_id": "ann", "at": minute(at), "state": word, "track": track}


# Ann has chats from 0 to 20, 5 to 25 and 10 to 40; routing says on_contact until 40 and available until 60,
# when she leaves without logging off. Presence says that she is in a meeting from 30 to 50.
LOG: Tables = {
    "agent_states": [
        state(0, "available", "presence"),
        state(30, "meeting", "presence"),
        state(50, "available", "presence"),
        state(0, "on_contact", "routing"),
        state(40, "available", "routing"),
    ],
    "segments": [
        {"agent_id": "ann", "contact_id": c, "kind": "talk", "start": minute(a), "end": minute(b)}
        for c, a, b in (("x", 0, 20), ("y", 5, 25), ("z", 10, 40))
    ],
    "schedules": [{"agent_id": "ann", "start": minute(0), "end": minute(60)}],
    "agents": [{"agent_id": "ann", "capacity": 1}],
}


@pytest.mark.parametrize(
    ("bracket", "busy", "ready", "value"),
    [
        # without a log-off she is there until 11:00; ready 0-30 and 50-120, with heartbeats 0-30 and 50-85
        ("", 30, 100, 30 / 100),
        ("logout=shift_end", 30, 40, 30 / 40),
        ("heartbeat=35m", 30, 65, 30 / 65),
        ("logout=shift_end,concurrency=elapsed", 60, 40, 60 / 40),
        ("logout=shift_end,concurrency=elapsed,clip=true", 60, 40, 1),
        ("logout=shift_end,concurrency=capacity,clip=true", 60, 40, 1),
        ("logout=shift_end,clip=true", 30, 40, 30 / 40),
        ("basis=states,logout=shift_end", 40, 60, 40 / 60),
        ("basis=states,logout=shift_end,tracks=presence_first", 30, 40, 30 / 40),
        ("basis=states,busy_states=available+meeting+on_contact,logout=shift_end,clip=true", 60, 60, 1),
        ("basis=states,denominator_states=available,logout=shift_end,clip=true", 40, 20, 1),
    ],
)
def test_an_hour(bracket: str, busy: int, ready: int, value: float) -> None:
    row = measured(LOG, f"occupancy[{bracket}]")
    assert (row["numerator"], row["denominator"]) == (busy * MINUTE, ready * MINUTE)
    assert row["value"] == value


def test_a_meeting_told_by_presence() -> None:
    text = "work_rate[logout=shift_end,states=available+on_contact{}]"
    assert measured(LOG, text.format(""))["value"] == 1
    assert measured(LOG, text.format(",tracks=presence_first"))["value"] == 40 / 60


def test_nothing_to_clip() -> None:
    empty = {**LOG, "agent_states": [state(0, "offline", "presence")]}
    row = measured(empty, "occupancy[clip=true]")
    assert (row["value"], row["numerator"], row["denominator"], row["n"]) == (None, 0, 0, 0)


def test_what_nobody_is_known_to_have_handled_occupies_nobody() -> None:
    stray = [
        {"agent_id": None, "contact_id": c, "kind": "talk", "start": minute(0), "end": minute(90)}
        for c in ("v", "w")
    ]
    shared = ("average_handle_time[concurrency=shared]", "handling_time[concurrency=shared]")
    for text in ("occupancy", "average_handle_time[concurrency=union]", *shared):
        found = measured({**LOG, "segments": [*LOG["segments"], *stray]}, text)
        known = measured(LOG, text)
        assert [found[name] for name in ("value", "numerator", "denominator")] == [
            known[name] for name in ("value", "numerator", "denominator")
        ]


def test_a_shift_that_nobody_planned() -> None:
    bare = {name: rows for name, rows in LOG.items() if name != "schedules"}
    for concurrency in ("union", "capacity"):
        with pytest.raises(MissingDataError, match="there is no table schedules"):
            measured(bare, f"occupancy[logout=shift_end,concurrency={concurrency}]")


def test_laws() -> None:
    check_metric("work_rate", by=("agent",))
