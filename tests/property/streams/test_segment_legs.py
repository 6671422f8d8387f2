"""Legs of segments against a slow oracle, and the laws of streams."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.facts.legs import LEGS_OF_SEGMENTS
from kpicore.facts.schemas import LEGS, SEGMENTS
from kpicore.plugin import Settings
from tests.oracles.segment_legs import KINDS, derive

Row = tuple[int | None, ...]
TIME, ID = pa.int64(), pa.int32()
COLUMNS = {"contact_id": TIME, "start": TIME, "end": TIME, "kind": ID, "agent_id": ID, "queue": ID}
ROW = st.tuples(
    st.integers(-1, 0),
    st.integers(0, 20),
    st.integers(-1, 6),
    st.integers(0, 3),
    st.sampled_from((0, 1, 2, None)),
    st.none() | st.integers(0, 1),
).map(lambda row: (*row[:2], row[1] + row[2], *row[3:]))
ROWS = st.integers(0, 20).flatmap(lambda n: st.lists(ROW, min_size=n, max_size=n))


@pytest.fixture(scope="module")
def leg_laws(laws: Any) -> Any:
    class LegLaws(laws):  # type: ignore[misc]
        def collect(self, batches: Any) -> dict[int, list[Any]]:
            return {key: sorted(legs, key=repr) for key, legs in super().collect(batches).items()}

    order = ("start", "end", "kind", "agent_id", "queue")
    return LegLaws(derivation=LEGS_OF_SEGMENTS, columns=(COLUMNS,), orders=(order,), out_key="contact_id")


def expected(rows: list[Row]) -> tuple[dict[int, list[Any]], dict[str, int]]:
    worded = [{**dict(zip(COLUMNS, row, strict=True)), "kind": KINDS[row[3] or 0]} for row in rows]
    legs, notes = derive(worded)
    found: dict[int, list[Any]] = {}
    for leg in legs:
        cells = []
        for column in LEGS.columns[1:]:
            value = leg[column.name]
            cells.append(column.values.index(value) if column.values else value)
        found.setdefault(leg["contact_id"], []).append(tuple(cells))
    return {key: sorted(some, key=repr) for key, some in found.items()}, dict(notes)


def test_kinds_are_those_of_the_schema() -> None:
    assert SEGMENTS.column("kind").values == KINDS


@settings(max_examples=120, deadline=None, derandomize=True)
@given(rows=ROWS, seed=st.integers(0, 2**32))
def test_laws(rows: list[Row], seed: int, leg_laws: Any, outcome: Any) -> None:
    facts, notes = expected(rows)
    leg_laws.check(Settings(), [rows], outcome(facts=facts, notes=notes), seed)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(rows=ROWS, seed=st.integers(0, 2**32), shuffled=st.booleans())
def test_broken_order_is_named(rows: list[Row], seed: int, shuffled: bool, leg_laws: Any) -> None:
    rng = random.Random(seed)
    rows = rows if shuffled else leg_laws.arrange(rows, 0, rng)
    leg_laws.check_order(Settings(), [rows], leg_laws.first_broken(rows), rng)
