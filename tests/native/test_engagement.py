"""The kernel of duty and engagement at its door: odd arrays, wrong codes, foreign bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from kpicore._core import Engagement, OutOfOrder
from kpicore.facts.schemas import DUTY, ENGAGEMENT, STATE_INTERVALS

CODES = ("agent_id", "state", "track")


def rows(**columns: Sequence[int | None]) -> pa.RecordBatch:
    return pa.record_batch(
        {n: pa.array(v, pa.int32() if n in CODES else pa.int64()) for n, v in columns.items()}
    )


STATES = rows(
    agent_id=[5, 0, 5, 0, 5, 5],
    state=[0, 10, 1, 3, 2, 2],
    track=[None, 0, 1, 1, 0, None],
    start=[0, 0, 4, 5, 6, 20],
    end=[10, 9, 8, 12, 6, 30],
)
LOAD = rows(agent_id=[5, 0, 5], level=[1, 2, 3], start=[2, 8, 15], end=[5, 14, 22])


def outcome(*batches: tuple[Any, int], loaded: bool = True) -> list[dict[str, Any]]:
    stream = Engagement(0, 1, loaded)
    out = [stream.push(batch, port) for batch, port in batches] + [stream.finish(50)]
    found = [row for one in out for row in pa.record_batch(one).to_pylist()]
    return sorted(found, key=lambda row: (row["agent_id"], row["start"]))


WHOLE = outcome((STATES, 0), (LOAD, 1))


@pytest.mark.parametrize(("loaded", "schema"), [(True, ENGAGEMENT), (False, DUTY)])
def test_columns_are_those_of_the_schema(loaded: bool, schema: Any) -> None:
    found = pa.record_batch(Engagement(0, 1, loaded).push(STATES))
    assert found.schema.names == [column.name for column in schema.columns]
    wide = {"level", "start", "end"}
    assert all(str(f.type) == ("int64" if f.name in wide else "int32") for f in found.schema)


@pytest.mark.parametrize("name", ["state", "track"])
def test_codes_are_those_of_the_schema(name: str) -> None:
    count = len(STATE_INTERVALS.column(name).values)
    place = STATES.schema.names.index(name)
    outcome((STATES.set_column(place, name, pa.array([count - 1] * 6, pa.int32())), 0))
    with pytest.raises(ValueError, match=f"'{name}', row 3: code {count}"):
        outcome((STATES.set_column(place, name, pa.array([0, 0, 0, count, 0, 0], pa.int32())), 0))


@pytest.mark.parametrize("cut", range(7))
def test_slices_give_what_the_whole_gives(cut: int) -> None:
    padded = pa.Table.from_batches([STATES.slice(3, 2), STATES, STATES]).combine_chunks().to_batches()[0]
    load = pa.Table.from_batches([LOAD.slice(2), LOAD, LOAD]).combine_chunks().to_batches()[0].slice(1, 3)
    states = (padded.slice(2, cut), 0), (padded.slice(2 + cut, 6 - cut), 0)
    assert outcome(*states, (load.slice(0, 1), 1), (load.slice(1), 1)) == WHOLE
    assert len(WHOLE) == 5 + 8


def test_empty_batches_and_absent_columns() -> None:
    nothing = (STATES.slice(6), 0), (LOAD.slice(3), 1)
    assert outcome(*nothing) == outcome() == []
    assert outcome(nothing[0], (STATES, 0), nothing[1], (LOAD, 1)) == WHOLE
    nulls = STATES.set_column(2, "track", pa.nulls(6, pa.int32()))
    assert outcome((STATES.drop_columns(["track"]), 0)) == outcome((nulls, 0)) != outcome((STATES, 0))


@pytest.mark.parametrize(
    ("port", "name"),
    [(0, name) for name in ("agent_id", "state", "start", "end")]
    + [(1, name) for name in ("agent_id", "level", "start", "end")],
)
def test_a_required_column_has_every_value(port: int, name: str) -> None:
    batch = (STATES, LOAD)[port]
    place, kind = batch.schema.names.index(name), batch.schema.field(name).type
    with pytest.raises(ValueError, match=f"'{name}', row 0: null"):
        outcome((batch.set_column(place, name, pa.nulls(batch.num_rows, kind)), port))
    with pytest.raises(KeyError, match=name):
        outcome((batch.drop_columns([name]), port))


@pytest.mark.parametrize("code", [-1, -(2**31), 2**31 - 1])
def test_agents_beyond_any_dictionary(code: int) -> None:
    with pytest.raises(ValueError, match=f"'agent_id', row 1: code {code}"):
        outcome((LOAD.set_column(0, "agent_id", pa.array([1, code, code], pa.int32())), 1))


def test_extreme_times_do_not_overflow() -> None:
    low, high = -(2**63), 2**63 - 1
    states = rows(agent_id=[0, 0], state=[1, 2], start=[low, 0], end=[0, high])
    load = rows(agent_id=[0, 0], level=[1, 2], start=[low, 5], end=[3, high])
    assert [(r["presence"], r["level"], r["start"], r["end"]) for r in outcome((states, 0), (load, 1))] == [
        (1, 1, low, 0),
        (2, 1, 0, 3),
        (2, 0, 3, 5),
        (2, 2, 5, high),
    ]


def test_order_is_named_on_both_ports() -> None:
    stream = Engagement(0, 1, True)
    stream.push(STATES)
    with pytest.raises(OutOfOrder, match="column 'start', row 1"):
        stream.push(rows(agent_id=[0, 5], state=[1, 1], start=[5, 19], end=[99, 99]))
    stream.push(LOAD, 1)
    with pytest.raises(OutOfOrder, match="column 'start', row 0"):
        stream.push(rows(agent_id=[5], level=[1], start=[14], end=[15]), 1)


def test_foreign_and_damaged_states_are_refused() -> None:
    stream, other = Engagement(0, 1, True), Engagement(0, 1, True)
    stream.push(STATES)
    stream.push(LOAD, 1)
    state = stream.dump()
    for wrong in (b"", b"x" * 40, state[:-1], state + b"\0", state[:60] + b"\7" + state[61:]):
        with pytest.raises(ValueError, match="state"):
            other.load(wrong)
    with pytest.raises(ValueError, match="state"):
        Engagement(0, 1, False).load(state)
    other.load(state)
    assert other.dump() == state


def test_only_states_of_other_agents_and_the_same_fact_merge() -> None:
    stream, same = Engagement(0, 1, True), Engagement(0, 1, True)
    stream.push(STATES)
    same.push(LOAD, 1)
    for other in (same, Engagement(0, 1, False)):
        with pytest.raises(ValueError, match="both states"):
            stream.merge(other)
    with pytest.raises(TypeError):
        stream.merge(None)


def test_none_and_other_objects_are_refused() -> None:
    for wrong in (None, 5, pa.array([1, 2])):
        with pytest.raises(TypeError):
            Engagement(0, 1, True).push(wrong)
    for loaded, port in ((True, 2), (False, 1), (True, -1)):
        with pytest.raises(ValueError, match=f"port {port}"):
            Engagement(0, 1, loaded).push(LOAD, port)
    with pytest.raises(ValueError, match="part"):
        Engagement(2, 2, True)
