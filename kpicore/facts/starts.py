"""Starts: when agents began to handle what was assigned to them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings

from .schemas_conversation import STARTS
from .turns import MESSAGES
from .whole_tables import given, instant, plain, starts_of_runs

__all__ = ["FACTS"]

_UTC = pa.timestamp("us", "UTC")


def _starts(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Returns a row per assignment; one repeated before the agent began counts from the first."""
    events, *messages = tables
    event = given(events, "event", pa.string())
    rows = [_rows(events.filter(pc.equal(event, "assigned")), 0)]
    rows.append(_rows(events.filter(pc.is_in(event, value_set=pa.array(["answered", "started"]))), 1))
    for table in messages:
        author = given(table, "author", pa.string())
        rows.append(_rows(table.filter(pc.is_in(author, value_set=pa.array(["agent", "bot_assist"]))), 1))
    # Events and messages may number their contacts alike, or in different types.
    alike = rows if len({r.schema.field("contact").type for r in rows}) == 1 else [_worded(r) for r in rows]
    joined = pa.concat_tables(alike)
    joined = joined.filter(pc.is_valid(joined.column("agent")))
    order = [(name, "ascending") for name in ("contact", "agent", "at", "begins")]
    joined = joined.take(pc.sort_indices(joined, sort_keys=order))
    contact, agent, at, begins = (plain(column) for column in joined.columns)
    joined = joined.filter(starts_of_runs(contact, agent, begins))
    contact, agent, at, begins = (plain(column) for column in joined.columns)
    first, size = starts_of_runs(contact, agent), len(contact)
    last = pa.array([True] * min(size, 1), pa.bool_())
    goes_on = pc.invert(pa.concat_arrays([first.slice(1), last]))
    following = pa.concat_arrays([at.slice(1), pa.nulls(min(size, 1), pa.int64())])
    assigned = pc.equal(begins, 0)
    columns = {
        "contact_id": contact,
        "agent_id": agent,
        "assigned_at": at.cast(_UTC),
        "began_at": pc.if_else(goes_on, following, pa.scalar(None, pa.int64())).cast(_UTC),
    }
    return {"starts": pa.table(columns).filter(assigned)}


def _rows(table: pa.Table, begins: int) -> pa.Table:
    return pa.table(
        {
            "contact": given(table, "contact_id", pa.string()),
            "agent": given(table, "agent_id", pa.string()).cast(pa.string()),
            "at": instant(table, "at"),
            "begins": pa.repeat(pa.scalar(begins, pa.int64()), len(table)),
        }
    )


def _worded(table: pa.Table) -> pa.Table:
    return table.set_column(0, "contact", table.column("contact").cast(pa.string()))


_EVENTS = Input(
    of="contact_events",
    columns=("contact_id", "at", "seq", "event", "agent_id"),
    order=("at", "seq"),
    optional=("seq",),
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=STARTS,
        derivations=tuple(
            Derivation(
                name=name,
                inputs=inputs,
                key="contact_id",
                outputs=("starts",),
                function=_starts,
            )
            for name, inputs in (
                ("starts", (_EVENTS, MESSAGES)),
                ("starts_of_events", (_EVENTS,)),
            )
        ),
    ),
)
