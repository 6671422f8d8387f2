"""Visits: stays of contacts in queues, from their events."""

from __future__ import annotations

from kpicore.plugin import Fact

from .contact_flow import CONTACT_FLOW
from .schemas import VISITS

__all__ = ["FACTS"]

FACTS: tuple[Fact, ...] = (Fact(schema=VISITS, derivations=(CONTACT_FLOW,)),)
