"""The service level's rules for transfers, callbacks, bots and closed queues, on data checked by hand."""

from __future__ import annotations

import pytest

import kpicore
from kpicore.errors import ParameterError
from tests.unit.metrics.test_queues import Row, Tables, by, log_of, stay


def fraction(tables: Tables, bracket: str) -> tuple[object, object]:
    (row,) = kpicore.measure(log_of(tables), [f"service_level[{bracket}]"], zone="UTC").rows()
    return row["numerator"], row["denominator"]


def in_queue(queue: str, *stays: Row) -> list[Row]:
    return [{**row, "queue": queue} for row in stays]


# 1 waits 15 s for sales, talks, and waits 10 s for billing; 2 waits 30 s for sales, gives way to billing, and
# waits 5 s there; 3 waits 12 s for billing only.
TRANSFERRED: Tables = {
    "visits": [
        *in_queue("sales", stay(1, 0, 15), stay(2, 5, 35, "flow_out")),
        *in_queue("billing", stay(1, 400, 410), stay(2, 35, 40), stay(3, 50, 62)),
    ]
}


def test_waits_before_a_transfer() -> None:
    assert by(TRANSFERRED, "service_level", "queue") == {"sales": 1, "billing": 1}
    earlier = "service_level[transfer_wait=earlier_queues{}]"
    assert by(TRANSFERRED, earlier.format(""), "queue") == {"sales": 1, "billing": 1 / 3}
    assert by(TRANSFERRED, earlier.format(",within=25s"), "queue") == {"sales": 1, "billing": 2 / 3}
    assert by(TRANSFERRED, earlier.format(",within=35s"), "queue") == {"sales": 1, "billing": 1}


def test_an_earlier_wait_that_is_not_known() -> None:
    first, *rest = TRANSFERRED["visits"]
    unknown: Tables = {"visits": [{**first, "wait": None}, *rest]}
    assert fraction(unknown, "transfer_wait=earlier_queues,within=1h") == (2, 4)


def test_a_wait_has_one_clock() -> None:
    with pytest.raises(ParameterError, match="clock_start=contact counts the time in earlier queues"):
        fraction(TRANSFERRED, "transfer_wait=earlier_queues,clock_start=contact")


# In the first quarter one is answered in time and one finds the queue closed; in the second two find it
# closed; in the third one does and another finds it full; in the fourth nobody comes.
CLOSED: Tables = {
    "visits": [
        stay(1, 0, 10),
        stay(2, 60, 60, "closed"),
        stay(3, 900, 900, "closed"),
        stay(4, 1000, 1000, "closed"),
        stay(5, 1800, 1800, "closed"),
        stay(6, 1900, 1900, "full"),
    ]
}


@pytest.mark.parametrize(
    ("bracket", "values", "below"),
    [
        ("", [1, None, None, None], [1, 0, 0, 0]),
        ("closed_queue_value=full", [1, 1, None, None], [1, 2, 0, 0]),
        ("closed_queue_value=full,unit=interaction", [1, 1, None, None], [1, 2, 0, 0]),
    ],
)
def test_a_closed_queue(bracket: str, values: list[float | None], below: list[int]) -> None:
    rows = kpicore.measure(
        log_of(CLOSED),
        [f"service_level[{bracket}]"],
        period="15min",
        zone="UTC",
        start="2026-10-12T09:00",
        end="2026-10-12T10:00",
    ).rows()
    assert [row["value"] for row in rows] == values
    assert [row["denominator"] for row in rows] == below
