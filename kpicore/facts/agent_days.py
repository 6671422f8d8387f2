"""Agent days: the local days on which an agent was logged in at all."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore._core import Cells
from kpicore.clock import axis
from kpicore.plugin import Derivation, Fact, Input, Integer, Settings, Text
from kpicore.plugin.schema import Column, Kind, TableSchema

from .whole_tables import given, instant, plain

__all__ = ["AGENT_DAYS", "FACTS"]

_UTC = pa.timestamp("us", "UTC")

AGENT_DAYS = TableSchema(
    name="agent_days",
    doc="A local day on which an agent was logged in.",
    columns=(
        Column(name="agent_id", kind=Kind.ID, doc="the agent", required=True, domain="agent"),
        Column(name="began_at", kind=Kind.TIME, doc="the first logged-in instant of the day", required=True),
        Column(name="online", kind=Kind.DURATION, doc="time logged in on the day", unit="us", required=True),
    ),
    times={"start": "began_at"},
)


def _agent_days(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Cuts the time an agent is logged in at local midnights; days without any have no row."""
    (duty,) = tables
    duty = duty.filter(_online(duty))
    agent, start, end = (given(duty, "agent_id", pa.string()), instant(duty, "start"), instant(duty, "end"))
    if not len(duty):
        nothing = pa.array([], pa.int64())
        empty = {"agent_id": pa.array([], pa.string()), "began_at": nothing.cast(_UTC), "online": nothing}
        return {"agent_days": pa.table(empty)}
    zone = str(settings["zone"] or "UTC")
    day_start = settings.integer("day_start") if settings["day_start"] is not None else 0
    first, last = pc.min(start).as_py(), pc.max(end).as_py()
    edges = axis(first, last, ("day",), zone, day_start=day_start, align=True).timeline.edges
    pieces = pa.record_batch(Cells(pa.array(edges, pa.int64())).cut(start, end, None))
    rows = pa.table(
        {
            "agent": agent.take(pieces.column("row")),
            "day": pieces.column("cell"),
            "start": pieces.column("start"),
            "online": pc.subtract(pieces.column("end"), pieces.column("start")),
        }
    )
    found = rows.group_by(["agent", "day"]).aggregate([("start", "min"), ("online", "sum")])
    columns = {
        "agent_id": found.column("agent"),
        "began_at": plain(found.column("start_min")).cast(_UTC),
        "online": found.column("online_sum"),
    }
    return {"agent_days": pa.table(columns)}


def _online(duty: pa.Table) -> pa.Array:
    """Returns when the agent is logged in: by presence, or by routing where presence is silent."""
    presence, routing = (given(duty, name, pa.string()) for name in ("presence", "routing"))
    return pc.not_equal(pc.coalesce(presence, routing), "offline").fill_null(False)


FACTS: tuple[Fact, ...] = (
    Fact(
        schema=AGENT_DAYS,
        derivations=(
            Derivation(
                name="agent_days",
                inputs=(
                    Input(
                        of="duty",
                        columns=("agent_id", "presence", "routing", "start", "end"),
                        order=("start", "end"),
                    ),
                ),
                key="agent_id",
                outputs=("agent_days",),
                parameters=(
                    Text(name="zone", doc="whose days are meant; the query's, where none is named"),
                    Integer(name="day_start", doc="when days begin, as the query has it, where not told"),
                ),
                function=_agent_days,
            ),
        ),
    ),
)
