"""Legs: each agent's part of a contact, from its events or, where a source logs those, from segments."""

from __future__ import annotations

from kpicore._core import SegmentLegs
from kpicore.plugin import Derivation, Fact, Input

from .contact_flow import CONTACT_FLOW
from .schemas import LEGS
from .stream import Kernel, Stream

__all__ = ["FACTS", "LEGS_OF_SEGMENTS", "SegmentLegStream"]


class SegmentLegStream(Stream):
    """Puts the segments of a contact together to legs.

    An agent's segments of one contact are one leg, however long the pauses between them, until another
    agent talks after the end of all of them: what the agent then talks or holds is his next leg, while
    wrap-up still belongs to the leg before. So neither a conference nor a consultation during a hold cuts a
    leg in two, but a contact that came back does. Rings belong to the talk or hold that follows; rings that
    nothing follows, or another agent's talk, are no part of a leg, and an agent who only rang has none.
    Where a contact's segments do not say who, they are taken to be of one and the same unknown agent.

    A leg began with its first segment that is no ring, its talk ended with the last talk or hold, and it
    ended with the last segment; its queue is the first known one; how it ended is unknown. Segments whose
    end lies before their start are left out and counted (``reversed``). Legs that may still grow come
    with ``finish``.
    """

    fact = "legs"

    def make_kernel(self) -> Kernel:
        kernel: Kernel = SegmentLegs(self.part, self.parts)
        return kernel


LEGS_OF_SEGMENTS = Derivation(
    name="legs_of_segments",
    inputs=(
        Input(
            of="segments",
            columns=("contact_id", "start", "end", "kind", "agent_id", "queue"),
            order=("start", "end", "kind"),
            optional=("agent_id", "queue"),
        ),
    ),
    key="contact_id",
    outputs=("legs",),
    start=SegmentLegStream,
)

FACTS: tuple[Fact, ...] = (Fact(schema=LEGS, derivations=(CONTACT_FLOW, LEGS_OF_SEGMENTS)),)
