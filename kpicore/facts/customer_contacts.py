"""Contacts as acts of customers: who asked, who was received, how often somebody asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import TABLES, Choices, Derivation, Fact, Input, Integer, Settings

from .schemas_demand import CONTACT_STREAKS, CUSTOMER_CONTACTS, RECEPTIONS
from .whole_tables import given, instant, look_up

__all__ = ["DIRECTIONS", "FACTS"]

DIRECTIONS = Choices(
    name="directions",
    doc="who began the contacts that count; where the source does not say, the customer did",
    values=TABLES["contacts"].column("direction").values,
    default="inbound",
)

_UTC = pa.timestamp("us", "UTC")
_COPIED = ("contact_id", "customer_id", "agent_id")


def _customer_contacts(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (contacts,) = tables
    return {"customer_contacts": _described(contacts)}


def _described(contacts: pa.Table) -> pa.Table:
    """Returns contacts with a direction and a verdict whether they were filtered out."""
    columns = {
        name: contacts.column(name) if name in contacts.column_names else pa.nulls(len(contacts), pa.string())
        for name in _COPIED
    }
    columns["direction"] = given(contacts, "direction", pa.string()).fill_null("inbound")
    columns["filtered"] = given(contacts, "filtered", pa.bool_()).fill_null(False)
    columns["opened_at"] = instant(contacts, "opened_at").cast(_UTC)
    return pa.table(columns)


def _contact_streaks(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (contacts,) = tables
    wanted = pc.is_in(given(contacts, "direction", pa.string()), pa.array(settings.words("directions")))
    contacts = contacts.filter(pc.and_(wanted, pc.is_valid(contacts.column("customer_id"))))
    before = settings.integer("k") - 1
    size = max(len(contacts) - before, 0)
    customer = given(contacts, "customer_id", pa.string()).dictionary_encode().indices
    opened = instant(contacts, "opened_at")
    ends = pc.add(opened.slice(before), 1)
    kept = contacts.slice(before).append_column("start", opened.slice(0, size).cast(_UTC))
    kept = kept.append_column("end", ends.cast(_UTC))
    kept = kept.append_column("length", pc.subtract(ends, opened.slice(0, size)))
    known = pc.and_(pc.is_valid(kept.column("start")), pc.is_valid(kept.column("end")))
    same = pc.equal(customer.slice(before), customer.slice(0, size))
    return {"contact_streaks": kept.filter(pc.and_(known, same))}


def _receptions(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    contacts, *legs = tables
    described = _described(contacts)
    if not legs:
        someone = pc.or_(pc.is_valid(described.column("agent_id")), described.column("filtered"))
        return {"receptions": described.filter(someone).rename_columns([*_NAMES, "received_at"])}
    contact = given(legs[0], "contact_id", pa.string())
    among = given(contacts, "contact_id", pa.string())
    received = {
        name: look_up(contact, among, given(described, name, pa.string()))
        for name in ("customer_id", "direction", "filtered")
    }
    taken = pa.table(
        {
            "contact_id": contact,
            "customer_id": received["customer_id"],
            "agent_id": given(legs[0], "agent_id", pa.string()).cast(pa.string()),
            "direction": received["direction"].fill_null("inbound"),
            "filtered": received["filtered"].fill_null(False),
            "received_at": instant(legs[0], "began_at").cast(_UTC),
        }
    )
    filtered = described.filter(described.column("filtered")).rename_columns([*_NAMES, "received_at"])
    plain_filtered = pa.table({name: given(filtered, name, pa.string()) for name in taken.column_names})
    return {"receptions": pa.concat_tables([taken, plain_filtered.cast(taken.schema)])}


_NAMES = (*_COPIED, "direction", "filtered")
_OPTIONAL = ("customer_id", "agent_id", "direction", "filtered", "opened_at")
_CONTACTS = Input(
    of="contacts",
    columns=("contact_id", *_OPTIONAL),
    order=("contact_id",),
    optional=tuple(name for name in _OPTIONAL if name != "customer_id"),
)
_ASSIGNED = replace(_CONTACTS, optional=tuple(c for c in _CONTACTS.optional if c != "agent_id"))
_LEGS = Input(of="legs", columns=("contact_id", "agent_id", "began_at"), order=("began_at",))

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=CUSTOMER_CONTACTS,
        derivations=(
            Derivation(
                name="customer_contacts",
                inputs=(_CONTACTS,),
                key="contact_id",
                outputs=("customer_contacts",),
                function=_customer_contacts,
            ),
        ),
    ),
    Fact(
        schema=CONTACT_STREAKS,
        derivations=(
            Derivation(
                name="contact_streaks",
                inputs=(
                    Input(
                        of="customer_contacts",
                        columns=("customer_id", "opened_at", "contact_id", "agent_id", "direction"),
                        order=("opened_at",),
                    ),
                ),
                key="customer_id",
                outputs=("contact_streaks",),
                parameters=(
                    Integer(name="k", doc="how many contacts", default="2", low=1, high=1_000_000),
                    DIRECTIONS,
                ),
                function=_contact_streaks,
            ),
        ),
    ),
    Fact(
        schema=RECEPTIONS,
        derivations=tuple(
            Derivation(
                name=name,
                inputs=inputs,
                key="contact_id",
                outputs=("receptions",),
                function=_receptions,
            )
            for name, inputs in (
                ("receptions", (_CONTACTS, _LEGS)),
                ("receptions_without_legs", (_ASSIGNED,)),
            )
        ),
    ),
)
