"""Callbacks: contacts that nobody answered, and how long the customer then waited."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings

from .schemas_returns import CALLBACKS
from .whole_tables import first_from, given, instant, look_up, starts_of_runs

__all__ = ["FACTS"]

_UTC = pa.timestamp("us", "UTC")


def _callbacks(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Returns the last stay in a queue of each inbound contact that was answered in none.

    The wait ends when the customer is called, or is answered in a later contact.
    """
    contacts, visits = tables
    known = given(contacts, "contact_id", pa.string())
    direction = given(contacts, "direction", pa.string()).fill_null("inbound")
    inbound = pc.equal(direction, "inbound")
    contact = given(visits, "contact_id", pa.string())
    answered = pc.equal(given(visits, "outcome", pa.string()), "answered")
    missed = pc.invert(pc.is_in(contact, value_set=contact.filter(answered)))
    last = starts_of_runs(contact).slice(1)
    last = pa.concat_arrays([last, pa.array([True] * min(len(contact), 1), pa.bool_())])
    of_inbound = look_up(contact, known, inbound).fill_null(True)
    left = instant(visits, "left_at")
    customers = given(contacts, "customer_id", pa.string())
    chosen = pc.and_(pc.and_(missed, last), pc.and_(of_inbound, pc.is_valid(left)))
    stays = visits.filter(chosen)
    customer = look_up(contact.filter(chosen), known, customers)
    at = left.filter(chosen)
    called = contacts.filter(pc.equal(direction, "outbound"))
    row = first_from(customer, at, given(called, "customer_id", pa.string()), instant(called, "opened_at"))
    called_back = instant(called, "opened_at").take(row)
    again = pc.and_(answered, of_inbound)
    return_at = left.filter(again)
    returns = first_from(customer, at, look_up(contact.filter(again), known, customers), return_at)
    returned = return_at.take(returns)
    columns = {
        "contact_id": contact.filter(chosen),
        "customer_id": customer,
        "agent_id": given(called, "agent_id", pa.string()).take(row),
        "queue": given(stays, "queue", pa.string()),
        "outcome": given(stays, "outcome", pa.string()),
        "missed_at": at.cast(_UTC),
        "called_back_at": called_back.cast(_UTC),
        "returned_at": returned.cast(_UTC),
        "ended_at": pc.min_element_wise(called_back, returned).cast(_UTC),
    }
    return {"callbacks": pa.table(columns)}


FACTS: tuple[Fact, ...] = (
    Fact(
        schema=CALLBACKS,
        derivations=(
            Derivation(
                name="callbacks",
                inputs=(
                    Input(
                        of="contacts",
                        columns=("contact_id", "customer_id", "agent_id", "direction", "opened_at"),
                        order=("opened_at",),
                        optional=("agent_id",),
                    ),
                    Input(
                        of="visits",
                        columns=("contact_id", "entered_at", "left_at", "queue", "outcome"),
                        order=("entered_at", "left_at"),
                        optional=("queue",),
                    ),
                ),
                key="contact_id",
                outputs=("callbacks",),
                function=_callbacks,
            ),
        ),
    ),
)
