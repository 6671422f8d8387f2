"""Large synthetic logs, the same for the same seed: what the engines are timed on.

Agents are dictionaries, contacts int64, times int64 microseconds, rows in order of time, as a
well-kept log is.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kpicore.plugin import TABLES

__all__ = ["DAY", "START", "messages", "segments", "states"]

DAY = 86_400_000_000
START = 1_790_000_000_000_000 // DAY * DAY
_UTC = pa.timestamp("us", "UTC")


def _agents(codes: np.ndarray, count: int) -> pa.DictionaryArray:
    names = pa.array([f"agent-{i:05d}" for i in range(count)])
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names)


def _enum(codes: np.ndarray, words: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(words))


def _times(instants: np.ndarray) -> pa.Array:
    return pa.array(instants.astype(np.int64)).view(_UTC)


def _shifts(rng: np.random.Generator, rows: int, agents: int, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Agents and sorted instants: everybody works nine hours a day, beginning between 7 and 11."""
    agent = rng.integers(0, agents, rows)
    begins = rng.integers(7 * 3600, 11 * 3600, agents)
    second = rng.integers(0, days, rows) * 86_400 + begins[agent] + rng.integers(0, 9 * 3600, rows)
    instant = START + second * 1_000_000 + rng.integers(0, 1_000_000, rows)
    order = np.argsort(instant, kind="stable")
    return agent[order], instant[order]


def states(rows: int, *, agents: int = 1_000, days: int = 84, seed: int = 1) -> pa.Table:
    """Returns changes of state: 10 M rows are about 120 a day for each of 1,000 agents over 12 weeks.

    All agents change state at one last instant, so that no state but those of no length is open.
    """
    rng = np.random.default_rng(seed)
    agent, instant = _shifts(rng, rows - agents, agents, days)
    agent = np.concatenate([agent, np.arange(agents)])
    instant = np.concatenate([instant, np.full(agents, START + (days + 1) * DAY)])
    words = TABLES["agent_states"].column("state").values[:8]
    return pa.table(
        {
            "agent_id": _agents(agent, agents),
            "at": _times(instant),
            "state": _enum(rng.integers(0, 8, rows), words),
        }
    )


def messages(rows: int, *, agents: int = 500, days: int = 30, seed: int = 2) -> pa.Table:
    """Returns messages of conversations of five messages on average; the first is the customer's."""
    rng = np.random.default_rng(seed)
    contacts = max(rows // 5, 1)
    contact = np.concatenate([np.arange(contacts), rng.integers(0, contacts, rows - contacts)])
    contact.sort()
    first = np.concatenate([[True], contact[1:] != contact[:-1]])
    _, opened = _shifts(rng, contacts, agents, days)
    gap = (rng.exponential(40.0, rows) * 1_000_000).astype(np.int64) + 1_000_000
    gap[first] = 0
    running = np.cumsum(gap)
    instant = opened[contact] + running - running[first][contact]
    author = np.where(first | (rng.random(rows) < 0.45), 0, 1)
    agent = rng.integers(0, agents, contacts)[contact]
    order = np.argsort(instant, kind="stable")
    author, agent = author[order], agent[order]
    codes = pa.array(agent.astype(np.int32), mask=author == 0)
    names = pa.array([f"agent-{i:05d}" for i in range(agents)])
    return pa.table(
        {
            "contact_id": pa.array(contact[order].astype(np.int64)),
            "at": _times(instant[order]),
            "author": _enum(author, ("customer", "agent")),
            "agent_id": pa.DictionaryArray.from_arrays(codes, names),
        }
    )


def segments(rows: int, *, agents: int = 2_000, days: int = 30, seed: int = 3) -> pa.Table:
    """Returns stretches of talk of seven minutes on average, several at once."""
    rng = np.random.default_rng(seed)
    agent, start = _shifts(rng, rows, agents, days)
    length = (rng.exponential(420.0, rows) * 1_000_000).astype(np.int64) + 1
    return pa.table(
        {
            "contact_id": pa.array(np.arange(rows, dtype=np.int64)),
            "agent_id": _agents(agent, agents),
            "kind": _enum(np.zeros(rows, np.int8), ("talk",)),
            "start": _times(start),
            "end": _times(start + length),
        }
    )
