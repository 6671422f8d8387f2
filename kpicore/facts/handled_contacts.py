"""Handled contacts: what all agents did with a contact, in the hands of the last of them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema

from .schemas import LEGS
from .whole_tables import given, instant, plain

__all__ = ["FACTS", "HANDLED_CONTACTS", "whole_contacts"]

_UTC = pa.timestamp("us", "UTC")
_PARTS = ("ring", "talk", "hold", "wrapup")

HANDLED_CONTACTS = TableSchema(
    name="handled_contacts",
    doc="A contact with the handling of all its legs, under the agent and queue of the last one.",
    columns=(
        LEGS.column("contact_id"),
        Column(name="agent_id", kind=Kind.ID, doc="the last agent to take it", domain="agent"),
        LEGS.column("queue"),
        Column(name="began_at", kind=Kind.TIME, doc="when the first leg began", required=True),
        Column(name="talk_ended_at", kind=Kind.TIME, doc="when the last conversation in it ended"),
        Column(name="ended_at", kind=Kind.TIME, doc="when the last leg ended; null while one lasts"),
        *(LEGS.column(part) for part in _PARTS),
        Column(name="last_wrapup", kind=Kind.DURATION, doc="the last leg's after-contact work", unit="us"),
    ),
    times={"start": "began_at", "completion": "ended_at", "disconnect": "talk_ended_at"},
)


def _handled_contacts(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"handled_contacts": pa.table(whole_contacts(tables[0]))}


def whole_contacts(legs: pa.Table) -> dict[str, pa.Array]:
    """Adds up the legs whose agent is known; a part that no leg tells of stays unknown."""
    legs = legs.filter(pc.is_valid(given(legs, "agent_id", pa.string())))
    times = ("began_at", "talk_ended_at", "ended_at")
    rows = pa.table(
        {
            name: given(legs, name, pa.string()).cast(pa.string())
            for name in ("contact_id", "agent_id", "queue")
        }
        | {name: instant(legs, name) for name in times}
        | {name: given(legs, name, pa.int64()) for name in _PARTS}
    )
    order = [(name, "ascending") for name in ("contact_id", "began_at", "ended_at", "agent_id")]
    rows = rows.take(pc.sort_indices(rows, sort_keys=order))
    rows = rows.append_column("position", pa.arange(0, len(rows)))
    found = rows.group_by("contact_id").aggregate(
        [("began_at", "min"), ("talk_ended_at", "max"), ("ended_at", "max"), ("ended_at", "count")]
        + [(part, "sum") for part in _PARTS]
        + [("contact_id", "count"), ("position", "max")]
    )
    size = plain(found.column("contact_id_count"))
    last = plain(found.column("position_max"))
    over = pc.equal(plain(found.column("ended_at_count")), size)
    ended = pc.if_else(over, plain(found.column("ended_at_max")), pa.scalar(None, pa.int64()))
    return {
        "contact_id": plain(found.column("contact_id")),
        "agent_id": plain(rows.column("agent_id")).take(last),
        "queue": plain(rows.column("queue")).take(last),
        "began_at": plain(found.column("began_at_min")).cast(_UTC),
        "talk_ended_at": plain(found.column("talk_ended_at_max")).cast(_UTC),
        "ended_at": ended.cast(_UTC),
        **{part: plain(found.column(f"{part}_sum")) for part in _PARTS},
        "last_wrapup": plain(rows.column("wrapup")).take(last),
    }


_LEGS = Input(
    of="legs",
    columns=("contact_id", "began_at", "ended_at", "agent_id", "queue", "talk_ended_at", *_PARTS),
    order=("began_at", "ended_at"),
    optional=("agent_id", "queue", "talk_ended_at", "ended_at", *_PARTS),
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=HANDLED_CONTACTS,
        derivations=(
            Derivation(
                name="handled_contacts",
                inputs=(_LEGS,),
                key="contact_id",
                outputs=("handled_contacts",),
                function=_handled_contacts,
            ),
        ),
    ),
)
