"""Conditions on an agent's states, where one of two tracks may be missing.

Whether an agent is online is told by presence, whether he is available or busy by routing; where a
source has one track only, it tells both.
"""

from __future__ import annotations

from fractions import Fraction

from kpicore.facts.schemas import OFF_DUTY
from kpicore.plugin import Expression, col
from kpicore.plugin.tables import TABLES

__all__ = ["HOURS", "ONLINE", "ON_DUTY", "READY_BY_ROUTING", "STATES", "in_state"]

HOURS = Fraction(3_600_000_000)
"""Scale of a number per microsecond to a number per hour."""

STATES = TABLES["agent_states"].column("state").values


def in_state(states: tuple[str, ...], tracks: str = "routing_first") -> Expression:
    """True while the agent is in one of ``states``: by routing, or by presence where routing is silent.

    With ``tracks`` = ``presence_first`` also by presence where that says that the agent is off duty.
    """
    by_presence = col("routing").is_null() & col("presence").isin(states)
    found = col("routing").isin(states) | by_presence
    if tracks == "routing_first":
        return found
    off_duty = col("presence").isin(OFF_DUTY)
    return (off_duty & col("presence").isin(states)) | (~off_duty & found)


ONLINE = (col("presence").not_null() & ~col("presence").is_("offline")) | (
    col("presence").is_null() & col("routing").not_null() & ~col("routing").is_("offline")
)
"""True while the agent is logged in."""

ON_DUTY = ONLINE & ~col("presence").isin(OFF_DUTY) & ~col("routing").isin(OFF_DUTY)
"""True while the agent is logged in and neither on a break nor otherwise away from contacts."""

READY_BY_ROUTING = col("routing").not_null() & ~col("routing").isin(OFF_DUTY)
"""True while routing says that the agent takes or has contacts, whatever presence says."""
