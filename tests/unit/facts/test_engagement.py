"""Duty and engagement by example."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import pyarrow as pa

from kpicore.facts.engagement import FACTS, DutyStream, EngagementStream
from kpicore.facts.schemas import STATE_INTERVALS, WORKLOAD
from kpicore.plugin import Operator, Settings

STATES = STATE_INTERVALS.column("state").values
TRACKS = STATE_INTERVALS.column("track").values
Found = list[tuple[str | None, str | None, int, int, int]]


def states(*rows: tuple[str, str | None, int, int]) -> pa.RecordBatch:
    words, tracks, starts, ends = zip(*rows, strict=True)
    return pa.record_batch(
        {
            "agent_id": pa.array([0] * len(rows), pa.int32()),
            "state": pa.array([STATES.index(word) for word in words], pa.int32()),
            "track": pa.array([None if t is None else TRACKS.index(t) for t in tracks], pa.int32()),
            "start": pa.array(starts, pa.int64()),
            "end": pa.array(ends, pa.int64()),
        }
    )


def load(*rows: tuple[int, int, int]) -> pa.RecordBatch:
    levels, starts, ends = zip(*rows, strict=True)
    columns: list[Sequence[int]] = [levels, starts, ends]
    arrays = [pa.array([0] * len(rows), pa.int32()), *(pa.array(c, pa.int64()) for c in columns)]
    return pa.record_batch(arrays, names=["agent_id", "level", "start", "end"])


def engagement(given: pa.RecordBatch, carried: pa.RecordBatch) -> Found:
    stream = EngagementStream(Settings())
    batches = [stream.push(given), stream.push(carried, 1), stream.finish(99)]
    rows = [row for batch in batches for row in batch["engagement"].to_pylist()]
    word = {None: None} | dict(enumerate(STATES))
    return [(word[r["presence"]], word[r["routing"]], r["level"], r["start"], r["end"]) for r in rows]


def test_states_without_track_are_on_both() -> None:
    found = engagement(states(("available", None, 0, 10), ("break", None, 10, 20)), load((1, 5, 12)))
    assert found == [
        ("available", "available", 0, 0, 5),
        ("available", "available", 1, 5, 10),
        ("break", "break", 1, 10, 12),
        ("break", "break", 0, 12, 20),
    ]


def test_a_track_without_state_is_null() -> None:
    given = states(("available", "presence", 0, 10), ("busy", "routing", 4, 6))
    assert engagement(given, load((2, 12, 14))) == [
        ("available", None, 0, 0, 4),
        ("available", "busy", 0, 4, 6),
        ("available", None, 0, 6, 10),
        (None, None, 2, 12, 14),
    ]


def test_repeated_states_leave_no_trace() -> None:
    given = states(("available", None, 0, 5), ("available", None, 5, 9))
    assert engagement(given, load((1, 9, 10))) == [
        ("available", "available", 0, 0, 9),
        (None, None, 1, 9, 10),
    ]


def test_duty_names_the_state_that_counts() -> None:
    stream = DutyStream(Settings())
    given = states(("available", "presence", 0, 10), ("busy", "routing", 4, 6))
    rows = [*stream.push(given)["duty"].to_pylist(), *stream.finish(99)["duty"].to_pylist()]
    assert [STATES[row["state"]] for row in rows] == ["available", "busy", "available"]


def test_the_records_fit_their_inputs_and_the_operators_pickle() -> None:
    for fact, stream in zip(FACTS, (DutyStream, EngagementStream), strict=True):
        (derivation,) = fact.derivations
        for given, schema in zip(derivation.inputs, (STATE_INTERVALS, WORKLOAD), strict=False):
            assert given.of == schema.name
            assert all(name in schema for name in given.columns)
        assert pickle.loads(pickle.dumps(derivation)) == derivation
        assert isinstance(stream(Settings()), Operator)
