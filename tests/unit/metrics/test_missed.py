"""Missed calls, by contact and by offer to an agent, on data checked by hand."""

from __future__ import annotations

import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.testing import check_metric
from tests.unit.metrics.test_escalations import events
from tests.unit.metrics.test_queues import Tables, by, log_of, stay

# a rings at Ann, who does not answer, then at Bob, who does. The customer of b hangs up while it rings at
# Ann. c rings at both, and Bob answers. d rings at Ann until its time is up.
RUNG: Tables = {
    "contact_events": [
        *events("a", (0, "queued", "sales"), (5, "offered", "ann"), (20, "left", "ann")),
        *events("a", (25, "offered", "bob"), (30, "answered", "bob"), (90, "closed", "")),
        *events("b", (0, "queued", "sales"), (3, "offered", "ann"), (9, "abandoned", "")),
        *events("c", (0, "queued", "sales"), (4, "offered", "ann"), (4, "offered", "bob")),
        *events("c", (8, "answered", "bob"), (80, "closed", "")),
        *events("d", (0, "queued", "sales"), (5, "offered", "ann"), (12, "exited", "timeout")),
    ]
}


@pytest.mark.parametrize(
    ("bracket", "missed", "excluded"),
    [
        ("", 2, {}),
        ("unit=interaction,statistic=rate", 2 / 4, {}),
        ("unit=offer", 3, {"answered_by_another": 1}),
        ("unit=offer,hang_ups=exclude", 2, {"answered_by_another": 1, "customer_hung_up": 1}),
        ("unit=offer,statistic=rate", 3 / 5, {"answered_by_another": 1}),
        (
            "unit=offer,statistic=rate,hang_ups=exclude",
            2 / 4,
            {"answered_by_another": 1, "customer_hung_up": 1},
        ),
    ],
)
def test_what_is_missed(bracket: str, missed: float, excluded: dict[str, int]) -> None:
    (row,) = kpicore.measure(log_of(RUNG), [f"missed_calls[{bracket}]"], zone="UTC").rows()
    assert (row["value"], row["excluded"]) == (missed, excluded)


def test_who_missed_it() -> None:
    assert by(RUNG, "missed_calls[unit=offer]", "agent") == {"ann": 3, "bob": 0}
    assert by(RUNG, "missed_calls[unit=offer,statistic=rate]", "agent") == {"ann": 1, "bob": 0}
    assert by(RUNG, "missed_calls[unit=offer]", "queue") == {"sales": 3}


def test_offers_must_be_known() -> None:
    with pytest.raises(MissingDataError, match="contact_events"):
        kpicore.measure(log_of({"visits": [stay(1, 0, 10)]}), ["missed_calls[unit=offer]"], zone="UTC")


def test_laws() -> None:
    check_metric("missed_calls", by=("agent",))
