"""Duty and engagement: an agent's states on both tracks, and with them the contacts in hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa

from kpicore._core import Engagement
from kpicore.plugin import Derivation, Fact, Input

from .schemas import DUTY, ENGAGEMENT
from .stream import Kernel, Stream

__all__ = ["FACTS", "DutyStream", "EngagementStream"]


class EngagementStream(Stream):
    """Lays the states of both tracks and the workload of an agent over each other.

    A state without track is on both. Of states that overlap on one track the later one counts from its
    start on. Stretches without any state and without contacts are left out.
    """

    fact: ClassVar[str] = "engagement"
    columns: ClassVar[tuple[str, ...]] = tuple(column.name for column in ENGAGEMENT.columns)

    def make_kernel(self) -> Kernel:
        kernel: Kernel = Engagement(self.part, self.parts)
        return kernel

    def push(self, batch: pa.RecordBatch, port: int = 0) -> Mapping[str, pa.RecordBatch]:
        """Keeps the rows; nothing is complete before the end."""
        return self._chosen(super().push(batch, port))

    def finish(self, until: int) -> Mapping[str, pa.RecordBatch]:
        """Returns every stretch."""
        return self._chosen(super().finish(until))

    def _chosen(self, facts: Mapping[str, pa.RecordBatch]) -> Mapping[str, pa.RecordBatch]:
        return {name: batch.select(list(self.columns)) for name, batch in facts.items()}


class DutyStream(EngagementStream):
    """Lays the states of both tracks of an agent over each other."""

    fact = "duty"
    columns = tuple(column.name for column in DUTY.columns)


_STATES = Input(
    of="state_intervals",
    columns=("agent_id", "state", "track", "start", "end"),
    order=("start", "end"),
    optional=("track",),
)
_LOAD = Input(of="workload", columns=("agent_id", "level", "start", "end"), order=("start", "end"))

_DUTY = Derivation(name="duty", inputs=(_STATES,), key="agent_id", outputs=("duty",), start=DutyStream)
_ENGAGEMENT = Derivation(
    name="engagement",
    inputs=(_STATES, _LOAD),
    key="agent_id",
    outputs=("engagement",),
    start=EngagementStream,
)

FACTS: tuple[Fact, ...] = (
    Fact(schema=DUTY, derivations=(_DUTY,)),
    Fact(schema=ENGAGEMENT, derivations=(_ENGAGEMENT,)),
)
