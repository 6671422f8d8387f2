"""Arrow tables out of stays, segments, legs and changes of state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from .calls import Stay
from .handling import Leg, Segment
from .presence import Change

__all__ = ["contacts", "legs", "segments", "states", "visits"]

_TIME = pa.timestamp("us", "UTC")
_TEXT = pa.string()
_MICROS = pa.int64()


def visits(stays: Sequence[Stay]) -> pa.Table:
    """Returns the fact ``visits``."""
    return pa.table(
        {
            "contact_id": pa.array([stay.callid for stay in stays], _TEXT),
            "queue": pa.array([stay.queue for stay in stays], _TEXT),
            "agent_id": pa.array([stay.agent for stay in stays], _TEXT),
            "entered_at": pa.array([stay.entered for stay in stays], _TIME),
            "left_at": pa.array([stay.left for stay in stays], _TIME),
            "outcome": pa.array([stay.outcome for stay in stays], _TEXT),
            "wait": pa.array([stay.wait for stay in stays], _MICROS),
        }
    )


def segments(found: Sequence[Segment]) -> pa.Table:
    """Returns the fact ``segments``."""
    return pa.table(
        {
            "contact_id": pa.array([segment.callid for segment in found], _TEXT),
            "agent_id": pa.array([segment.agent for segment in found], _TEXT),
            "queue": pa.array([segment.queue for segment in found], _TEXT),
            "kind": pa.array([segment.kind for segment in found], _TEXT),
            "start": pa.array([segment.start for segment in found], _TIME),
            "end": pa.array([segment.end for segment in found], _TIME),
        }
    )


def legs(found: Sequence[Leg]) -> pa.Table:
    """Returns the fact ``legs``; a queue log knows no holding."""
    return pa.table(
        {
            "contact_id": pa.array([leg.stay.callid for leg in found], _TEXT),
            "agent_id": pa.array([leg.agent for leg in found], _TEXT),
            "queue": pa.array([leg.stay.queue for leg in found], _TEXT),
            "began_at": pa.array([leg.stay.left for leg in found], _TIME),
            "talk_ended_at": pa.array([leg.stay.ended for leg in found], _TIME),
            "ended_at": pa.array([leg.ended_at for leg in found], _TIME),
            "began": pa.array([leg.began for leg in found], _TEXT),
            "ended": pa.array([leg.ended for leg in found], _TEXT),
            "ring": pa.array([leg.stay.ring for leg in found], _MICROS),
            "talk": pa.array([_talk(leg.stay) for leg in found], _MICROS),
            "hold": pa.array([0] * len(found), _MICROS),
            "wrapup": pa.array([leg.wrapup for leg in found], _MICROS),
        }
    )


def contacts(stays: Iterable[Stay]) -> pa.Table:
    """Returns the table ``contacts``: one row per call, from its first entry to its last end."""
    first: dict[str, Stay] = {}
    last: dict[str, Stay] = {}
    callers: dict[str, str] = {}
    agents: dict[str, str] = {}
    for stay in stays:
        first.setdefault(stay.callid, stay)
        last[stay.callid] = stay
        if stay.agent is not None:
            agents[stay.callid] = stay.agent
        if stay.entry is not None and any(letter.isdigit() for letter in stay.entry.text(2)):
            callers.setdefault(stay.callid, stay.entry.text(2))
    calls = list(first)
    return pa.table(
        {
            "contact_id": pa.array(calls, _TEXT),
            "customer_id": pa.array([callers.get(call) for call in calls], _TEXT),
            "agent_id": pa.array([agents.get(call) for call in calls], _TEXT),
            "channel": pa.array(["voice"] * len(calls), _TEXT),
            "direction": pa.array(["inbound"] * len(calls), _TEXT),
            "queue": pa.array([first[call].queue for call in calls], _TEXT),
            "opened_at": pa.array([first[call].entered for call in calls], _TIME),
            "closed_at": pa.array([_closed(last[call]) for call in calls], _TIME),
        }
    )


def states(changes: Sequence[Change]) -> pa.Table:
    """Returns the table ``agent_states``."""
    return pa.table(
        {
            "agent_id": pa.array([change.agent for change in changes], _TEXT),
            "at": pa.array([change.at for change in changes], _TIME),
            "state": pa.array([change.state for change in changes], _TEXT),
            "reason": pa.array([change.reason for change in changes], _TEXT),
            "track": pa.array([change.track for change in changes], _TEXT),
        }
    )


def _talk(stay: Stay) -> int | None:
    return None if stay.ended is None or stay.left is None else stay.ended - stay.left


def _closed(stay: Stay) -> int | None:
    return stay.ended if stay.outcome == "answered" else stay.left
