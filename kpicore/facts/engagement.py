"""Duty and engagement: an agent's states on both tracks, and with them the contacts in hand."""

from __future__ import annotations

from kpicore._core import Engagement
from kpicore.plugin import Derivation, Fact, Input

from .schemas import DUTY, ENGAGEMENT
from .stream import Kernel, Stream

__all__ = ["FACTS", "LOAD", "DutyStream", "EngagementStream"]


class EngagementStream(Stream):
    """Lays the states of both tracks and the workload of an agent over each other.

    A state without track is on both. Of states that overlap on one track the later one counts from its
    start on; of those that begin together the longer one. Stretches without any state and without
    contacts are left out; those that touch differ. States and workload that end where they start or
    before are left out (``zero_length``, ``reversed``).
    """

    fact = "engagement"

    def make_kernel(self) -> Kernel:
        kernel: Kernel = Engagement(self.part, self.parts, True)
        return kernel


class DutyStream(Stream):
    """Lays the states of both tracks of an agent over each other, as ``EngagementStream`` does."""

    fact = "duty"

    def make_kernel(self) -> Kernel:
        kernel: Kernel = Engagement(self.part, self.parts, False)
        return kernel


_STATES = Input(
    of="state_intervals",
    columns=("agent_id", "state", "track", "start", "end"),
    order=("start", "end"),
    optional=("track",),
)
LOAD = Input(of="workload", columns=("agent_id", "level", "start", "end"), order=("start", "end"))

_DUTY = Derivation(name="duty", inputs=(_STATES,), key="agent_id", outputs=("duty",), start=DutyStream)
_ENGAGEMENT = Derivation(
    name="engagement",
    inputs=(_STATES, LOAD),
    key="agent_id",
    outputs=("engagement",),
    start=EngagementStream,
)

FACTS: tuple[Fact, ...] = (
    Fact(schema=DUTY, derivations=(_DUTY,)),
    Fact(schema=ENGAGEMENT, derivations=(_ENGAGEMENT,)),
)
