"""The law kit on what the plugin provides, and one case by hand each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import kpicore_example
import pyarrow as pa
from kpicore_example.rank_order import RANK_ORDER

from kpicore.plugin import WeightingInput
from kpicore.testing import check_metric, check_weighting

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)


def test_long_wait_rate() -> None:
    waits = [timedelta(seconds=5), timedelta(seconds=120), timedelta(seconds=121), None]
    visits = pa.table(
        {
            "contact_id": ["a", "b", "c", "d"],
            "queue": ["q", "q", "q", "q"],
            "entered_at": pa.array([NOON] * 4, pa.timestamp("us", "UTC")),
            "outcome": ["answered", "abandoned", "answered", "full"],
            "wait": pa.array(waits, pa.duration("us")),
        }
    )
    check_metric(
        "long_wait_rate",
        {"visits": visits},
        [
            {"queue": "q", "period": "2026-10-12", "value": 1 / 3, "numerator": 1, "denominator": 3},
            {"metric": "long_wait_rate[over=0us]", "value": 1.0},
        ],
        plugin=kpicore_example,
        by=["queue"],
    )


def test_long_wait_rate_on_a_made_up_log() -> None:
    check_metric("long_wait_rate", plugin=kpicore_example, by=["queue"])


def test_rank_order() -> None:
    given = WeightingInput(entries=("first", "second", "third"), stated={}, points={})
    shares = {"first": Fraction(11, 18), "second": Fraction(5, 18), "third": Fraction(2, 18)}
    check_weighting(RANK_ORDER, shares, given=given)
