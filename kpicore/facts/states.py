"""State intervals: an agent's stays in one state, from a log of changes."""

from __future__ import annotations

import pyarrow as pa

from kpicore._core import StateIntervals
from kpicore.plugin import Choice, Derivation, Fact, Input

from .schemas import STATE_INTERVALS
from .stream import DirectKernel, DirectStream

__all__ = ["DERIVATION", "FACTS", "StateIntervalStream"]


class StateIntervalStream(DirectStream):
    """Turns changes of state into stays.

    The next row of an agent and track ends a state. A stated ``until`` before it ends the state there
    (note ``gap``); one beyond it counts only under ``overlap=keep`` (note ``overlap``). A row whose
    ``until`` lies before it opens nothing (``reversed``), a stay without length is left out
    (``zero_length``), a state that follows itself is kept apart (``repeated``), what is open at the end
    of the range ends there (``open_end``). A row without track is a track of its own. Stays of an agent
    come out by start, on whatever track.
    """

    fact = "state_intervals"

    def make_kernel(self) -> DirectKernel:
        kernel: DirectKernel = StateIntervals(self.part, self.parts, self.settings.word("overlap") == "keep")
        return kernel

    def goes_on(self, table: pa.Table) -> bool:
        """Returns whether there is one track: on several, the last row of each matters."""
        return "track" not in table.column_names or table.column("track").null_count == len(table)


DERIVATION = Derivation(
    name="state_intervals",
    inputs=(
        Input(
            of="agent_states",
            columns=("agent_id", "at", "seq", "state", "until", "reason", "track", "channel"),
            order=("at", "seq"),
            optional=("seq", "until", "reason", "track", "channel"),
        ),
    ),
    key="agent_id",
    outputs=("state_intervals",),
    parameters=(
        Choice(
            name="overlap",
            doc="what ends a state whose stated end lies beyond the agent's next row",
            default="next_wins",
            values=("next_wins", "keep"),
        ),
    ),
    start=StateIntervalStream,
)

FACTS: tuple[Fact, ...] = (Fact(schema=STATE_INTERVALS, derivations=(DERIVATION,)),)
