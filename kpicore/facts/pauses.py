"""Pauses: what tells that handling goes on, and what halts it."""

from __future__ import annotations

from dataclasses import replace

from kpicore.plugin import Choice, Choices, Duration, Switch

__all__ = ["ACTIVITY", "AUTHORS", "IDLE", "PAUSES", "PAUSE_ON", "REQUIRE_MESSAGE"]

PAUSE_ON = Choices(
    name="pause_on",
    doc="what halts handling: a conversation in which nobody wrote for as long as `idle` says (it then halts "
    "until the next message; wrap-up goes on), or an agent who is off duty. A case that is pending or "
    "resolved is not handled in any case",
    values=("away", "idle"),
    used_by={"idle": "Zendesk (messaging), Dynamics 365 (option)", "away": "Intercom (option)"},
)
PAUSES = replace(PAUSE_ON, default="")
IDLE = Duration(
    name="idle",
    doc="with pause_on=idle, how long a conversation goes on after a message, or after an agent took it",
    default="10m",
    low=1,
    used_by={"10m": "Zendesk (messaging)"},
)
ACTIVITY = Choice(
    name="activity",
    doc="with pause_on=idle, whose messages show that the conversation goes on: the customer's and the "
    "agents', or only those of one side",
    values=("both", "customer", "agent"),
    default="both",
    used_by={"customer": "Zendesk (messaging)"},
)
REQUIRE_MESSAGE = Switch(
    name="require_agent_message",
    doc="whether what an agent had in hand without writing in it is left out, and counted as such",
    default="false",
    used_by={"true": "Zendesk (messaging)"},
)

_AGENTS = ("agent", "bot_assist")
AUTHORS = {"both": ("customer", *_AGENTS), "customer": ("customer",), "agent": _AGENTS}
"""The authors of messages by whose ``activity`` counts."""
