"""Customers who come back or are called back, on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError
from kpicore.testing import check_metric

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
Row = Mapping[str, object]


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


def table(rows: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


def results(
    tables: Mapping[str, Sequence[Row]], *texts: str, by: Sequence[str] = (), period: str = "all"
) -> list[dict[str, object]]:
    log = kpicore.open({name: table(rows) for name, rows in tables.items()})
    return kpicore.measure(log, texts, by, period=period, zone="UTC").rows()


def contact(number: int, customer: str | None, on: float, **more: object) -> Row:
    return {"contact_id": number, "customer_id": customer, "agent_id": "ann", "opened_at": day(on)} | more


# Carl asks once; Dora on days 0, 3 and 20 (about the lamp, the radio, the radio); Emil on days 0 and 8.
CONTACTS = [
    contact(1, "carl", 0, topics=["price"], product="lamp"),
    contact(2, "dora", 0, topics=["price", "price"], product="lamp"),
    contact(3, "dora", 3, topics=["setup"], product="radio"),
    contact(4, "dora", 20, topics=["price", "defect"], product="radio"),
    contact(5, "emil", 0, topics=["setup"], product=None),
    contact(6, "emil", 8, topics=None, product="lamp"),
    contact(7, None, 1, topics=["setup"], product="lamp"),
    contact(8, "dora", 1, topics=["price"], product="lamp", filtered=True),
]


@pytest.mark.parametrize(
    ("text", "numerator", "denominator"),
    [
        # Dora came back after 3 days
        ("first_contact_resolution", 2, 3),
        # within 8 days Emil, too
        ("first_contact_resolution[window=8d]", 1, 3),
        # of 6 contacts only the second is followed within 7 days; within 17 days also 3 and 5
        ("first_contact_resolution[rule=no_repeat]", 5, 6),
        ("first_contact_resolution[rule=no_repeat,window=17d]", 3, 6),
        # contact 2 shares "price" with 4, 20 days later; 6 has no topic
        ("first_contact_resolution[rule=no_repeat,window=30d,same_topic=true]", 4, 5),
        ("first_contact_resolution[rule=no_repeat,window=19d,same_topic=true]", 5, 5),
        # topic or product: 2 -> 4 by price, 3 -> 4 by the radio; Dora came back
        ("next_issue_avoidance", 2, 3),
        ("next_issue_avoidance[of=contacts]", 4, 6),
        ("next_issue_avoidance[same=product]", 2, 3),
        ("next_issue_avoidance[same=product,of=contacts]", 4, 5),
        ("next_issue_avoidance[window=7d]", 3, 3),
        ("next_issue_avoidance[same=customer]", 1, 3),
    ],
)
def test_repeats(text: str, numerator: int, denominator: int) -> None:
    (row,) = results({"contacts": CONTACTS}, text)
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)


@pytest.mark.parametrize(
    ("text", "numerator", "denominator", "immature"),
    [
        # The last contact is opened on day 20: after it the log does not go on for a week.
        ("first_contact_resolution[rule=no_repeat,maturity=mature]", 4, 5, 1),
        ("first_contact_resolution[maturity=mature]", 2, 3, 1),
        # for 12 days it goes on after day 8, but not for a moment longer; contacts 2 and 5 are repeated
        ("first_contact_resolution[rule=no_repeat,maturity=mature,window=12d]", 3, 5, 1),
        ("first_contact_resolution[rule=no_repeat,maturity=mature,window=289h]", 2, 4, 2),
        ("next_issue_avoidance[maturity=mature,window=20d]", 2, 3, 3),
        ("next_issue_avoidance[maturity=mature,window=20d,of=contacts]", 2, 3, 3),
        # nothing is known of 30 days
        ("next_issue_avoidance[maturity=mature]", 0, 0, 6),
    ],
)
def test_the_end_of_the_log_hides_who_came_back(
    text: str, numerator: int, denominator: int, immature: int
) -> None:
    (row,) = results({"contacts": CONTACTS}, text)
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
    assert dict(row["excluded"])["immature"] == immature  # type: ignore[call-overload]
    assert (row["value"] is None) == (denominator == 0)


def leg(number: int, on: float, ended: str = "closed", began: str = "answered") -> Row:
    return {
        "contact_id": number,
        "agent_id": "ann",
        "began_at": day(on),
        "talk_ended_at": day(on),
        "ended_at": day(on),
        "began": began,
        "ended": ended,
    }


@pytest.mark.parametrize(
    ("text", "numerator"),
    [
        # Carl's only contact was transferred, and so was Dora's second, which nobody followed in a week
        ("first_contact_resolution", 2),
        ("first_contact_resolution[include_transfers=false]", 1),
        ("first_contact_resolution[rule=no_repeat]", 5),
        ("first_contact_resolution[rule=no_repeat,include_transfers=false]", 3),
        ("first_contact_resolution[rule=flagged]", 5),
        ("first_contact_resolution[rule=flagged,include_transfers=false]", 4),
    ],
)
def test_a_transferred_contact_is_no_resolution_where_so_asked(text: str, numerator: int) -> None:
    contacts = [{**row, "resolved_at": day(30), "reopens": 0} for row in CONTACTS]
    legs = [
        leg(1, 0, "transferred_queue"),
        leg(2, 0),
        leg(3, 3, "left"),
        leg(3, 3.1, began="transferred_in"),
        leg(5, 0, "unknown"),
    ]
    (row,) = results({"contacts": contacts, "legs": legs}, text)
    assert row["numerator"] == numerator
    if "false" in text:
        with pytest.raises(MissingDataError, match="contact_events"):
            results({"contacts": contacts}, text)


@pytest.mark.parametrize("rule", ["one_agent", "one_touch", "survey"])
@pytest.mark.parametrize("option", ["maturity=mature", "include_transfers=false"])
def test_rules_that_look_at_one_contact_alone(rule: str, option: str) -> None:
    with pytest.raises(ParameterError, match=f"rule={rule} looks neither"):
        results({"contacts": CONTACTS}, f"first_contact_resolution[rule={rule},{option}]")


def test_contacts_of_nobody_known_are_left_out_and_counted() -> None:
    (row,) = results({"contacts": CONTACTS}, "first_contact_resolution")
    assert row["excluded"] == {"unknown": 1}


def test_a_call_to_the_customer_is_a_contact_unless_it_is_to_be_ignored() -> None:
    contacts = [contact(1, "carl", 0), contact(2, "carl", 1, direction="outbound")]
    texts = [f"first_contact_resolution[rule=no_repeat,callbacks={word}]" for word in ("true", "false")]
    assert [row["value"] for row in results({"contacts": contacts}, *texts)] == [0.0, 1.0]


def test_resolved_at_the_first_contact_and_never_reopened() -> None:
    ends = {1: (1, 0), 2: (1, 1), 3: (4, 0), 4: (21, 0), 5: (None, 0), 6: (9, 0), 7: (2, 0), 8: (2, 0)}
    contacts = [
        {**row, "resolved_at": day(end) if end else None, "reopens": reopens}
        for row, (end, reopens) in zip(CONTACTS, ends.values(), strict=True)
    ]
    # first within 7 days: 1, 2, 4, 5, 6; of them 1, 4 and 6 were resolved for good
    (row,) = results({"contacts": contacts}, "first_contact_resolution[rule=flagged]")
    assert (row["numerator"], row["denominator"]) == (3, 5)
    assert row["excluded"] == {"later_contact": 1, "unknown": 1}
    with pytest.raises(MissingDataError, match="resolved_at"):
        results({"contacts": CONTACTS}, "first_contact_resolution[rule=flagged]")


def test_resolution_as_customers_say() -> None:
    surveys = [
        {"kind": kind, "score": score, "answered_at": day(1)}
        for kind, score in (("fcr", 1.0), ("fcr", 1.0), ("fcr", 0.0), ("csat", 1.0), ("fcr", None))
    ]
    (row,) = results({"surveys": surveys}, "first_contact_resolution[rule=survey]")
    assert (row["numerator"], row["denominator"]) == (2, 3)


def test_topics_are_needed_where_they_are_compared() -> None:
    with pytest.raises(MissingDataError, match="topics"):
        results({"contacts": [contact(1, "carl", 0)]}, "first_contact_resolution[same_topic=true]")
    with pytest.raises(MissingDataError, match="topics or product"):
        results({"contacts": [contact(1, "carl", 0)]}, "next_issue_avoidance")


def stay(number: int, hour: float, end: float, word: str) -> list[Row]:
    agent = "bob" if word == "answered" else None
    return [
        {"contact_id": number, "at": day(hour / 24), "event": "queued", "agent_id": None, "queue": "q"},
        {"contact_id": number, "at": day(end / 24), "event": word, "agent_id": agent},
    ]


# 1: Carl gives up at 1:00, returns at 3:00 and is answered at 3:30 (2), was called at 5:00 (3).
# 4: Dora gives up at 2:00 and is called at 2:30 (5). 6: Emil gives up and is never called.
# 7: Fred's call times out in one queue and is answered in the next: not missed.
CALLS = [
    contact(1, "carl", 0, direction="inbound"),
    contact(2, "carl", 3 / 24, direction="inbound"),
    contact(3, "carl", 5 / 24, direction="outbound", agent_id="bob"),
    contact(4, "dora", 1 / 24, direction="inbound"),
    contact(5, "dora", 2.5 / 24, direction="outbound"),
    contact(6, "emil", 1 / 24, direction="inbound"),
    contact(7, "fred", 1 / 24, direction="inbound"),
]
STAYS = [
    *stay(1, 0, 1, "abandoned"),
    *stay(2, 3, 3.5, "answered"),
    *stay(4, 1, 2, "abandoned"),
    *stay(6, 1, 2, "voicemail"),
    *stay(7, 1, 2, "exited"),
    *stay(7, 2, 3, "answered"),
]


def test_average_callback_time() -> None:
    # Carl waits 2.5 h, Dora 0.5 h: 1.5 h. Waiting for the call only, Carl waits 4 h: 2.25 h
    log = {"contacts": CALLS, "contact_events": STAYS}
    ends, ignore = results(log, "average_callback_time", "average_callback_time[customer_return=ignore]")
    assert (ends["value"], ends["n"], ends["excluded"]) == (5400.0, 2, {"never_called_back": 1})
    assert (ignore["value"], ignore["n"]) == (8100.0, 2)
    rows = results(log, "average_callback_time[customer_return=ignore]", by=("agent",))
    assert {row["agent"]: row["value"] for row in rows} == {"ann": 1800.0, "bob": 4 * 3600.0}
    (row,) = results(log, "average_callback_time[outcomes=voicemail]")
    assert (row["value"], row["excluded"]) == (None, {"never_called_back": 1})


@pytest.mark.parametrize(
    "name", ["first_contact_resolution", "next_issue_avoidance", "average_callback_time"]
)
def test_laws(name: str) -> None:
    check_metric(name, by=("agent",))
