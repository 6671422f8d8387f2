"""Visits as a service level sees them: when each was decided, and the contact it is part of."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import MissingDataError
from kpicore.plugin import Choice, Derivation, Duration, Fact, Input, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema

from .earlier_waits import earlier_waits
from .schemas import VISITS
from .whole_tables import given, instant, look_up

__all__ = ["CONTACT_VISITS", "FACTS", "JUDGED_VISITS"]

_UTC = pa.timestamp("us", "UTC")
_JUDGED = Column(
    name="judged_at", kind=Kind.TIME, doc="the end of the wait, or the limit, whichever comes first"
)
_EARLIER = Column(
    name="earlier_wait",
    kind=Kind.DURATION,
    doc="the waits of the contact's stays that had ended when this one began; null where one is unknown",
    unit="us",
)

JUDGED_VISITS = TableSchema(
    name="judged_visits",
    doc="A stay in a queue, with the instant at which its service level is decided.",
    columns=(*VISITS.columns, _JUDGED, _EARLIER),
    times={**VISITS.times, "sl_event": "judged_at"},
)
CONTACT_VISITS = TableSchema(
    name="contact_visits",
    doc="A stay in a queue, with the beginning and the end of its contact.",
    columns=(
        *JUDGED_VISITS.columns,
        Column(name="arrived_at", kind=Kind.TIME, doc="when the contact began"),
        Column(name="disconnected_at", kind=Kind.TIME, doc="when the contact ended"),
        Column(
            name="whole_wait",
            kind=Kind.DURATION,
            doc="from the beginning of the contact to the end of the stay; null where unknown",
            unit="us",
        ),
    ),
    times={**VISITS.times, "sl_event": "judged_at", "disconnect": "disconnected_at"},
)
_COLUMNS = tuple(column.name for column in VISITS.columns)
_WITHIN = Duration(name="within", doc="the limit", default="20s")


def _clock(*values: str) -> Choice:
    return Choice(
        name="clock",
        doc="from when the limit runs: the beginning of the stay, as if the waits in earlier queues had come "
        "just before it, or the beginning of the contact",
        values=values,
        default="queue",
    )


def _with_judgement(settings: Settings, visits: pa.Table, arrived: pa.Array | None) -> dict[str, pa.Array]:
    entered, earlier = instant(visits, "entered_at"), earlier_waits(visits)
    limit = pc.add(entered, settings.microseconds("within"))
    if settings.word("clock") == "earlier_queues":
        limit = pc.max_element_wise(entered, pc.subtract(limit, earlier), skip_nulls=False)
    elif settings.word("clock") == "contact":
        limit = pc.add(arrived, settings.microseconds("within"))
    judged = pc.min_element_wise(instant(visits, "left_at"), limit)
    columns = {name: visits.column(name) for name in _COLUMNS if name in visits.column_names}
    return columns | {"judged_at": judged.cast(_UTC), "earlier_wait": earlier}


def _judged(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (visits,) = tables
    return {"judged_visits": pa.table(_with_judgement(settings, visits, None))}


def _of_contacts(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    visits, contacts = tables
    for name in ("opened_at", "closed_at"):
        if name not in contacts.column_names:
            raise MissingDataError(f"contacts has no column {name}", hint="deliver it, or map it")
    contact, among = given(visits, "contact_id", pa.string()), given(contacts, "contact_id", pa.string())
    arrived = look_up(contact, among, instant(contacts, "opened_at"))
    known = pc.is_valid(given(visits, "wait", pa.int64()))
    whole = pc.subtract(instant(visits, "left_at"), arrived)
    columns = _with_judgement(settings, visits, arrived) | {
        "arrived_at": arrived.cast(_UTC),
        "disconnected_at": look_up(contact, among, instant(contacts, "closed_at")).cast(_UTC),
        "whole_wait": pc.if_else(known, whole, pa.scalar(None, pa.int64())),
    }
    return {"contact_visits": pa.table(columns)}


_VISITS = Input(
    of="visits", columns=_COLUMNS, order=("entered_at",), optional=("agent_id", "left_at", "queue", "wait")
)
_CONTACTS = Input(
    of="contacts",
    columns=("contact_id", "opened_at", "closed_at"),
    order=("contact_id",),
    optional=("opened_at", "closed_at"),
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=JUDGED_VISITS,
        derivations=(
            Derivation(
                name="judged_visits",
                inputs=(_VISITS,),
                key="contact_id",
                outputs=("judged_visits",),
                parameters=(_clock("queue", "earlier_queues"), _WITHIN),
                function=_judged,
            ),
        ),
    ),
    Fact(
        schema=CONTACT_VISITS,
        derivations=(
            Derivation(
                name="contact_visits",
                inputs=(_VISITS, _CONTACTS),
                key="contact_id",
                outputs=("contact_visits",),
                parameters=(_clock("queue", "earlier_queues", "contact"), _WITHIN),
                function=_of_contacts,
            ),
        ),
    ),
)
