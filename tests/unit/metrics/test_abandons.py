"""Who counts as having abandoned, and out of whom, on data checked by hand."""

from __future__ import annotations

import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError
from tests.unit.metrics.test_escalations import events
from tests.unit.metrics.test_queues import Tables, by, log_of, stay

# a gives up in the menu after 4 s, b in the queue after 9 s; c is closed by the system while it waits, d runs
# out of time, e asks to be called back, f finds the queue full. g is answered; h waits still. i is served by
# the menu, and j gives up at once, without having been in a menu.
GONE: Tables = {
    "contact_events": [
        *events("a", (0, "opened", ""), (1, "ivr_entered", ""), (3, "tagged", ""), (5, "abandoned", "")),
        *events("b", (0, "ivr_entered", ""), (8, "ivr_left", ""), (8, "queued", "sales")),
        *events("b", (17, "abandoned", "")),
        *events("c", (0, "queued", "sales"), (10, "closed", "")),
        *events("d", (0, "queued", "sales"), (60, "exited", "timeout")),
        *events("e", (0, "queued", "sales"), (20, "callback_requested", "")),
        *events("f", (0, "queued", "sales"), (0, "exited", "full")),
        *events("g", (0, "ivr_entered", ""), (5, "queued", "sales"), (9, "answered", "ann")),
        *events("g", (30, "closed", "")),
        *events("h", (0, "queued", "sales")),
        *events("i", (0, "ivr_entered", ""), (9, "ivr_left", ""), (9, "closed", "")),
        *events("j", (0, "opened", ""), (1, "abandoned", "")),
    ]
}


@pytest.mark.parametrize(
    ("bracket", "above", "below"),
    [
        ("", 1, 6),
        ("outcomes=abandoned+unknown", 2, 6),
        ("outcomes=abandoned+timeout+unknown", 3, 6),
        ("outcomes=abandoned+unknown,denominator=answered_and_abandoned", 2, 3),
        ("closed=callback+closed+diverted+empty+full", 1, 5),
        ("closed=closed", 1, 7),
        ("outcomes=abandoned+full", 2, 7),
        ("menus=include", 2, 7),
        ("menus=include,short=5s", 1, 6),
        ("menus=include,unit=interaction", 2, 7),
        ("menus=include,attribution=event", 2, 6),
    ],
)
def test_who_abandoned(bracket: str, above: int, below: int) -> None:
    (row,) = kpicore.measure(log_of(GONE), [f"abandon_rate[{bracket}]"], zone="UTC").rows()
    assert (row["numerator"], row["denominator"]) == (above, below)


def test_a_menu_is_no_queue() -> None:
    assert by(GONE, "abandon_rate[menus=include]", "queue") == {"sales": 1 / 6}


def test_what_cannot_be_asked() -> None:
    bare: Tables = {"visits": [stay(1, 0, 10)]}
    with pytest.raises(MissingDataError, match="contact_events"):
        kpicore.measure(log_of(bare), ["abandon_rate[menus=include]"], zone="UTC")
    for bracket in ("menus=include,short_clock=contact", "menus=include,denominator=escalated"):
        with pytest.raises(ParameterError, match="menu"):
            kpicore.measure(log_of(GONE), [f"abandon_rate[{bracket}]"], zone="UTC")
