"""Workers that take stretches of a log of states, one after another, find what one worker finds."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore
from kpicore import engine
from kpicore.engine import local
from kpicore.plugin import TABLES, col, total
from kpicore.plugin.manager import load_plugins

PLUGINS = load_plugins(third_party=False)
START = 1_790_000_000_000_000
STATES = TABLES["agent_states"].column("state").values[:3]
LENGTH = total("state_intervals", col("end") - col("start"), attribution="prorated", part="state")

CHANGES = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 40), st.sampled_from(STATES)), min_size=1, max_size=30
)


@pytest.fixture(autouse=True, scope="module")
def every_log_is_worth_threads() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "SMALL", 0)
        yield


def opened(changes: list[tuple[str, int, str]], *, tracks: bool) -> kpicore.Log:
    # An agent's changes at one instant are in the order of their columns, as a source gives them.
    rows = sorted((minute, agent, state) for agent, minute, state in changes)
    at = [START + minute * 600_000_000 for minute, *_ in rows]
    table = {
        "agent_id": [agent for _, agent, _ in rows],
        "at": pa.array(at, pa.timestamp("us", "UTC")),
        "state": [state for *_, state in rows],
    }
    if tracks:
        table["track"] = [("presence", "routing")[i % 2] for i in range(len(rows))]
    return kpicore.open({"agent_states": pa.table(table)}, plugins=PLUGINS)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    changes=CHANGES, threads=st.sampled_from((2, 3, 5)), rows=st.sampled_from((1, 2, 7)), tracks=st.booleans()
)
def test_stretches_add_up(changes: list[tuple[str, int, str]], threads: int, rows: int, tracks: bool) -> None:
    log = opened(changes, tracks=tracks)

    def tallied(threads: int, batch_rows: int) -> pa.Table:
        query = engine.Query(
            requests=(), by=("agent",), periods=("hour",), threads=threads, batch_rows=batch_rows
        )
        return engine.tally(log, {"us": LENGTH}, query, PLUGINS)

    def noted(threads: int, batch_rows: int) -> list[object]:
        ledger = kpicore.measure(
            log, ["time_in_state"], ["agent"], plugins=PLUGINS, threads=threads, batch_rows=batch_rows
        ).ledger
        rows: list[object] = ledger.to_arrow().to_pylist()
        return rows

    assert tallied(threads, rows).equals(tallied(1, 65_536))
    assert noted(threads, rows) == noted(1, 65_536)
