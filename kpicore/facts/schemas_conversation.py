"""The contracts of facts about who wrote what in a conversation, and how fast."""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

from .schemas import RESPONSES

__all__ = [
    "ATTENDANCES",
    "CASE_TURNS",
    "CONTACT_SESSIONS",
    "CREATED_INITIATED_RESPONSE_TIMES",
    "CREATED_RESPONSE_TIMES",
    "IDLE_SESSION_TURNS",
    "INITIATED_RESPONSE_TIMES",
    "MERGED_SESSION_TURNS",
    "PERSON_DAY_RESPONSE_TIMES",
    "RESPONSE_TIMES",
    "RESPONSE_TIMES_OF_ASSIGNEES",
    "RESPONSE_TIMES_OF_LAST_ASSIGNEES",
    "RESTARTED_PERSON_DAY_RESPONSE_TIMES",
    "RESTARTED_RESPONSE_TIMES",
    "RESTARTED_SESSION_RESPONSE_TIMES",
    "SESSION_RESPONSE_TIMES",
    "STARTS",
    "TURNS",
]

_CONTACTS = TABLES["contacts"]
_CONTACT, _CUSTOMER = _CONTACTS.column("contact_id"), _CONTACTS.column("customer_id")


def _agent(doc: str) -> Column:
    return Column(name="agent_id", kind=Kind.ID, doc=doc, domain="agent")


def _time(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name=name, kind=Kind.TIME, doc=doc, required=required)


def _number(name: str, doc: str) -> Column:
    return Column(name=name, kind=Kind.INTEGER, doc=doc, required=True)


def _duration(name: str, doc: str) -> Column:
    return Column(name=name, kind=Kind.DURATION, doc=doc, unit="us")


def _turns(name: str, doc: str, *more: Column) -> TableSchema:
    return TableSchema(
        name=name,
        doc=doc,
        columns=(
            _CONTACT,
            _agent("who wrote it; of a customer's turn the agent to write next, else the last who wrote"),
            Column(name="side", kind=Kind.ENUM, doc="who wrote", required=True, values=("customer", "agent")),
            _time("start", "the first message", required=True),
            _time("end", "the last message", required=True),
            _number("messages", "how many messages"),
            *more,
        ),
        times={"start": "start", "completion": "end"},
    )


TURNS = _turns("turns", "Messages of one side in a row: of the customer, or of one agent.")

IDLE_SESSION_TURNS = _turns(
    "idle_session_turns",
    "Messages of one side in a row, with their session, which a long silence ends.",
    _number("session", "the number of the session"),
)

_SESSION = Column(
    name="session_id", kind=Kind.KEY, doc="the contact with which the session began", domain="contact"
)

MERGED_SESSION_TURNS = _turns(
    "merged_session_turns",
    "Messages of one side in a row, with their session, which goes on in the customer's next contact where "
    "that comes soon.",
    _SESSION,
)

CONTACT_SESSIONS = TableSchema(
    name="contact_sessions",
    doc="A contact, and the one with which its session began.",
    columns=(_CONTACT, _CUSTOMER, _CONTACTS.column("opened_at"), _SESSION),
    times={"start": "opened_at"},
)

ATTENDANCES = TableSchema(
    name="attendances",
    doc="An agent's part of a conversation in which the customer wrote: what he wrote, and how fast.",
    columns=(
        _CONTACT,
        _CUSTOMER,
        _agent("who took the contact or wrote in it; null where nobody did"),
        _time("received_at", "when the agent took it, else when it began", required=True),
        _number("messages", "how many messages the agent wrote"),
        _number("responses", "how many times the customer waited for this agent and got a reply"),
        _duration("first_wait", "how long the customer waited for the first of these replies"),
        _duration("longest_wait", "the longest of these waits"),
        _duration("waits", "the sum of these waits"),
        _duration(
            "reception", "time between messages of the conversation that led to one to or from the agent"
        ),
    ),
    times={"start": "received_at"},
)

CASE_TURNS = TableSchema(
    name="case_turns",
    doc="A case, and what agents wrote until it was resolved.",
    columns=(
        _CONTACT,
        _agent("the agent in charge at the end"),
        _CONTACTS.column("opened_at"),
        _time("ended_at", "when it was last resolved or closed; null while it is open"),
        Column(
            name="ended",
            kind=Kind.ENUM,
            doc="how it ended last",
            required=True,
            values=("resolved", "closed", "open"),
        ),
        _number("turns", "agents' turns until then"),
        _number("messages", "agents' messages until then"),
        _number("agents", "how many different agents wrote them, as far as they are named"),
        _time("first_ended_at", "when it was first resolved or closed; null where unknown"),
        Column(name="filtered", kind=Kind.FLAG, doc="spam, or closed before anybody received it"),
    ),
    times={"start": "opened_at", "completion": "ended_at"},
)


def _waits(name: str, doc: str, *more: Column) -> TableSchema:
    return TableSchema(
        name=name,
        doc=doc,
        columns=(
            _CONTACT,
            RESPONSES.column("customer_id"),
            RESPONSES.column("agent_id"),
            RESPONSES.column("asked_at"),
            RESPONSES.column("answered_at"),
            RESPONSES.column("ordinal"),
            _duration("wait", "from the question to the reply, cut off at the cap; null where not counted"),
            *more,
        ),
        times={"start": "asked_at", "event": "answered_at", "completion": "answered_at"},
    )


RESPONSE_TIMES = _waits("response_times", "A response with the wait that counts for it.")

RESTARTED_RESPONSE_TIMES = _waits(
    "restarted_response_times", "A response whose wait starts anew at an event of the contact meanwhile."
)

CREATED_RESPONSE_TIMES = _waits(
    "created_response_times", "A response; the wait for a contact's first starts when it was opened."
)


RESPONSE_TIMES_OF_ASSIGNEES = _waits(
    "response_times_of_assignees",
    "A response, credited to the agent in charge of the contact at the reply; where none is known, as in "
    "responses.",
)

RESPONSE_TIMES_OF_LAST_ASSIGNEES = _waits(
    "response_times_of_last_assignees",
    "A response, credited to the agent in charge of the contact at its end; where none is known, as in "
    "responses.",
)

_INITIATED = Column(
    name="agent_initiated", kind=Kind.FLAG, doc="whether an agent opened the conversation", required=True
)

INITIATED_RESPONSE_TIMES = _waits(
    "initiated_response_times", "A response, and whether an agent opened its conversation.", _INITIATED
)

CREATED_INITIATED_RESPONSE_TIMES = _waits(
    "created_initiated_response_times",
    "A response, and whether an agent opened its conversation; the wait for a contact's first starts when it "
    "was opened.",
    _INITIATED,
)


def _means(name: str, doc: str) -> TableSchema:
    return TableSchema(
        name=name,
        doc=doc,
        columns=(
            _CONTACT,
            RESPONSES.column("agent_id"),
            _time("asked_at", "the first question", required=True),
            _time("answered_at", "the last reply; null where there is none"),
            _number("responses", "how many waits count"),
            _number("unanswered", "how many questions have no reply"),
            _duration(
                "wait",
                "the mean, or median, of the waits in whole microseconds (half to even); null for none",
            ),
        ),
        times={"start": "asked_at", "event": "answered_at"},
    )


SESSION_RESPONSE_TIMES = _means(
    "session_response_times", "An agent's mean response time in one conversation."
)

RESTARTED_SESSION_RESPONSE_TIMES = _means(
    "restarted_session_response_times",
    "An agent's mean response time in one conversation, where events start the clock anew.",
)


def _days(name: str, doc: str) -> TableSchema:
    return TableSchema(
        name=name,
        doc=doc,
        columns=(
            RESPONSES.column("customer_id"),
            RESPONSES.column("agent_id"),
            _time("asked_at", "the first question of the day", required=True),
            _number("unanswered", "how many questions have no reply"),
            _duration("wait", "the longest wait; null where none counts"),
        ),
        times={"start": "asked_at"},
    )


PERSON_DAY_RESPONSE_TIMES = _days(
    "person_day_response_times", "A customer's questions to an agent on one local day."
)

RESTARTED_PERSON_DAY_RESPONSE_TIMES = _days(
    "restarted_person_day_response_times",
    "A customer's questions to an agent on one local day, where events start the clock anew.",
)

STARTS = TableSchema(
    name="starts",
    doc="A contact assigned to an agent, and when he began to handle it.",
    columns=(
        _CONTACT,
        _agent("to whom it was assigned"),
        _time("assigned_at", "when it was assigned to him", required=True),
        _time("began_at", "when he answered, started or wrote first after that; null where he never did"),
    ),
    times={"start": "assigned_at", "event": "began_at"},
)
