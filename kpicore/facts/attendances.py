"""Attendances: each agent's part of a conversation, and how the customer fared with him."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Duration, Fact, Input, Settings
from kpicore.plugin.fact import WORKED

from .clocks import CLOCK_PARAMETERS, worked_between
from .schemas import RESPONSES
from .schemas_conversation import ATTENDANCES
from .turns import MESSAGES, Written, written
from .whole_tables import given, instant, look_up, plain, starts_of_runs

__all__ = ["FACTS"]

_UTC = pa.timestamp("us", "UTC")
_SCHEMA = pa.schema(
    [("case", pa.int64()), ("name", pa.string())]
    + [(n, pa.int64()) for n in ("taken_at", "message", "reception", "wait", "first_wait")]
)


def _attendances(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Returns a row per conversation and agent who took it or wrote in it, if the customer wrote.

    A conversation that nobody took and in which no agent wrote has a row without agent.
    """
    responses, contacts, messages, *legs = tables
    rows, names = written(messages, bots=False)
    kept = pc.is_in(
        given(contacts, "contact_id", pa.string()),
        value_set=pc.unique(rows["contact"].filter(rows["customer"])),
    )
    contacts = contacts.filter(pc.and_not(kept, given(contacts, "filtered", pa.bool_()).fill_null(False)))
    contact = given(contacts, "contact_id", pa.string())
    parts = pa.concat_tables(
        [
            _wrote(rows, names, contact, settings.microseconds("max_wait")),
            _waited(responses, contact),
            *[_took(table, contact) for table in legs],
        ]
    )
    parts = parts.filter(pc.and_(pc.is_valid(parts.column("case")), pc.is_valid(parts.column("name"))))
    found = parts.group_by(["case", "name"]).aggregate(
        [
            *[(name, "sum") for name in ("message", "reception", "wait")],
            *[(name, "max") for name in ("wait", "first_wait")],
            ("wait", "count"),
            ("taken_at", "min"),
        ]
    )
    alone = pa.arange(0, len(contacts))
    alone = alone.filter(pc.invert(pc.is_in(alone, value_set=plain(found.column("case")))))
    nobody = {name: pa.nulls(len(alone), found.schema.field(name).type) for name in found.column_names}
    found = pa.concat_tables([found, pa.table(nobody | {"case": alone})])
    case = plain(found.column("case"))
    opened = instant(contacts, "opened_at").take(case)
    first = rows["first"]
    written_at = look_up(contact.take(case), rows["contact"].filter(first), rows["at"].filter(first))
    columns = {
        "contact_id": contact.take(case),
        "customer_id": given(contacts, "customer_id", pa.string()).take(case),
        "agent_id": found.column("name"),
        "received_at": pc.coalesce(plain(found.column("taken_at_min")), opened, written_at).cast(_UTC),
        "messages": found.column("message_sum").fill_null(0),
        "responses": found.column("wait_count").fill_null(0),
        "first_wait": found.column("first_wait_max"),
        "longest_wait": found.column("wait_max"),
        "waits": found.column("wait_sum"),
        "reception": found.column("reception_sum").fill_null(0),
    }
    return {"attendances": pa.table(columns)}


def _part(case: pa.Array, name: pa.Array, **columns: pa.Array) -> pa.Table:
    given_ = {"case": case, "name": name.cast(pa.string())} | columns
    missing = {n: pa.nulls(len(case), pa.int64()) for n in _SCHEMA.names if n not in given_}
    both = given_ | missing
    return pa.table({n: both[n] for n in _SCHEMA.names}, schema=_SCHEMA)


def _cases(keys: pa.Array, contact: pa.Array) -> pa.Array:
    return pc.index_in(keys.cast(contact.type), value_set=contact, skip_nulls=True).cast(pa.int64())


def _wrote(rows: Written, names: pa.Array, contact: pa.Array, longest: int) -> pa.Table:
    """Returns messages, each with the time since the one before it, where that is not too long."""
    at, size = rows["at"], len(rows["at"])
    before = pa.concat_arrays([pa.nulls(min(size, 1), pa.int64()), at.slice(0, max(size - 1, 0))])
    gap = pc.if_else(rows["first"], pa.scalar(None, pa.int64()), pc.subtract(at, before))
    gap = pc.if_else(pc.less_equal(gap, longest), gap, pa.scalar(None, pa.int64()))
    own = pc.invert(rows["customer"]).cast(pa.int64())
    return _part(_cases(rows["contact"], contact), names.take(rows["agent"]), message=own, reception=gap)


def _waited(responses: pa.Table, contact: pa.Array) -> pa.Table:
    """Returns the waits for replies, the first one of each agent and conversation marked."""
    responses = responses.filter(pc.is_valid(responses.column("answered_at")))
    wait = pc.subtract(instant(responses, "answered_at"), instant(responses, "asked_at"))
    if WORKED in responses.column_names:
        wait = given(responses, WORKED, pa.int64())
    rows = pa.table(
        {
            "case": _cases(given(responses, "contact_id", pa.string()), contact),
            "name": given(responses, "agent_id", pa.string()).cast(pa.string()),
            "asked": instant(responses, "asked_at"),
            "wait": wait,
        }
    )
    rows = rows.take(pc.sort_indices(rows, sort_keys=[(n, "ascending") for n in ("case", "name", "asked")]))
    case, name, wait = (plain(rows.column(n)) for n in ("case", "name", "wait"))
    first = pc.if_else(starts_of_runs(case, name), wait, pa.scalar(None, pa.int64()))
    return _part(case, name, wait=wait, first_wait=first)


def _took(legs: pa.Table, contact: pa.Array) -> pa.Table:
    """Returns when agents took the contacts."""
    return _part(
        _cases(given(legs, "contact_id", pa.string()), contact),
        given(legs, "agent_id", pa.string()),
        taken_at=instant(legs, "began_at"),
    )


_CONTACTS = Input(
    of="contacts",
    columns=("contact_id", "customer_id", "opened_at", "filtered"),
    order=("opened_at",),
    optional=("filtered",),
)
_RESPONSES = Input(
    of="responses", columns=tuple(column.name for column in RESPONSES.columns), order=("asked_at",)
)
_LEGS = Input(of="legs", columns=("contact_id", "began_at", "agent_id"), order=("began_at",))
_MAX_WAIT = Duration(
    name="max_wait", doc="a stretch between two messages longer than this is no reception", default="30m"
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=ATTENDANCES,
        derivations=tuple(
            Derivation(
                name=name,
                inputs=inputs,
                key="contact_id",
                outputs=("attendances",),
                parameters=(_MAX_WAIT, *CLOCK_PARAMETERS),
                function=_attendances,
                worked=worked_between("asked_at", "answered_at"),
            )
            for name, inputs in (
                ("attendances", (_RESPONSES, _CONTACTS, MESSAGES, _LEGS)),
                ("attendances_of_messages", (_RESPONSES, _CONTACTS, MESSAGES)),
            )
        ),
    ),
)
