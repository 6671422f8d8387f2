"""The contact flow against a slow oracle, and the laws of streams."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.facts.contact_flow import CONTACT_FLOW
from kpicore.facts.schemas import LEGS, SEGMENTS, VISITS
from kpicore.plugin import TABLES, Settings
from tests.oracles.contact_flow import COLUMNS, DETAILS, EVENTS, derive

Row = tuple[int | None, ...]
UNTIL = 100
SCHEMAS = {"visits": VISITS, "segments": SEGMENTS, "legs": LEGS, "contacts": TABLES["contacts"]}
KINDS = dict.fromkeys(COLUMNS, pa.int32()) | dict.fromkeys(("contact_id", "at", "seq"), pa.int64())


def maybe(strategy: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.none() | strategy


SOME_EVENT = st.sampled_from([i for i, e in enumerate(EVENTS) if not e.startswith(("ivr", "tag"))])
AGENT, QUEUE, DETAIL = maybe(st.integers(0, 2)), maybe(st.integers(0, 1)), maybe(st.integers(0, 8))
WILD = st.lists(
    st.tuples(
        st.integers(-1, 1),
        st.integers(-3, 12) | st.integers(95, 110),
        maybe(st.integers(0, 1)),
        st.integers(0, len(EVENTS) - 1),
        AGENT,
        AGENT,
        QUEUE,
        QUEUE,
        DETAIL,
    ),
    max_size=30,
)
LINES = (
    "queued offered answered held retrieved wrapup_started wrapup_ended closed",
    "queued offered left offered answered left closed wrapup_started wrapup_ended",
    "queued answered held offered answered transferred left closed wrapup_started wrapup_ended",
    "queued answered transferred queued answered conferenced left closed",
    "queued assigned answered pending retrieved resolved reopened assigned resolved closed",
    "started held offered answered conferenced left transferred answered closed",
    "queued offered queued offered abandoned closed reopened assigned wrapup_started",
    "assigned assigned pending reopened resolved wrapup_started wrapup_ended reopened answered",
)
CALL = st.sampled_from(LINES).flatmap(
    lambda line: st.lists(
        st.tuples(
            st.sampled_from([EVENTS.index(word) for word in line.split()]) | SOME_EVENT,
            st.integers(0, 3),
            maybe(st.integers(0, 1)) | st.integers(0, 1),
            AGENT,
            QUEUE,
            QUEUE,
            DETAIL,
        ),
        min_size=1,
        max_size=12,
    ).map(lambda steps: follow(line, steps))
)


def follow(line: str, steps: list[Any]) -> list[Row]:
    """The line's events in order, each with the ids of a step; every third step is an event of its own."""
    rows: list[Row] = []
    at = 0
    words = [EVENTS.index(word) for word in line.split()]
    for number, (stray, delta, *ids) in enumerate(steps):
        at += delta
        event = stray if number % 3 == 2 else words[min(number - number // 3, len(words) - 1)]
        rows.append((0, at, number, event, *ids))
    return rows


CALLS = st.lists(CALL, max_size=3).map(
    lambda calls: [(number, *row[1:]) for number, call in enumerate(calls) for row in call]
)


def expected(rows: list[Row]) -> tuple[dict[int, list[Any]], dict[str, int]]:
    def worded(row: Row) -> dict[str, Any]:
        event = dict(zip(COLUMNS, row, strict=True))
        event["event"] = EVENTS[event["event"]]
        event["detail"] = None if event["detail"] is None else DETAILS[event["detail"]]
        return event

    facts, notes = derive([worded(row) for row in rows], UNTIL)
    found: dict[int, list[Any]] = {}
    for name, schema in SCHEMAS.items():
        for fact in facts[name]:
            cells = []
            for column in schema.columns:
                value = fact[column.name]
                if column.name != "contact_id" and column.name != "topics":
                    cells.append(column.values.index(value) if column.values and value is not None else value)
            found.setdefault(fact["contact_id"], []).append((name, *cells))
    return {key: sorted(some, key=repr) for key, some in found.items()}, dict(notes)


@pytest.fixture(scope="module")
def flow_laws(laws: Any) -> Any:
    by_columns = {
        tuple(c.name for c in schema.columns if c.name != "topics"): name for name, schema in SCHEMAS.items()
    }

    class FlowLaws(laws):  # type: ignore[misc]
        def collect(self, batches: Any) -> dict[int, list[Any]]:
            found: dict[int, list[Any]] = {}
            for batch in batches:
                batch.validate(full=True)
                name = by_columns[tuple(batch.schema.names)]
                for cells in batch.to_pylist():
                    key = cells.pop("contact_id")
                    found.setdefault(key, []).append((name, *cells.values()))
            return {key: sorted(some, key=repr) for key, some in found.items()}

    return FlowLaws(derivation=CONTACT_FLOW, columns=(KINDS,), orders=(COLUMNS[1:],), out_key="contact_id")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows=WILD, seed=st.integers(0, 2**32))
def test_wild_events(rows: list[Row], seed: int, flow_laws: Any, outcome: Any) -> None:
    facts, notes = expected(rows)
    flow_laws.check(Settings(), [rows], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(rows=CALLS, seed=st.integers(0, 2**32))
def test_calls_with_stray_events(rows: list[Row], seed: int, flow_laws: Any, outcome: Any) -> None:
    facts, notes = expected(rows)
    flow_laws.check(Settings(), [rows], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows=WILD, seed=st.integers(0, 2**32), shuffled=st.booleans())
def test_broken_order_is_named(rows: list[Row], seed: int, shuffled: bool, flow_laws: Any) -> None:
    rng = random.Random(seed)
    rows = rows if shuffled else flow_laws.arrange(rows, 0, rng)
    flow_laws.check_order(Settings(), [rows], flow_laws.first_broken(rows), rng)
