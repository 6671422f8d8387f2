"""Workload: how many contacts an agent handles at once."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore._core import Workload
from kpicore.plugin import Choices, Derivation, Fact, Input

from .schemas import SEGMENTS, WORKLOAD
from .stream import Kernel, Stream

__all__ = ["DERIVATION", "FACTS", "WorkloadStream"]

_KINDS = SEGMENTS.column("kind").values


class WorkloadStream(Stream):
    """Turns segments into stretches of constant concurrency.

    Intervals are half-open: segments that touch are not at once. Overlapping segments of the same contact
    count once (note ``overlap``); without ``contact_id`` each segment is a contact. Segments that end
    where they start or before are left out (``zero_length``, ``reversed``), and those of which the source
    does not say whose they are. Touching stretches have different levels, so that the outcome does not
    depend on how segments were cut.
    """

    fact = "workload"

    def make_kernel(self) -> Kernel:
        kinds = sum(1 << _KINDS.index(kind) for kind in self.settings.words("kinds"))
        kernel: Kernel = Workload(self.part, self.parts, kinds)
        return kernel

    def push(self, batch: pa.RecordBatch, port: int = 0) -> Mapping[str, pa.RecordBatch]:
        """Returns the stretches that are complete after ``batch``."""
        agent = batch.column("agent_id")
        return Stream.push(self, batch.filter(pc.is_valid(agent)) if agent.null_count else batch, port)


DERIVATION = Derivation(
    name="workload",
    inputs=(
        Input(
            of="segments",
            columns=("agent_id", "start", "end", "kind", "contact_id"),
            order=("start", "end"),
            optional=("contact_id",),
        ),
    ),
    key="agent_id",
    outputs=("workload",),
    parameters=(
        Choices(
            name="kinds",
            doc="which kinds of segments are handling",
            default="hold+talk+wrapup",
            values=_KINDS,
        ),
    ),
    start=WorkloadStream,
)

FACTS: tuple[Fact, ...] = (Fact(schema=WORKLOAD, derivations=(DERIVATION,)),)
