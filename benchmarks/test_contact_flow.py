"""The contact flow alone, one thread: ten events a call, in three orders that differ in what is live."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from kpicore.facts.contact_flow import ContactFlowStream
from kpicore.plugin import TABLES, Settings

from .logs import DAY, START

CALLS = 1_000_000
BATCH = 1 << 16
LINE = "opened queued offered answered held retrieved closed wrapup_started wrapup_ended tagged".split()
WITH_AGENT = ("offered", "answered", "held", "retrieved", "wrapup_started", "wrapup_ended")
ORDERS = ("by time", "call by call", "all calls at once")


@cache
def _calls(order: str, calls: int) -> pa.RecordBatch:
    """Coded events of calls of some five minutes, that begin within 30 days."""
    rng = np.random.default_rng(1)
    words = TABLES["contact_events"].column("event").values
    begins = np.sort(rng.integers(0, 30 * DAY, calls))
    gaps = rng.integers(1, 60_000_000, (calls, len(LINE))).cumsum(axis=1)
    at = (START + begins[:, None] + gaps).ravel()
    event = np.tile(np.array([words.index(word) for word in LINE], np.int32), calls)
    agent, queue = (np.repeat(rng.integers(0, n, calls).astype(np.int32), len(LINE)) for n in (1000, 20))
    step = np.tile(np.arange(len(LINE)), calls)
    contact = np.repeat(np.arange(calls), len(LINE))
    rows = {
        "by time": lambda: np.argsort(at, kind="stable"),
        "call by call": lambda: np.arange(len(at)),
        "all calls at once": lambda: np.lexsort((rng.permutation(calls)[contact], step)),
    }[order]()
    named = np.isin(event, [words.index(word) for word in WITH_AGENT])
    return pa.record_batch(
        {
            "contact_id": pa.array(contact[rows]),
            "at": pa.array(at[rows]),
            "event": pa.array(event[rows]),
            "agent_id": pa.array(agent[rows], mask=~named[rows]),
            "queue": pa.array(queue[rows], mask=event[rows] != words.index("queued")),
        }
    )


def _derive(events: pa.RecordBatch) -> int:
    stream, facts = ContactFlowStream(Settings()), 0
    for start in range(0, len(events), BATCH):
        facts += sum(map(len, stream.push(events.slice(start, BATCH)).values()))
    return facts + sum(map(len, stream.finish(START + 60 * DAY).values()))


@pytest.mark.parametrize("order", ORDERS)
def test_contact_flow(
    order: str, scale: float, benchmark: Callable[[Callable[[pa.RecordBatch], int], pa.RecordBatch], int]
) -> None:
    calls = int(CALLS * scale)
    assert benchmark(_derive, _calls(order, calls)) == 8 * calls
