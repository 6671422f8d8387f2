"""The contracts of facts about cases: contacts as pieces of work that are opened, resolved and reopened."""

from __future__ import annotations

from dataclasses import replace

from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

__all__ = ["ANSWERED_REOPENINGS", "CASES", "CASE_EFFORTS", "OPEN_STRETCHES", "REOPENINGS", "SESSIONS"]

_CONTACTS = TABLES["contacts"]
_CONTACT = _CONTACTS.column("contact_id")
_CUSTOMER = _CONTACTS.column("customer_id")
_IN_CHARGE = _CONTACTS.column("agent_id")
_OPENED = _CONTACTS.column("opened_at")
_FILTERED = Column(name="filtered", kind=Kind.FLAG, doc="spam, or closed before anybody received it")


def _time(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name=name, kind=Kind.TIME, doc=doc, required=required)


OPEN_STRETCHES = TableSchema(
    name="open_stretches",
    doc="A stretch of time in which a case was open and in the hands of one agent, or of nobody.",
    columns=(
        _CONTACT,
        Column(
            name="agent_id",
            kind=Kind.ID,
            doc="who took or was assigned the case last before the stretch; of a case of which no event "
            "tells, the agent in charge at its end",
            domain="agent",
        ),
        _time("opened_at", "when the case was opened", required=True),
        _time("open_since", "when it was opened, or last reopened", required=True),
        _time("start", "from", required=True),
        _time("end", "to; null while it lasts"),
        Column(
            name="began", kind=Kind.FLAG, doc="whether it was opened or reopened at the start", required=True
        ),
        Column(
            name="ended",
            kind=Kind.ENUM,
            doc="what ended the stretch: the case was resolved, closed, or passed on to another",
            required=True,
            values=("resolved", "closed", "passed", "open"),
        ),
        _FILTERED,
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)


def _cases(name: str, doc: str, *more: Column) -> TableSchema:
    return TableSchema(
        name=name,
        doc=doc,
        columns=(
            _CONTACT,
            _CUSTOMER,
            _IN_CHARGE,
            _OPENED,
            _time("ended_at", "when it was last resolved or closed; null while it is open"),
            Column(
                name="ended",
                kind=Kind.ENUM,
                doc="how it ended last",
                required=True,
                values=("resolved", "closed", "open"),
            ),
            _time("first_ended_at", "when it was first resolved or closed; null where unknown"),
            _time("first_resolved_at", "when it was first resolved; null where unknown"),
            _time("settled_at", "first_ended_at, else ended_at"),
            _time("resolved_once_at", "first_resolved_at, else when it was last resolved"),
            _FILTERED,
            *more,
        ),
        times={
            "start": "opened_at",
            "completion": "ended_at",
            "first": "first_ended_at",
            "first_resolved": "first_resolved_at",
            "settled": "settled_at",
            "resolved_once": "resolved_once_at",
        },
        interval=("opened_at", "ended_at"),
    )


CASES = _cases("cases", "A contact as a case: when it was opened, and first and last resolved.")

_REOPENS = Column(name="reopens", kind=Kind.INTEGER, doc="how often it was reopened", unit="times")

REOPENINGS = _cases("reopenings", "A case, and how often it was reopened.", _REOPENS)

ANSWERED_REOPENINGS = _cases(
    "answered_reopenings",
    "A case, and how often it was reopened, apart from what no agent answered.",
    replace(_REOPENS, doc="how often it was reopened, and either answered by an agent or not ended again"),
    replace(_REOPENS, name="unanswered", doc="how often it ended again without a message of an agent"),
)

CASE_EFFORTS = _cases(
    "case_efforts",
    "A case, and how long agents handled it.",
    Column(
        name="effort",
        kind=Kind.DURATION,
        doc="talk, hold and wrap-up of all agents; null where nobody handled it",
        unit="us",
    ),
)

SESSIONS = TableSchema(
    name="sessions",
    doc="A contact from its beginning, or from when an agent took it, to its end.",
    columns=(
        _CONTACT,
        _CUSTOMER,
        _IN_CHARGE,
        _OPENED,
        _time("taken_at", "when the first agent took it; where nothing tells of agents' parts, opened_at"),
        _time("closed_at", "when it ended"),
        _FILTERED,
    ),
    times={"start": "opened_at", "completion": "closed_at", "taken": "taken_at"},
    interval=("opened_at", "closed_at"),
)
