"""The kernel of responses at its door: odd arrays, wrong codes, keys that collide, foreign bytes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from kpicore._core import OutOfOrder, Responses
from kpicore.facts.schemas import RESPONSES
from kpicore.plugin import TABLES

CODES = ("author", "agent_id")
AUTHORS = TABLES["messages"].column("author").values
CUSTOMER, AGENT = AUTHORS.index("customer"), AUTHORS.index("agent")
WORD = 1 << 64


def rows(**columns: Sequence[int | None]) -> pa.RecordBatch:
    kinds = {name: pa.int32() for name in CODES}
    return pa.record_batch({n: pa.array(v, kinds.get(n, pa.int64())) for n, v in columns.items()})


def kernel() -> Responses:
    return Responses(0, 1, False, False)


LOG = rows(
    contact_id=[7, -2, 7, 7, -2, 7],
    at=[10, 10, 11, 20, 30, 40],
    seq=[1, None, 2, 3, None, 4],
    author=[CUSTOMER, CUSTOMER, AGENT, CUSTOMER, AGENT, AGENT],
    agent_id=[None, None, 3, None, 4, 3],
    customer_id=[70, None, None, 71, 20, None],
)


def outcome(*batches: Any) -> list[dict[str, Any]]:
    stream = kernel()
    out = [stream.push(batch) for batch in batches] + [stream.finish(50)]
    found = [row for one in out for row in pa.record_batch(one).to_pylist()]
    return sorted(found, key=lambda row: (row["contact_id"], row["ordinal"]))


def test_columns_and_codes_are_those_of_the_schema() -> None:
    found = pa.record_batch(kernel().push(LOG))
    assert found.schema.names == [column.name for column in RESPONSES.columns]
    assert [str(kind) for kind in found.schema.types] == [
        "int64",
        "int64",
        "int32",
        "int64",
        "int64",
        "int64",
    ]
    for author in range(len(AUTHORS)):
        kernel().push(rows(contact_id=[1], at=[1], author=[author]))
    with pytest.raises(ValueError, match=f"'author', row 1: code {len(AUTHORS)}"):
        kernel().push(rows(contact_id=[1, 1], at=[1, 2], author=[0, len(AUTHORS)]))


@pytest.mark.parametrize(("author", "human", "anyone"), [
    ("customer", False, False),
    ("agent", True, True),
    ("bot_auto", False, True),
    ("bot_assist", True, True),
    ("welcome", False, True),
    ("system", False, False),
    ("note", False, False),
    ("other", False, False),
])  # fmt: skip
def test_who_stops_the_clock(author: str, human: bool, anyone: bool) -> None:
    log = rows(contact_id=[1, 1], at=[1, 2], author=[CUSTOMER, AUTHORS.index(author)])
    assert pa.record_batch(Responses(0, 1, False, False).push(log)).num_rows == human
    assert pa.record_batch(Responses(0, 1, True, False).push(log)).num_rows == anyone


@pytest.mark.parametrize("cut", range(7))
def test_slices_give_what_the_whole_gives(cut: int) -> None:
    padded = pa.Table.from_batches([LOG.slice(3, 2), LOG, LOG]).combine_chunks().to_batches()[0]
    assert outcome(padded.slice(2, cut), padded.slice(2 + cut, 6 - cut)) == outcome(LOG)
    assert len(outcome(LOG)) == 3


def test_empty_batches() -> None:
    assert outcome(LOG.slice(0, 0)) == []
    assert outcome(LOG.slice(0, 0), LOG, LOG.slice(6)) == outcome(LOG)


def test_absent_columns_are_columns_of_nulls() -> None:
    required = LOG.select(["contact_id", "at", "author"])
    nulls = {n: pa.nulls(6, LOG.schema.field(n).type) for n in ("seq", "agent_id", "customer_id")}
    whole = pa.record_batch({**{n: required[n] for n in required.schema.names}, **nulls})
    assert outcome(required) == outcome(whole)
    assert {row["agent_id"] for row in outcome(required)} == {None}


@pytest.mark.parametrize("late", ["seq", "customer_id"])
def test_a_column_that_comes_late(late: str) -> None:
    """What lies beside the contacts is made when the first batch needs it."""
    first, second = (
        LOG.slice(0, 3).drop_columns(["seq", "customer_id"]),
        LOG.slice(3).select([*LOG.schema.names[:2], late, "author"]),
    )
    nulls = pa.record_batch(
        {
            n: pa.nulls(3, LOG.schema.field(n).type) if n in ("seq", "customer_id") else LOG.slice(0, 3)[n]
            for n in LOG.schema.names
        }
    )
    assert outcome(first, second) == outcome(nulls, second)


@pytest.mark.parametrize("name", ["contact_id", "at", "author"])
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


def test_codes_under_nulls_are_not_looked_at() -> None:
    junk = pa.array([99, -7, 0, -1, 5, 5], pa.int32())
    hidden = pa.Array.from_buffers(
        pa.int32(), 6, [pa.array([False] * 6).buffers()[1], junk.buffers()[1]], null_count=6
    )
    place = LOG.schema.names.index("agent_id")
    assert outcome(LOG.set_column(place, "agent_id", hidden)) == outcome(LOG.drop_columns(["agent_id"]))


def undo_xorshift(value: int, bits: int) -> int:
    found = value
    for _ in range(64 // bits + 1):
        found = value ^ (found >> bits)
    return found


def key_with_hash(wanted: int) -> int:
    """The inverse of the table's hash."""
    key = undo_xorshift(wanted, 29) * pow(0xD6E8FEB86659FD93, -1, WORD) % WORD
    key = undo_xorshift(key, 32) * pow(0x9E3779B97F4A7C15, -1, WORD) % WORD
    return key - WORD if key >= WORD // 2 else key


def test_keys_whose_tags_agree_are_told_apart() -> None:
    """All keys have the upper half of their hash in common, which is all that a slot keeps."""
    colliding = [key_with_hash(0xABCDEF01 << 32 | low) for low in range(1, 60)]
    rng = random.Random(5)
    plain = [rng.randrange(59) for _ in range(1200)]
    rest = {"at": list(range(1200)), "author": [rng.randrange(3) for _ in plain], "agent_id": plain}
    expected = outcome(rows(contact_id=plain, **rest))
    found = outcome(rows(contact_id=[colliding[i] for i in plain], **rest))
    back = {key: i for i, key in enumerate(colliding)}
    assert sorted(({**row, "contact_id": back[row["contact_id"]]} for row in found), key=str) == sorted(
        expected, key=str
    )


def test_order_is_named() -> None:
    stream = kernel()
    stream.push(LOG)
    with pytest.raises(OutOfOrder, match="column 'seq', row 1"):
        stream.push(rows(contact_id=[-2, 7], at=[30, 40], author=[AGENT, AGENT], seq=[0, 3], agent_id=[4, 3]))


def test_foreign_and_damaged_states_are_refused() -> None:
    stream, other = kernel(), kernel()
    stream.push(LOG)
    state = stream.dump()
    for wrong in (b"", b"x" * 40, state[:-1], state + b"\0", state[:60] + b"\7" + state[61:]):
        with pytest.raises(ValueError, match="state"):
            other.load(wrong)
    with pytest.raises(ValueError, match="state"):
        Responses(0, 1, True, False).load(state)
    other.load(state)
    assert other.dump() == state


def test_only_states_of_other_contacts_merge() -> None:
    stream, same = kernel(), kernel()
    stream.push(LOG)
    same.push(LOG)
    with pytest.raises(ValueError, match="contact 7 is in both"):
        stream.merge(same)
    with pytest.raises(TypeError):
        stream.merge(None)


def test_none_and_other_objects_are_refused() -> None:
    for wrong in (None, 5, pa.array([1, 2])):
        with pytest.raises(TypeError):
            kernel().push(wrong)
    with pytest.raises(ValueError, match="port 1"):
        kernel().push(LOG, 1)
    with pytest.raises(ValueError, match="part"):
        Responses(2, 2, False, False)
