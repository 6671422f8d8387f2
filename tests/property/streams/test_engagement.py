"""Duty and engagement against a computation instant by instant."""

from __future__ import annotations

import pickle
import random

import pyarrow as pa
import pytest

from kpicore._core import OutOfOrder
from kpicore.facts.engagement import DutyStream, EngagementStream
from kpicore.plugin import Settings

END = 24
State = tuple[int, int, int | None, int, int]
Load = tuple[int, int, int, int]
Moment = tuple[int | None, int | None, int]


def moments(states: list[State], loads: list[Load], agent: int) -> list[Moment]:
    """What holds at each instant: of the stays that began last, the longest, then the largest."""

    def on(track: int, at: int) -> int | None:
        begun = [
            (s, e, v) for a, v, t, s, e in states if a == agent and t in (track, None) and s <= at and e > s
        ]
        last = max((s for s, _, _ in begun), default=None)
        found = max(((e, v) for s, e, v in begun if s == last), default=None)
        return found[1] if found and found[0] > at else None

    levels = dict.fromkeys(range(END), 0)
    for a, level, start, end in loads:
        levels |= {at: level for at in range(start, end) if a == agent}
    return [(on(0, at), on(1, at), levels[at]) for at in range(END)]


def make_log(rng: random.Random) -> tuple[list[State], list[Load]]:
    states: list[State] = []
    for _ in range(rng.randrange(12)):
        start = rng.randrange(END)
        track = rng.choice([None, 0, 1])
        states.append((rng.randrange(3), rng.randrange(11), track, start, rng.randint(start, END)))
    loads: list[Load] = []
    for agent in range(3):
        at = 0
        while at < END and rng.random() < 0.7:
            start = rng.randint(at, END)
            at = rng.randint(start, END)
            loads.append((agent, rng.randint(1, 3), start, at))
    return sorted(states, key=lambda s: (s[3], s[4])), sorted(loads, key=lambda row: row[2:])


def batches(states: list[State], loads: list[Load]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    agent, state, track, start, end = zip(*states, strict=True) if states else ([],) * 5
    kinds = (pa.int32(), pa.int32(), pa.int32(), pa.int64(), pa.int64())
    names = ["agent_id", "state", "track", "start", "end"]
    columns = [pa.array(c, k) for c, k in zip((agent, state, track, start, end), kinds, strict=True)]
    first = pa.record_batch(columns, names=names)
    load = zip(*loads, strict=True) if loads else ([],) * 4
    kinds = (pa.int32(), pa.int64(), pa.int64(), pa.int64())
    columns = [pa.array(c, k) for c, k in zip(load, kinds, strict=True)]
    return first, pa.record_batch(columns, names=["agent_id", "level", "start", "end"])


def read(rows: pa.RecordBatch, agent: int) -> list[Moment]:
    found: list[Moment] = [(None, None, 0)] * END
    for row in rows.to_pylist():
        if row["agent_id"] == agent:
            for at in range(row["start"], row["end"]):
                assert found[at] == (None, None, 0)
                found[at] = row["presence"], row["routing"], row["level"]
    return found


@pytest.mark.parametrize("seed", range(150))
def test_engagement_is_what_holds_at_each_instant(seed: int) -> None:
    rng = random.Random(seed)
    states, loads = make_log(rng)
    first, second = batches(states, loads)
    parts = rng.choice([1, 2, 3])
    streams = [EngagementStream(Settings(), part, parts) for part in range(parts)]
    cut = rng.randint(0, len(states))
    for stream in streams:
        stream.push(first.slice(0, cut))
    streams = [pickle.loads(pickle.dumps(stream)) for stream in streams]
    for stream in streams:
        stream.push(first.slice(cut))
        stream.push(second, 1)
    whole, *others = streams
    for other in others:
        whole.merge(other)
    rows = whole.finish(END)["engagement"]
    for agent in range(3):
        assert read(rows, agent) == moments(states, loads, agent)


@pytest.mark.parametrize("seed", range(40))
def test_duty_is_engagement_without_contacts(seed: int) -> None:
    states, _ = make_log(random.Random(seed))
    first, _ = batches(states, [])
    stream = DutyStream(Settings())
    stream.push(first)
    for row in stream.finish(END)["duty"].to_pylist():
        here = moments(states, [], row["agent_id"])[row["start"]]
        assert (row["presence"], row["routing"]) == here[:2]
        assert row["state"] == (row["presence"] if row["routing"] is None else row["routing"])


def test_a_state_that_begins_too_early_is_out_of_order() -> None:
    first, _ = batches([(0, 1, None, 5, 6), (0, 1, None, 4, 6)], [])
    with pytest.raises(OutOfOrder):
        DutyStream(Settings()).push(first)


def test_codes_outside_the_enumeration_are_refused() -> None:
    first, _ = batches([(0, 11, None, 5, 6)], [])
    with pytest.raises(ValueError, match="'state', row 0"):
        DutyStream(Settings()).push(first)


def test_states_of_the_same_agent_do_not_merge() -> None:
    first, _ = batches([(0, 1, None, 5, 6)], [])
    one, other = DutyStream(Settings()), DutyStream(Settings())
    one.push(first)
    other.push(first)
    with pytest.raises(ValueError, match="same agent"):
        one.merge(other)
