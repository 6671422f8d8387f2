"""Followed visits: what comes after a stay in a queue, up to the last after-contact work."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Duration, Fact, Input, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

from .earlier_waits import ends_of_stays
from .judged_visits import (
    CONTACT_VISITS,
    VISITS_INPUT,
    WITHIN,
    clock_parameter,
    contact_columns,
    require_columns,
)
from .whole_tables import first_from, given, instant, look_up, plain

__all__ = [
    "CALLBACK_WITHIN",
    "CONTACTS_INPUT",
    "FACTS",
    "FOLLOWED_VISITS",
    "LEGS_INPUT",
    "followed_columns",
]

_UTC = pa.timestamp("us", "UTC")
_NONE = pa.scalar(None, pa.int64())

FOLLOWED_VISITS = TableSchema(
    name="followed_visits",
    doc="A stay in a queue, with what came of its contact.",
    columns=(
        *CONTACT_VISITS.columns,
        TABLES["contacts"].column("customer_id"),
        Column(
            name="called_back_at",
            kind=Kind.TIME,
            doc="of a stay that ended with a request for a callback: when an agent first took the contact "
            "again, or first called the customer, whichever came first",
        ),
        Column(
            name="callback_wait",
            kind=Kind.DURATION,
            doc="from that request to that call or taking",
            unit="us",
        ),
        Column(
            name="completed_at",
            kind=Kind.TIME,
            doc="when the contact was done: the last end of its stays and of its agents' parts, "
            "after-contact work included; null while one lasts",
        ),
    ),
    times={**CONTACT_VISITS.times, "completion": "completed_at"},
)
CALLBACK_WITHIN = Duration(
    name="callback_within",
    doc="the limit of callbacks; none where they have none",
    default="none",
    optional=True,
)


def followed_columns(
    settings: Settings,
    visits: pa.Table,
    contacts: pa.Table,
    legs: pa.Table,
    began: Mapping[str, pa.Array] | None = None,
) -> dict[str, pa.Array]:
    """Returns the columns of FOLLOWED_VISITS; ``began`` is that of ``judged_columns``."""
    columns = contact_columns(settings, visits, contacts, began)
    contact, left = given(visits, "contact_id", pa.string()), ends_of_stays(visits)
    customer = look_up(
        contact, given(contacts, "contact_id", pa.string()), given(contacts, "customer_id", pa.string())
    )
    asked = pc.equal(given(visits, "outcome", pa.string()), "callback")
    called = pc.if_else(asked, _called_back(contact, customer, left, contacts, legs), _NONE)
    if settings["callback_within"] is not None:
        require_columns(contacts, "customer_id", "direction")
        limit = pc.add(left, settings.microseconds("callback_within"))
        judged = pc.min_element_wise(called, limit).cast(_UTC)
        columns["judged_at"] = pc.if_else(asked, judged, columns["judged_at"])
    return columns | {
        "customer_id": customer,
        "called_back_at": called.cast(_UTC),
        "callback_wait": pc.subtract(called, left),
        "completed_at": _completed(contact, left, legs).cast(_UTC),
    }


def _called_back(
    contact: pa.Array, customer: pa.Array, since: pa.Array, contacts: pa.Table, legs: pa.Table
) -> pa.Array:
    began = instant(legs, "began_at")
    own = began.take(first_from(contact, since, given(legs, "contact_id", pa.string()), began))
    calls = contacts.filter(pc.equal(given(contacts, "direction", pa.string()), "outbound"))
    opened = instant(calls, "opened_at")
    call = opened.take(first_from(customer, since, given(calls, "customer_id", pa.string()), opened))
    return pc.min_element_wise(own, call)


def _completed(contact: pa.Array, left: pa.Array, legs: pa.Table) -> pa.Array:
    of_legs = given(legs, "contact_id", contact.type).cast(contact.type)
    ends = pa.table(
        {
            "contact": pa.concat_arrays([contact, of_legs]),
            "end": pa.concat_arrays([left, instant(legs, "ended_at")]),
        }
    )
    found = ends.group_by("contact").aggregate([("end", "max"), ("end", "count"), ("contact", "count")])
    done = pc.equal(found.column("end_count"), found.column("contact_count"))
    last = pc.if_else(done, found.column("end_max"), _NONE)
    return look_up(contact, plain(found.column("contact")), plain(last))


def _followed(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"followed_visits": pa.table(followed_columns(settings, *tables))}


CONTACTS_INPUT = Input(
    of="contacts",
    columns=("contact_id", "customer_id", "direction", "opened_at", "closed_at"),
    order=("opened_at",),
    optional=("customer_id", "direction", "opened_at", "closed_at"),
)
LEGS_INPUT = Input(
    of="legs", columns=("contact_id", "began_at", "ended_at"), order=("began_at",), optional=("ended_at",)
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=FOLLOWED_VISITS,
        derivations=(
            Derivation(
                name="followed_visits",
                inputs=(VISITS_INPUT, CONTACTS_INPUT, LEGS_INPUT),
                key="contact_id",
                outputs=("followed_visits",),
                parameters=(
                    CALLBACK_WITHIN,
                    clock_parameter("queue", "earlier_queues", "contact"),
                    WITHIN,
                ),
                function=_followed,
            ),
        ),
    ),
)
