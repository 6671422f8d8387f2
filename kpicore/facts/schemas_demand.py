"""The contracts of facts about who asks for service, and about what."""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

__all__ = [
    "CONTACT_STREAKS",
    "CONTACT_TOPICS",
    "CUSTOMER_CONTACTS",
    "RECEPTIONS",
    "SELF_SERVICE",
    "SITE_EVENTS",
]

_CONTACTS, _TRAFFIC = TABLES["contacts"], TABLES["traffic"]
_CUSTOMER = _CONTACTS.column("customer_id")
_FILTERED = Column(
    name="filtered", kind=Kind.FLAG, doc="spam, or closed before anybody received it", required=True
)
_DIRECTION = Column(
    name="direction",
    kind=Kind.ENUM,
    doc="who began it; inbound where the source does not say",
    required=True,
    values=_CONTACTS.column("direction").values,
)

CUSTOMER_CONTACTS = TableSchema(
    name="customer_contacts",
    doc="A contact as an act of its customer.",
    columns=(
        _CONTACTS.column("contact_id"),
        _CUSTOMER,
        _CONTACTS.column("agent_id"),
        _DIRECTION,
        _FILTERED,
        _CONTACTS.column("opened_at"),
    ),
    times={"start": "opened_at"},
)

CONTACT_STREAKS = TableSchema(
    name="contact_streaks",
    doc="A contact with the k-1 contacts of the same customer before it: the time that k contacts took.",
    columns=(
        _CONTACTS.column("contact_id"),
        _CUSTOMER,
        _CONTACTS.column("agent_id"),
        _DIRECTION,
        Column(name="start", kind=Kind.TIME, doc="when the first of them was opened", required=True),
        Column(
            name="end", kind=Kind.TIME, doc="a microsecond after the last of them was opened", required=True
        ),
        Column(name="length", kind=Kind.DURATION, doc="end - start", unit="us"),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)

RECEPTIONS = TableSchema(
    name="receptions",
    doc="An agent's reception of a contact; a contact filtered out before that has one as well.",
    columns=(
        _CONTACTS.column("contact_id"),
        _CUSTOMER,
        Column(name="agent_id", kind=Kind.ID, doc="who received it", domain="agent"),
        _DIRECTION,
        _FILTERED,
        Column(name="received_at", kind=Kind.TIME, doc="when the agent took it, else when it was opened"),
    ),
    times={"start": "received_at"},
)

CONTACT_TOPICS = TableSchema(
    name="contact_topics",
    doc="A contact, once for each topic it is tagged with; one without is untagged.",
    columns=(
        _CONTACTS.column("contact_id"),
        Column(name="topic", kind=Kind.ID, doc="the topic, or untagged", required=True, domain="topic"),
        _CONTACTS.column("opened_at"),
        _CONTACTS.column("closed_at"),
    ),
    times={"start": "opened_at", "completion": "closed_at"},
)

SITE_EVENTS = TableSchema(
    name="site_events",
    doc="Visits, views and searches, each with how many it stands for.",
    columns=(
        _TRAFFIC.column("at"),
        _TRAFFIC.column("kind"),
        _TRAFFIC.column("visitor_id"),
        _TRAFFIC.column("session_id"),
        _CUSTOMER,
        Column(name="count", kind=Kind.INTEGER, doc="how many, 1 where the source does not say"),
    ),
    times={"event": "at"},
)

SELF_SERVICE = TableSchema(
    name="self_service",
    doc="A session of self-service, and whether its customer got in contact all the same.",
    columns=(
        _TRAFFIC.column("session_id"),
        _CUSTOMER,
        Column(name="began_at", kind=Kind.TIME, doc="when it began", required=True),
        Column(
            name="contacted",
            kind=Kind.FLAG,
            doc="whether a contact of the customer followed; null where the customer is not known",
        ),
    ),
    times={"start": "began_at"},
)
