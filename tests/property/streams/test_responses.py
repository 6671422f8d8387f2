"""Responses against a slow oracle, and the laws of streams."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.facts.responses import DERIVATION
from kpicore.plugin import TABLES, Settings

Row = tuple[Any, ...]
ID, LONG = pa.int32(), pa.int64()
COLUMNS = {
    "contact_id": LONG,
    "at": LONG,
    "seq": LONG,
    "author": ID,
    "agent_id": ID,
    "customer_id": LONG,
}
ORDER = ("at", "seq", "author", "agent_id", "customer_id")
AUTHORS = TABLES["messages"].column("author").values
HUMAN = {"agent", "bot_assist"}
STOPPING = {"human": HUMAN, "any": HUMAN | {"bot_auto", "welcome"}}


def maybe(strategy: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.none() | strategy


ROW = st.tuples(
    st.integers(0, 3) | st.sampled_from((-1, -(2**63), 2**63 - 1, 2**40)),
    st.integers(-5, 12),
    maybe(st.integers(0, 2)),
    st.sampled_from((0, 0, 1, 1, 2, 3, 4, 5, 6, 7)),
    maybe(st.integers(0, 2)),
    maybe(st.integers(-2, 2)),
)
ROWS = st.lists(ROW, max_size=24)
SETTINGS = st.builds(
    lambda actor, start: Settings({"actor": actor, "start": start}),
    st.sampled_from(("human", "any")),
    st.sampled_from(("first_unanswered", "last_unanswered")),
)


def respond(own: list[Row], given: Settings) -> tuple[list[Row], bool]:
    """The responses of one contact whose rows are in order, and whether an agent began it."""
    found: list[Row] = []
    waiting: list[int | None] = []
    customer = agent = None
    spoke: list[str] = []
    for _, at, _, code, agent_id, customer_id in own:
        author = AUTHORS[code]
        customer = customer if customer_id is None else customer_id
        if author in HUMAN | {"customer"}:
            spoke.append(author)
        if author in HUMAN and agent_id is not None:
            agent = agent_id
        if author == "customer":
            waiting.append(at)
        elif waiting and author in STOPPING[given.word("actor")]:
            asked = waiting[0] if given.word("start") == "first_unanswered" else waiting[-1]
            found.append((customer, agent_id, asked, at, len(found) + 1))
            waiting = []
    if waiting:
        asked = waiting[0] if given.word("start") == "first_unanswered" else waiting[-1]
        found.append((customer, agent, asked, None, len(found) + 1))
    return found, bool(spoke) and spoke[0] in HUMAN


def oracle(rows: list[Row], given: Settings, order: Any) -> tuple[dict[int, list[Row]], dict[str, int]]:
    facts, begun = {}, 0
    for contact in {row[0] for row in rows}:
        found, by_agent = respond(sorted((row for row in rows if row[0] == contact), key=order), given)
        begun += by_agent
        if found:
            facts[contact] = found
    return facts, {"agent_initiated": begun} if begun else {}


@pytest.fixture(scope="module")
def kit(laws: Any) -> Any:
    return laws(derivation=DERIVATION, columns=(COLUMNS,), orders=(ORDER,), out_key="contact_id")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(rows=ROWS, given=SETTINGS, seed=st.integers(0, 99))
def test_laws(kit: Any, outcome: Any, rows: list[Row], given: Settings, seed: int) -> None:
    facts, notes = oracle(rows, given, kit.sort_key(0))
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
    kit.check_order(given, [rows], kit.first_broken(rows), rng)


@pytest.mark.parametrize("named", [False, True])
def test_many_contacts(laws: Any, outcome: Any, named: bool) -> None:
    """Enough for the table to grow while blocks are on their way; with and without what lies beside."""
    columns = dict(list(COLUMNS.items())[: 6 if named else 5])
    kit = laws(
        derivation=DERIVATION, columns=(columns,), orders=(ORDER[: 5 if named else 4],), out_key="contact_id"
    )
    rng = random.Random(3)
    contacts = [rng.randrange(-(2**63), 2**63) for _ in range(1500)] + [n << 40 for n in range(700)]
    rows = [
        (
            rng.choice(contacts),
            rng.randrange(3000),
            None,
            rng.randrange(8),
            rng.randrange(9),
            rng.randrange(5),
        )
        for _ in range(6000)
    ]
    given = Settings({"actor": "human", "start": "first_unanswered"})
    if not named:
        rows = [(*row[:5], None) for row in rows]
    facts, notes = oracle(rows, given, kit.sort_key(0))
    kit.check(given, [[row[: len(columns)] for row in rows]], outcome(facts=facts, notes=notes), 1)
