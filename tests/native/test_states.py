"""The kernel of state intervals at its door: odd arrays, wrong codes, foreign bytes."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from kpicore._core import OutOfOrder, StateIntervals
from kpicore.facts.schemas import STATE_INTERVALS
from kpicore.plugin import TABLES


def rows(**columns: Sequence[int | None]) -> pa.RecordBatch:
    kinds = {"at": pa.int64(), "seq": pa.int64(), "until": pa.int64()}
    return pa.record_batch({n: pa.array(v, kinds.get(n, pa.int32())) for n, v in columns.items()})


LOG = rows(
    agent_id=[5, 0, 5, 0, 5],
    at=[10, 11, 20, 30, 40],
    seq=[None, 1, None, 1, 2],
    state=[0, 1, 2, 10, 10],
    until=[None, 12, None, None, 41],
    reason=[None, 3, 3, None, None],
    track=[0, None, 0, None, 0],
    channel=[None, None, None, None, 8],
)


def outcome(*batches: Any) -> list[dict[str, object]]:
    kernel = StateIntervals(0, 1, False)
    out = [kernel.push(batch) for batch in batches] + [kernel.finish(50)]
    found = [row for one in out for row in pa.record_batch(one).to_pylist()]
    return sorted(found, key=lambda row: (row["agent_id"], row["start"]))


def test_columns_and_codes_are_those_of_the_schema() -> None:
    found = pa.record_batch(StateIntervals(0, 1, False).push(LOG))
    assert found.schema.names == [column.name for column in STATE_INTERVALS.columns]
    assert {found.schema.field(n).type for n in ("agent_id", "state", "track", "reason", "channel")} == {
        pa.int32()
    }
    assert {found.schema.field(n).type for n in ("start", "end")} == {pa.int64()}
    table = TABLES["agent_states"]
    for name in ("state", "track"):
        values = table.column(name).values
        assert values == STATE_INTERVALS.column(name).values
        top = LOG.set_column(LOG.schema.names.index(name), name, pa.array([len(values) - 1] * 5, pa.int32()))
        StateIntervals(0, 1, False).push(top)
        beyond = LOG.set_column(LOG.schema.names.index(name), name, pa.array([len(values)] * 5, pa.int32()))
        with pytest.raises(ValueError, match=f"'{name}', row 0: code {len(values)}"):
            StateIntervals(0, 1, False).push(beyond)


@pytest.mark.parametrize("cut", range(6))
def test_slices_give_what_the_whole_gives(cut: int) -> None:
    padded = pa.Table.from_batches([LOG.slice(3, 2), LOG, LOG]).combine_chunks().to_batches()[0]
    assert outcome(padded.slice(2, cut), padded.slice(2 + cut, 5 - cut)) == outcome(LOG)


def test_a_struct_with_an_offset_of_its_own() -> None:
    shifted = pa.concat_arrays([LOG.to_struct_array()[4:], LOG.to_struct_array()])[1:]

    class OnlyTheDunder:
        def __arrow_c_array__(self, requested: object = None) -> tuple[object, object]:
            capsules: tuple[object, object] = shifted.__arrow_c_array__(requested)
            return capsules

    assert outcome(OnlyTheDunder()) == outcome(LOG)


def test_empty_batches() -> None:
    assert outcome(LOG.slice(0, 0)) == []
    assert outcome(LOG.slice(0, 0), LOG, LOG.slice(5)) == outcome(LOG)


def test_absent_columns_are_columns_of_nulls() -> None:
    required = LOG.select(["agent_id", "at", "state"])
    nulls = {n: pa.nulls(5, LOG.schema.field(n).type) for n in ("seq", "until", "reason", "track", "channel")}
    whole = pa.record_batch({**{n: required[n] for n in required.schema.names}, **nulls})
    assert outcome(required) == outcome(whole)
    assert len(outcome(required)) == 5


def test_codes_under_nulls_are_not_looked_at() -> None:
    junk = pa.array([99, -7, 0, -1, 5], pa.int32())
    mask = pa.array([False] * 5).buffers()[1]
    hidden = pa.Array.from_buffers(pa.int32(), 5, [mask, junk.buffers()[1]], null_count=5)
    at = LOG.schema.names.index("track")
    assert outcome(LOG.set_column(at, "track", hidden)) == outcome(LOG.drop_columns(["track"]))


@pytest.mark.parametrize("name", ["agent_id", "at", "state"])
def test_a_required_column_has_every_value(name: str) -> None:
    place, kind = LOG.schema.names.index(name), LOG.schema.field(name).type
    with pytest.raises(ValueError, match=f"'{name}', row 0: null"):
        outcome(LOG.set_column(place, name, pa.nulls(5, kind)))
    with pytest.raises(KeyError, match=name):
        outcome(LOG.drop_columns([name]))
    with pytest.raises(TypeError, match=name):
        outcome(LOG.set_column(place, name, pa.array(["x"] * 5)))


@pytest.mark.parametrize("name", ["agent_id", "reason", "channel"])
@pytest.mark.parametrize("code", [-1, -(2**31), 2**31 - 1])
def test_ids_beyond_any_dictionary(name: str, code: int) -> None:
    codes = pa.array([1, 2, code, 3, code], pa.int32())
    with pytest.raises(ValueError, match=f"'{name}', row 2: code {code}"):
        outcome(LOG.set_column(LOG.schema.names.index(name), name, codes))


def test_order_is_named() -> None:
    kernel = StateIntervals(0, 1, False)
    kernel.push(LOG)
    with pytest.raises(OutOfOrder, match="column 'at', row 1") as caught:
        kernel.push(rows(agent_id=[5, 0], at=[41, 29], state=[0, 0]))
    assert (caught.value.column, caught.value.row) == ("at", 1)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_extreme_times_do_not_overflow() -> None:
    low, high = -(2**63), 2**63 - 1
    kernel = StateIntervals(0, 1, True)
    found = kernel.push(
        rows(agent_id=[0, 0, 0], at=[low, low, high], state=[0, 1, 2], until=[low, high, high])
    )
    assert [(r["start"], r["end"]) for r in pa.record_batch(found).to_pylist()] == [(low, high)]


def test_foreign_and_damaged_states_are_refused() -> None:
    kernel = StateIntervals(0, 1, False)
    kernel.push(LOG)
    state = kernel.dump()
    other = StateIntervals(0, 1, False)
    for wrong in (b"", b"x" * 40, state[:-1], state + b"\0", state[:60] + b"\7" + state[61:]):
        with pytest.raises(ValueError, match="state"):
            other.load(wrong)
    with pytest.raises(ValueError, match="state"):
        StateIntervals(0, 1, True).load(state)
    with pytest.raises(TypeError):
        other.load(None)
    other.load(state)
    assert other.dump() == state


def test_only_states_of_other_agents_merge() -> None:
    kernel, same = StateIntervals(0, 1, False), StateIntervals(0, 1, False)
    kernel.push(LOG)
    same.push(LOG)
    with pytest.raises(ValueError, match="both"):
        kernel.merge(same)
    with pytest.raises(TypeError):
        kernel.merge(None)


@pytest.mark.parametrize(("part", "parts"), [(1, 1), (-1, 2), (0, 0), (0, 2**40)])
def test_parts_that_cannot_be(part: int, parts: int) -> None:
    with pytest.raises(ValueError, match="part"):
        StateIntervals(part, parts, False)


def test_none_and_other_objects_are_refused() -> None:
    kernel = StateIntervals(0, 1, False)
    for wrong in (None, 5, pa.array([1, 2])):
        with pytest.raises(TypeError):
            kernel.push(wrong)
    with pytest.raises(ValueError, match="port 1"):
        kernel.push(LOG, 1)
