"""The contracts of facts about what agents do at once, and how much they could."""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema

from .schemas import ENGAGEMENT, SEGMENTS, WORKLOAD

__all__ = ["SHARED_HANDLING", "SLOTS"]

SHARED_HANDLING = TableSchema(
    name="shared_handling",
    doc="Handling of one contact by one agent, cut so that `level` contacts are in the agent's hands "
    "throughout: each of them has that part of his time.",
    columns=(
        SEGMENTS.column("contact_id"),
        SEGMENTS.column("agent_id"),
        SEGMENTS.column("queue"),
        WORKLOAD.column("level"),
        Column(name="began_at", kind=Kind.TIME, doc="when the whole segment began", required=True),
        Column(name="ended_at", kind=Kind.TIME, doc="when the whole segment ended", required=True),
        SEGMENTS.column("start"),
        SEGMENTS.column("end"),
    ),
    times={"start": "began_at", "completion": "ended_at"},
    interval=("start", "end"),
)

SLOTS = TableSchema(
    name="slots",
    doc="An agent's states, the contacts in hand and how many he may have: stretches where all are constant.",
    columns=(
        *ENGAGEMENT.columns,
        Column(name="capacity", kind=Kind.INTEGER, doc="contacts at once; null where no limit is known"),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)
