"""Turns: messages of one side in a row, and what they add up to per case."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Choice, Derivation, Fact, Input, Settings

from .schemas_cases import CASES
from .schemas_conversation import CASE_TURNS, TURNS
from .whole_tables import given, instant, look_up, plain, starts_of_runs

__all__ = ["BOTS", "FACTS", "HUMAN", "MESSAGES", "Written", "turns_of", "written"]

BOTS = Choice(
    name="bots",
    doc="whether messages of bots and automatic greetings count as the agent's, or not at all",
    values=("exclude", "include"),
    default="exclude",
)
_UTC = pa.timestamp("us", "UTC")
HUMAN = ("agent", "bot_assist")
"""The authors that are agents: alone, or with a bot's help."""

_BOTS = ("bot_auto", "welcome")

Written = Mapping[str, pa.Array]
"""Messages in order: ``contact``, ``at``, ``customer`` (whether he wrote), ``agent`` (a position in
``names``), ``first`` (whether the contact begins)."""


def written(messages: pa.Table, *, bots: bool) -> tuple[Written, pa.Array]:
    """Returns the messages of customers and agents, and the names of the agents.

    A customer's message is with the agent who writes next in the contact, else with the last who wrote.
    """
    author = given(messages, "author", pa.string())
    agents = (*HUMAN, *_BOTS) if bots else HUMAN
    messages = messages.filter(pc.is_in(author, value_set=pa.array(["customer", *agents])))
    contact = given(messages, "contact_id", pa.string())
    customer = pc.equal(given(messages, "author", pa.string()), "customer")
    names = given(messages, "agent_id", pa.string()).cast(pa.string())
    everybody = pc.unique(names).drop_null()
    code = pc.index_in(names, value_set=everybody, skip_nulls=True).cast(pa.int64())
    own = pc.if_else(customer, pa.scalar(None, pa.int64()), code.fill_null(-1))
    first = starts_of_runs(contact)
    # Neighbours of other contacts are told apart by the position of the contact.
    place = contact.dictionary_encode().indices.cast(pa.int64())
    spoken = pc.is_valid(own)
    following = pc.fill_null_backward(own)
    followed = pc.equal(
        pc.fill_null_backward(pc.if_else(spoken, place, pa.scalar(None, pa.int64()))), place
    ).fill_null(False)
    before = pc.fill_null_forward(own)
    preceded = pc.equal(
        pc.fill_null_forward(pc.if_else(spoken, place, pa.scalar(None, pa.int64()))), place
    ).fill_null(False)
    agent = pc.if_else(followed, following, pc.if_else(preceded, before, pa.scalar(-1, pa.int64())))
    rows = {
        "contact": contact,
        "at": instant(messages, "at"),
        "customer": customer,
        "agent": pc.if_else(pc.equal(agent, pa.scalar(-1, pa.int64())), pa.scalar(None, pa.int64()), agent),
        "first": first,
    }
    return rows, everybody


def _turns(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    rows, names = written(tables[0], bots=settings.word("bots") == "include")
    return {"turns": turns_of(rows, names)}


def turns_of(rows: Written, names: pa.Array, session: pa.Array | None = None) -> pa.Table:
    """Returns messages of one side in a row; those of two sessions are two turns, each with its number."""
    apart = () if session is None else (session,)
    begins = starts_of_runs(rows["contact"], rows["customer"], rows["agent"], *apart)
    positions = pa.arange(0, len(begins))
    start = positions.filter(begins)
    ends = pa.array([len(begins)] if len(start) else [], pa.int64())
    end = pa.concat_arrays([start.slice(1), ends])
    columns = {
        "contact_id": rows["contact"].take(start),
        "agent_id": names.take(rows["agent"].take(start)),
        "side": pc.if_else(rows["customer"].take(start), "customer", "agent"),
        "start": rows["at"].take(start).cast(_UTC),
        "end": rows["at"].take(pc.subtract(end, 1)).cast(_UTC),
        "messages": pc.subtract(end, start),
    }
    if session is not None:
        columns["session"] = session.take(start)
    return pa.table(columns)


def _case_turns(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    cases, messages = tables
    contact = given(cases, "contact_id", pa.string())
    ended = instant(cases, "ended_at")
    rows, names = written(messages, bots=settings.word("bots") == "include")
    until = look_up(rows["contact"], contact, ended)
    late = pc.greater(rows["at"], until).fill_null(False)
    rows = {name: column.filter(pc.invert(late)) for name, column in rows.items()}
    turns = turns_of(rows, names)
    turns = turns.filter(pc.equal(turns.column("side"), "agent"))
    wanted = [("messages", "sum"), ("messages", "count"), ("agent_id", "count_distinct")]
    found = turns.group_by("contact_id").aggregate(wanted)
    among = plain(found.column("contact_id"))
    columns = {
        **{name: given(cases, name, pa.string()) for name in ("contact_id", "agent_id", "ended")},
        "opened_at": instant(cases, "opened_at").cast(_UTC),
        "ended_at": ended.cast(_UTC),
        "turns": look_up(contact, among, plain(found.column("messages_count"))).fill_null(0),
        "messages": look_up(contact, among, plain(found.column("messages_sum"))).fill_null(0),
        "agents": look_up(contact, among, plain(found.column("agent_id_count_distinct"))).fill_null(0),
        "first_ended_at": instant(cases, "first_ended_at").cast(_UTC),
        "filtered": given(cases, "filtered", pa.bool_()),
    }
    wrote = pc.is_in(contact, value_set=given(messages, "contact_id", pa.string()))
    return {"case_turns": pa.table(columns).filter(wrote)}


MESSAGES = Input(
    of="messages",
    columns=("contact_id", "at", "seq", "author", "agent_id", "customer_id"),
    order=("at", "seq", "author"),
    optional=("seq", "agent_id", "customer_id"),
)
_CASES = Input(of="cases", columns=tuple(column.name for column in CASES.columns), order=("opened_at",))

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=TURNS,
        derivations=(
            Derivation(
                name="turns",
                inputs=(MESSAGES,),
                key="contact_id",
                outputs=("turns",),
                parameters=(BOTS,),
                function=_turns,
            ),
        ),
    ),
    Fact(
        schema=CASE_TURNS,
        derivations=(
            Derivation(
                name="case_turns",
                inputs=(_CASES, MESSAGES),
                key="contact_id",
                outputs=("case_turns",),
                parameters=(BOTS,),
                function=_case_turns,
            ),
        ),
    ),
)
