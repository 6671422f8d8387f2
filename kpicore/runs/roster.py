"""What the roster says of subjects, for cards that differ by group or look at a population."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.tables import Log

__all__ = ["Attributes", "roster", "roster_table"]

Attributes: TypeAlias = Mapping[str, str]
Key: TypeAlias = tuple[str | None, ...]


def roster(log: Log, subject: str, start: int, end: int) -> dict[Key, Attributes]:
    """Returns the attributes, as text, of every agent on the roster in [start, end).

    Of several rows of one agent the last valid one counts. Other subjects have no roster.
    """
    agents = log.tables.get("agents")
    if subject != "agent" or agents is None:
        return {}
    known: dict[Key, tuple[int, Attributes]] = {}
    instants = {
        name: _microseconds(agents, name) for name in ("valid_from", "valid_to", "hired_on", "left_on")
    }
    texts = {
        name: agents.column(name).cast(pa.string()).to_pylist()
        for name in agents.column_names
        if not pa.types.is_list(agents.schema.field(name).type) and name not in instants
    }
    for i in range(len(agents)):
        since = max(instants["valid_from"][i] or 0, instants["hired_on"][i] or 0)
        untils = [t for t in (instants["valid_to"][i], instants["left_on"][i]) if t is not None]
        if since >= end or (untils and min(untils) <= start):
            continue
        key = (texts["agent_id"][i],)
        if key not in known or since >= known[key][0]:
            known[key] = since, {n: v[i] for n, v in texts.items() if v[i] is not None}
    return {key: attributes for key, (_, attributes) in known.items()}


def roster_table(attributes: Mapping[Key, Attributes], subjects: Collection[Key]) -> dict[str, pa.Table]:
    """Returns the table ``roster``: names and teams of ``subjects``, as people know them; nothing without a
    roster.
    """
    known = sorted(key[0] or "" for key in attributes if key in subjects)
    if not known:
        return {}
    rows = [attributes[key,] for key in known]
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in ("name", "team")}
    return {"roster": pa.table({"agent": pa.array(known, pa.string()), **columns})}


def _microseconds(agents: pa.Table, name: str) -> list[int | None]:
    if name not in agents.column_names:
        return [None] * len(agents)
    instants: list[int | None] = pc.cast(agents.column(name), pa.int64()).to_pylist()
    return instants
