"""Rows that go from a stream to measures in the core: the same as in batches."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from kpicore._core import OutOfOrder, Prorated, StateIntervals

COLUMNS = ("agent_id", "state", "track", "reason", "channel", "start", "end")
SIZES = {"agent_id": 5, "state": 11, "track": 2, "reason": 4, "channel": 3}


def make_log(rng: random.Random, rows: int, *, plain: bool) -> pa.RecordBatch:
    at = sorted(rng.randrange(5000) for _ in range(rows))
    columns = {
        "agent_id": pa.array([i % 5 for i in range(rows)], pa.int32()),
        "at": pa.array([2 * instant + i for i, instant in enumerate(at)], pa.int64()),
        "state": pa.array([rng.randrange(11) for _ in range(rows)], pa.int32()),
    }
    if not plain:
        for name in ("track", "reason", "channel"):
            codes = [rng.choice([None, *range(SIZES[name])]) for _ in range(rows)]
            columns[name] = pa.array(codes, pa.int32())
    return pa.record_batch(columns)


def measures(by: tuple[str, ...]) -> Prorated:
    edges = pa.array(range(0, 20_000, 700))
    return Prorated(edges, [SIZES[name] for name in by], ("length", "pieces"), len(edges) - 1)


def read(state: Prorated) -> tuple[object, ...]:
    return (
        pa.record_batch(state.runs()).to_pydict(),
        pa.record_batch(state.members()).columns,
        [pa.array(state.result(task)).to_pylist() for task in range(2)],
    )


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("by", [("agent_id", "state"), ("reason", "track"), ("channel",), ()])
@pytest.mark.parametrize("rows", [0, 1, 5, 3000])
def test_a_sink_takes_what_batches_bring(rows: int, by: tuple[str, ...], plain: bool) -> None:
    log = make_log(random.Random(rows), rows, plain=plain)
    batches, direct = measures(by), measures(by)
    streams = [StateIntervals(0, 1, False) for _ in range(2)]
    assert streams[1].columns == COLUMNS
    sink = direct.sink([COLUMNS.index(name) for name in by], 5, 6)
    facts = []
    for first in range(0, rows, 700):
        part = log.slice(first, 700)
        facts.append(pa.record_batch(streams[0].push(part)))
        streams[1].push_into(part, sink)
    facts.append(pa.record_batch(streams[0].finish(18_000)))
    streams[1].finish_into(18_000, sink)
    for fact in facts:
        codes = [fact.column(name) for name in by]
        batches.add(codes, fact.column("start"), fact.column("end"), [None] * 2, [None] * 2)
    assert read(direct) == read(batches)
    assert streams[0].notes() == streams[1].notes()
    assert rows < 5 or pa.array(direct.result(0)).to_pylist()


def test_what_goes_wrong_in_a_sink_is_raised() -> None:
    log = make_log(random.Random(1), 3000, plain=True)
    few = Prorated(pa.array([0, 20_000]), [2], ("length",), 1)
    with pytest.raises(ValueError, match="out of range"):
        StateIntervals(0, 1, False).push_into(log, few.sink([0], 5, 6))
    unordered = log.take(pa.array(list(range(2999, -1, -1))))
    with pytest.raises(OutOfOrder):
        StateIntervals(0, 1, False).push_into(unordered, measures(("state",)).sink([1], 5, 6))
    with pytest.raises(ValueError, match="one input only"):
        StateIntervals(0, 1, False).push_into(log, few.sink([0], 5, 6), 1)


def test_a_sink_is_made_for_what_it_can_do() -> None:
    with pytest.raises(ValueError, match="no more"):
        Prorated(pa.array([0, 9]), [2], ("column",), 1).sink([0], 5, 6)
    with pytest.raises(ValueError, match="0 columns of codes"):
        Prorated(pa.array([0, 9]), [2], ("length",), 1).sink([], 5, 6)
    with pytest.raises(TypeError, match=r"Prorated\.sink"):
        type(measures(()).sink([], 5, 6))()
    with pytest.raises(TypeError):
        StateIntervals(0, 1, False).push_into(make_log(random.Random(1), 5, plain=True), None)
