"""Segments: stretches of one kind of handling by one agent, from the events of contacts."""

from __future__ import annotations

from kpicore.plugin import Fact

from .contact_flow import CONTACT_FLOW
from .schemas import SEGMENTS

__all__ = ["FACTS"]

FACTS: tuple[Fact, ...] = (Fact(schema=SEGMENTS, derivations=(CONTACT_FLOW,)),)
