"""The kernel of the contact flow at its door: odd arrays, wrong codes, foreign bytes."""

from __future__ import annotations

import pickle
from typing import Any

import pyarrow as pa
import pytest

from kpicore._core import ContactFlow, OutOfOrder, flow_words
from kpicore.facts.contact_flow import CONTACT_FLOW, ContactFlowStream
from kpicore.facts.schemas import LEGS, SEGMENTS, VISITS
from kpicore.plugin import TABLES, Operator, Settings

EVENTS = TABLES["contact_events"]
WIDE = {"contact_id": pa.int64(), "at": pa.int64(), "seq": pa.int64()}


def rows(**columns: list[int | None]) -> pa.RecordBatch:
    return pa.record_batch({n: pa.array(v, WIDE.get(n, pa.int32())) for n, v in columns.items()})


def events(*words: str) -> list[int | None]:
    return [EVENTS.column("event").values.index(word) for word in words]


LOG = rows(
    contact_id=[2**62, -5, 2**62, 2**62, -5, 2**62, 2**62],
    at=[0, 1, 4, 4, 9, 20, 30],
    seq=[None, None, 1, 2, None, None, 0],
    event=events("queued", "started", "offered", "answered", "closed", "transferred", "answered"),
    agent_id=[None, 5, 5, 5, None, 5, 3],
    to_agent_id=[None, None, None, None, None, 3, None],
    queue=[1, None, None, None, None, None, None],
    to_queue=[None, None, 2, 2, None, None, None],
    detail=[None, None, None, 8, None, 0, None],
)
OPTIONAL = ("seq", "agent_id", "to_agent_id", "queue", "to_queue", "detail")


def outcome(*batches: Any) -> dict[str, list[dict[str, Any]]]:
    stream = ContactFlowStream(Settings())
    found: dict[str, list[dict[str, Any]]] = {"visits": [], "segments": [], "legs": [], "contacts": []}
    for facts in [*(stream.push(batch) for batch in batches), stream.finish(50)]:
        for name, fact in facts.items():
            fact.validate(full=True)
            found[name] += fact.to_pylist()
    return {name: sorted(facts, key=lambda row: repr(row.values())) for name, facts in found.items()}


def test_the_kernel_knows_the_words_of_the_schemas() -> None:
    words = flow_words()
    assert words["event"] == EVENTS.column("event").values
    assert words["detail"] == EVENTS.column("detail").values
    assert words["outcome"] == VISITS.column("outcome").values
    assert words["kind"] == SEGMENTS.column("kind").values
    assert words["began"] == LEGS.column("began").values
    assert words["ended"] == LEGS.column("ended").values
    assert list(words["note"]) == sorted(words["note"])


def test_columns_and_types_are_those_of_the_schemas() -> None:
    stream = ContactFlowStream(Settings())
    assert isinstance(stream, Operator)
    pushed, finished = stream.push(LOG), stream.finish(50)
    assert tuple(finished) == CONTACT_FLOW.outputs
    coded = {"id": pa.int32(), "enum": pa.int32(), "flag": pa.bool_()}
    for schema in (VISITS, SEGMENTS, LEGS, TABLES["contacts"]):
        expected = [
            (c.name, coded.get(c.kind.value, pa.int64())) for c in schema.columns if c.name != "topics"
        ]
        found = [(field.name, field.type) for field in finished[schema.name].schema]
        assert found == expected
        if schema.name in pushed:
            assert pushed[schema.name].schema == finished[schema.name].schema
    assert CONTACT_FLOW.inputs[0].columns == tuple(column.name for column in EVENTS.columns)
    assert len(outcome(LOG)["legs"]) == 3


@pytest.mark.parametrize("cut", range(8))
def test_slices_give_what_the_whole_gives(cut: int) -> None:
    padded = pa.Table.from_batches([LOG.slice(3, 2), LOG, LOG]).combine_chunks().to_batches()[0]
    assert outcome(padded.slice(2, cut), padded.slice(2 + cut, 7 - cut)) == outcome(LOG)


def test_a_struct_with_an_offset_of_its_own() -> None:
    shifted = pa.concat_arrays([LOG.to_struct_array()[6:], LOG.to_struct_array()])[1:]

    class OnlyTheDunder:
        def __arrow_c_array__(self, requested: object = None) -> tuple[object, object]:
            capsules: tuple[object, object] = shifted.__arrow_c_array__(requested)
            return capsules

    assert outcome(OnlyTheDunder()) == outcome(LOG)


def test_empty_batches() -> None:
    nothing = {"visits": [], "segments": [], "legs": [], "contacts": []}
    assert outcome(LOG.slice(0, 0)) == outcome() == nothing
    assert outcome(LOG.slice(0, 0), LOG, LOG.slice(7)) == outcome(LOG)


def test_absent_columns_are_columns_of_nulls() -> None:
    required = LOG.drop_columns(list(OPTIONAL))
    nulls = {name: pa.nulls(7, LOG.schema.field(name).type) for name in OPTIONAL}
    ordered = pa.record_batch({name: nulls.get(name, LOG.column(name)) for name in LOG.schema.names})
    required = required.set_column(2, "event", pa.array(events("queued", *["tagged"] * 6), pa.int32()))
    ordered = ordered.set_column(3, "event", required.column("event"))
    assert outcome(required) == outcome(ordered)
    assert len(outcome(required)["visits"]) == 1


def test_codes_under_nulls_are_not_looked_at() -> None:
    junk = pa.array([99, -7, 0, -1, 5, 9, 2**31 - 1], pa.int32())
    mask = pa.array([False] * 7).buffers()[1]
    hidden = pa.Array.from_buffers(pa.int32(), 7, [mask, junk.buffers()[1]], null_count=7)
    for name in ("detail", "to_queue"):
        place = LOG.schema.names.index(name)
        assert outcome(LOG.set_column(place, name, hidden)) == outcome(LOG.drop_columns([name]))


@pytest.mark.parametrize("name", ["contact_id", "at", "event"])
def test_a_required_column_has_every_value(name: str) -> None:
    place, kind = LOG.schema.names.index(name), LOG.schema.field(name).type
    with pytest.raises(ValueError, match=f"'{name}', row 0: null"):
        outcome(LOG.set_column(place, name, pa.nulls(7, kind)))
    with pytest.raises(KeyError, match=name):
        outcome(LOG.drop_columns([name]))
    with pytest.raises(TypeError, match=name):
        outcome(LOG.set_column(place, name, pa.array(["x"] * 7)))


@pytest.mark.parametrize("name", ["event", "agent_id", "to_agent_id", "queue", "to_queue", "detail"])
@pytest.mark.parametrize("code", [-1, -(2**31), 2**31 - 1, 27])
def test_codes_beyond_their_dictionary(name: str, code: int) -> None:
    if code == 27 and not EVENTS.column(name).values:
        code = 1 << 28
    codes = pa.array([1, 2, code, 3, code, 4, 5], pa.int32())
    with pytest.raises(ValueError, match=f"'{name}', row 2: code {code}"):
        outcome(LOG.set_column(LOG.schema.names.index(name), name, codes))


def test_order_is_named_across_batches() -> None:
    kernel = ContactFlow(0, 1)
    kernel.push(LOG)
    with pytest.raises(OutOfOrder) as caught:
        kernel.push(rows(contact_id=[9, 2**62, -5], at=[0, 30, 8], event=events("left", "left", "left")))
    assert (caught.value.column, caught.value.row) == ("seq", 1)


def test_extreme_times_do_not_overflow() -> None:
    low, high = -(2**63) + 1, 2**63 - 1
    batch = rows(
        contact_id=[1, 1, 1, 1],
        at=[low, low, high, high],
        event=events("queued", "answered", "held", "closed"),
        agent_id=[None, 1, 1, 1],
    )
    assert [(s["start"], s["end"]) for s in outcome(batch)["segments"]] == [(low, high), (high, high)]


def test_many_contacts_with_negative_and_huge_keys() -> None:
    keys = [k for i in range(3000) for k in (i, -i - 1, i << 32, (i << 40) - 7)]
    keys = list(dict.fromkeys(keys))
    stream = ContactFlowStream(Settings())
    stream.push(rows(contact_id=keys, at=[5] * len(keys), event=events("opened") * len(keys)))
    contacts = pickle.loads(pickle.dumps(stream)).finish(9)["contacts"]
    assert sorted(contacts.column("contact_id").to_pylist()) == sorted(keys)


def test_foreign_and_damaged_states_are_refused() -> None:
    kernel = ContactFlow(0, 1)
    kernel.push(LOG)
    state = kernel.dump()
    other = ContactFlow(0, 1)
    for wrong in (b"", b"x" * 40, state[:-1], state + b"\0", state[:90] + b"\7" + state[91:]):
        with pytest.raises(ValueError, match="state"):
            other.load(wrong)
    with pytest.raises(TypeError):
        other.load(None)
    other.load(state)
    assert other.dump() == state


def test_only_states_of_other_contacts_merge() -> None:
    kernel, same = ContactFlow(0, 1), ContactFlow(0, 1)
    kernel.push(LOG)
    same.push(LOG.slice(1, 1))
    before = kernel.dump()
    with pytest.raises(ValueError, match="contact -5 is in both"):
        kernel.merge(same)
    with pytest.raises(TypeError):
        kernel.merge(None)
    with pytest.raises(ValueError, match="contact_flow"):
        ContactFlowStream(Settings()).merge(object())  # type: ignore[arg-type]
    assert kernel.dump() == before


@pytest.mark.parametrize(("part", "parts"), [(1, 1), (-1, 2), (0, 0), (0, 2**40)])
def test_parts_that_cannot_be(part: int, parts: int) -> None:
    with pytest.raises(ValueError, match="part"):
        ContactFlow(part, parts)


def test_none_and_other_objects_are_refused() -> None:
    kernel = ContactFlow(0, 1)
    for wrong in (None, 5, pa.array([1, 2])):
        with pytest.raises(TypeError):
            kernel.push(wrong)
    with pytest.raises(ValueError, match="port 1"):
        kernel.push(LOG, 1)
