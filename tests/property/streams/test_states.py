"""State intervals against a slow oracle, and the laws of streams."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.facts.states import DERIVATION
from kpicore.plugin import Settings

Row = tuple[Any, ...]
UNTIL = 100
ID, TIME = pa.int32(), pa.int64()
COLUMNS = {
    "agent_id": ID,
    "at": TIME,
    "seq": TIME,
    "state": ID,
    "until": TIME,
    "reason": ID,
    "track": ID,
    "channel": ID,
}
ORDER = ("at", "seq", "state", "until", "reason", "track", "channel")


def maybe(strategy: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.none() | strategy


ROW = st.tuples(
    st.integers(0, 3),
    st.integers(-5, 12) | st.integers(95, 110),
    maybe(st.integers(0, 2)),
    st.integers(0, 2) | st.just(10),
    maybe(st.integers(-6, 16)),
    maybe(st.integers(0, 1)),
    maybe(st.integers(0, 1)),
    maybe(st.integers(0, 1)),
)
ROWS = st.lists(ROW, max_size=24)
OVERLAP = st.sampled_from(("next_wins", "keep"))


def oracle(rows: list[Row], overlap: str, nulls_first: Any) -> tuple[dict[int, list[Row]], dict[str, int]]:
    """Sorted lists of each agent and track; a stay is decided by looking at the row that follows."""
    notes: Counter[str] = Counter()
    facts: dict[int, list[Row]] = {}
    for agent in {row[0] for row in rows}:
        own = sorted((row for row in rows if row[0] == agent), key=nulls_first)
        ended: list[tuple[int, Row]] = []
        for number, row in enumerate(own):
            _, at, _, state, until, reason, track, channel = row
            following = next((i for i in range(number + 1, len(own)) if own[i][6] == track), None)
            if until is not None and until < at:
                notes["reversed"] += 1
                continue
            if following is None:
                when = len(own) + (0 if track is None else track + 1)
                end = until if until is not None else UNTIL
                notes["open_end"] += until is None
            else:
                when, after = following, own[following]
                end = after[1] if until is None else until
                if end > after[1]:
                    notes["overlap"] += 1
                    end = end if overlap == "keep" else after[1]
                if end < after[1]:
                    notes["gap"] += 1
                elif (after[3], after[5], after[7]) == (state, reason, channel):
                    notes["repeated"] += 1
            if end <= at:
                notes["zero_length"] += 1
            else:
                ended.append((when, (state, track, reason, channel, at, end)))
        if ended:
            ended.sort(key=lambda pair: (pair[1][4], pair[0]))
            facts[agent] = [stay for _, stay in ended]
    return facts, {reason: n for reason, n in notes.items() if n}


@pytest.fixture(scope="module")
def kit(laws: Any) -> Any:
    return laws(derivation=DERIVATION, columns=(COLUMNS,), orders=(ORDER,), out_key="agent_id")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(rows=ROWS, overlap=OVERLAP, seed=st.integers(0, 99))
def test_laws(kit: Any, outcome: Any, rows: list[Row], overlap: str, seed: int) -> None:
    facts, notes = oracle(rows, overlap, kit.sort_key(0))
    kit.check(Settings({"overlap": overlap}), [rows], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(rows=ROWS, swaps=st.lists(st.integers(0, 30), max_size=2), seed=st.integers(0, 99))
def test_out_of_order_exactly_where_it_is(kit: Any, rows: list[Row], swaps: list[int], seed: int) -> None:
    rng = random.Random(seed)
    rows = kit.arrange(rows, 0, rng)
    for place in swaps:
        if place + 1 < len(rows):
            rows[place], rows[place + 1] = rows[place + 1], rows[place]
    kit.check_order(Settings({"overlap": "keep"}), [rows], kit.first_broken(rows), rng)


def test_many_rows_of_many_agents(kit: Any, outcome: Any) -> None:
    rng = random.Random(7)
    rows = [
        (
            rng.randrange(300),
            rng.randrange(5000),
            None,
            rng.randrange(11),
            None,
            None,
            rng.choice((None, 1)),
            3,
        )
        for _ in range(4000)
    ]
    facts, notes = oracle(rows, "next_wins", kit.sort_key(0))
    kit.check(Settings({"overlap": "next_wins"}), [rows], outcome(facts=facts, notes=notes), 1)
