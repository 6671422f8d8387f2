"""Complaints and praise by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.testing import check_metric

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
INCIDENTS = [
    ("ann", "complaint"),
    ("ann", "praise"),
    ("ann", "complaint"),
    ("bob", "violation"),
    ("cat", "praise"),
]
LEGS = [("ann", 1), ("ann", 1), ("ann", 2), ("ann", 3), ("ann", 4), ("bob", 1), ("bob", 5)]


def tables() -> dict[str, pa.Table]:
    return {
        "incidents": pa.table(
            {
                "agent_id": [agent for agent, _ in INCIDENTS],
                "kind": [kind for _, kind in INCIDENTS],
                "at": [NOON + timedelta(days=i) for i in range(5)],
            }
        ),
        "legs": pa.table(
            {
                "agent_id": [agent for agent, _ in LEGS],
                "contact_id": [contact for _, contact in LEGS],
                "began_at": [NOON + timedelta(hours=contact) for _, contact in LEGS],
                "began": ["answered"] * len(LEGS),
                "ended": ["closed"] * len(LEGS),
            }
        ),
        "contacts": pa.table({"contact_id": [1, 2], "agent_id": ["ann", "bob"], "opened_at": [NOON, NOON]}),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # ann had a part in the contacts 1 (twice), 2, 3, 4; cat in none
        ("complaint_rate", {"ann": 0.5, "bob": 0.0, "cat": None}),
        ("complaint_rate[of=contacts]", {"ann": 2.0, "bob": 0.0, "cat": None}),
        ("incidents", {"ann": 2, "bob": 0, "cat": 0}),
        ("incidents[kind=praise]", {"ann": 1, "bob": 0, "cat": 1}),
        ("incidents[kind=violation]", {"ann": 0, "bob": 1, "cat": 0}),
    ],
)
def test_incidents(text: str, expected: dict[object, object]) -> None:
    rows = kpicore.measure(kpicore.open(tables()), [text], ["agent"], zone="UTC").rows()
    assert {row["agent"]: row["value"] for row in rows} == expected


def test_a_contact_of_two_agents_counts_once() -> None:
    (row,) = kpicore.measure(kpicore.open(tables()), ["complaint_rate"], zone="UTC").rows()
    assert (row["numerator"], row["denominator"]) == (2, 5)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(MissingDataError, match="legs"):
        kpicore.measure(kpicore.open({"incidents": tables()["incidents"]}), ["complaint_rate"])


@pytest.mark.parametrize("name", ["complaint_rate", "incidents"])
def test_laws(name: str) -> None:
    check_metric(name, tables(), by=["agent"])
