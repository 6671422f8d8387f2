"""Employments: who was employed from when to when, and who left."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings

from .schemas_people import EMPLOYMENTS
from .whole_tables import ALWAYS, given, instant

__all__ = ["FACTS"]

_UTC = pa.timestamp("us", "UTC")
_OPTIONAL = ("team", "full_time", "hired_on", "left_on", "valid_from", "valid_to")


def _employments(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Returns a row per row of the roster; one without end is true until the agent's next one."""
    (agents,) = tables
    agent = given(agents, "agent_id", pa.string())
    since, left = instant(agents, "valid_from"), instant(agents, "left_on")
    until = pc.coalesce(instant(agents, "valid_to"), _next(agent, since))
    first, last = ALWAYS
    began = pc.max_element_wise(since, instant(agents, "hired_on")).fill_null(first)
    ended = pc.min_element_wise(until, left)
    ended = pc.if_else(pc.less(ended, began), began, ended)
    columns = {
        "agent_id": agent,
        "team": given(agents, "team", pa.string()),
        "full_time": given(agents, "full_time", pa.bool_()).fill_null(True),
        "began_at": began.cast(_UTC),
        "ended_at": ended.cast(_UTC),
        "left_on": _once(agent, left).cast(_UTC),
        "start": pc.add(began, 1).cast(_UTC),
        "end": pc.add(ended, 1).fill_null(last).cast(_UTC),
    }
    return {"employments": pa.table(columns)}


def _next(agent: pa.Array, since: pa.Array) -> pa.Array:
    """Returns the beginning of the agent's next row; null where there is none."""
    none = pa.scalar(None, pa.int64())
    if len(agent) < 2:
        return pa.nulls(len(agent), pa.int64())
    following = pc.if_else(pc.equal(agent.slice(1), agent.slice(0, len(agent) - 1)), since.slice(1), none)
    return pa.concat_arrays([following, pa.nulls(1, pa.int64())])


def _once(agent: pa.Array, left: pa.Array) -> pa.Array:
    """Returns ``left`` in the last row only of those of an agent that say the same."""
    who = agent.dictionary_encode().indices.cast(pa.int64())
    days = left.dictionary_encode()
    pair = pc.add(pc.multiply(who, len(days.dictionary) + 1), days.indices.cast(pa.int64()))
    backward = pair.take(pc.subtract(len(pair) - 1, pa.arange(0, len(pair))))
    lasts = pc.index_in(pc.unique(backward).drop_null(), value_set=backward)
    rows = pc.subtract(len(pair) - 1, lasts.cast(pa.int64()))
    told = pc.is_in(pa.arange(0, len(pair)), value_set=rows)
    return pc.if_else(told, left, pa.scalar(None, pa.int64()))


_DERIVATION = Derivation(
    name="employments",
    inputs=(Input(of="agents", columns=("agent_id", *_OPTIONAL), order=("valid_from",), optional=_OPTIONAL),),
    key="agent_id",
    outputs=("employments",),
    function=_employments,
)

FACTS: tuple[Fact, ...] = (Fact(schema=EMPLOYMENTS, derivations=(_DERIVATION,)),)
