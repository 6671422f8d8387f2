"""The kernels that make legs of segments and contacts of messages, at their door."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from kpicore._core import MessageContacts, OutOfOrder, SegmentLegs
from kpicore.facts.contacts import CONTACTS_OF_MESSAGES, MessageContactStream
from kpicore.facts.legs import LEGS_OF_SEGMENTS, SegmentLegStream
from kpicore.facts.schemas import LEGS, SEGMENTS
from kpicore.facts.stream import Stream
from kpicore.plugin import TABLES, Operator, Settings

WIDE = {name: pa.int64() for name in ("contact_id", "start", "end", "at", "seq", "customer_id")}
AUTHORS = TABLES["messages"].column("author").values


def rows(**columns: list[int | None]) -> pa.RecordBatch:
    return pa.record_batch({n: pa.array(v, WIDE.get(n, pa.int32())) for n, v in columns.items()})


SEGMENT_LOG = rows(
    contact_id=[2**62, 2**62, -5, 2**62, 2**62, 2**62],
    start=[0, 4, 4, 20, 30, 40],
    end=[4, 20, 9, 30, 50, 45],
    kind=[0, 1, 2, 1, 3, 1],
    agent_id=[5, 5, None, 3, 5, 5],
    queue=[None, 1, None, None, None, 2],
)
MESSAGE_LOG = rows(
    contact_id=[2**62, -5, 2**62, 2**62, -5],
    at=[0, 1, 4, 4, 9],
    seq=[None, 3, None, 2, None],
    author=[0, 1, 1, 3, 1],
    agent_id=[None, 5, 4, 6, None],
    customer_id=[None, 2, -8, 9, None],
)
KERNELS = {
    "segments": (SegmentLegs, SegmentLegStream, SEGMENT_LOG, "start"),
    "messages": (MessageContacts, MessageContactStream, MESSAGE_LOG, "at"),
}
EACH = pytest.mark.parametrize(("kernel", "stream", "log", "time"), KERNELS.values(), ids=KERNELS)
Row = dict[str, Any]


def outcome(kind: type[Stream], *batches: Any) -> list[Row]:
    stream = kind(Settings())
    assert isinstance(stream, Operator)
    found: list[Row] = []
    for facts in [*(stream.push(batch) for batch in batches), stream.finish(50)]:
        for fact in facts.values():
            fact.validate(full=True)
            found += fact.to_pylist()
    return sorted(found, key=lambda row: repr(row.values()))


def test_legs_by_hand() -> None:
    columns = ("agent_id", "queue", "began_at", "talk_ended_at", "ended_at", "ring", "talk", "hold", "wrapup")
    assert [tuple(leg[name] for name in columns) for leg in outcome(SegmentLegStream, SEGMENT_LOG)] == [
        (None, None, 4, 9, 9, 0, 0, 5, 0),
        (3, None, 20, 30, 30, 0, 10, 0, 0),
        (5, 1, 4, 20, 50, 4, 16, 0, 20),
        (5, 2, 40, 45, 45, 0, 5, 0, 0),
    ]


def test_contacts_by_hand() -> None:
    columns = ("contact_id", "customer_id", "agent_id", "opened_at", "closed_at", "reopens", "filtered")
    found = outcome(MessageContactStream, MESSAGE_LOG)
    assert [tuple(contact[name] for name in columns) for contact in found] == [
        (-5, 2, 5, 1, None, None, None),
        (2**62, -8, 4, 0, None, None, None),
    ]


def test_codes_are_those_of_the_schemas() -> None:
    assert SEGMENTS.column("kind").values == ("ring", "talk", "hold", "wrapup")
    assert AUTHORS[1] == "agent"
    legs = outcome(SegmentLegStream, SEGMENT_LOG)
    assert {LEGS.column("began").values[leg["began"]] for leg in legs} == {"answered"}
    assert {LEGS.column("ended").values[leg["ended"]] for leg in legs} == {"unknown"}
    with pytest.raises(ValueError, match="'kind', row 1: code 4"):
        SegmentLegs(0, 1).push(SEGMENT_LOG.set_column(3, "kind", pa.array([0, 4, 0, 0, 0, 0], pa.int32())))
    wrong = pa.array([len(AUTHORS) - 1, 0, len(AUTHORS), 0, 0], pa.int32())
    with pytest.raises(ValueError, match=f"'author', row 2: code {len(AUTHORS)}"):
        MessageContacts(0, 1).push(MESSAGE_LOG.set_column(3, "author", wrong))


@pytest.mark.parametrize("derivation", [LEGS_OF_SEGMENTS, CONTACTS_OF_MESSAGES], ids=lambda d: d.name)
def test_inputs_are_columns_of_their_tables(derivation: Any) -> None:
    (wanted,) = derivation.inputs
    schema = SEGMENTS if wanted.of == "segments" else TABLES[wanted.of]
    assert set(wanted.columns) <= {column.name for column in schema.columns}
    assert set(schema.required) <= set(wanted.columns) - set(wanted.optional)
    assert wanted.columns[: len(wanted.order) + 1] == (derivation.key, *wanted.order)


@EACH
@pytest.mark.parametrize("cut", range(6))
def test_slices_give_what_the_whole_gives(kernel: Any, stream: Any, log: Any, time: str, cut: int) -> None:
    padded = pa.Table.from_batches([log.slice(3, 2), log, log]).combine_chunks().to_batches()[0]
    assert outcome(stream, padded.slice(2, cut), padded.slice(2 + cut, len(log) - cut)) == outcome(
        stream, log
    )


@EACH
def test_empty_batches(kernel: Any, stream: Any, log: Any, time: str) -> None:
    assert outcome(stream, log.slice(0, 0)) == outcome(stream) == []
    assert outcome(stream, log.slice(0, 0), log, log.slice(len(log))) == outcome(stream, log)


@EACH
def test_absent_columns_are_columns_of_nulls(kernel: Any, stream: Any, log: Any, time: str) -> None:
    optional = [name for name in log.schema.names if log.column(name).null_count]
    nulls = log
    for name in optional:
        place = log.schema.names.index(name)
        nulls = nulls.set_column(place, name, pa.nulls(len(log), log.schema.field(name).type))
    assert len(optional) == (2 if time == "start" else 3)
    assert outcome(stream, log.drop_columns(optional)) == outcome(stream, nulls) != []


@EACH
def test_required_columns_have_every_value(kernel: Any, stream: Any, log: Any, time: str) -> None:
    for place, name in enumerate(log.schema.names):
        if log.column(name).null_count:
            continue
        with pytest.raises(ValueError, match=f"'{name}', row 0: null"):
            outcome(stream, log.set_column(place, name, pa.nulls(len(log), log.schema.field(name).type)))
        with pytest.raises(KeyError, match=name):
            outcome(stream, log.drop_columns([name]))
        with pytest.raises(TypeError, match=name):
            outcome(stream, log.set_column(place, name, pa.array(["x"] * len(log))))


@EACH
def test_ids_beyond_any_dictionary(kernel: Any, stream: Any, log: Any, time: str) -> None:
    for code in (-1, 2**31 - 1, -(2**31)):
        codes = pa.array([1, 2, code, *[code] * (len(log) - 3)], pa.int32())
        with pytest.raises(ValueError, match=f"'agent_id', row 2: code {code}"):
            outcome(stream, log.set_column(log.schema.names.index("agent_id"), "agent_id", codes))


@EACH
def test_order_is_named_across_batches(kernel: Any, stream: Any, log: Any, time: str) -> None:
    operator = kernel(0, 1)
    operator.push(log)
    with pytest.raises(OutOfOrder) as caught:
        operator.push(log.slice(0, 1))
    assert (caught.value.column, caught.value.row) == (time, 0)


@EACH
def test_extreme_times_do_not_overflow(kernel: Any, stream: Any, log: Any, time: str) -> None:
    low, high = -(2**63) + 1, 2**63 - 1
    place, n = log.schema.names.index(time), len(log)
    extreme = log.set_column(place, time, pa.array([low] * n, pa.int64()))
    extreme = extreme.set_column(0, "contact_id", pa.array(range(n), pa.int64()))
    if time == "start":
        extreme = extreme.set_column(place + 1, "end", pa.array([high] * n, pa.int64()))
        assert {(leg["began_at"], leg["ended_at"]) for leg in outcome(stream, extreme)} == {(low, high)}
    else:
        assert {contact["opened_at"] for contact in outcome(stream, extreme)} == {low}


@EACH
def test_foreign_and_damaged_states_are_refused(kernel: Any, stream: Any, log: Any, time: str) -> None:
    operator, other = kernel(0, 1), kernel(0, 1)
    operator.push(log)
    state = operator.dump()
    for wrong in (b"", b"x" * 40, state[:-1], state + b"\0", state[:50] + b"\7" + state[51:]):
        with pytest.raises(ValueError, match="state"):
            other.load(wrong)
    foreign = next(kind for kind, *_ in KERNELS.values() if kind is not kernel)
    with pytest.raises(ValueError, match="state"):
        other.load(foreign(0, 1).dump())
    with pytest.raises(TypeError):
        other.load(None)
    other.load(state)
    assert other.dump() == state


@EACH
def test_only_states_of_other_contacts_merge(kernel: Any, stream: Any, log: Any, time: str) -> None:
    operator, same = kernel(0, 1), kernel(0, 1)
    operator.push(log)
    same.push(log)
    before = operator.dump()
    with pytest.raises(ValueError, match="is in both"):
        operator.merge(same)
    with pytest.raises(TypeError):
        operator.merge(None)
    assert operator.dump() == before


@EACH
def test_what_cannot_be(kernel: Any, stream: Any, log: Any, time: str) -> None:
    for part, parts in ((1, 1), (-1, 2), (0, 0), (0, 2**40)):
        with pytest.raises(ValueError, match="part"):
            kernel(part, parts)
    for wrong in (None, 5, pa.array([1, 2])):
        with pytest.raises(TypeError):
            kernel(0, 1).push(wrong)
    with pytest.raises(ValueError, match="port 1"):
        kernel(0, 1).push(log, 1)
