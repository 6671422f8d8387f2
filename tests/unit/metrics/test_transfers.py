"""Transfers out of what an agent handled, on data checked by hand and against a slow count."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

import kpicore
from kpicore.testing import check_metric
from tests.property.test_platform_definitions import FEW, SEEDS, measured, moment
from tests.unit.metrics.test_queues import Row, Tables, by, leg, log_of

# Ann answers 1, 2 and 3 and transfers 1 and 2 to Bob, who transfers 2 again, to Carl. How 4 ended is not
# known.
LEGS: Tables = {
    "legs": [
        {**leg(1, "ann", 0, 60, 0, 0), "ended": "transferred_blind"},
        {**leg(2, "ann", 100, 60, 0, 0), "ended": "transferred_consult"},
        leg(3, "ann", 200, 60, 0, 0),
        {**leg(1, "bob", 60, 60, 0, 0), "began": "transferred_in"},
        {**leg(2, "bob", 160, 60, 0, 0), "began": "transferred_in", "ended": "transferred_queue"},
        {**leg(2, "carl", 300, 60, 0, 0), "began": "transferred_in"},
        {**leg(4, "carl", 400, 60, 0, 0), "ended": "unknown"},
    ]
}


@pytest.mark.parametrize(
    ("bracket", "above", "below", "excluded"),
    [
        ("", 3, 6, {"end_unknown": 1}),
        ("transferred_in=exclude", 2, 3, {"end_unknown": 1, "transferred_in": 3}),
        ("transferred_in=exclude,kinds=blind", 1, 3, {"end_unknown": 1, "transferred_in": 3}),
        ("transferred_in=exclude,of=transferred,kinds=blind", 1, 2, {"end_unknown": 1, "transferred_in": 3}),
    ],
)
def test_received_contacts(bracket: str, above: int, below: int, excluded: dict[str, int]) -> None:
    (row,) = kpicore.measure(log_of(LEGS), [f"transfer_rate[{bracket}]"], zone="UTC").rows()
    assert (row["numerator"], row["denominator"], row["excluded"]) == (above, below, excluded)


def test_who_transfers() -> None:
    assert by(LEGS, "transfer_rate", "agent") == {"ann": 2 / 3, "bob": 1 / 2, "carl": 0}
    assert by(LEGS, "transfer_rate[transferred_in=exclude]", "agent")["bob"] is None


@FEW
@given(seed=SEEDS)
def test_random_legs(seed: int) -> None:
    random = Random(seed)
    legs: list[Row] = [
        {
            "contact_id": str(number),
            "agent_id": random.choice(("Ann", "bob")),
            "began_at": moment(random.randrange(25_000)),
            "began": random.choice(("answered", "transferred_in", "unknown")),
            "ended": random.choice(("closed", "transferred_blind", "transferred_queue", "left", "unknown")),
        }
        for number in range(random.randrange(1, 20))
    ]
    own = [row for row in legs if row["began"] != "transferred_in" and row["ended"] != "unknown"]
    moved = [row for row in own if str(row["ended"]).startswith("transferred")]
    (row,) = measured({"legs": legs}, "transfer_rate[transferred_in=exclude]")  # type: ignore[dict-item]
    assert (row["numerator"], row["denominator"]) == (len(moved), len(own))


def test_laws() -> None:
    check_metric("transfer_rate", by=("agent",))
