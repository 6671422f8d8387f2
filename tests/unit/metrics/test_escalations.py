"""Contacts that a bot hands off: from when they wait, and what comes of them, on data checked by hand."""

from __future__ import annotations

import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError
from kpicore.testing import check_metric
from tests.unit.metrics.test_queues import Row, Tables, log_of, second, stay


def events(contact: str, *happened: tuple[float, str, str]) -> list[Row]:
    """Events with a name: of a queue after ``queued``, of an agent after ``answered`` and ``transferred``."""
    rows = []
    for at, event, name in happened:
        row: dict[str, object] = {"contact_id": contact, "at": second(at), "event": event}
        row["queue" if event == "queued" else "detail" if event == "exited" else "agent_id"] = name or None
        rows.append(row)
    return rows


# a waits 20 s, 30 s from the hand-off, and 15 s after a transfer. b gives up after 12 s, 22 s from the
# hand-off. c sees no bot. d gives up outside of queues. e finds the queue full and asks again. f is answered
# without a queue. g asks twice, and nothing comes of it.
BOTS: Tables = {
    "contact_events": [
        *events("a", (0, "opened", ""), (30, "handed_off", ""), (40, "queued", "sales")),
        *events("a", (60, "answered", "ann"), (100, "transferred", "ann"), (100, "queued", "billing")),
        *events("a", (115, "answered", "bob"), (200, "closed", "")),
        *events("b", (10, "handed_off", ""), (20, "queued", "sales"), (32, "abandoned", "")),
        *events("c", (5, "queued", "sales"), (20, "answered", "ann"), (90, "closed", "")),
        *events("d", (50, "handed_off", ""), (58, "abandoned", "")),
        *events("e", (10, "handed_off", ""), (10, "queued", "sales"), (10, "exited", "full")),
        *events("e", (70, "handed_off", ""), (75, "queued", "sales"), (80, "answered", "bob")),
        *events("e", (90, "closed", "")),
        *events("f", (5, "handed_off", ""), (9, "answered", "bob"), (99, "closed", "")),
        *events("g", (5, "handed_off", ""), (65, "handed_off", "")),
    ]
}


@pytest.mark.parametrize(
    ("text", "above", "below"),
    [
        ("service_level[abandoned=include]", 4, 5),
        ("service_level[abandoned=include,clock_start=handed_off]", 3, 5),
        ("service_level[abandoned=count_within_as_met,clock_start=handed_off,within=22s]", 4, 5),
        ("service_level[clock_start=handed_off,callbacks=own_clock,attribution=completion]", 3, 5),
        ("average_speed_of_answer", 20 + 15 + 15 + 5, 4),
        ("average_speed_of_answer[clock_start=handed_off]", 30 + 15 + 15 + 10, 4),
        ("abandon_rate", 1, 5),
        ("abandon_rate[denominator=escalated]", 2, 8),
        ("abandon_rate[denominator=escalated,short=10s]", 1, 7),
        ("abandon_rate[denominator=escalated,outcomes=abandoned+unknown]", 2, 8),
        ("abandon_rate[denominator=escalated,unit=interaction]", 2, 6),
        ("connect_rate", 3, 4),
        ("connect_rate[denominator=escalated]", 3, 6),
        ("connect_rate[denominator=escalated,unit=queue_leg]", 3, 8),
        ("connect_rate[denominator=escalated,unit=queue_leg,closed=closed+full]", 3, 7),
    ],
)
def test_contacts_handed_off(text: str, above: int, below: int) -> None:
    (row,) = kpicore.measure(log_of(BOTS), [text], zone="UTC").rows()
    scale = 1_000_000 if row["unit"] == "s" else 1
    assert (row["numerator"], row["denominator"]) == (above * scale, below)


def test_who_is_credited_with_what_was_handed_off() -> None:
    rows = kpicore.measure(
        log_of(BOTS), ["connect_rate[denominator=escalated]"], ["queue"], zone="UTC"
    ).rows()
    assert {row["queue"]: (row["numerator"], row["denominator"]) for row in rows} == {"sales": (2, 3)}


def test_what_cannot_be_known() -> None:
    bare: Tables = {"visits": [stay(1, 0, 10)]}
    for text in ("service_level[clock_start=handed_off]", "abandon_rate[denominator=escalated]"):
        with pytest.raises(MissingDataError, match="contact_events"):
            kpicore.measure(log_of(bare), [text], zone="UTC")
    with pytest.raises(ParameterError, match="stays in queues"):
        kpicore.measure(log_of(BOTS), ["abandon_rate[denominator=escalated,short_clock=contact]"])


def test_without_a_bot_nothing_is_handed_off() -> None:
    none: Tables = {"contact_events": events("c", (5, "queued", "sales"), (20, "answered", "ann"))}
    (row,) = kpicore.measure(log_of(none), ["connect_rate[denominator=escalated]"], zone="UTC").rows()
    assert (row["value"], row["denominator"]) == (None, 0)
    (row,) = kpicore.measure(log_of(none), ["service_level[clock_start=handed_off]"], zone="UTC").rows()
    assert row["value"] == 1


@pytest.mark.parametrize("name", ["connect_rate", "average_speed_of_answer"])
def test_laws(name: str) -> None:
    check_metric(name, by=("agent",))
