"""The contracts of the built-in facts: what happened, as intervals and events."""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema

__all__ = [
    "DUTY",
    "ENGAGEMENT",
    "LEGS",
    "MEMBERSHIPS",
    "OFF_DUTY",
    "RESPONSES",
    "SEGMENTS",
    "STATE_INTERVALS",
    "TRACKS",
    "VISITS",
    "WORKLOAD",
]

STATES = tuple("available on_contact wrapup busy break meal training meeting away other offline".split())
TRACKS = ("presence", "routing")
OFF_DUTY = ("away", "break", "meal", "meeting", "offline", "training")
"""States, and activities of a schedule that does not say it otherwise, in which no contacts are handled."""


def _id(name: str, doc: str, *, domain: str = "", required: bool = False) -> Column:
    domain = domain or name.removesuffix("_id")
    return Column(name=name, kind=Kind.ID, doc=doc, required=required, domain=domain)


def _time(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name=name, kind=Kind.TIME, doc=doc, required=required)


def _duration(name: str, doc: str) -> Column:
    return Column(name=name, kind=Kind.DURATION, doc=doc, unit="us")


_CONTACT = Column(name="contact_id", kind=Kind.KEY, doc="the contact", required=True, domain="contact")
_AGENT = _id("agent_id", "the agent")
_QUEUE = _id("queue", "the queue")

VISITS = TableSchema(
    name="visits",
    doc="One stay of a contact in one queue, from entering it to leaving it.",
    columns=(
        _CONTACT,
        _QUEUE,
        _id("agent_id", "the agent who answered; null where nobody did"),
        _time("entered_at", "when the contact entered the queue", required=True),
        _time("left_at", "when it was answered or otherwise left; null while it waits"),
        Column(
            name="outcome",
            kind=Kind.ENUM,
            doc="how the stay ended",
            required=True,
            values=tuple(
                "answered abandoned timeout full empty closed diverted voicemail callback flow_out "
                "transferred unknown".split()
            ),
        ),
        _duration("wait", "left_at - entered_at, or what the source itself states; null where unknown"),
    ),
    times={"start": "entered_at", "event": "left_at", "completion": "left_at"},
    interval=("entered_at", "left_at"),
)

SEGMENTS = TableSchema(
    name="segments",
    doc="A stretch of one kind of handling of one contact by one agent.",
    columns=(
        _CONTACT,
        _id("agent_id", "the agent; null where the source does not say who"),
        _QUEUE,
        Column(
            name="kind",
            kind=Kind.ENUM,
            doc="what the agent did",
            required=True,
            values=("ring", "talk", "hold", "wrapup"),
        ),
        _time("start", "from", required=True),
        _time("end", "to", required=True),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)

LEGS = TableSchema(
    name="legs",
    doc="One agent's part of a contact, from taking it to being done with it.",
    columns=(
        _CONTACT,
        _id("agent_id", "the agent; null where the source does not say who"),
        _QUEUE,
        _time("began_at", "when the agent took the contact", required=True),
        _time("talk_ended_at", "when the conversation with the customer ended for this agent"),
        _time("ended_at", "when the agent was done, after-contact work included; null while it lasts"),
        Column(
            name="began",
            kind=Kind.ENUM,
            doc="how it came to the agent",
            required=True,
            values=("answered", "transferred_in", "conferenced", "assigned", "outbound", "unknown"),
        ),
        Column(
            name="ended",
            kind=Kind.ENUM,
            doc="how it ended for the agent",
            required=True,
            values=(
                "closed",
                "transferred_blind",
                "transferred_consult",
                "transferred_queue",
                "left",
                "open",
                "unknown",
            ),
        ),
        _duration("ring", "time it rang before the agent took it"),
        _duration("talk", "talk time"),
        _duration("hold", "hold time"),
        _duration("wrapup", "after-contact work"),
    ),
    times={"start": "began_at", "completion": "ended_at", "disconnect": "talk_ended_at"},
    interval=("began_at", "ended_at"),
)

RESPONSES = TableSchema(
    name="responses",
    doc="A customer's unanswered message and the reply to it, or its lack.",
    columns=(
        _CONTACT,
        Column(
            name="customer_id", kind=Kind.KEY, doc="the customer, where messages name him", domain="customer"
        ),
        _id("agent_id", "who replied; of one without reply, the last agent of the contact"),
        _time("asked_at", "the first customer message not replied to yet", required=True),
        _time("answered_at", "the reply; null where there is none"),
        Column(
            name="ordinal", kind=Kind.INTEGER, doc="1 for the first of the contact, and so on", required=True
        ),
    ),
    times={"start": "asked_at", "event": "answered_at", "completion": "answered_at"},
)

STATE_INTERVALS = TableSchema(
    name="state_intervals",
    doc="An agent's stay in one state.",
    columns=(
        _id("agent_id", "the agent", required=True),
        Column(name="state", kind=Kind.ENUM, doc="the state", required=True, values=STATES),
        Column(
            name="track", kind=Kind.ENUM, doc="the state machine; null where there is one only", values=TRACKS
        ),
        _id("reason", "the source's reason code"),
        _id("channel", "the channel it is about"),
        _time("start", "from", required=True),
        _time("end", "to", required=True),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)

WORKLOAD = TableSchema(
    name="workload",
    doc="How many contacts an agent handled at once: stretches of constant concurrency of 1 and more.",
    columns=(
        _id("agent_id", "the agent", required=True),
        Column(
            name="level", kind=Kind.INTEGER, doc="contacts handled at once", required=True, unit="contacts"
        ),
        _time("start", "from", required=True),
        _time("end", "to", required=True),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)

DUTY = TableSchema(
    name="duty",
    doc="An agent's states on both tracks: stretches where both are constant.",
    columns=(
        _id("agent_id", "the agent", required=True),
        Column(name="state", kind=Kind.ENUM, doc="routing, else presence", values=STATES),
        Column(name="presence", kind=Kind.ENUM, doc="the state on the presence track", values=STATES),
        Column(name="routing", kind=Kind.ENUM, doc="the state on the routing track", values=STATES),
        _time("start", "from", required=True),
        _time("end", "to", required=True),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)

MEMBERSHIPS = TableSchema(
    name="memberships",
    doc="What the roster says of an agent, and for how long.",
    columns=(
        _id("agent_id", "the agent", required=True),
        _id("team", "the team"),
        Column(name="capacity", kind=Kind.INTEGER, doc="contacts at once", unit="contacts"),
        Column(name="full_time", kind=Kind.FLAG, doc="full time or not"),
        _time("start", "from", required=True),
        _time("end", "to", required=True),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)

ENGAGEMENT = TableSchema(
    name="engagement",
    doc="An agent's states with the concurrency of the same time: stretches where both are constant.",
    columns=(
        _id("agent_id", "the agent", required=True),
        Column(name="presence", kind=Kind.ENUM, doc="the state on the presence track", values=STATES),
        Column(name="routing", kind=Kind.ENUM, doc="the state on the routing track", values=STATES),
        Column(name="level", kind=Kind.INTEGER, doc="contacts handled at once, 0 for none", required=True),
        _time("start", "from", required=True),
        _time("end", "to", required=True),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)
