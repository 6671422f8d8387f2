"""Marks of reviewers on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pytest

import kpicore
from kpicore.testing import check_metric

DAY = datetime(2026, 10, 12, 9, tzinfo=UTC)
Mark = tuple[str, str, str, float, float, bool]
# Ann's first review fails a critical question (1 of 1..5, below half of the scale), her second does not.
MARKS: list[Mark] = [
    ("ann", "c1", "attitude", 5.0, 1.0, False),
    ("ann", "c1", "knowledge", 1.0, 2.0, True),
    ("ann", "c2", "attitude", 3.0, 3.0, False),
    ("ann", "c2", "knowledge", 4.0, 1.0, True),
    ("bob", "c1", "attitude", 2.0, 1.0, False),
]


def reviews(marks: Sequence[Mark]) -> pa.Table:
    names = ("agent_id", "contact_id", "dimension", "score", "weight", "critical")
    columns: dict[str, list[object]] = {
        name: list(column) for name, column in zip(names, zip(*marks, strict=True), strict=True)
    }
    columns["reviewed_at"] = [DAY] * len(marks)
    return pa.table(columns)


def values(table: pa.Table, text: str) -> dict[object, object]:
    rows = kpicore.measure(kpicore.open({"reviews": table}), [text], ["agent"], zone="UTC").rows()
    return {row["agent"]: row["value"] for row in rows}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("service_attitude", {"ann": 0.75, "bob": 0.25}),  # (1 + 0.5) / 2
        ("professional_knowledge", {"ann": 0.375, "bob": None}),  # (0 + 0.75) / 2
        ("service_attitude[weighted=true]", {"ann": 0.625, "bob": 0.25}),  # (1 x 1 + 3 x 0.5) / 4
        ("service_attitude[critical=zero]", {"ann": 0.25, "bob": 0.25}),  # (0 + 0.5) / 2
        ("service_attitude[critical=zero,critical_below=0]", {"ann": 0.75, "bob": 0.25}),
        ("service_attitude[critical=zero,critical_below=0.8]", {"ann": 0.0, "bob": 0.25}),
        ("quality_score", {"ann": 0.5625, "bob": 0.25}),  # (1 + 0 + 0.5 + 0.75) / 4
        ("quality_score[weighted=true,critical=zero]", {"ann": 2.25 / 7, "bob": 0.25}),  # (3 x .5 + .75) / 7
        ("technical_skill[dimension=knowledge]", {"ann": 0.375, "bob": None}),
        ("service_attitude[scale=0..5]", {"ann": 0.8, "bob": 0.4}),
    ],
)
def test_marks(text: str, expected: dict[object, object]) -> None:
    assert values(reviews(MARKS), text) == expected


def test_forms_with_scales_of_their_own() -> None:
    table = reviews(MARKS).append_column("scale_min", pa.array([0.0] * 5))
    table = table.append_column("scale_max", pa.array([10.0] * 5))
    assert values(table, "service_attitude") == {"ann": 0.4, "bob": 0.2}


def test_a_mark_outside_its_scale_is_left_out_and_counted() -> None:
    table = reviews([*MARKS, ("bob", "c3", "attitude", 7.0, 1.0, False)])
    rows = kpicore.measure(kpicore.open({"reviews": table}), ["service_attitude"], zone="UTC").rows()
    assert [(row["n"], row["excluded"]) for row in rows] == [(3, {"out_of_scale": 1})]


def test_reviews_with_the_least_columns() -> None:
    table = reviews(MARKS).select(["agent_id", "reviewed_at", "dimension", "score"])
    assert values(table, "service_attitude[critical=zero]") == {"ann": 0.75, "bob": 0.25}


@pytest.mark.parametrize("name", ["service_attitude", "quality_score"])
def test_laws(name: str) -> None:
    check_metric(name, {"reviews": reviews(MARKS * 3)}, by=["agent"])
