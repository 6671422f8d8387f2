"""Who took contacts, and when."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Input

from .whole_tables import given

__all__ = ["TAKING", "takers"]

TAKING = Input(
    of="contact_events",
    columns=("contact_id", "at", "seq", "event", "agent_id", "to_agent_id"),
    order=("at", "seq"),
    optional=("seq", "to_agent_id"),
)


def takers(events: pa.Table) -> pa.Table:
    """Returns ``contact_id``, ``at`` and ``agent_id`` of what puts a contact into somebody's hands.

    Assignments, transfers to an agent, answers and starts do; an assignment without agent takes it from him.
    """
    event, to = given(events, "event", pa.string()), given(events, "to_agent_id", pa.string())
    transfer, to = pc.equal(event, "transferred"), to.cast(pa.string())
    own = given(events, "agent_id", pa.string()).cast(pa.string())
    taken = pc.is_in(event, pa.array(["answered", "assigned", "started", "transferred"]))
    columns = {name: events.column(name) for name in ("contact_id", "at")}
    columns["agent_id"] = pc.if_else(transfer, to, own)
    return pa.table(columns).filter(pc.and_not(taken, pc.and_(transfer, pc.is_null(to))))
