"""Duty and engagement against a computation instant by instant, and the laws of streams."""

from __future__ import annotations

import random
from collections import Counter
from itertools import groupby, pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.facts import engagement
from kpicore.plugin import Settings

Row = tuple[Any, ...]
LOW, HIGH = -2, 24
ID, LONG = pa.int32(), pa.int64()
STATES = {"agent_id": ID, "state": ID, "track": ID, "start": LONG, "end": LONG}
LOAD = {"agent_id": ID, "level": LONG, "start": LONG, "end": LONG}
NONE = Settings()
DUTY, ENGAGEMENT = (fact.derivations[0] for fact in engagement.FACTS)


def times(draw: Any) -> tuple[int, int]:
    start = draw(st.integers(LOW, HIGH - 6))
    return start, start + draw(st.integers(-1, 6))


@st.composite
def states(draw: Any) -> Row:
    agent, state = draw(st.integers(0, 2)), draw(st.integers(0, 2) | st.just(10))
    return agent, state, draw(st.none() | st.integers(0, 1)), *times(draw)


@st.composite
def loads(draw: Any) -> Row:
    return draw(st.integers(0, 2)), draw(st.integers(1, 3)), *times(draw)


def holding(rows: list[Row], at: int) -> Any:
    """Of the stays (start, end, value) that began last the longest, then the largest; None if it is over."""
    begun = [row for row in rows if row[0] <= at]
    last = max((start for start, _, _ in begun), default=None)
    end, value = max(((end, value) for start, end, value in begun if start == last), default=(at, None))
    return value if end > at else None


def moments(agent: int, given: list[Row], load: list[Row]) -> list[Row]:
    """(presence, routing, level) at each instant."""
    own = [row for row in given if row[0] == agent and row[4] > row[3]]
    tracks = [[(s, e, v) for _, v, t, s, e in own if t in (track, None)] for track in (0, 1)]
    levels = [(s, e, v) for a, v, s, e in load if a == agent and e > s]
    return [
        (holding(tracks[0], at), holding(tracks[1], at), holding(levels, at) or 0) for at in range(LOW, HIGH)
    ]


def oracle(given: list[Row], load: list[Row]) -> tuple[dict[int, list[Row]], dict[str, int]]:
    facts = {}
    for agent in range(3):
        at, found = LOW, []
        for moment, same in groupby(moments(agent, given, load)):
            start, at = at, at + len(list(same))
            if moment != (None, None, 0):
                found.append((*moment, start, at))
        if found:
            facts[agent] = found
    notes: Counter[str] = Counter()
    for *_, start, end in [*given, *load]:
        notes["zero_length"] += end == start
        notes["reversed"] += end < start
    return facts, {reason: n for reason, n in notes.items() if n}


def on_duty(facts: dict[int, list[Row]]) -> dict[int, list[Row]]:
    return {
        agent: [(p if r is None else r, p, r, start, end) for p, r, _, start, end in rows]
        for agent, rows in facts.items()
    }


@pytest.fixture(scope="module")
def duty(laws: Any) -> Any:
    """Rows are put in order by start alone; ties stay as they were drawn."""
    return laws(derivation=DUTY, columns=(STATES,), orders=(("start",),), out_key="agent_id")


@pytest.fixture(scope="module")
def kit(laws: Any) -> Any:
    orders = (("start",), ("start",))
    return laws(derivation=ENGAGEMENT, columns=(STATES, LOAD), orders=orders, out_key="agent_id")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows=st.lists(states(), max_size=20), load=st.lists(loads(), max_size=15), seed=st.integers(0, 99))
def test_laws_of_engagement(kit: Any, outcome: Any, rows: list[Row], load: list[Row], seed: int) -> None:
    facts, notes = oracle(rows, load)
    kit.check(NONE, [rows, load], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(rows=st.lists(states(), max_size=20), seed=st.integers(0, 99))
def test_laws_of_duty(duty: Any, outcome: Any, rows: list[Row], seed: int) -> None:
    facts, notes = oracle(rows, [])
    duty.check(NONE, [rows], outcome(facts=on_duty(facts), notes=notes), seed)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    rows=st.lists(states(), max_size=20),
    load=st.lists(loads(), max_size=15),
    days=st.lists(st.integers(LOW, HIGH), max_size=3),
)
def test_inputs_may_come_day_by_day(kit: Any, rows: list[Row], load: list[Row], days: list[int]) -> None:
    """What is known of one input waits for the other, over a dump as well."""
    stream, batches = kit.start(NONE), []
    edges = [-99, *sorted(days), 99]
    for first, last in pairwise(edges):
        for port, some in enumerate((rows, load)):
            day = [row for row in sorted(some, key=lambda row: row[-2]) if first <= row[-2] < last]
            batches += stream.push(kit.batch(day, port), port).values()
            state = stream.dump()
            stream = kit.start(NONE)
            stream.load(state)
            assert stream.dump() == state
    batches += stream.finish(99).values()
    assert kit.collect(batches) == oracle(rows, load)[0]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    rows=st.lists(states(), max_size=20),
    load=st.lists(loads(), max_size=15),
    swaps=st.lists(st.integers(0, 40), max_size=2),
    seed=st.integers(0, 99),
)
def test_out_of_order_exactly_where_it_is(
    kit: Any, rows: list[Row], load: list[Row], swaps: list[int], seed: int
) -> None:
    """Starts of an agent rise, among the stays that have a length."""
    rng = random.Random(seed)
    ports = [kit.arrange(some, port, rng) for port, some in enumerate((rows, load))]
    for swap in swaps:
        some, place = ports[swap % 2], swap // 2
        if place + 1 < len(some):
            some[place], some[place + 1] = some[place + 1], some[place]
    broken = first_broken(ports[0], 0) or first_broken(ports[1], 1)
    kit.check_order(NONE, ports, broken, rng)


def first_broken(rows: list[Row], port: int) -> tuple[int, str, int] | None:
    last: dict[int, int] = {}
    for number, (agent, *_, start, end) in enumerate(rows):
        if end > start:
            if start < last.get(agent, start):
                return port, "start", number
            last[agent] = start
    return None


def test_long_logs_do_not_keep_what_lies_behind(kit: Any, outcome: Any) -> None:
    """Workload that comes day by day is laid on the states and dropped; the dump stays small."""
    stream, sizes, batches = kit.start(NONE), [], []
    for day in range(10):
        rows = [(0, n % 3, None, 10 * n, 10 * n + 7) for n in range(1000 * day, 1000 * day + 1000)]
        load = [(0, 1 + n % 2, 10 * n + 5, 10 * n + 12) for n in range(1000 * day, 1000 * day + 1000)]
        batches += stream.push(kit.batch(rows, 0), 0).values()
        batches += stream.push(kit.batch(load, 1), 1).values()
        sizes.append(len(stream.dump()))
    assert max(sizes) < 1000
    batches += stream.finish(0).values()
    found = kit.collect(batches)[0]
    assert sum(end - start for presence, _, _, start, end in found if presence is not None) == 70_000
    assert sum((end - start) * level for _, _, level, start, end in found) == 105_000
