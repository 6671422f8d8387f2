"""The contracts of facts about customers who come back, or who are called back."""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

from .schemas import VISITS

__all__ = ["CALLBACKS", "FLAGGED_CONTACTS", "REPEATS"]

_CONTACTS = TABLES["contacts"]
_ABOUT = (
    _CONTACTS.column("contact_id"),
    _CONTACTS.column("customer_id"),
    _CONTACTS.column("agent_id"),
    _CONTACTS.column("opened_at"),
    Column(
        name="comparable",
        kind=Kind.FLAG,
        doc="whether the customer is known, and the topic or product where it must be the same",
        required=True,
    ),
    Column(name="previous_at", kind=Kind.TIME, doc="when the customer's contact before was opened"),
    Column(name="next_at", kind=Kind.TIME, doc="when the customer's next contact was opened"),
)

REPEATS = TableSchema(
    name="repeats",
    doc="A customer's contact, with those before and after it (about the same, where that is asked for).",
    columns=_ABOUT,
    times={"start": "opened_at"},
)

FLAGGED_CONTACTS = TableSchema(
    name="flagged_contacts",
    doc="A customer's contact, with those before and after it, and whether it was resolved for good.",
    columns=(
        *_ABOUT,
        Column(
            name="resolved_for_good",
            kind=Kind.FLAG,
            doc="whether it was resolved and never reopened",
            required=True,
        ),
    ),
    times={"start": "opened_at"},
)

CALLBACKS = TableSchema(
    name="callbacks",
    doc="An inbound contact that nobody answered, and what ended the customer's wait.",
    columns=(
        _CONTACTS.column("contact_id"),
        _CONTACTS.column("customer_id"),
        Column(name="agent_id", kind=Kind.ID, doc="who called back", domain="agent"),
        VISITS.column("queue"),
        VISITS.column("outcome"),
        Column(name="missed_at", kind=Kind.TIME, doc="when the missed contact ended", required=True),
        Column(name="called_back_at", kind=Kind.TIME, doc="when the customer was first called after it"),
        Column(name="returned_at", kind=Kind.TIME, doc="when the customer was first answered after it"),
        Column(name="ended_at", kind=Kind.TIME, doc="the earlier of both"),
    ),
    times={"start": "missed_at", "event": "called_back_at", "completion": "ended_at"},
)
