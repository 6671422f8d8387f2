"""The contact flow against a slow oracle, and the laws of streams."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore._core import flow_words
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
WILD_ROW = st.tuples(
    st.integers(-1, 0),
    st.integers(-3, 12) | st.integers(95, 110),
    maybe(st.integers(0, 1)),
    st.integers(0, len(EVENTS) - 1),
    AGENT,
    AGENT,
    QUEUE,
    QUEUE,
    DETAIL,
)
WILD = st.integers(0, 30).flatmap(lambda n: st.lists(WILD_ROW, min_size=n, max_size=n))
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
STEP = st.tuples(SOME_EVENT, st.integers(0, 3), AGENT, maybe(st.integers(0, 1)), QUEUE, QUEUE, DETAIL)
CALL = st.tuples(
    st.sampled_from(LINES), st.integers(1, 14).flatmap(lambda n: st.lists(STEP, min_size=n, max_size=n))
).map(lambda call: follow(*call))


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


CALLS = st.lists(CALL, max_size=2).map(
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


@settings(max_examples=80, deadline=None, derandomize=True)
@given(rows=WILD, seed=st.integers(0, 2**32))
def test_wild_events(rows: list[Row], seed: int, flow_laws: Any, outcome: Any) -> None:
    facts, notes = expected(rows)
    flow_laws.check(Settings(), [rows], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(rows=CALLS, seed=st.integers(0, 2**32))
def test_calls_with_stray_events(rows: list[Row], seed: int, flow_laws: Any, outcome: Any) -> None:
    facts, notes = expected(rows)
    flow_laws.check(Settings(), [rows], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(rows=WILD, seed=st.integers(0, 2**32), shuffled=st.booleans())
def test_broken_order_is_named(rows: list[Row], seed: int, shuffled: bool, flow_laws: Any) -> None:
    rng = random.Random(seed)
    rows = rows if shuffled else flow_laws.arrange(rows, 0, rng)
    flow_laws.check_order(Settings(), [rows], flow_laws.first_broken(rows), rng)


def random_events(rng: random.Random) -> list[Row]:
    """One contact of a shop with few or many agents, where some events are common and others never occur."""
    agents, queues, unknown = rng.choice((1, 2, 3)), rng.choice((1, 2)), rng.choice((0, 0.1, 0.5))
    often = [rng.choice((0, 1, 1, 1, 3)) if word != "closed" else rng.choice((0, 1)) for word in EVENTS]
    often[EVENTS.index("tagged")] = 1
    rows: list[Row] = []
    at = 0

    def maybe_one_of(n: int) -> int | None:
        return None if rng.random() < unknown else rng.randrange(n)

    for number in range(rng.choice((5, 12, 25, 40))):
        at += rng.choice((0, 1, 2, 5))
        event = rng.choices(range(len(EVENTS)), often)[0]
        ids = [maybe_one_of(n) for n in (agents, agents, queues, queues)]
        detail = None if rng.random() < 0.4 else rng.randrange(len(DETAILS))
        rows.append((7, at, number, event, *ids, detail))
    return rows


def test_random_calls_reach_every_rule(flow_laws: Any, outcome: Any) -> None:
    rng = random.Random(20261122)
    noted: Counter[str] = Counter()
    words: set[tuple[str, str]] = set()
    for _ in range(1500):
        rows = random_events(rng)
        facts, notes = expected(rows)
        assert flow_laws.outcome(Settings(), [rows]) == outcome(facts=facts, notes=notes), rows
        noted.update(notes)
        for name, *cells in facts[7]:
            columns = [c for c in SCHEMAS[name].columns if c.name not in ("contact_id", "topics")]
            words |= {
                (c.name, c.values[i])
                for c, i in zip(columns, cells, strict=True)
                if c.values and i is not None
            }
    possible = {(c.name, word) for s in (VISITS, SEGMENTS, LEGS) for c in s.columns for word in c.values}
    assert possible - words == {("began", "unknown")}, "no rule is left out"
    assert set(noted) == set(flow_words()["note"])
