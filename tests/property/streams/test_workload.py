"""Workload against a slow oracle, and the laws of streams."""

from __future__ import annotations

import random
from collections import Counter
from itertools import groupby, pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.facts.schemas import SEGMENTS
from kpicore.facts.workload import DERIVATION
from kpicore.plugin import Settings

Row = tuple[Any, ...]
ID, LONG = pa.int32(), pa.int64()
COLUMNS = {"agent_id": ID, "start": LONG, "end": LONG, "kind": ID, "contact_id": LONG}
KINDS = SEGMENTS.column("kind").values
DEFAULT = Settings({"kinds": ("hold", "talk", "wrapup")})


def segment(agent: int, start: int, span: int, kind: int, contact: int | None) -> Row:
    return agent, start, start + span, kind, contact


ROWS = st.lists(
    st.builds(
        segment,
        st.integers(0, 2),
        st.integers(-3, 14),
        st.integers(-1, 9),
        st.integers(0, 3),
        st.none() | st.integers(-1, 2),
    ),
    max_size=30,
)
SETTINGS = st.sampled_from((DEFAULT, Settings({"kinds": ("ring",)}), Settings({"kinds": ()})))


def counted(row: Row, given: Settings) -> bool:
    return KINDS[row[3]] in given.words("kinds")


def stretches(own: list[Row]) -> list[Row]:
    """Counts who is there at every whole instant, then joins instants of equal level."""
    times = sorted({time for row in own for time in row[1:3] if time is not None})
    levels: list[tuple[int, int, int]] = []
    for start, end in pairwise(times):
        there = [row for row in own if row[1] <= start and end <= row[2]]
        names = {row[4] for row in there if row[4] is not None}
        levels.append((len(names) + sum(row[4] is None for row in there), start, end))
    joined = [(level, list(some)) for level, some in groupby(levels, key=lambda piece: piece[0])]
    return [(level, pieces[0][1], pieces[-1][2]) for level, pieces in joined if level > 0]


def oracle(rows: list[Row], given: Settings) -> tuple[dict[int, list[Row]], dict[str, int]]:
    notes: Counter[str] = Counter()
    facts: dict[int, list[Row]] = {}
    for agent in {row[0] for row in rows}:
        own = sorted((row for row in rows if row[0] == agent and counted(row, given)), key=lambda r: r[1:3])
        notes["zero_length"] += sum(row[2] == row[1] for row in own)
        notes["reversed"] += sum(row[2] < row[1] for row in own)
        own = [row for row in own if row[2] > row[1]]
        for number, row in enumerate(own):
            before = [other for other in own[:number] if other[4] == row[4] is not None]
            notes["overlap"] += any(other[2] > row[1] for other in before)
        if found := stretches(own):
            facts[agent] = found
    return facts, {reason: n for reason, n in notes.items() if n}


def first_broken(rows: list[Row], given: Settings) -> tuple[int, str, int] | None:
    """Only starts have to rise, and only of rows that count."""
    last: dict[int | None, int] = {}
    for number, (agent, start, end, *rest) in enumerate(rows):
        if end <= start or not counted((agent, start, end, *rest), given):
            continue
        if start < last.get(agent, start):
            return 0, "start", number
        last[agent] = start
    return None


@pytest.fixture(scope="module")
def kit(laws: Any) -> Any:
    """Rows are put in order by start alone; ties stay as they were drawn."""
    return laws(derivation=DERIVATION, columns=(COLUMNS,), orders=(("start",),), out_key="agent_id")


@settings(max_examples=250, deadline=None, derandomize=True)
@given(rows=ROWS, given=SETTINGS, seed=st.integers(0, 99))
def test_laws(kit: Any, outcome: Any, rows: list[Row], given: Settings, seed: int) -> None:
    facts, notes = oracle(rows, given)
    kit.check(given, [rows], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(rows=ROWS, given=SETTINGS, swaps=st.lists(st.integers(0, 30), max_size=2), seed=st.integers(0, 99))
def test_out_of_order_exactly_where_it_is(
    kit: Any, rows: list[Row], given: Settings, swaps: list[int], seed: int
) -> None:
    rng = random.Random(seed)
    rows = kit.arrange(rows, 0, rng)
    for place in swaps:
        if place + 1 < len(rows):
            rows[place], rows[place + 1] = rows[place + 1], rows[place]
    kit.check_order(given, [rows], first_broken(rows, given), rng)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rows=ROWS, cuts=st.lists(st.integers(-3, 20), max_size=6))
def test_cutting_segments_changes_nothing(kit: Any, rows: list[Row], cuts: list[int]) -> None:
    pieces = []
    for agent, start, end, kind, contact in rows:
        inner = sorted({cut for cut in cuts if start < cut < end})
        edges = [start, *inner, end]
        pieces += [(agent, a, b, kind, contact) for a, b in pairwise(edges)]
    whole, cut = (
        kit.outcome(DEFAULT, [kit.arrange(some, 0, random.Random(1))]).facts for some in (rows, pieces)
    )
    assert whole == cut


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("at_once", [8, 40, 150])
def test_a_bot_with_many_contacts_at_once(kit: Any, outcome: Any, named: bool, at_once: int) -> None:
    rng = random.Random(at_once)
    rows = [
        segment(0, n, rng.randrange(1, 2 * at_once), 1, rng.randrange(2 * at_once) if named else None)
        for n in range(600)
    ]
    rows += [segment(0, n, 5, 1, n) for n in range(900, 1300)]
    facts, notes = oracle(rows, DEFAULT)
    kit.check(DEFAULT, [rows], outcome(facts=facts, notes=notes), 2)
