"""Visits as a service level sees them: when each was decided, and the contact it is part of."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import MissingDataError
from kpicore.plugin import Choice, Derivation, Duration, Fact, Input, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema

from .earlier_waits import earlier_waits, ends_of_stays
from .schemas import VISITS
from .whole_tables import given, instant, look_up

__all__ = [
    "CONTACT_VISITS",
    "FACTS",
    "JUDGED_VISITS",
    "VISITS_INPUT",
    "WITHIN",
    "clock_parameter",
    "contact_columns",
    "judged_columns",
    "require_columns",
]

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
WITHIN = Duration(name="within", doc="the limit", default="20s")


def clock_parameter(*values: str) -> Choice:
    """Returns the option of a fact that says from when the limit runs."""
    return Choice(
        name="clock",
        doc="from when the limit runs: the beginning of the stay, as if the waits in earlier queues had come "
        "just before it, the beginning of the contact, or the hand-off by a bot",
        values=values,
        default="queue",
    )


def judged_columns(
    settings: Settings, visits: pa.Table, began: Mapping[str, pa.Array]
) -> dict[str, pa.Array]:
    """Returns the columns of JUDGED_VISITS; ``began`` has the beginnings of further clocks, by name."""
    entered, earlier = instant(visits, "entered_at"), earlier_waits(visits)
    limit = pc.add(began.get(settings.word("clock"), entered), settings.microseconds("within"))
    if settings.word("clock") == "earlier_queues":
        limit = pc.max_element_wise(entered, pc.subtract(limit, earlier), skip_nulls=False)
    judged = pc.min_element_wise(ends_of_stays(visits), limit)
    columns = {name: visits.column(name) for name in _COLUMNS if name in visits.column_names}
    return columns | {"judged_at": judged.cast(_UTC), "earlier_wait": earlier}


def contact_columns(
    settings: Settings,
    visits: pa.Table,
    contacts: pa.Table,
    began: Mapping[str, pa.Array] | None = None,
) -> dict[str, pa.Array]:
    """Returns the columns of CONTACT_VISITS; MissingDataError where contacts lacks one of its times."""
    require_columns(contacts, "opened_at", "closed_at")
    contact, among = given(visits, "contact_id", pa.string()), given(contacts, "contact_id", pa.string())
    arrived = look_up(contact, among, instant(contacts, "opened_at"))
    known = pc.is_valid(given(visits, "wait", pa.int64()))
    whole = pc.subtract(ends_of_stays(visits), arrived)
    return judged_columns(settings, visits, {"contact": arrived, **(began or {})}) | {
        "arrived_at": arrived.cast(_UTC),
        "disconnected_at": look_up(contact, among, instant(contacts, "closed_at")).cast(_UTC),
        "whole_wait": pc.if_else(known, whole, pa.scalar(None, pa.int64())),
    }


def require_columns(contacts: pa.Table, *names: str) -> None:
    """Raises MissingDataError where the table contacts lacks one of ``names``."""
    for name in names:
        if name not in contacts.column_names:
            raise MissingDataError(f"contacts has no column {name}", hint="deliver it, or map it")


def _judged(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"judged_visits": pa.table(judged_columns(settings, tables[0], {}))}


def _of_contacts(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"contact_visits": pa.table(contact_columns(settings, *tables))}


VISITS_INPUT = Input(
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
                inputs=(VISITS_INPUT,),
                key="contact_id",
                outputs=("judged_visits",),
                parameters=(clock_parameter("queue", "earlier_queues"), WITHIN),
                function=_judged,
            ),
        ),
    ),
    Fact(
        schema=CONTACT_VISITS,
        derivations=(
            Derivation(
                name="contact_visits",
                inputs=(VISITS_INPUT, _CONTACTS),
                key="contact_id",
                outputs=("contact_visits",),
                parameters=(clock_parameter("queue", "earlier_queues", "contact"), WITHIN),
                function=_of_contacts,
            ),
        ),
    ),
)
