"""Legs: each agent's part of a contact, from its events."""

from __future__ import annotations

from kpicore.plugin import Fact

from .contact_flow import CONTACT_FLOW
from .schemas import LEGS

__all__ = ["FACTS"]

FACTS: tuple[Fact, ...] = (Fact(schema=LEGS, derivations=(CONTACT_FLOW,)),)
