"""What several kinds of surveys say together, by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import ParameterError
from kpicore.testing import check_metric

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)
# csat (0.75 + 0.25) / 2 = 0.5; nps 0.9; ces 4 of 1..10 is an effort of 1/3, so 2/3 is good
ANSWERS = [("csat", 4.0), ("csat", 2.0), ("nps", 9.0), ("ces", 4.0), ("esat", 1.0), ("csat", None)]


def surveys() -> pa.Table:
    return pa.table(
        {
            "kind": [kind for kind, _ in ANSWERS],
            "score": [score for _, score in ANSWERS],
            "answered_at": [NOON] * len(ANSWERS),
            "agent_id": ["ann"] * len(ANSWERS),
        }
    )


@pytest.mark.parametrize(
    ("text", "expected", "n"),
    [
        ("cx_score", (0.5 + 0.9 + 2 / 3) / 3, 4),
        ("cx_score[weights=csat:2+nps:1]", (2 * 0.5 + 0.9) / 3, 3),
        ("cx_score[weights=csat:1+cx:5]", 0.5, 2),
        ("cx_score[weights=cx:1]", None, 0),
    ],
)
def test_experience(text: str, expected: float | None, n: int) -> None:
    (row,) = kpicore.measure(kpicore.open({"surveys": surveys()}), [text], zone="UTC").rows()
    assert row["value"] == (expected if expected is None else pytest.approx(expected, rel=1e-14))
    assert row["n"] == n


def test_what_is_left_out() -> None:
    (row,) = kpicore.measure(kpicore.open({"surveys": surveys()}), ["cx_score"], zone="UTC").rows()
    assert row["excluded"] == {"unanswered": 1}


@pytest.mark.parametrize("weights", ["csat", "csat:0", "mood:1", "csat:1+csat:2", ""])
def test_weights_must_be_such(weights: str) -> None:
    with pytest.raises(ParameterError, match="weights"):
        kpicore.measure(kpicore.open({"surveys": surveys()}), [f"cx_score[weights={weights}]"])


def test_laws() -> None:
    check_metric("cx_score", {"surveys": surveys()}, by=["agent"])
