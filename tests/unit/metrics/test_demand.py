"""Who asks for service, how often, where and about what, on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.testing import check_metric, generate_log

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
Row = Mapping[str, object]


def at(hour: float) -> datetime:
    return MONDAY + timedelta(hours=hour)


def table(rows: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


# customer, agent, hour, direction, channel, topics, filtered
CONTACTS: list[Row] = [
    {
        "contact_id": number,
        "customer_id": customer,
        "agent_id": agent,
        "opened_at": at(hour),
        "direction": direction,
        "channel": channel,
        "topics": topics,
        "filtered": filtered,
    }
    for number, (customer, agent, hour, direction, channel, topics, filtered) in enumerate(
        [
            ("k1", "ann", 9, "inbound", "chat", ["refund", "delay"], False),
            ("k1", "ann", 10, "inbound", "chat", ["refund", "refund"], None),
            ("k1", "bob", 33, "inbound", "mail", [], False),
            ("k2", "bob", 11, "inbound", "chat", None, False),
            ("k2", "ann", 12, "outbound", "mail", ["delay"], False),
            ("k3", "ann", 13, "inbound", "chat", None, True),
            (None, "bob", 14, None, None, ["refund"], False),
        ]
    )
]
TRAFFIC: list[Row] = [
    {"at": at(8), "kind": "visit", "visitor_id": "v1", "count": 100},
    {"at": at(9), "kind": "visit", "visitor_id": "v1", "count": 20},
    {"at": at(9), "kind": "visit", "visitor_id": "v2", "count": None},
    {"at": at(9), "kind": "visit", "visitor_id": "v3", "count": 3},
    {"at": at(30), "kind": "visit", "visitor_id": "v4", "count": 6},
    {"at": at(8), "kind": "search", "visitor_id": "v9", "count": None},
    {"at": at(9), "kind": "search", "visitor_id": "v9", "count": 4},
    {"at": at(9), "kind": "view", "visitor_id": "v9", "count": 50},
]
TABLES: dict[str, Sequence[Row]] = {"contacts": CONTACTS, "traffic": TRAFFIC}


def results(
    text: str, by: Sequence[str] = (), *, tables: Mapping[str, Sequence[Row]] = TABLES, period: str = "all"
) -> list[dict[str, object]]:
    log = kpicore.open({name: table(rows) for name, rows in tables.items()})
    return kpicore.measure(log, [text], by, period=period, zone="UTC").rows()


def without(column: str) -> dict[str, Sequence[Row]]:
    return {
        name: [{key: value for key, value in row.items() if key != column} for row in rows]
        for name, rows in TABLES.items()
    }


@pytest.mark.parametrize(
    ("text", "above", "below"),
    [
        ("consultation_rate", 3, 4),  # k1, k2, k3 of v1 to v4
        ("consultation_rate[visitors=counted]", 3, 130),  # 100 + 20 + 1 + 3 + 6
        ("consultation_rate[directions=outbound]", 1, 4),
    ],
)
def test_consultation_rate(text: str, above: int, below: int) -> None:
    (row,) = results(text)
    assert (row["numerator"], row["denominator"], row["value"]) == (above, below, above / below)


def test_consultation_rate_of_contacts_without_direction() -> None:
    (row,) = results("consultation_rate", tables=without("direction"))
    assert (row["numerator"], row["excluded"]) == (3, {"customer_unknown": 1})


def test_consultation_rate_needs_visitors() -> None:
    with pytest.raises(MissingDataError, match="visitor_id"):
        results("consultation_rate", tables=without("visitor_id"))
    with pytest.raises(MissingDataError, match="customer_id"):
        results("consultation_rate", tables=without("customer_id"))


def test_inquirers_are_those_received_and_those_filtered_out() -> None:
    # ann: k1, k2 received, k3 filtered; bob: k1, k2, and one without a name
    inquirers = {row["agent"]: row["value"] for row in results("inquirers", ["agent"])}
    received = {row["agent"]: row for row in results("customers_received", ["agent"])}
    assert inquirers == {"ann": 3, "bob": 2}
    assert {agent: row["value"] for agent, row in received.items()} == {"ann": 2, "bob": 2}
    assert received["ann"]["excluded"] == {"filtered": 1}
    assert received["bob"]["excluded"] == {"customer_unknown": 1}
    assert [row["value"] for row in results("inquirers")] == [3]
    assert [row["value"] for row in results("customers_received")] == [2]


def test_legs_tell_who_received() -> None:
    leg = {"began": "answered", "ended": "closed"}
    legs = [
        leg | {"contact_id": 0, "agent_id": "ann", "began_at": at(9)},
        leg | {"contact_id": 0, "agent_id": "cat", "began_at": at(9.5)},
        leg | {"contact_id": 3, "agent_id": "cat", "began_at": at(26)},
    ]
    tables = {**TABLES, "legs": legs}
    received = results("customers_received", ["agent"], tables=tables, period="day")
    assert [(row["agent"], str(row["period"])[8:10], row["value"]) for row in received] == [
        ("ann", "12", 1),
        ("ann", "13", 0),
        ("cat", "12", 1),
        ("cat", "13", 1),
    ]
    inquirers = {row["agent"]: row["value"] for row in results("inquirers", ["agent"], tables=tables)}
    assert inquirers == {"ann": 2, "cat": 2}


def test_channels() -> None:
    shares = {row["part"]: (row["numerator"], row["denominator"]) for row in results("channel_share")}
    assert shares == {"chat": (4, 7), "mail": (2, 7)}
    counts = {row["part"]: row["value"] for row in results("channel_share[statistic=count]")}
    assert counts == {"chat": 4, "mail": 2}


def test_channels_that_customers_say_they_prefer() -> None:
    answers = ["chat", "phone", "chat", None]
    surveys = [{"kind": "channel", "answered_at": at(9), "answer": answer} for answer in answers]
    rows = results("channel_share[source=survey]", tables={"surveys": surveys})
    assert {row["part"]: row["value"] for row in rows} == {"chat": 2 / 3, "phone": 1 / 3}


def test_topics() -> None:
    # two tags count twice, the same tag twice once; three contacts have none
    counts = {row["part"]: row["value"] for row in results("cases_by_topic")}
    assert counts == {"refund": 3, "delay": 2, "untagged": 3}
    shares = {row["part"]: row["value"] for row in results("cases_by_topic[statistic=share]")}
    assert shares == {"refund": 3 / 7, "delay": 2 / 7, "untagged": 3 / 7}
    of_ann = {
        row["part"]: row["value"] for row in results("cases_by_topic", ["agent"]) if row["agent"] == "ann"
    }
    assert of_ann == {"refund": 2, "delay": 2, "untagged": 1}


def test_topics_are_missing() -> None:
    with pytest.raises(MissingDataError, match="topics"):
        results("cases_by_topic", tables=without("topics"))


def test_contacts_per_customer() -> None:
    # inbound with a known customer: k1 three, k2 one, k3 one
    (row,) = results("customer_contact_frequency")
    assert (row["numerator"], row["denominator"]) == (5, 3)
    assert row["excluded"] == {"customer_unknown": 1}


@pytest.mark.parametrize(
    ("k", "whole", "days"), [(1, 3, [3, 1]), (2, 1, [1, 0]), (3, 1, [0, 0]), (4, 0, [0, 0])]
)
def test_customers_with_several_contacts(k: int, whole: int, days: list[int]) -> None:
    text = f"customer_contact_frequency[statistic=customers,k={k}]"
    assert [row["value"] for row in results(text)] == [whole]
    assert [row["value"] for row in results(text, period="day")] == days


def test_contacts_at_the_edges_of_a_day() -> None:
    hours = [0, 24 - 1e-9, 24, 48]
    contacts = [{"contact_id": i, "customer_id": 7, "opened_at": at(hour)} for i, hour in enumerate(hours)]
    rows = results(
        "customer_contact_frequency[statistic=customers]", tables={"contacts": contacts}, period="day"
    )
    assert [row["value"] for row in rows] == [1, 0, 0]


@pytest.mark.parametrize(
    ("kinds", "expected"), [("search", 5), ("view", 50), ("search+view", 55), ("self_service", 0)]
)
def test_use_of_self_service(kinds: str, expected: int) -> None:
    (row,) = results(f"self_service_usage[kinds={kinds}]")
    assert (row["value"], row["unit"]) == (expected, "searches")


SESSIONS: list[Row] = [
    {"at": at(8.5), "kind": "search", "session_id": "s1", "customer_id": None},
    {"at": at(8.7), "kind": "view", "session_id": "s1", "customer_id": "k1"},  # contact at 9
    {"at": at(34), "kind": "view", "session_id": "s2", "customer_id": "k1"},  # none after it
    {"at": at(7), "kind": "view", "session_id": "s3", "customer_id": "k2"},  # contact at 11
    {"at": at(12.5), "kind": "view", "session_id": "s4", "customer_id": "k9"},
    {"at": at(12.5), "kind": "view", "session_id": "s5", "customer_id": None},
    {"at": at(12.5), "kind": "visit", "session_id": "s6", "customer_id": "k8"},
]


@pytest.mark.parametrize(
    ("parameters", "alone", "excluded"),
    [
        ("", 3, {"contacted": 2}),  # s2, s4, s5; the six inbound contacts
        ("[anonymous=exclude]", 2, {"contacted": 2, "customer_unknown": 1}),
        ("[within=2h]", 4, {"contacted": 1}),  # s3 as well
        ("[kinds=search]", 0, {"contacted": 1}),  # s1, whose customer logged in later
    ],
)
def test_share_of_self_service(parameters: str, alone: int, excluded: dict[str, int]) -> None:
    tables = {"contacts": CONTACTS, "traffic": SESSIONS}
    (row,) = results(f"self_service_share{parameters}", tables=tables)
    assert (row["numerator"], row["denominator"]) == (alone, alone + 6)
    assert row["excluded"] == excluded


@pytest.mark.parametrize(
    "name",
    [
        "consultation_rate",
        "inquirers",
        "customers_received",
        "channel_share",
        "cases_by_topic",
        "customer_contact_frequency",
        "self_service_usage",
        "self_service_share",
    ],
)
def test_laws(name: str) -> None:
    log = generate_log(agents=2, days=2)
    ids = log["contacts"].column("customer_id").slice(0, 30)
    times = log["contacts"].column("opened_at").slice(0, 30)
    log["traffic"] = pa.table(
        {
            "at": times,
            "kind": ["visit", "search", "view"] * 10,
            "visitor_id": ids,
            "session_id": ids,
            "customer_id": ids,
        }
    )
    check_metric(name, log, by=[] if name == "consultation_rate" or "self" in name else ["agent"])
