"""Workload by example."""

from __future__ import annotations

import pickle

import pyarrow as pa

from kpicore.facts.builtin import kpicore_facts
from kpicore.facts.schemas import SEGMENTS
from kpicore.facts.workload import DERIVATION, WorkloadStream
from kpicore.plugin import Operator, Settings

KINDS = SEGMENTS.column("kind").values
HANDLING = Settings({"kinds": ("hold", "talk", "wrapup")})


def stretches(
    *segments: tuple[int, int, str, int], settings: Settings = HANDLING
) -> list[tuple[int, int, int]]:
    """(start, end, level) of segments (start, end, kind, contact)."""
    starts, ends, kinds, contacts = zip(*segments, strict=True)
    batch = pa.record_batch(
        {
            "agent_id": pa.array([3] * len(segments), pa.int32()),
            "start": pa.array(starts, pa.int64()),
            "end": pa.array(ends, pa.int64()),
            "kind": pa.array([KINDS.index(kind) for kind in kinds], pa.int32()),
            "contact_id": pa.array(contacts, pa.int64()),
        }
    )
    stream = WorkloadStream(settings)
    batches = [stream.push(batch)["workload"], stream.finish(10**9)["workload"]]
    return [(row["start"], row["end"], row["level"]) for one in batches for row in one.to_pylist()]


def test_three_chats_of_which_two_are_at_once_twice() -> None:
    found = stretches((0, 20, "talk", 1), (5, 25, "talk", 2), (10, 40, "talk", 3))
    assert found == [(0, 5, 1), (5, 10, 2), (10, 20, 3), (20, 25, 2), (25, 40, 1)]
    assert sum((end - start) * level for start, end, level in found) == 70
    assert sum(end - start for start, end, _ in found) == 40


def test_segments_that_touch_are_not_at_once() -> None:
    assert stretches((0, 10, "talk", 1), (10, 20, "talk", 2)) == [(0, 20, 1)]
    assert stretches((0, 10, "talk", 1), (10, 12, "hold", 1), (12, 20, "wrapup", 1)) == [(0, 20, 1)]


def test_overlapping_segments_of_one_contact_count_once() -> None:
    assert stretches((0, 10, "talk", 1), (4, 6, "hold", 1), (8, 15, "wrapup", 1)) == [(0, 15, 1)]


def test_only_the_kinds_asked_for_count() -> None:
    segments = (0, 5, "ring", 1), (5, 20, "talk", 1), (20, 30, "wrapup", 1)
    assert stretches(*segments) == [(5, 30, 1)]
    assert stretches(*segments, settings=Settings({"kinds": ("ring", "talk")})) == [(0, 20, 1)]


def test_the_record_fits_its_tables_and_the_operator_pickles() -> None:
    (given,) = DERIVATION.inputs
    assert all(name in SEGMENTS for name in given.columns)
    assert "workload" in {fact.name for fact in kpicore_facts()}
    assert pickle.loads(pickle.dumps(DERIVATION)) == DERIVATION
    assert isinstance(WorkloadStream(HANDLING), Operator)
    (kinds,) = DERIVATION.parameters
    assert kinds.read(kinds.default or "") == HANDLING["kinds"]
