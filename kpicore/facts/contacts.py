"""Contacts of sources that log events only, in the columns of the canonical table."""

from __future__ import annotations

from kpicore.plugin import TABLES, Fact

from .contact_flow import CONTACT_FLOW

__all__ = ["FACTS"]

FACTS: tuple[Fact, ...] = (Fact(schema=TABLES["contacts"], derivations=(CONTACT_FLOW,)),)
