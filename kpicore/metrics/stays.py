"""Which stays in queues are read, and from when they are timed."""

from __future__ import annotations

from dataclasses import dataclass

from kpicore.facts.schemas import VISITS
from kpicore.plugin import Choice, Expression, Settings, col
from kpicore.plugin.measure import Options

__all__ = ["CLOCK_START", "JUDGED_AT", "OUTCOMES", "SHORT_CLOCK", "VISITS_AS_THEY_ARE", "Stays", "stays_of"]

OUTCOMES = VISITS.column("outcome").values

CLOCK_START = Choice(
    name="clock_start",
    doc="when the clock starts: as the contact enters the queue, or as it begins, time with a menu or bot "
    "and in earlier queues included",
    values=("queue", "contact"),
    default="queue",
    used_by={"queue": "Genesys, Amazon Connect, Cisco", "contact": "Zendesk"},
)
SHORT_CLOCK = Choice(
    name="short_clock",
    doc="what must be short of a short abandoned contact: its stay in the queue, or all of it",
    values=("queue", "contact"),
    default="queue",
    used_by={"queue": "Genesys", "contact": "Webex"},
)
JUDGED_AT = Choice(
    name="attribution",
    doc="the period that a stay belongs to: where it starts; where it ends; where it is decided, which is "
    "its end or the limit, whichever comes first; or where the customer disconnects",
    values=("start", "event", "sl_event", "disconnect"),
    default="start",
    used_by={
        "start": "Twilio, Intercom",
        "event": "Cisco UCCX",
        "sl_event": "Cisco",
        "disconnect": "Amazon Connect",
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


_ENTERED = col("entered_at")
VISITS_AS_THEY_ARE = Stays(of="visits", start=_ENTERED, wait=col("wait"), short_wait=col("wait"))


def stays_of(p: Settings) -> Stays:
    """Returns the stays that ``p`` asks for: those of visits, unless more must be known of them."""
    whole, short = (p.get(name) == "contact" for name in ("clock_start", "short_clock"))
    judged = p["attribution"] == "sl_event"
    if not (whole or short or judged or p["attribution"] == "disconnect"):
        return VISITS_AS_THEY_ARE
    options: dict[str, object] = {"within": p.microseconds("within")} if judged else {}
    if not (whole or short or p["attribution"] == "disconnect"):
        return Stays(
            of="judged_visits",
            start=_ENTERED,
            wait=col("wait"),
            short_wait=col("wait"),
            options=tuple(options.items()),
        )
    if judged and whole:
        options = {"clock_start": "contact"} | options
    return Stays(
        of="contact_visits",
        start=col("arrived_at") if whole else _ENTERED,
        wait=col("whole_wait") if whole else col("wait"),
        short_wait=col("whole_wait") if short else col("wait"),
        options=tuple(options.items()),
    )
