"""Menu visits: stays in queues, and those in menus that ended as the customer gave up."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Settings
from kpicore.plugin.schema import TableSchema

from .escalations import EVENTS_INPUT
from .judged_visits import VISITS_INPUT
from .schemas import VISITS
from .whole_tables import given, instant, starts_of_runs

__all__ = ["FACTS", "MENU_VISITS"]

_UTC = pa.timestamp("us", "UTC")
_ASIDE = ("filtered", "opened", "other", "tagged")

MENU_VISITS = TableSchema(
    name="menu_visits",
    doc="A stay in a queue; or in a menu, without a queue, where the customer gave up before anything else "
    "happened.",
    columns=VISITS.columns,
    times=VISITS.times,
    interval=VISITS.interval,
)


def _menu_visits(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    visits, events = tables
    stays = pa.table(
        {
            "contact_id": given(visits, "contact_id", pa.string()),
            "queue": given(visits, "queue", pa.string()).cast(pa.string()),
            "agent_id": given(visits, "agent_id", pa.string()).cast(pa.string()),
            "entered_at": instant(visits, "entered_at").cast(_UTC),
            "left_at": instant(visits, "left_at").cast(_UTC),
            "outcome": given(visits, "outcome", pa.string()),
            "wait": given(visits, "wait", pa.int64()).cast(pa.int64()),
        }
    )
    return {"menu_visits": pa.concat_tables([stays, _abandoned_menus(events).cast(stays.schema)])}


def _abandoned_menus(events: pa.Table) -> pa.Table:
    """Returns the times from entering a menu to giving up as the next thing, as stays without a queue."""
    aside = pc.is_in(given(events, "event", pa.string()), value_set=pa.array(_ASIDE))
    events = events.filter(pc.invert(aside))
    event, at = given(events, "event", pa.string()), instant(events, "at")
    row = pa.arange(0, max(len(events) - 1, 0))
    following = pc.add(row, 1)
    same = pc.invert(starts_of_runs(given(events, "contact_id", pa.string())).slice(1))
    given_up = pc.and_(pc.equal(event.take(row), "ivr_entered"), pc.equal(event.take(following), "abandoned"))
    chosen = pc.and_(given_up, same)
    entered, left = at.take(row.filter(chosen)), at.take(following.filter(chosen))
    nothing = pa.nulls(len(entered), pa.string())
    return pa.table(
        {
            "contact_id": given(events, "contact_id", pa.string()).take(row.filter(chosen)),
            "queue": nothing,
            "agent_id": nothing,
            "entered_at": entered.cast(_UTC),
            "left_at": left.cast(_UTC),
            "outcome": pa.repeat(pa.scalar("abandoned"), len(entered)),
            "wait": pc.subtract(left, entered),
        }
    )


FACTS: tuple[Fact, ...] = (
    Fact(
        schema=MENU_VISITS,
        derivations=(
            Derivation(
                name="menu_visits",
                inputs=(VISITS_INPUT, EVENTS_INPUT),
                key="contact_id",
                outputs=("menu_visits",),
                function=_menu_visits,
            ),
        ),
    ),
)
