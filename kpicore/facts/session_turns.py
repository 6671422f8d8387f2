"""Turns by session, where sessions are bounded by silence instead of by contacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import MissingDataError
from kpicore.plugin import Derivation, Duration, Fact, Input, Parameter, Settings, TableSchema

from .schemas_conversation import CONTACT_SESSIONS, IDLE_SESSION_TURNS, MERGED_SESSION_TURNS
from .turns import BOTS, MESSAGES, turns_of, written
from .whole_tables import given, instant, latest_before, look_up

__all__ = ["FACTS", "GRACE", "IDLE"]

_UTC = pa.timestamp("us", "UTC")
IDLE = Duration(name="idle", doc="with boundary=idle, a longer silence ends a session", default="30m", low=1)
GRACE = Duration(
    name="grace",
    doc="with boundary=merged, a contact that begins no later than this after the customer's last one ended "
    "goes on with its session",
    default="10m",
)


def _idle(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    rows, names = written(tables[0], bots=settings.word("bots") == "include")
    at, size = rows["at"], len(rows["at"])
    before = pa.concat_arrays([pa.nulls(min(size, 1), pa.int64()), at.slice(0, max(size - 1, 0))])
    silent = pc.greater(pc.subtract(at, before), settings.microseconds("idle")).fill_null(False)
    session = pc.cumulative_sum(pc.or_(rows["first"], silent).cast(pa.int64()))
    return {"idle_session_turns": turns_of(rows, names, session)}


def _merged(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    messages, sessions = tables
    rows, names = written(messages, bots=settings.word("bots") == "include")
    among = given(sessions, "contact_id", pa.string())
    turns = turns_of(rows, names)
    contact = given(turns, "contact_id", pa.string())
    session = look_up(contact, among, given(sessions, "session_id", pa.string()))
    session = pc.coalesce(session, contact.cast(session.type))
    return {"merged_session_turns": turns.append_column("session_id", session)}


def _contact_sessions(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Returns the contact with which each one's session began; of an unknown customer it is its own."""
    (contacts,) = tables
    contact, customer = (given(contacts, name, pa.string()) for name in ("contact_id", "customer_id"))
    if len(customer) and customer.null_count == len(customer):
        raise MissingDataError(
            "no contact names its customer, so that none can go on with another's session",
            hint="deliver contacts.customer_id, or map it",
        )
    start = instant(contacts, "opened_at")
    end = pc.coalesce(instant(contacts, "closed_at"), start)
    code = customer.dictionary_encode().indices.cast(pa.int64())
    rows = pa.table({"code": code, "start": start, "end": end, "place": pa.arange(0, len(contacts))})
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in ("code", "start", "place")])
    code, start, end = (column.take(order) for column in (code, start, end))
    new = pc.greater(start, pc.add(latest_before(code, end), settings.microseconds("grace"))).fill_null(True)
    first = pc.fill_null_forward(pc.if_else(new, order.cast(pa.int64()), pa.scalar(None, pa.int64())))
    columns = {
        "contact_id": contact.take(order),
        "customer_id": customer.take(order),
        "opened_at": start.cast(_UTC),
        "session_id": contact.take(first),
    }
    return {"contact_sessions": pa.table(columns)}


_CONTACTS = Input(
    of="contacts", columns=("customer_id", "opened_at", "closed_at", "contact_id"), order=("opened_at",)
)
_SESSIONS = Input(of="contact_sessions", columns=("contact_id", "session_id"), order=("session_id",))


def _fact(
    schema: TableSchema,
    function: Callable[[Settings, tuple[pa.Table, ...]], Mapping[str, pa.Table]],
    *inputs: Input,
    key: str = "contact_id",
    parameters: tuple[Parameter, ...],
) -> Fact:
    derivation = Derivation(
        name=schema.name,
        inputs=inputs,
        key=key,
        outputs=(schema.name,),
        parameters=parameters,
        function=function,
    )
    return Fact(schema=schema, derivations=(derivation,))


FACTS: tuple[Fact, ...] = (
    _fact(IDLE_SESSION_TURNS, _idle, MESSAGES, parameters=(BOTS, IDLE)),
    _fact(CONTACT_SESSIONS, _contact_sessions, _CONTACTS, key="customer_id", parameters=(GRACE,)),
    _fact(MERGED_SESSION_TURNS, _merged, MESSAGES, _SESSIONS, parameters=(BOTS,)),
)
