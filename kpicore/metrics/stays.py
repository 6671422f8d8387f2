"""Which stays in queues are read, from when they are timed, and how they are counted."""

from __future__ import annotations

from dataclasses import dataclass

from kpicore.errors import ParameterError
from kpicore.facts.schemas import VISITS
from kpicore.plugin import Choice, Choices, Expression, Measure, Settings, col, count, distinct
from kpicore.plugin.measure import Options

__all__ = [
    "ABANDONED",
    "ANSWERED",
    "BLOCKED",
    "CLOCK_START",
    "HANDED_OFF",
    "JUDGED_AT",
    "OUTCOMES",
    "SHORT_CLOCK",
    "TRANSFER_WAIT",
    "UNIT",
    "VISITS_AS_THEY_ARE",
    "Stays",
    "outcomes",
    "stays_of",
    "tally",
]

OUTCOMES = VISITS.column("outcome").values
ANSWERED = col("outcome").is_("answered")
ABANDONED = col("outcome").is_("abandoned")
BLOCKED = col("outcome").isin(("closed", "diverted", "empty", "full"))
"""Stays that were none: the queue did not let the contact in."""

UNIT = Choice(
    name="unit",
    doc="what is counted: every stay in a queue, or every contact once",
    values=("queue_leg", "interaction"),
    default="queue_leg",
    used_by={"queue_leg": "Genesys, Amazon Connect, Cisco", "interaction": "Webex, Aircall"},
)

CLOCK_START = Choice(
    name="clock_start",
    doc="when the clock starts: as the contact enters the queue; as it begins, time with a menu or bot and "
    "in earlier queues included; or as a bot hands it off, where it is in the first queue after that",
    values=("queue", "contact", "handed_off"),
    default="queue",
    used_by={
        "queue": "Genesys, Amazon Connect, Cisco",
        "contact": "Zendesk",
        "handed_off": "Dynamics 365, Assembled",
    },
)
SHORT_CLOCK = Choice(
    name="short_clock",
    doc="what must be short of a short abandoned contact: its stay in the queue, or all of it",
    values=("queue", "contact"),
    default="queue",
    used_by={"queue": "Genesys", "contact": "Webex"},
)
TRANSFER_WAIT = Choice(
    name="transfer_wait",
    doc="what a contact that comes from another queue has waited: the time in this one, or that in earlier "
    "queues as well (the time with an agent in between apart)",
    values=("per_leg", "earlier_queues"),
    default="per_leg",
    used_by={"per_leg": "Genesys, Amazon Connect", "earlier_queues": "Vonage (option)"},
)
JUDGED_AT = Choice(
    name="attribution",
    doc="the period that a stay belongs to: where it starts; where it ends; where it is decided, which is "
    "its end or the limit, whichever comes first; where the customer disconnects; or where all work on the "
    "contact is done",
    values=("start", "event", "sl_event", "disconnect", "completion"),
    default="start",
    used_by={
        "start": "Twilio, Intercom",
        "event": "Cisco UCCX",
        "sl_event": "Cisco",
        "disconnect": "Amazon Connect",
        "completion": "Genesys",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """A table or fact of stays in queues, with the waits that are held against limits, and their start."""

    of: str
    start: Expression
    wait: Expression
    short_wait: Expression
    options: Options = ()


_ENTERED, _WAIT = col("entered_at"), col("wait")
VISITS_AS_THEY_ARE = Stays(of="visits", start=_ENTERED, wait=_WAIT, short_wait=_WAIT)

HANDED_OFF = Stays(of="escalations", start=col("handed_off_at"), wait=_WAIT, short_wait=_WAIT)
"""What bots handed off, as if each were a stay in a queue."""


def stays_of(p: Settings) -> Stays:
    """Returns the stays that ``p`` asks for: those of visits, unless more must be known of them."""
    clock, at, short = _clock(p), p.word("attribution"), p.get("short_clock") == "contact"
    own = p.get("callbacks") == "own_clock"
    if clock == "handed_off":
        of = "traced_visits"
    elif own or at == "completion":
        of = "followed_visits"
    elif short or clock == "contact" or at == "disconnect":
        of = "contact_visits"
    elif clock != "queue" or at == "sl_event":
        of = "judged_visits"
    else:
        return VISITS_AS_THEY_ARE
    options: dict[str, object] = {}
    if own:
        options["callback_within"] = p.microseconds("callback_within")
    if at == "sl_event":
        options |= {"within": p.microseconds("within")} | ({} if clock == "queue" else {"clock": clock})
    return Stays(
        of=of,
        start={"contact": col("arrived_at"), "handed_off": col("asked_at")}.get(clock, _ENTERED),
        wait={
            "queue": _WAIT,
            "earlier_queues": _WAIT + col("earlier_wait"),
            "contact": col("whole_wait"),
            "handed_off": col("asked_wait"),
        }[clock],
        short_wait=col("whole_wait") if short else _WAIT,
        options=tuple(sorted(options.items())),
    )


def _clock(p: Settings) -> str:
    """Returns from when waits run: ``clock_start``, unless waits before a transfer count as well."""
    start = p.word("clock_start") if p.get("clock_start") is not None else "queue"
    if p.get("transfer_wait") != "earlier_queues":
        return start
    if start != "queue":
        raise ParameterError(
            f"clock_start={start} counts the time in earlier queues as it is",
            hint="take transfer_wait=earlier_queues with clock_start=queue",
        )
    return "earlier_queues"


def outcomes(default: str, doc: str) -> Choices:
    """Returns the parameter that says which ends of a stay are meant."""
    return Choices(name="outcomes", doc=doc, values=OUTCOMES, default=default)


def tally(where: Expression, p: Settings, stays: Stays = VISITS_AS_THEY_ARE) -> Measure:
    """Returns the number of stays ``where``, or of their contacts, as the parameter ``unit`` says."""
    at = p.word("attribution")
    if p.word("unit") == "interaction":
        return distinct(stays.of, col("contact_id"), where=where, attribution=at, options=stays.options)
    return count(stays.of, where=where, attribution=at, options=stays.options)
