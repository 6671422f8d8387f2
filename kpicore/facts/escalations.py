"""Escalations: contacts that a bot hands off to people, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema

from .earlier_waits import ends_of_stays
from .judged_visits import VISITS_INPUT
from .schemas import VISITS
from .whole_tables import ALWAYS, first_from, given, instant, last_before, look_up, starts_of_runs

__all__ = ["ESCALATIONS", "EVENTS_INPUT", "FACTS", "events_of", "handoffs_of_stays"]

_UTC = pa.timestamp("us", "UTC")
_NONE = pa.scalar(None, pa.int64())

ESCALATIONS = TableSchema(
    name="escalations",
    doc="A hand-off from a bot to people, and what came of it: what became of the stays in queues that "
    "followed it, of which the first answered counts, else the last; without a stay, that an agent took the "
    "contact, that the customer gave up, or (flow_out) that the bot handed off again.",
    columns=(
        VISITS.column("contact_id"),
        VISITS.column("queue"),
        VISITS.column("agent_id"),
        Column(name="handed_off_at", kind=Kind.TIME, doc="when the bot handed off", required=True),
        Column(name="left_at", kind=Kind.TIME, doc="when that came of it; null while it is open"),
        VISITS.column("outcome"),
        Column(name="wait", kind=Kind.DURATION, doc="left_at - handed_off_at", unit="us"),
    ),
    times={"start": "handed_off_at", "event": "left_at"},
)


def events_of(events: pa.Table, name: str) -> pa.Table:
    """Returns the rows of ``events`` that are of one kind."""
    return events.filter(pc.equal(given(events, "event", pa.string()), name).fill_null(False))


def handoffs_of_stays(visits: pa.Table, handoffs: pa.Table) -> pa.Array:
    """Returns for each stay the row of the last hand-off of its contact before it ended; null for none.

    Of a stay that took no time it may be at that instant.
    """
    entered, left = instant(visits, "entered_at"), ends_of_stays(visits)
    last = pc.if_else(pc.equal(entered, left), left, pc.subtract(left, 1)).fill_null(ALWAYS[1])
    contact = given(visits, "contact_id", pa.string())
    return last_before(contact, last, given(handoffs, "contact_id", pa.string()), instant(handoffs, "at"))


def _escalations(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    visits, legs, events = tables
    handoffs = events_of(events, "handed_off")
    contact, at = given(handoffs, "contact_id", pa.string()), instant(handoffs, "at")
    stay, else_ = _stays(visits, handoffs), _without_stay(legs, events, handoffs)
    waited = pc.is_valid(stay)
    left = pc.if_else(waited, ends_of_stays(visits).take(stay), else_["left_at"])

    def either(name: str) -> pa.Array:
        own = given(visits, name, pa.string()).cast(pa.string()).take(stay)
        return pc.if_else(waited, own, else_[name])

    columns = {
        "contact_id": contact,
        "queue": either("queue"),
        "agent_id": either("agent_id"),
        "handed_off_at": at.cast(_UTC),
        "left_at": left.cast(_UTC),
        "outcome": either("outcome"),
        "wait": pc.subtract(left, at),
    }
    return {"escalations": pa.table(columns)}


def _stays(visits: pa.Table, handoffs: pa.Table) -> pa.Array:
    """Returns for each hand-off the row of its first answered stay, else of its last; null for none."""
    answered = pc.equal(given(visits, "outcome", pa.string()), "answered").fill_null(False)
    rows = pa.table(
        {
            "handoff": handoffs_of_stays(visits, handoffs),
            "rest": pc.invert(answered),
            "entered": instant(visits, "entered_at"),
            "left": ends_of_stays(visits).fill_null(ALWAYS[1]),
            "row": pa.arange(0, len(visits)),
        }
    )
    place = pc.sort_indices(
        pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in ("entered", "left", "row")])
    )
    place = pc.if_else(answered, place.cast(pa.int64()), pc.negate(place.cast(pa.int64())))
    rows = rows.append_column("place", place).filter(pc.is_valid(rows.column("handoff")))
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in ("handoff", "rest", "place")])
    rows = rows.take(order).combine_chunks()
    rows = rows.filter(starts_of_runs(given(rows, "handoff", pa.int64())))
    return look_up(
        pa.arange(0, len(handoffs)), given(rows, "handoff", pa.int64()), given(rows, "row", pa.int64())
    )


def _without_stay(legs: pa.Table, events: pa.Table, handoffs: pa.Table) -> dict[str, pa.Array]:
    """Returns what came of each hand-off as if no stay had followed it."""
    contact, at = given(handoffs, "contact_id", pa.string()), instant(handoffs, "at")
    gone, began = events_of(events, "abandoned"), instant(legs, "began_at")
    leg = first_from(contact, at, given(legs, "contact_id", pa.string()), began)
    quit_at = instant(gone, "at")
    left = quit_at.take(first_from(contact, at, given(gone, "contact_id", pa.string()), quit_at))
    again = _next(contact, at)
    first = pc.min_element_wise(began.take(leg), left, again)
    taken = pc.and_(pc.equal(began.take(leg), first), pc.not_equal(first, again).fill_null(True))
    abandoned = pc.and_(pc.equal(left, first), pc.not_equal(first, again).fill_null(True))
    outcome = pc.case_when(
        pc.make_struct(taken.fill_null(False), abandoned.fill_null(False), pc.is_valid(first)),
        "answered",
        "abandoned",
        "flow_out",
        "unknown",
    )
    nobody = pa.scalar(None, pa.string())
    return {"left_at": first, "outcome": outcome} | {
        name: pc.if_else(taken, given(legs, name, pa.string()).cast(pa.string()).take(leg), nobody)
        for name in ("queue", "agent_id")
    }


def _next(contact: pa.Array, at: pa.Array) -> pa.Array:
    """Returns the time of the same contact's next row; null for the last."""
    if not len(at):
        return at
    after = pa.concat_arrays([at.slice(1), pa.array([None], pa.int64())])
    last = pa.concat_arrays([starts_of_runs(contact).slice(1), pa.array([True])])
    return pc.if_else(last, _NONE, after)


EVENTS_INPUT = Input(
    of="contact_events",
    columns=("contact_id", "at", "seq", "event"),
    order=("at", "seq"),
    optional=("seq",),
)
_LEGS = Input(
    of="legs",
    columns=("contact_id", "began_at", "agent_id", "queue"),
    order=("began_at",),
    optional=("agent_id", "queue"),
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=ESCALATIONS,
        derivations=(
            Derivation(
                name="escalations",
                inputs=(VISITS_INPUT, _LEGS, EVENTS_INPUT),
                key="contact_id",
                outputs=("escalations",),
                function=_escalations,
            ),
        ),
    ),
)
