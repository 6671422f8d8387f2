"""Site traffic: visits and searches with their number, and sessions of self-service."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import TABLES, Choices, Derivation, Duration, Fact, Input, Settings

from .schemas_demand import SELF_SERVICE, SITE_EVENTS
from .whole_tables import first_from, given, instant, starts_of_runs

__all__ = ["FACTS", "KINDS", "WITHIN"]

_UTC = pa.timestamp("us", "UTC")
_COLUMNS = ("visitor_id", "session_id", "customer_id")

KINDS = Choices(
    name="kinds",
    doc="what makes a session one of self-service",
    values=TABLES["traffic"].column("kind").values,
    default="search+self_service+view",
)
WITHIN = Duration(
    name="within",
    doc="how long after the beginning of a session a contact of the customer means that it did not suffice",
    default="1d",
)


def _site_events(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (traffic,) = tables
    columns = {name: given(traffic, name, pa.string()) for name in _COLUMNS}
    columns["at"], columns["kind"] = traffic.column("at"), traffic.column("kind")
    columns["count"] = given(traffic, "count", pa.int64()).fill_null(1)
    return {"site_events": pa.table(columns)}


def _self_service(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    events, contacts = tables
    events = events.filter(pc.is_valid(events.column("session_id")))
    events = events.set_column(events.column_names.index("customer_id"), "customer_id", _customers(events))
    chosen = pc.is_in(given(events, "kind", pa.string()), pa.array(settings.words("kinds"), pa.string()))
    events = events.filter(chosen)
    firsts = starts_of_runs(given(events, "session_id", pa.string()))
    sessions = events.select(["session_id", "customer_id"]).filter(firsts)
    began = instant(events, "at").filter(firsts)
    asked = contacts.filter(pc.equal(given(contacts, "direction", pa.string()), "inbound"))
    opened = instant(asked, "opened_at")
    whose = given(sessions, "customer_id", pa.string())
    row = first_from(whose, began, given(asked, "customer_id", pa.string()), opened)
    limit = pc.add(began, settings.microseconds("within"))
    followed = pc.less_equal(opened.take(row), limit).fill_null(False)
    contacted = pc.if_else(pc.is_valid(whose), followed, pa.scalar(None, pa.bool_()))
    sessions = sessions.append_column("began_at", began.cast(_UTC))
    return {"self_service": sessions.append_column("contacted", contacted)}


def _customers(events: pa.Table) -> pa.Array:
    """Returns the first customer whom the events of each row's session name: one may log in late."""
    session = pc.cumulative_sum(starts_of_runs(given(events, "session_id", pa.string())).cast(pa.int64()))
    customer = given(events, "customer_id", pa.string())
    named = pc.is_valid(customer)
    return customer.filter(named).take(pc.index_in(session, value_set=session.filter(named)))


_TRAFFIC = Input(
    of="traffic",
    columns=("at", "kind", *_COLUMNS, "count"),
    order=("at",),
    optional=(*_COLUMNS, "count"),
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=SITE_EVENTS,
        derivations=(
            Derivation(
                name="site_events",
                inputs=(_TRAFFIC,),
                key="visitor_id",
                outputs=("site_events",),
                function=_site_events,
            ),
        ),
    ),
    Fact(
        schema=SELF_SERVICE,
        derivations=(
            Derivation(
                name="self_service",
                inputs=(
                    Input(
                        of="site_events", columns=("session_id", "at", "kind", "customer_id"), order=("at",)
                    ),
                    Input(
                        of="customer_contacts",
                        columns=("customer_id", "opened_at", "direction"),
                        order=("opened_at",),
                    ),
                ),
                key="session_id",
                outputs=("self_service",),
                parameters=(KINDS, WITHIN),
                function=_self_service,
            ),
        ),
    ),
)
