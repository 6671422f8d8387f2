"""Bounded states: what a log without log-offs, or of heartbeats, can be taken to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore._core import Engagement
from kpicore.plugin import Choice, Derivation, Duration, Fact, Input, Settings

from .schemas import DUTY, STATE_INTERVALS
from .stream import Kernel, Stream
from .whole_tables import given, instant, last_before

__all__ = ["FACTS", "HEARTBEAT", "LOGOUT"]

_UTC = pa.timestamp("us", "UTC")
_COLUMNS = tuple(column.name for column in STATE_INTERVALS.columns)

BOUNDED_STATES = replace(
    STATE_INTERVALS, name="bounded_states", doc="An agent's stay in one state, as long as it can be believed."
)
SHIFT_STATES = replace(BOUNDED_STATES, name="shift_states")
BOUNDED_DUTY = replace(DUTY, name="bounded_duty")
SHIFT_DUTY = replace(DUTY, name="shift_duty")

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
    "shift in which the state began (offline apart)",
    values=("next_row", "shift_end"),
    default="next_row",
)


def _bounded(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"bounded_states": _cut_off(settings, tables[0], None)}


def _to_shift_end(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Ends states other than offline with the shift in which they began; of several the last to begin."""
    states, schedules = tables
    began = instant(states, "start")
    shift = last_before(
        given(states, "agent_id", pa.string()),
        began,
        given(schedules, "agent_id", pa.string()),
        instant(schedules, "start"),
    )
    ends = instant(schedules, "end").take(shift)
    inside = pc.greater(ends, began)
    online = pc.not_equal(given(states, "state", pa.string()).cast(pa.string()), "offline")
    ends = pc.if_else(pc.and_(inside, online), ends, pa.scalar(None, pa.int64()))
    return {"shift_states": _cut_off(settings, states, ends)}


def _cut_off(settings: Settings, states: pa.Table, ends: pa.Array | None) -> pa.Table:
    start, end = instant(states, "start"), instant(states, "end")
    if ends is not None:
        end = pc.min_element_wise(end, ends)
    if settings["heartbeat"] is not None:
        end = pc.min_element_wise(end, pc.add(start, settings.microseconds("heartbeat")))
    columns = {name: states.column(name) for name in _COLUMNS if name in states.column_names}
    return pa.table(columns | {"end": end.cast(_UTC)})


class BoundedDutyStream(Stream):
    """Lays bounded states of both tracks over each other, as ``DutyStream`` does."""

    fact = "bounded_duty"

    def make_kernel(self) -> Kernel:
        kernel: Kernel = Engagement(self.part, self.parts, False)
        return kernel


class ShiftDutyStream(BoundedDutyStream):
    """Lays states that end with the shift over each other, as ``DutyStream`` does."""

    fact = "shift_duty"


_STATES = Input(
    of="state_intervals",
    columns=_COLUMNS,
    order=("start", "end"),
    optional=("track", "reason", "channel"),
)
_SCHEDULES = Input(of="schedules", columns=("agent_id", "start", "end"), order=("start", "end"))
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
                inputs=(_STATES,),
                key="agent_id",
                outputs=("bounded_states",),
                parameters=(HEARTBEAT,),
                function=_bounded,
            ),
        ),
    ),
    Fact(
        schema=SHIFT_STATES,
        derivations=(
            Derivation(
                name="shift_states",
                inputs=(_STATES, _SCHEDULES),
                key="agent_id",
                outputs=("shift_states",),
                parameters=(HEARTBEAT,),
                function=_to_shift_end,
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
        schema=SHIFT_DUTY,
        derivations=(
            Derivation(
                name="shift_duty",
                inputs=(replace(_ON_TRACKS, of="shift_states"),),
                key="agent_id",
                outputs=("shift_duty",),
                start=ShiftDutyStream,
            ),
        ),
    ),
)
