"""The contracts of facts about customers who come back, or who are called back."""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

from .schemas import VISITS

__all__ = [
    "CALLBACKS",
    "FLAGGED_CONTACTS",
    "FLAGGED_CONTACTS_WITH_TRANSFERS",
    "REPEATS",
    "REPEATS_WITH_TRANSFERS",
    "TRANSFERRED_CONTACTS",
]

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
    Column(
        name="followed_for",
        kind=Kind.DURATION,
        doc="how long after it the log still tells of contacts that are opened",
        unit="us",
    ),
)
_TRANSFERRED = Column(
    name="transferred", kind=Kind.FLAG, doc="whether an agent transferred it", required=True
)

_RESOLVED = Column(
    name="resolved_for_good",
    kind=Kind.FLAG,
    doc="whether it was resolved and never reopened",
    required=True,
)


def _about(name: str, doc: str, *more: Column) -> TableSchema:
    return TableSchema(name=name, doc=doc, columns=(*_ABOUT, *more), times={"start": "opened_at"})


REPEATS = _about(
    "repeats",
    "A customer's contact, with those before and after it (about the same, where that is asked for).",
)

REPEATS_WITH_TRANSFERS = _about(
    "repeats_with_transfers",
    "A customer's contact, with those before and after it, and whether it was transferred.",
    _TRANSFERRED,
)

FLAGGED_CONTACTS = _about(
    "flagged_contacts",
    "A customer's contact, with those before and after it, and whether it was resolved for good.",
    _RESOLVED,
)

FLAGGED_CONTACTS_WITH_TRANSFERS = _about(
    "flagged_contacts_with_transfers",
    "A customer's contact with its neighbours, and whether it was resolved for good, and transferred.",
    _RESOLVED,
    _TRANSFERRED,
)

TRANSFERRED_CONTACTS = TableSchema(
    name="transferred_contacts",
    doc="A contact, and whether an agent transferred it.",
    columns=(
        _CONTACTS.column("contact_id"),
        _CONTACTS.column("customer_id"),
        _CONTACTS.column("opened_at"),
        _TRANSFERRED,
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
