"""The service level's rules for transfers, callbacks, bots and closed queues, on data checked by hand."""

from __future__ import annotations

import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError
from tests.unit.metrics.test_queues import Row, Tables, by, by_minute, leg, log_of, second, stay


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


def test_a_stay_of_which_the_wait_is_told_but_not_the_end() -> None:
    visits = [{**stay(1, 0, 10), "left_at": None}, {**stay(2, 3595, 3605), "left_at": None}]
    contacts = [
        {"contact_id": c, "opened_at": second(at), "closed_at": second(at + 100)}
        for c, at in ((1, -5), (2, 3580))
    ]
    tables: Tables = {"visits": visits, "contacts": contacts}
    assert fraction(tables, "clock_start=contact,within=20s") == (1, 2)
    brief: Tables = {"visits": [{**stay(1, 3590, 3595), "left_at": None}]}
    rows = kpicore.measure(
        log_of(brief),
        ["service_level[attribution=sl_event]"],
        ["hour"],
        zone="UTC",
        start="2026-10-12T09:00",
        end="2026-10-12T11:00",
    ).rows()
    assert [row["denominator"] for row in rows] == [1, 0]
    (row,) = kpicore.measure(log_of(tables), ["average_wait_time[clock_start=contact]"], zone="UTC").rows()
    assert row["value"] == (15 + 25) / 2


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


def contact(number: int, customer: str | None, opened: float, direction: str = "inbound") -> Row:
    return {
        "contact_id": number,
        "customer_id": customer,
        "direction": direction,
        "opened_at": second(opened),
        "closed_at": second(opened + 5000),
    }


# All ask after 10 s to be called back. 1 is called after 600 s, 2 after 4000 s; the agent takes 3 again after
# 300 s; 4 is never called, and nobody knows who 5 is. 6 is answered at once, and worked on until 2000 s.
ASKED: Tables = {
    "visits": [*(stay(number, 0, 10, "callback") for number in (1, 2, 3, 4, 5)), stay(6, 0, 20)],
    "contacts": [
        *(contact(number, f"k{number}", -5) for number in (1, 2, 3, 4)),
        contact(5, None, -5),
        contact(6, "k6", -5),
        contact(7, "k1", 5, "outbound"),
        contact(8, "k1", 610, "outbound"),
        contact(9, "k1", 900, "outbound"),
        contact(10, "k2", 4010, "outbound"),
        contact(11, "k4", 20),
    ],
    "legs": [leg(3, "ann", 310, 60, 0, 0), leg(6, "bob", 20, 1000, 0, 980)],
}


@pytest.mark.parametrize(
    ("bracket", "met", "counted"),
    [
        ("", 1, 1),
        ("callbacks=denominator", 1, 6),
        ("callbacks=by_threshold", 6, 6),
        ("callbacks=own_clock", 3, 5),
        ("callbacks=own_clock,callback_within=600s", 3, 5),
        ("callbacks=own_clock,callback_within=600s,op=lt", 1, 5),
        ("callbacks=own_clock,callback_within=2h", 4, 5),
        ("callbacks=own_clock,clock_start=contact", 2, 5),
    ],
)
def test_callbacks_in_time(bracket: str, met: int, counted: int) -> None:
    assert fraction(ASKED, bracket) == (met, counted)


def test_an_unknown_customer_cannot_be_called() -> None:
    (row,) = kpicore.measure(log_of(ASKED), ["service_level[callbacks=own_clock]"], zone="UTC").rows()
    assert row["excluded"] == {"customer_unknown": 1}
    nobody: Tables = {
        **ASKED,
        "contacts": [{k: v for k, v in row.items() if k != "direction"} for row in ASKED["contacts"]],
    }
    with pytest.raises(MissingDataError, match="contacts has no column direction"):
        fraction(nobody, "callbacks=own_clock")


def test_when_a_callback_is_decided() -> None:
    decided = "service_level[callbacks=own_clock,attribution=sl_event,callback_within=1000s]"
    # 6 at 20 s, 3 at 310 s, 1 at 610 s; the limits of 2 and 4 are over at 1010 s
    assert by_minute(ASKED, decided)["09:00"] == (3, 3)
    assert by_minute(ASKED, decided)["09:15"] == (0, 2)


def test_the_period_in_which_a_contact_is_done() -> None:
    done = "service_level[attribution=completion,callbacks=denominator]"
    assert by_minute(ASKED, done) == {"09:00": (0, 5), "09:15": (0, 0), "09:30": (1, 1), "09:45": (0, 0)}
    open_still: Tables = {**ASKED, "legs": [{**row, "ended_at": None} for row in ASKED["legs"]]}
    assert by_minute({**open_still}, done)["09:30"] == (0, 0)
