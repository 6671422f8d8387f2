"""Traced visits: stays in queues, and when a bot handed them off."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema

from .earlier_waits import ends_of_stays
from .escalations import EVENTS_INPUT, events_of, handoffs_of_stays
from .followed_visits import CALLBACK_WITHIN, CONTACTS_INPUT, FOLLOWED_VISITS, LEGS_INPUT, followed_columns
from .judged_visits import VISITS_INPUT, WITHIN, clock_parameter
from .whole_tables import ALWAYS, given, instant, starts_of_runs

__all__ = ["FACTS", "TRACED_VISITS"]

_UTC = pa.timestamp("us", "UTC")
_NONE = pa.scalar(None, pa.int64())

TRACED_VISITS = TableSchema(
    name="traced_visits",
    doc="A stay in a queue, with what came of its contact, and when a bot handed it off.",
    columns=(
        *FOLLOWED_VISITS.columns,
        Column(
            name="asked_at",
            kind=Kind.TIME,
            doc="when a bot last handed the contact off before the stay ended, if the stay is the first "
            "since; else when it entered the queue",
        ),
        Column(name="asked_wait", kind=Kind.DURATION, doc="from asked_at to the end of the stay", unit="us"),
    ),
    times=FOLLOWED_VISITS.times,
)


def _traced(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    visits, contacts, legs, events = tables
    entered, wait = instant(visits, "entered_at"), given(visits, "wait", pa.int64()).cast(pa.int64())
    handed_off = _handed_off(visits, events_of(events, "handed_off"))
    asked = pc.coalesce(handed_off, entered)
    since = pc.if_else(pc.is_valid(wait), pc.subtract(ends_of_stays(visits), asked), _NONE)
    columns = followed_columns(settings, visits, contacts, legs, {"handed_off": asked}) | {
        "asked_at": asked.cast(_UTC),
        "asked_wait": pc.if_else(pc.is_valid(handed_off), since, wait),
    }
    return {"traced_visits": pa.table(columns)}


def _handed_off(visits: pa.Table, handoffs: pa.Table) -> pa.Array:
    """Returns for each stay the hand-off that it is the first to follow; null for none."""
    rows = pa.table(
        {
            "handoff": handoffs_of_stays(visits, handoffs),
            "entered": instant(visits, "entered_at"),
            "left": ends_of_stays(visits).fill_null(ALWAYS[1]),
            "row": pa.arange(0, len(visits)),
        }
    )
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in rows.column_names])
    first = starts_of_runs(given(rows, "handoff", pa.int64()).take(order)).take(pc.sort_indices(order))
    at = instant(handoffs, "at").take(given(rows, "handoff", pa.int64()))
    return pc.if_else(first, at, _NONE)


FACTS: tuple[Fact, ...] = (
    Fact(
        schema=TRACED_VISITS,
        derivations=(
            Derivation(
                name="traced_visits",
                inputs=(VISITS_INPUT, CONTACTS_INPUT, LEGS_INPUT, EVENTS_INPUT),
                key="contact_id",
                outputs=("traced_visits",),
                parameters=(
                    CALLBACK_WITHIN,
                    clock_parameter("queue", "earlier_queues", "contact", "handed_off"),
                    WITHIN,
                ),
                function=_traced,
            ),
        ),
    ),
)
