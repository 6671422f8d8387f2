"""Bounded states: what a log without log-offs, or of heartbeats, can be taken to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Choice, Derivation, Duration, Fact, Input, Settings

from .engagement import LOAD, DutyStream, EngagementStream
from .schemas import DUTY, ENGAGEMENT, STATE_INTERVALS
from .schemas_shares import SLOTS
from .shares import ENGAGED, LIMITS, slots_of
from .whole_tables import given, instant, last_before, latest_before, look_up, plain

__all__ = ["FACTS", "HEARTBEAT", "LOGOUT"]

_UTC = pa.timestamp("us", "UTC")
_COLUMNS = tuple(column.name for column in STATE_INTERVALS.columns)

BOUNDED_STATES = replace(
    STATE_INTERVALS, name="bounded_states", doc="An agent's stay in one state, as long as it can be believed."
)
BOUNDED_DUTY = replace(DUTY, name="bounded_duty")
BOUNDED_ENGAGEMENT = replace(ENGAGEMENT, name="bounded_engagement")
BOUNDED_SLOTS = replace(SLOTS, name="bounded_slots")

HEARTBEAT = Duration(
    name="heartbeat",
    doc="how long a state is believed after its row: for sources that tell it again and again, or that lose "
    "the end of a session; none: until the next row",
    default="none",
    optional=True,
    low=1,
)
LOGOUT = Choice(
    name="logout",
    doc="what ends a session without log-off: only the next row of the agent, or the end of the scheduled "
    "shift in which the state began (offline apart); planned activities that overlap or touch are one shift",
    values=("next_row", "shift_end"),
    default="next_row",
)


def _bounded(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    states, *schedules = tables
    start, end = instant(states, "start"), instant(states, "end")
    if schedules:
        end = pc.min_element_wise(end, _ends_of_shifts(states, schedules[0]))
    if settings["heartbeat"] is not None:
        end = pc.min_element_wise(end, pc.add(start, settings.microseconds("heartbeat")))
    columns = {name: states.column(name) for name in _COLUMNS if name in states.column_names}
    return {"bounded_states": pa.table(columns | {"end": end.cast(_UTC)})}


def _ends_of_shifts(states: pa.Table, schedules: pa.Table) -> pa.Array:
    """Returns when the shift ends in which a state began; null where none did, and if offline."""
    began = instant(states, "start")
    shifts = _shifts(schedules)
    shift = last_before(given(states, "agent_id", pa.string()), began, shifts["agent"], shifts["start"])
    ends = shifts["end"].take(shift)
    inside = pc.greater(ends, began)
    online = pc.not_equal(given(states, "state", pa.string()).cast(pa.string()), "offline")
    return pc.if_else(pc.and_(inside, online), ends, pa.scalar(None, pa.int64()))


def _shifts(schedules: pa.Table) -> dict[str, pa.Array]:
    """Returns what an agent's activities, by their start, make up together that overlap or touch."""
    agent = given(schedules, "agent_id", pa.string())
    start, end = instant(schedules, "start"), instant(schedules, "end")
    lasting = pc.less(start, end)
    agent, start, end = (column.filter(lasting) for column in (agent, start, end))
    latest = latest_before(agent.dictionary_encode().indices.cast(pa.int64()), end)
    apart = pc.greater(start, latest).fill_null(True)
    number = pc.cumulative_sum(apart.cast(pa.int64()))
    found = pa.table({"number": number, "end": end}).group_by("number").aggregate([("end", "max")])
    ends = look_up(number.filter(apart), plain(found.column("number")), plain(found.column("end_max")))
    return {"agent": agent.filter(apart), "start": start.filter(apart), "end": ends}


def _bounded_slots(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"bounded_slots": slots_of(*tables)}


class BoundedDutyStream(DutyStream):
    """Lays bounded states of both tracks over each other, as ``DutyStream`` does."""

    fact = "bounded_duty"


class BoundedEngagementStream(EngagementStream):
    """Lays bounded states of both tracks and the workload over each other, as ``EngagementStream`` does."""

    fact = "bounded_engagement"


def _by_shifts(settings: Settings) -> bool:
    return settings.word("logout") == "shift_end"


_STATES = Input(
    of="state_intervals",
    columns=_COLUMNS,
    order=("start", "end"),
    optional=("track", "reason", "channel"),
)
_SCHEDULES = Input(
    of="schedules", columns=("agent_id", "start", "end"), order=("start", "end"), when=_by_shifts
)
_ON_TRACKS = Input(
    of="bounded_states",
    columns=("agent_id", "state", "track", "start", "end"),
    order=("start", "end"),
    optional=("track",),
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=BOUNDED_STATES,
        derivations=(
            Derivation(
                name="bounded_states",
                inputs=(_STATES, _SCHEDULES),
                key="agent_id",
                outputs=("bounded_states",),
                parameters=(HEARTBEAT, LOGOUT),
                function=_bounded,
            ),
        ),
    ),
    Fact(
        schema=BOUNDED_DUTY,
        derivations=(
            Derivation(
                name="bounded_duty",
                inputs=(_ON_TRACKS,),
                key="agent_id",
                outputs=("bounded_duty",),
                start=BoundedDutyStream,
            ),
        ),
    ),
    Fact(
        schema=BOUNDED_ENGAGEMENT,
        derivations=(
            Derivation(
                name="bounded_engagement",
                inputs=(_ON_TRACKS, LOAD),
                key="agent_id",
                outputs=("bounded_engagement",),
                start=BoundedEngagementStream,
            ),
        ),
    ),
    Fact(
        schema=BOUNDED_SLOTS,
        derivations=(
            Derivation(
                name="bounded_slots",
                inputs=(replace(ENGAGED, of="bounded_engagement"), LIMITS),
                key="agent_id",
                outputs=("bounded_slots",),
                function=_bounded_slots,
            ),
        ),
    ),
)
