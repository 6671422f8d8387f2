"""The canonical tables: what a system logged, in columns that mean the same for every source.

Times are ``timestamp[us, UTC]``. An enumeration that a source words differently is translated by
its adapter or mapping; what has no translation becomes ``other``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .schema import Column, Kind, TableSchema

__all__ = ["TABLES"]


def _id(name: str, doc: str, *, domain: str = "", required: bool = False) -> Column:
    return Column(
        name=name, kind=Kind.ID, doc=doc, required=required, domain=domain or name.removesuffix("_id")
    )


def _key(name: str, doc: str, *, domain: str = "", required: bool = False) -> Column:
    return Column(
        name=name, kind=Kind.KEY, doc=doc, required=required, domain=domain or name.removesuffix("_id")
    )


def _time(name: str, doc: str, *, required: bool = False) -> Column:
    return Column(name=name, kind=Kind.TIME, doc=doc, required=required)


def _enum(name: str, doc: str, values: str, *, required: bool = False) -> Column:
    return Column(name=name, kind=Kind.ENUM, doc=doc, required=required, values=tuple(values.split()))


def _of(
    kind: Kind, name: str, doc: str, *, required: bool = False, unit: str = "", domain: str = ""
) -> Column:
    return Column(name=name, kind=kind, doc=doc, required=required, unit=unit, domain=domain)


_SEQ = _of(Kind.INTEGER, "seq", "order of rows of equal time, where the file's order means something")
_CONTACT = _key("contact_id", "the conversation, call or ticket", required=True)
_AGENT = _id("agent_id", "the agent")
_CUSTOMER = _key("customer_id", "the customer")
_CHANNEL = _id("channel", "voice, chat, mail, ... as the source names it")
_QUEUE = _id("queue", "the queue or skill group")

_TABLES = (
    TableSchema(
        name="contacts",
        doc="One row per conversation, call or ticket.",
        columns=(
            _CONTACT,
            _CUSTOMER,
            _id("agent_id", "the agent in charge at the end"),
            _CHANNEL,
            _enum("direction", "who began it", "inbound outbound internal other"),
            _QUEUE,
            _of(Kind.IDS, "topics", "tags of what it was about", domain="topic"),
            _id("product", "the product it was about"),
            _time("opened_at", "when it began"),
            _time("closed_at", "when it ended"),
            _time("resolved_at", "when it was last resolved"),
            _of(Kind.INTEGER, "reopens", "how often it was reopened", unit="times"),
            _key("root_id", "the contact that this one continues", domain="contact"),
            _of(Kind.FLAG, "filtered", "spam, or closed before anybody received it"),
        ),
        times={
            "start": "opened_at",
            "completion": "closed_at",
            "disconnect": "closed_at",
            "resolved": "resolved_at",
        },
        interval=("opened_at", "closed_at"),
        open_ended=True,
    ),
    TableSchema(
        name="contact_events",
        doc="What happened to a contact, one row per event.",
        columns=(
            _CONTACT,
            _time("at", "when", required=True),
            _SEQ,
            _enum(
                "event",
                "what",
                "opened ivr_entered ivr_left handed_off queued offered answered started held retrieved "
                "transferred conferenced left wrapup_started wrapup_ended exited abandoned voicemail "
                "callback_requested assigned pending resolved reopened closed filtered tagged other",
                required=True,
            ),
            _AGENT,
            _id("to_agent_id", "the agent it goes to", domain="agent"),
            _QUEUE,
            _id("to_queue", "the queue it goes to", domain="queue"),
            _enum(
                "detail",
                "how: of transferred blind, consult, queue; of exited timeout, full, empty, closed, diverted",
                "blind consult queue timeout full empty closed diverted other",
            ),
        ),
        times={"event": "at"},
    ),
    TableSchema(
        name="messages",
        doc="One row per message of a conversation; the text is not needed.",
        columns=(
            _CONTACT,
            _time("at", "when it was sent", required=True),
            _SEQ,
            _enum(
                "author",
                "who wrote it",
                "customer agent bot_auto bot_assist welcome system note other",
                required=True,
            ),
            _AGENT,
            _CUSTOMER,
            _key("message_id", "the message"),
        ),
        times={"event": "at"},
    ),
    TableSchema(
        name="agent_states",
        doc="Changes of an agent's state; the next row of the same agent and track ends a state.",
        columns=(
            _id("agent_id", "the agent", required=True),
            _time("at", "when the state began", required=True),
            _SEQ,
            _enum(
                "state",
                "the state",
                "available on_contact wrapup busy break meal training meeting away other offline",
                required=True,
            ),
            _time("until", "when the state ended, where the source says it"),
            _id("reason", "the source's reason code", domain="reason"),
            _enum("track", "which of two parallel state machines", "presence routing"),
            _CHANNEL,
        ),
        times={"start": "at"},
    ),
    TableSchema(
        name="surveys",
        doc="Invitations to a survey; one without answer has no score.",
        columns=(
            _enum("kind", "what was asked", "csat nps ces esat fcr channel cx other", required=True),
            _time("invited_at", "when the customer was asked"),
            _time("answered_at", "when the answer came"),
            _of(Kind.NUMBER, "score", "the answer as a number"),
            _id("answer", "the answer as a word"),
            _of(Kind.NUMBER, "scale_min", "the lowest possible score"),
            _of(Kind.NUMBER, "scale_max", "the highest possible score"),
            _key("contact_id", "the conversation it is about"),
            _CUSTOMER,
            _AGENT,
        ),
        times={"event": "answered_at", "start": "invited_at"},
    ),
    TableSchema(
        name="reviews",
        doc="Quality assurance: one row per reviewed dimension.",
        columns=(
            _id("agent_id", "the agent reviewed", required=True),
            _time("reviewed_at", "when", required=True),
            Column(name="dimension", kind=Kind.ID, doc="what was judged", required=True, domain="dimension"),
            _of(Kind.NUMBER, "score", "the mark", required=True),
            _of(Kind.NUMBER, "scale_min", "the lowest possible mark"),
            _of(Kind.NUMBER, "scale_max", "the highest possible mark"),
            _of(Kind.NUMBER, "weight", "the weight of the question"),
            _of(Kind.FLAG, "critical", "a fault here fails the whole review"),
            _id("reviewer_id", "who judged", domain="agent"),
            _key("contact_id", "the conversation judged"),
        ),
        times={"event": "reviewed_at"},
    ),
    TableSchema(
        name="incidents",
        doc="Complaints, praise and violations.",
        columns=(
            _time("at", "when", required=True),
            _id("agent_id", "whom it concerns", required=True),
            _enum("kind", "what", "complaint praise violation other", required=True),
            _key("contact_id", "the conversation it is about"),
            _id("severity", "how grave", domain="severity"),
        ),
        times={"event": "at"},
    ),
    TableSchema(
        name="marks",
        doc="What a human decides about an agent, with evidence.",
        columns=(
            _id("agent_id", "the agent", required=True),
            _id("period", "the period it is for", domain="mark_period", required=True),
            _id("item", "what is marked", domain="item", required=True),
            _of(Kind.NUMBER, "value", "the mark", required=True),
            _id("evaluator", "who marked", domain="agent", required=True),
            _of(Kind.TEXT, "evidence", "why"),
        ),
    ),
    TableSchema(
        name="figures",
        doc="Figures that a platform exports already aggregated; they cannot be re-derived.",
        columns=(
            _AGENT,
            _id("team", "the team"),
            _QUEUE,
            _CHANNEL,
            _time("period", "the start of the period", required=True),
            _id("metric", "the metric's name", required=True),
            _of(Kind.NUMBER, "numerator", "the numerator"),
            _of(Kind.NUMBER, "denominator", "the denominator"),
            _of(Kind.NUMBER, "value", "the value"),
            _of(Kind.INTEGER, "n", "how many observations"),
        ),
        times={"start": "period"},
    ),
    TableSchema(
        name="orders",
        doc="Orders of customers.",
        columns=(
            _key("order_id", "the order", required=True),
            _key("customer_id", "the buyer", required=True),
            _time("ordered_at", "when it was placed", required=True),
            _time("paid_at", "when it was paid"),
            _of(Kind.MONEY, "amount", "what was paid"),
            _id("currency", "ISO 4217 code"),
            _of(Kind.INTEGER, "quantity", "items", unit="items"),
            _id("product", "what was bought"),
            _of(Kind.MONEY, "refunded_amount", "what was paid back"),
            _time("refunded_at", "when it was paid back"),
            _enum("kind", "how it adds to earlier orders", "new upsell cross_sell renewal other"),
            _AGENT,
        ),
        times={"start": "ordered_at", "event": "paid_at", "completion": "paid_at"},
    ),
    TableSchema(
        name="agents",
        doc="Who works here; several rows of one agent have different validity.",
        columns=(
            _id("agent_id", "the agent", required=True),
            _of(Kind.TEXT, "name", "the name shown"),
            _id("team", "the team"),
            _of(Kind.IDS, "skills", "skill groups", domain="skill"),
            _time("hired_on", "first day"),
            _time("left_on", "last day"),
            _of(Kind.FLAG, "full_time", "full time or not"),
            _of(Kind.INTEGER, "capacity", "contacts at once", unit="contacts"),
            _time("valid_from", "from when this row is true"),
            _time("valid_to", "until when this row is true"),
        ),
        open_ended=True,
    ),
    TableSchema(
        name="accounts",
        doc="One person behind many accounts.",
        columns=(
            _id("source", "the system", required=True),
            _id("account_id", "the account there", required=True),
            _AGENT,
            _CUSTOMER,
            _time("valid_from", "from when"),
            _time("valid_to", "until when"),
        ),
    ),
    TableSchema(
        name="customers",
        doc="Who is a customer, from when to when.",
        columns=(
            _key("customer_id", "the customer", required=True),
            _time("started_at", "when the relation began"),
            _time("ended_at", "when it ended"),
        ),
        times={"start": "started_at", "completion": "ended_at"},
        interval=("started_at", "ended_at"),
    ),
    TableSchema(
        name="traffic",
        doc="Visits of the shop or site, views and searches of the help centre.",
        columns=(
            _time("at", "when", required=True),
            _enum("kind", "what", "visit view search self_service other", required=True),
            _key("visitor_id", "the visitor"),
            _key("session_id", "the session"),
            _CUSTOMER,
            _of(Kind.INTEGER, "count", "how many, where the source has totals only"),
        ),
        times={"event": "at"},
    ),
    TableSchema(
        name="schedules",
        doc="What was planned for whom.",
        columns=(
            _id("agent_id", "the agent", required=True),
            _time("start", "from", required=True),
            _time("end", "to", required=True),
            _id("activity", "what was planned", domain="activity"),
            _of(Kind.FLAG, "productive", "time that was meant for contacts"),
        ),
        times={"start": "start", "completion": "end"},
        interval=("start", "end"),
    ),
)

TABLES: Mapping[str, TableSchema] = MappingProxyType({table.name: table for table in _TABLES})
"""Every canonical table by name."""
