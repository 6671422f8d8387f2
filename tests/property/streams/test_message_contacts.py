"""Contacts of messages against a slow oracle, and the laws of streams."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.facts.contacts import CONTACTS_OF_MESSAGES
from kpicore.plugin import TABLES, Settings

Row = tuple[int | None, ...]
TIME, ID = pa.int64(), pa.int32()
COLUMNS = {"contact_id": TIME, "at": TIME, "seq": TIME, "author": ID, "agent_id": ID, "customer_id": TIME}
ORDER = ("at", "seq", "author", "agent_id", "customer_id")
AUTHORS = TABLES["messages"].column("author").values


def maybe(strategy: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.none() | strategy


ROWS = st.lists(
    st.tuples(
        st.integers(-1, 2),
        st.integers(-3, 6),
        maybe(st.integers(0, 1)),
        st.sampled_from((0, 1, 1, 3, 5, 7)),
        maybe(st.integers(0, 2)),
        maybe(st.integers(-1, 1)),
    ),
    max_size=20,
)


@pytest.fixture(scope="module")
def contact_laws(laws: Any) -> Any:
    return laws(derivation=CONTACTS_OF_MESSAGES, columns=(COLUMNS,), orders=(ORDER,), out_key="contact_id")


def expected(rows: list[Row], sort_key: Any) -> tuple[dict[int, list[Any]], dict[str, int]]:
    """Each contact's messages sorted; firsts and lasts picked from lists."""
    found: dict[int, list[Any]] = {}
    unnamed = sum(AUTHORS[row[3] or 0] == "agent" and row[4] is None for row in rows)
    for contact in {row[0] for row in rows if row[0] is not None}:
        own = sorted((row for row in rows if row[0] == contact), key=sort_key)
        customers = [row[5] for row in own if row[5] is not None]
        agents = [row[4] for row in own if AUTHORS[row[3] or 0] == "agent" and row[4] is not None]
        told = {"opened_at": own[0][1], "customer_id": customers[0] if customers else None}
        told["agent_id"] = agents[-1] if agents else None
        names = [c.name for c in TABLES["contacts"].columns if c.name not in ("contact_id", "topics")]
        found[contact] = [tuple(told.get(name) for name in names)]
    return found, {"agent_missing": unnamed} if unnamed else {}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rows=ROWS, seed=st.integers(0, 2**32))
def test_laws(rows: list[Row], seed: int, contact_laws: Any, outcome: Any) -> None:
    facts, notes = expected(rows, contact_laws.sort_key(0))
    contact_laws.check(Settings(), [rows], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rows=ROWS, seed=st.integers(0, 2**32), shuffled=st.booleans())
def test_broken_order_is_named(rows: list[Row], seed: int, shuffled: bool, contact_laws: Any) -> None:
    rng = random.Random(seed)
    rows = rows if shuffled else contact_laws.arrange(rows, 0, rng)
    contact_laws.check_order(Settings(), [rows], contact_laws.first_broken(rows), rng)
