"""Responses in conversations that agents open."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Fact, Settings, Switch

from .response_times import OPENINGS, since_opening
from .schemas_conversation import CREATED_INITIATED_RESPONSE_TIMES, INITIATED_RESPONSE_TIMES
from .turns import MESSAGES, written
from .waits import COUNTED, RESPONSE_ROWS, counted, fact_of_waits
from .whole_tables import given, instant

__all__ = ["FACTS"]

_REPLY = Switch(
    name="second_message",
    doc="an agent's second message is the first reply of a conversation that an agent opens",
    default="false",
)
_UTC = pa.timestamp("us", "UTC")


def _initiated(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    responses = _second_replies(settings, tables[0], tables[1])
    return {"initiated_response_times": _flagged(settings, responses, instant(responses, "asked_at"))}


def _created_initiated(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    responses = _second_replies(settings, tables[0], tables[1])
    found = _flagged(settings, responses, since_opening(responses, tables[2]))
    return {"created_initiated_response_times": found}


def _flagged(settings: Settings, responses: pa.Table, asked: pa.Array) -> pa.Table:
    found = counted(settings, responses, asked)
    return found.append_column("agent_initiated", responses.column("agent_initiated"))


def _second_replies(settings: Settings, responses: pa.Table, messages: pa.Table) -> pa.Table:
    """Returns responses with the flag ``agent_initiated``; where second messages are replies, with these.

    A reply to nobody's question runs from the agent's first message to his second, and is the conversation's
    first.
    """
    rows, names = written(messages, bots=False)
    opening = pc.and_not(rows["first"], rows["customer"])
    initiated = rows["contact"].filter(opening)
    contact = given(responses, "contact_id", pa.string())
    flag = pc.is_in(contact, value_set=initiated.cast(contact.type), skip_nulls=True)
    columns = {
        name: given(responses, name, pa.string()) for name in ("contact_id", "customer_id", "agent_id")
    }
    columns |= {name: instant(responses, name).cast(_UTC) for name in ("asked_at", "answered_at")}
    columns |= {"ordinal": given(responses, "ordinal", pa.int64()), "agent_initiated": flag}
    columns["agent_id"] = columns["agent_id"].cast(pa.string())
    found = pa.table(columns)
    if not settings.flag("second_message"):
        return found
    ordinal = pc.add(columns["ordinal"], flag.cast(pa.int64()))
    found = found.set_column(found.column_names.index("ordinal"), "ordinal", ordinal)
    return pa.concat_tables([found, _second_messages(rows, names, initiated, found.schema)])


def _second_messages(
    rows: Mapping[str, pa.Array], names: pa.Array, initiated: pa.Array, schema: pa.Schema
) -> pa.Table:
    """Returns a response per conversation that an agent opens, to his first message by the second."""
    own = pc.and_not(pc.is_in(rows["contact"], value_set=initiated, skip_nulls=True), rows["customer"])
    contact, at, agent = (rows[name].filter(own) for name in ("contact", "at", "agent"))
    first = rows["first"].filter(own)
    starts = pa.arange(0, len(first)).filter(first)
    later = pc.add(starts, 1)
    inside = pc.less(later, len(first))
    later = pc.if_else(inside, later, pa.scalar(None, pa.int64()))
    follows = pc.and_(inside, pc.invert(first.take(later))).fill_null(False)
    second = pc.if_else(follows, later, pa.scalar(None, pa.int64()))
    columns = {
        "contact_id": contact.take(starts).cast(schema.field("contact_id").type),
        "customer_id": pa.nulls(len(starts), schema.field("customer_id").type),
        "agent_id": names.take(pc.coalesce(agent.take(second), agent.take(starts))),
        "asked_at": at.take(starts).cast(_UTC),
        "answered_at": at.take(second).cast(_UTC),
        "ordinal": pa.repeat(pa.scalar(1, pa.int64()), len(starts)),
        "agent_initiated": pa.repeat(pa.scalar(True), len(starts)),
    }
    return pa.table(columns, schema=schema)


FACTS: tuple[Fact, ...] = (
    fact_of_waits(
        INITIATED_RESPONSE_TIMES, _initiated, RESPONSE_ROWS, MESSAGES, parameters=(*COUNTED, _REPLY)
    ),
    fact_of_waits(
        CREATED_INITIATED_RESPONSE_TIMES,
        _created_initiated,
        RESPONSE_ROWS,
        MESSAGES,
        OPENINGS,
        parameters=(*COUNTED, _REPLY),
    ),
)
