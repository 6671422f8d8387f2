"""The kernel of workload at its door: odd arrays, wrong codes, foreign bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from kpicore._core import OutOfOrder, Workload
from kpicore.facts.schemas import SEGMENTS, WORKLOAD

CODES = ("agent_id", "kind")
KINDS = SEGMENTS.column("kind").values
ALL = (1 << len(KINDS)) - 1


def rows(**columns: Sequence[int | None]) -> pa.RecordBatch:
    return pa.record_batch(
        {n: pa.array(v, pa.int32() if n in CODES else pa.int64()) for n, v in columns.items()}
    )


LOG = rows(
    agent_id=[5, 0, 5, 0, 5, 5],
    start=[10, 10, 11, 20, 30, 40],
    end=[20, 10, 13, 40, 50, 45],
    kind=[1, 1, 2, 3, 0, 1],
    contact_id=[-1, None, -1, 9, None, 7],
)


def outcome(*batches: Any, kinds: int = ALL) -> list[dict[str, Any]]:
    stream = Workload(0, 1, kinds)
    out = [stream.push(batch) for batch in batches] + [stream.finish(50)]
    found = [row for one in out for row in pa.record_batch(one).to_pylist()]
    return sorted(found, key=lambda row: (row["agent_id"], row["start"]))


def test_columns_and_codes_are_those_of_the_schema() -> None:
    found = pa.record_batch(Workload(0, 1, ALL).push(LOG))
    assert found.schema.names == [column.name for column in WORKLOAD.columns]
    assert [str(kind) for kind in found.schema.types] == ["int32", "int64", "int64", "int64"]
    place = LOG.schema.names.index("kind")
    beyond = LOG.set_column(place, "kind", pa.array([0, 1, 2, 3, len(KINDS), 0], pa.int32()))
    with pytest.raises(ValueError, match=f"'kind', row 4: code {len(KINDS)}"):
        outcome(beyond)
    with pytest.raises(ValueError, match="kinds"):
        Workload(0, 1, ALL + 1)


def test_kinds_that_do_not_count() -> None:
    assert [row["start"] for row in outcome(LOG, kinds=1 << 3)] == [20]
    assert outcome(LOG, kinds=0) == []


@pytest.mark.parametrize("cut", range(7))
def test_slices_give_what_the_whole_gives(cut: int) -> None:
    padded = pa.Table.from_batches([LOG.slice(3, 2), LOG, LOG]).combine_chunks().to_batches()[0]
    assert outcome(padded.slice(2, cut), padded.slice(2 + cut, 6 - cut)) == outcome(LOG)


def test_empty_batches_and_the_absent_column() -> None:
    assert outcome(LOG.slice(0, 0)) == []
    assert outcome(LOG.slice(0, 0), LOG, LOG.slice(6)) == outcome(LOG)
    place = LOG.schema.names.index("contact_id")
    nulls = LOG.set_column(place, "contact_id", pa.nulls(6, pa.int64()))
    assert outcome(LOG.drop_columns(["contact_id"])) == outcome(nulls) != outcome(LOG)


@pytest.mark.parametrize("name", ["agent_id", "start", "end", "kind"])
def test_a_required_column_has_every_value(name: str) -> None:
    place, kind = LOG.schema.names.index(name), LOG.schema.field(name).type
    with pytest.raises(ValueError, match=f"'{name}', row 0: null"):
        outcome(LOG.set_column(place, name, pa.nulls(6, kind)))
    with pytest.raises(KeyError, match=name):
        outcome(LOG.drop_columns([name]))


@pytest.mark.parametrize("code", [-1, -(2**31), 2**31 - 1])
def test_agents_beyond_any_dictionary(code: int) -> None:
    codes = pa.array([1, 2, code, 3, code, 0], pa.int32())
    with pytest.raises(ValueError, match=f"'agent_id', row 2: code {code}"):
        outcome(LOG.set_column(LOG.schema.names.index("agent_id"), "agent_id", codes))


def test_extreme_times_do_not_overflow() -> None:
    low, high = -(2**63), 2**63 - 1
    found = outcome(
        rows(agent_id=[0] * 4, start=[low, low, 0, high - 1], end=[high, 0, high, high], kind=[1] * 4)
    )
    assert [(row["level"], row["start"], row["end"]) for row in found] == [
        (2, low, high - 1),
        (3, high - 1, high),
    ]


def test_order_is_named() -> None:
    stream = Workload(0, 1, ALL)
    stream.push(LOG)
    with pytest.raises(OutOfOrder, match="column 'start', row 1"):
        stream.push(rows(agent_id=[0, 5], start=[20, 39], end=[99, 99], kind=[1, 1]))


def test_foreign_and_damaged_states_are_refused() -> None:
    stream, other = Workload(0, 1, ALL), Workload(0, 1, ALL)
    stream.push(LOG)
    state = stream.dump()
    for wrong in (b"", b"x" * 40, state[:-1], state + b"\0", state[:60] + b"\7" + state[61:]):
        with pytest.raises(ValueError, match="state"):
            other.load(wrong)
    with pytest.raises(ValueError, match="state"):
        Workload(0, 1, 1).load(state)
    other.load(state)
    assert other.dump() == state


def test_only_states_of_other_agents_merge() -> None:
    stream, same = Workload(0, 1, ALL), Workload(0, 1, ALL)
    stream.push(LOG)
    same.push(LOG)
    with pytest.raises(ValueError, match="both"):
        stream.merge(same)
    with pytest.raises(TypeError):
        stream.merge(None)


def test_none_and_other_objects_are_refused() -> None:
    for wrong in (None, 5, pa.array([1, 2])):
        with pytest.raises(TypeError):
            Workload(0, 1, ALL).push(wrong)
    with pytest.raises(ValueError, match="port 1"):
        Workload(0, 1, ALL).push(LOG, 1)
    with pytest.raises(ValueError, match="part"):
        Workload(2, 2, ALL)
