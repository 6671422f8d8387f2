"""Responses by example."""

from __future__ import annotations

import pickle

import pyarrow as pa

from kpicore.facts.builtin import kpicore_facts
from kpicore.facts.responses import DERIVATION, ResponseStream
from kpicore.plugin import TABLES, Operator, Settings

AUTHORS = TABLES["messages"].column("author").values
FIRST = Settings({"actor": "human", "start": "first_unanswered"})
LAST = Settings({"actor": "human", "start": "last_unanswered"})
ANY = Settings({"actor": "any", "start": "first_unanswered"})


def found(messages: str, settings: Settings = FIRST) -> list[tuple[int, int | None]]:
    """(asked, answered) of messages such as ``0 customer, 5 agent``."""
    parts = [message.split() for message in messages.split(", ")]
    batch = pa.record_batch(
        {
            "contact_id": pa.array([1] * len(parts), pa.int64()),
            "at": pa.array([int(at) for at, _ in parts], pa.int64()),
            "author": pa.array([AUTHORS.index(author) for _, author in parts], pa.int32()),
        }
    )
    stream = ResponseStream(settings)
    batches = [stream.push(batch)["responses"], stream.finish(99)["responses"]]
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [row["ordinal"] for row in rows] == list(range(1, len(rows) + 1))
    return [(row["asked_at"], row["answered_at"]) for row in rows]


def test_of_several_messages_in_a_row_the_first_starts_the_clock() -> None:
    messages = "0 customer, 10 customer, 15 agent, 20 agent, 30 customer, 31 agent"
    assert found(messages) == [(0, 15), (30, 31)]
    assert found(messages, LAST) == [(10, 15), (30, 31)]


def test_notes_bots_and_systems_do_not_stop_a_human_clock() -> None:
    messages = "0 customer, 1 welcome, 2 bot_auto, 3 note, 4 system, 9 bot_assist"
    assert found(messages) == [(0, 9)]
    assert found(messages, ANY) == [(0, 1)]


def test_what_an_agent_writes_first_answers_nothing() -> None:
    assert found("0 agent, 5 agent, 10 customer, 12 agent") == [(10, 12)]
    assert found("0 agent") == []


def test_a_message_without_reply() -> None:
    assert found("0 customer, 5 agent, 7 customer, 8 customer") == [(0, 5), (7, None)]


def test_the_record_fits_its_tables_and_the_operator_pickles() -> None:
    (given,) = DERIVATION.inputs
    table = TABLES[given.of]
    assert all(name in table for name in given.columns)
    assert set(given.columns) - set(given.optional) == set(table.required)
    assert "responses" in {fact.name for fact in kpicore_facts()}
    assert pickle.loads(pickle.dumps(DERIVATION)) == DERIVATION
    assert isinstance(ResponseStream(FIRST), Operator)
