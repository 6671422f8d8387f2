"""Dialects beyond the service level: what platforms would tell of one small log, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.plugin.manager import Plugins, load_plugins

Row = Mapping[str, object]
NINE = datetime(2026, 10, 12, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(third_party=False)


def second(number: float) -> datetime:
    return NINE + timedelta(seconds=number)


def table(rows: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


def said(contact: str, *lines: tuple[float, str]) -> list[Row]:
    return [
        {
            "contact_id": contact,
            "at": second(at),
            "author": who if who in ("customer", "bot_auto") else "agent",
            "agent_id": None if who in ("customer", "bot_auto") else who,
            "customer_id": f"of {contact}",
        }
        for at, who in lines
    ]


def happened(contact: str, at: float, event: str, agent: str | None = None) -> Row:
    return {"contact_id": contact, "at": second(at), "event": event, "agent_id": agent}


def handled(contact: str, agent: str, began: float, talk: float, wrapup: float) -> Row:
    return {
        "contact_id": contact,
        "agent_id": agent,
        "began_at": second(began),
        "talk_ended_at": second(began + talk),
        "ended_at": second(began + talk + wrapup),
        "began": "answered",
        "ended": "closed",
        "talk": int(talk * 1_000_000),
        "hold": 0,
        "ring": 0,
        "wrapup": int(wrapup * 1_000_000),
    }


def rated(contact: str, answer: str, score: int) -> Row:
    return {
        "contact_id": contact,
        "kind": "csat",
        "answered_at": second(2000),
        "invited_at": second(1900),
        "answer": answer,
        "score": score,
    }


# a: opened by a form at 0, asked at 20, answered by a bot at 21, handed off at 30, accepted at 50, answered
# at 80, asked again at 100 and answered at 400: waits of 60 and 300 s. Ann talks and hands over to Bob.
# b: asked at 0, accepted at 5, answered at 10, asked at 20 and answered at 50, asked at 60 and answered
# at 150. c: asked at 0 and never answered; it stays open.
LOG: dict[str, Sequence[Row]] = {
    "messages": [
        *said("a", (20, "customer"), (21, "bot_auto"), (80, "ann"), (100, "customer"), (400, "bob")),
        *said(
            "b", (0, "customer"), (10, "bob"), (20, "customer"), (50, "bob"), (60, "customer"), (150, "bob")
        ),
        *said("c", (0, "customer")),
    ],
    "contact_events": [
        happened("a", 0, "opened"),
        happened("a", 30, "handed_off"),
        happened("a", 50, "answered", "ann"),
        happened("a", 500, "resolved"),
        happened("b", 0, "opened"),
        happened("b", 5, "answered", "bob"),
        happened("b", 160, "resolved"),
        happened("b", 170, "reopened"),
        happened("b", 180, "resolved"),
        happened("b", 190, "reopened"),
        happened("b", 200, "resolved"),
        happened("c", 0, "opened"),
    ],
    "contacts": [
        {"contact_id": "a", "agent_id": "bob", "opened_at": second(0), "closed_at": second(600)},
        {"contact_id": "b", "agent_id": "bob", "opened_at": second(0), "closed_at": second(300)},
        {"contact_id": "c", "agent_id": None, "opened_at": second(0), "closed_at": None},
    ],
    "legs": [
        handled("a", "ann", 50, 100, 20),
        handled("a", "bob", 150, 250, 30),
        handled("b", "bob", 5, 145, 45),
    ],
    "surveys": [rated("a", "good", 5), rated("b", "bad", 4)],
}


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        # the first replies came after 60 and 10 s
        ("first_response_time", 35),
        ("first_response_time@zendesk", (80 + 10) / 2),
        ("first_response_time@tencent", (30 + 5) / 2),
        ("first_response_time@chatwoot", (50 + 10) / 2),
        ("first_response_time@intercom", 35),
        ("first_response_time@wangwang", (60 + 10 + 600) / 3),
        ("first_response_time@qiyu", 35),
        ("first_response_time@pdd", (1 + 10) / 2),
        ("first_response_time@jd", 1 / 2),
        ("first_response_time@dynamics[statistic=share]", 2 / 2),
        # rounds of 60 (Ann) and 300 s, of 10, 30 and 90 s; c waits for ever
        ("average_response_time", 490 / 5),
        ("average_response_time@qiyu", 490 / 5),
        ("average_response_time@wangwang", (490 + 600) / 6),
        ("average_response_time@intercom", 60),  # the medians are 60 and 300 of a, and 30 of b
        ("average_response_time@tencent", (60 + 300 + 130 / 3) / 3),
        ("average_response_time@dynamics", (50 + 300 + 10 + 30 + 90) / 5),
        # by PDD's rule a bot's reply counts: days of 1, 300, 90 s and one without reply
        ("average_response_time@pdd[within=100s]", 2 / 4),
        # a has parts of 60 and 300 s, b one of 43 s; c was never answered
        ("average_response_time@douyin", 2 / 4),
        # a customer's days with one agent: 60, 300 and 90 s, and one without reply
        ("average_response_time@kuaishou", 1 / 4),
        # three parts of 120, 280 and 190 s; two contacts ended
        ("average_handle_time", 590 / 3),
        ("average_handle_time@genesys", 590 / 3),
        ("average_handle_time@aircall", 590 / 2),
        ("average_handle_time@easemob", 590 / 2),
        ("average_handle_time@dynamics", 570 / 2),
        ("average_handle_time@intercom", 590 / 2),
        ("average_handle_time@assembled", 590 / 3),  # a is Ann's and Bob's, b is Bob's
        # b was solved, reopened and solved twice over
        ("reopen_rate", 1 / 2),
        ("reopen_rate@zendesk", 2 / 2),
        ("average_resolution_time@zendesk", (500 + 200) / 2),
        ("backlog@zendesk", 1),
        ("first_contact_resolution@zendesk", 0),
        # two agents wrote in a, and b was closed three times
        ("first_contact_resolution@intercom", 0),
        ("csat", 2 / 2),
        ("csat@zendesk", 1 / 2),
    ],
)
def test_one_log_in_the_words_of_platforms(metric: str, value: float, plugins: Plugins) -> None:
    log = kpicore.open({name: table(rows) for name, rows in LOG.items()}, plugins=plugins)
    (row,) = kpicore.measure(log, [metric], plugins=plugins).rows()
    assert row["value"] == pytest.approx(value, rel=1e-8)


# Ann is on contacts for 20 of 60 minutes, wraps up for 10, is idle for 20, pauses for 10; 60 minutes of
# contacts were planned, and then 10 of a meeting for which she has logged off.
STATES = ((0, "on_contact"), (20, "wrapup"), (30, "available"), (50, "break"), (60, "offline"))
DUTY: dict[str, Sequence[Row]] = {
    "agent_states": [{"agent_id": "ann", "at": second(60 * at), "state": state} for at, state in STATES],
    "schedules": [
        {"agent_id": "ann", "start": second(60 * a), "end": second(60 * b), "activity": word}
        for a, b, word in ((0, 60, "available"), (60, 70, "meeting"))
    ],
}


def test_zendesk_waits_for_the_second_message_of_an_agent_who_opens(plugins: Plugins) -> None:
    """Created at 0; Bob writes at 10 and 100, the customer at 150, Bob at 155: 5 s, or Zendesk's 100 s."""
    lines = said("e", (10, "bob"), (100, "bob"), (150, "customer"), (155, "bob"))
    contacts = [{"contact_id": "e", "agent_id": "bob", "opened_at": second(0)}]
    log = kpicore.open({"messages": table(lines), "contacts": table(contacts)}, plugins=plugins)
    texts = ["first_response_time", "first_response_time@zendesk"]
    assert [row["value"] for row in kpicore.measure(log, texts, plugins=plugins).rows()] == [5, 100]


def test_a_customer_of_jd_goes_on_with_his_session(plugins: Plugins) -> None:
    """Back 10 minutes after the end of the first contact, and 11 after that of the second: two sessions."""
    spans = (("f", 0, 300), ("g", 900, 1000), ("h", 1660, 1700))
    contacts = [
        {"contact_id": name, "customer_id": "kim", "opened_at": second(a), "closed_at": second(b)}
        for name, a, b in spans
    ]
    messages = [row for name, a, _ in spans for row in said(name, (a, "customer"))]
    log = kpicore.open({"contacts": table(contacts), "messages": table(messages)}, plugins=plugins)
    texts = ["effective_sessions", "effective_sessions@jd"]
    assert [row["value"] for row in kpicore.measure(log, texts, plugins=plugins).rows()] == [3, 2]


def test_intercom_closes_on_first_contact_what_one_teammate_closed_once(plugins: Plugins) -> None:
    """Bob alone closes i, after two replies, and j, after one, which the customer's thanks reopen."""
    messages = [
        *said("i", (0, "customer"), (10, "bob"), (20, "customer"), (30, "bob")),
        *said("j", (0, "customer"), (10, "bob"), (50, "customer")),
    ]
    words = (("i", 40, "resolved"), ("j", 40, "resolved"), ("j", 50, "reopened"), ("j", 60, "resolved"))
    events = [happened(name, 0, "opened") for name in "ij"] + [happened(*word) for word in words]
    log = kpicore.open({"messages": table(messages), "contact_events": table(events)}, plugins=plugins)
    texts = [f"first_contact_resolution@{name}" for name in ("intercom", "zendesk")]
    rows = kpicore.measure(log, texts, plugins=plugins).rows()
    # Zendesk's one touch is that of j, which no agent touched again
    assert [(row["numerator"], row["denominator"]) for row in rows] == [(1, 2), (1, 2)]


def test_wangwang_cuts_the_day(plugins: Plugins) -> None:
    """Asked 40 s before midnight and answered 20 s after it: by Wangwang's rule a wait of the cap, 600 s."""
    midnight = 15 * 3600
    lines = (
        (midnight - 40, "customer"),
        (midnight + 20, "bob"),
        (midnight + 30, "customer"),
        (midnight + 40, "bob"),
    )
    log = kpicore.open({"messages": table(said("d", *lines))}, plugins=plugins)
    texts = [f"{name}_response_time{at}" for name in ("first", "average") for at in ("", "@wangwang")]
    rows = kpicore.measure(log, texts, zone="UTC", plugins=plugins).rows()
    assert [row["value"] for row in rows] == [60, 600, (60 + 10) / 2, (600 + 10) / 2]


def test_a_rating_of_all_who_took_part(plugins: Plugins) -> None:
    log = kpicore.open({name: table(rows) for name, rows in LOG.items()}, plugins=plugins)
    usual, easemob = (
        {row["agent"]: row["n"] for row in kpicore.measure(log, [metric], ["agent"], plugins=plugins).rows()}
        for metric in ("csat", "csat@easemob")
    )
    assert usual == {"bob": 2}
    assert easemob == {"ann": 1, "bob": 2}


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("occupancy@cisco", 30 / 50),
        ("work_rate@nice", 50 / 60),
        ("shrinkage@assembled", 10 / 70),
        ("utilisation@assembled", 50 / 70),
        ("schedule_adherence@connect", 50 / 70),
        ("schedule_adherence@genesys", 50 / 70),
        ("schedule_conformance@genesys", 50 / 60),
        ("logged_in_time@wazo", 3600),
    ],
)
def test_time_in_the_words_of_platforms(metric: str, value: float, plugins: Plugins) -> None:
    log = kpicore.open({name: table(rows) for name, rows in DUTY.items()}, plugins=plugins)
    (row,) = kpicore.measure(log, [metric], plugins=plugins).rows()
    assert row["value"] == pytest.approx(value)


# The example of Zendesk's help: Ann is assigned at 0:00, responds at 0:05 and solves at 0:06. Of the second
# ticket, assigned at 0:00, the customer writes at 0:02 and 0:30, Ann at 0:03 and 0:31; it is pending from
# 0:32 on and solved at 0:50. The third is solved without a word.
MESSAGING: dict[str, Sequence[Row]] = {
    "contact_events": [
        happened("first", 0, "assigned", "ann"),
        happened("first", 60 * 6, "resolved"),
        happened("second", 0, "assigned", "ann"),
        happened("second", 60 * 32, "pending", "ann"),
        happened("second", 60 * 50, "resolved"),
        happened("third", 0, "assigned", "ann"),
        happened("third", 60 * 6, "resolved"),
    ],
    "messages": [
        *said("first", (0, "customer"), (300, "ann")),
        *said("second", (120, "customer"), (180, "ann"), (1800, "customer"), (1860, "ann")),
        *said("third", (0, "customer")),
    ],
}


# Tickets are opened at 22:00 and 22:30 and solved before midnight, another is opened at 23:15.
def test_a_backlog_of_23_hours(plugins: Plugins) -> None:
    tickets = [
        {"contact_id": "a", "opened_at": second(13 * 3600), "resolved_at": second(14.5 * 3600)},
        {"contact_id": "b", "opened_at": second(13.5 * 3600), "resolved_at": second(14.75 * 3600)},
        {"contact_id": "c", "opened_at": second(14.25 * 3600), "resolved_at": second(17 * 3600)},
    ]
    log = kpicore.open({"contacts": table(tickets)}, plugins=plugins)
    found = {
        metric: [row["value"] for row in kpicore.measure(log, [metric], period="day", plugins=plugins).rows()]
        for metric in ("backlog", "backlog@zendesk")
    }
    assert found == {"backlog": [1, 0], "backlog@zendesk": [2, 0]}


def test_handling_of_messaging_tickets(plugins: Plugins) -> None:
    log = kpicore.open({name: table(rows) for name, rows in MESSAGING.items()}, plugins=plugins)
    (row,) = kpicore.measure(log, ["average_handle_time@zendesk"], plugins=plugins).rows()
    # 6 minutes; 12 to the pause, and 2 from the customer's return to pending
    assert row["value"] == (6 + 12 + 2) * 60 / 2
    assert row["excluded"] == {"no_agent_message": 1}


def test_what_a_dialect_needs_is_named(plugins: Plugins) -> None:
    log = kpicore.open({"messages": table(LOG["messages"])}, plugins=plugins)
    with pytest.raises(MissingDataError, match="contact_events"):
        kpicore.measure(log, ["first_response_time@tencent"], plugins=plugins)


MORE: dict[str, Sequence[Row]] = {
    "visits": [
        {
            "contact_id": contact,
            "queue": "sales",
            "entered_at": second(0),
            "left_at": second(wait),
            "outcome": outcome,
            "wait": wait * 1_000_000,
        }
        for contact, wait, outcome in (("a", 50, "answered"), ("b", 5, "answered"), ("c", 9, "abandoned"))
    ],
    "segments": [
        {"contact_id": "b", "agent_id": "bob", "kind": "talk", "start": second(5), "end": second(150)}
    ],
    "agents": [{"agent_id": "bob", "capacity": 2}],
    "reviews": [{"agent_id": "bob", "reviewed_at": second(9), "dimension": "tone", "score": 3}],
}


# A bot hands off a, b, c and d at 10. a queues at 15 and is answered at 28, b queues at 25 and is answered
# at 35; c gives up at 40, and d is closed by the system while it waits. e knew no bot and waits 20 s.
QUEUED: dict[str, Sequence[Row]] = {
    "contact_events": [
        *(happened(contact, 10, "handed_off") for contact in "abcd"),
        *(happened(contact, at, "queued") for contact, at in zip("abcde", (15, 25, 30, 12, 0), strict=True)),
        happened("a", 28, "answered", "ann"),
        happened("b", 35, "answered", "bob"),
        happened("c", 40, "abandoned"),
        happened("d", 50, "closed"),
        happened("e", 20, "answered", "ann"),
        happened("a", 100, "closed"),
        happened("b", 100, "closed"),
        happened("e", 100, "closed"),
    ]
}
# f rings at Ann until 40, and at Bob, who answers. g rings at Ann as the customer hangs up.
RUNG: dict[str, Sequence[Row]] = {
    "contact_events": [
        *(happened(contact, 20, "queued") for contact in "fg"),
        happened("f", 25, "offered", "ann"),
        happened("f", 40, "left", "ann"),
        happened("f", 45, "offered", "bob"),
        happened("f", 50, "answered", "bob"),
        happened("g", 60, "offered", "ann"),
        happened("g", 64, "abandoned"),
    ]
}


@pytest.mark.parametrize(
    ("metric", "missed"),
    [
        ("missed_calls", 1),
        ("missed_calls@connect", 2),
        ("missed_calls@connect[hang_ups=exclude]", 1),
        ("missed_calls@connect[statistic=rate]", 2 / 3),
    ],
)
def test_missed_calls_in_the_words_of_a_platform(metric: str, missed: float, plugins: Plugins) -> None:
    log = kpicore.open({name: table(rows) for name, rows in RUNG.items()}, plugins=plugins)
    (row,) = kpicore.measure(log, [metric], plugins=plugins).rows()
    assert row["value"] == pytest.approx(missed)


@pytest.mark.parametrize(
    ("metric", "above", "below"),
    [
        ("service_level", 3, 4),
        ("service_level@dynamics", 2, 4),
        ("average_speed_of_answer", 13 + 10 + 20, 3),
        ("average_speed_of_answer@dynamics", 18 + 25 + 20, 3),
        ("abandon_rate", 1, 5),
        ("abandon_rate@dynamics", 2, 4),
        ("abandon_rate@genesys", 2, 5),
        ("abandon_rate@icsoc", 2, 5),
        ("abandon_rate@connect", 1, 5),
    ],
)
def test_queues_in_the_words_of_platforms(metric: str, above: int, below: int, plugins: Plugins) -> None:
    log = kpicore.open({name: table(rows) for name, rows in QUEUED.items()}, plugins=plugins)
    (row,) = kpicore.measure(log, [metric], plugins=plugins).rows()
    assert row["value"] == pytest.approx(above / below)


def test_every_metric_of_a_dialect_can_be_compared(plugins: Plugins) -> None:
    contacts = [{**row, "customer_id": f"of {row['contact_id']}"} for row in LOG["contacts"]]
    tables = {**LOG, **DUTY, **MORE, "contacts": contacts}
    log = kpicore.open({name: table(rows) for name, rows in tables.items()}, plugins=plugins)
    dialects = plugins.dialects.values()
    names = sorted({name for dialect in dialects for name in dialect.metrics})
    families = {plugins.metric(name).family for name in names}
    assert families >= {"handling", "reachability", "resolution", "response", "reviews", "schedules"}
    assert families >= {"time_use", "voice"}
    for name in names:
        rows = kpicore.compare_definitions(log, name, plugins=plugins).rows()
        assert len(rows) == 1 + sum(name in dialect.metrics for dialect in dialects)
        assert {row["missing"] for row in rows} == {None}, name
