"""Conversations on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError
from kpicore.testing import check_metric

MONDAY = datetime(2026, 10, 12, 9, tzinfo=UTC)
Row = Mapping[str, object]


def second(number: float) -> datetime:
    return MONDAY + timedelta(seconds=number)


def table(rows: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


def results(
    tables: Mapping[str, Sequence[Row]], *texts: str, by: Sequence[str] = ()
) -> list[dict[str, object]]:
    log = kpicore.open({name: table(rows) for name, rows in tables.items()})
    return kpicore.measure(log, texts, by, period="all", zone="UTC").rows()


def value(tables: Mapping[str, Sequence[Row]], text: str) -> object:
    (row,) = results(tables, text)
    return row["value"]


def talk(contact: int, customer: str, *lines: tuple[float, str]) -> list[Row]:
    """Returns messages: ``c`` is the customer, ``bot`` and ``welcome`` are such, else an agent writes."""
    authors = {"c": "customer", "bot": "bot_auto", "welcome": "welcome"}
    return [
        {
            "contact_id": contact,
            "at": second(at),
            "author": authors.get(who, "agent"),
            "agent_id": None if who in authors else who,
            "customer_id": customer if who == "c" else None,
        }
        for at, who in lines
    ]


# 1: Carl waits 10 s, then 100 s, for Ann. 2: Dora waits 50 s for Bob, then 20 s for Ann.
# 3: Carl writes again and gets no reply. 4: an agent writes, nobody asked.
TALKS = [
    *talk(1, "carl", (0, "welcome"), (1, "c"), (11, "ann"), (12, "ann"), (20, "c"), (30, "c"), (120, "ann")),
    *talk(2, "dora", (0, "c"), (50, "bob"), (60, "c"), (80, "ann"), (81, "bot"), (82, "ann")),
    *talk(3, "carl", (300, "c")),
    *talk(4, "emil", (400, "ann")),
]


def test_message_ratio() -> None:
    # agents wrote 3, 3, 0 and 1, customers 3, 2 and 1; with the welcome and the bot agents wrote 9
    assert value({"messages": TALKS}, "message_ratio") == pytest.approx(7 / 6)
    assert value({"messages": TALKS}, "message_ratio[bots=include]") == pytest.approx(9 / 6)


def test_message_ratio_by_agent() -> None:
    # Ann wrote 3 + 2 + 1 to 3 of Carl's and 1 of Dora's; Bob 1 to 1; nobody has Carl's last
    rows = results({"messages": TALKS}, "message_ratio", by=("agent",))
    found = {row["agent"]: (row["numerator"], row["denominator"]) for row in rows}
    assert found == {"ann": (6, 4), "bob": (1, 1)}


def test_reply_rate() -> None:
    # Carl and Dora were replied to; of the agents, Ann replied to both
    assert value({"messages": TALKS}, "reply_rate") == 1.0
    assert value({"messages": [*TALKS, *talk(5, "fred", (9, "c"))]}, "reply_rate") == pytest.approx(2 / 3)
    contacts: list[Row] = [
        {"contact_id": 5, "customer_id": "fred", "agent_id": "ann", "opened_at": second(0)}
    ]
    legs: list[Row] = [
        {"contact_id": 5, "agent_id": agent, "kind": "talk", "start": second(0), "end": second(9)}
        for agent in ("ann", "bob")
    ]
    log: dict[str, list[Row]] = {
        "messages": talk(5, "fred", (0, "c"), (5, "ann")),
        "contacts": contacts,
        "segments": legs,
    }
    rows = results(log, "reply_rate", by=("agent",))
    assert {row["agent"]: row["value"] for row in rows} == {"ann": 1.0, "bob": 0.0}


def test_a_conversation_begins_with_its_first_message_where_nothing_else_tells() -> None:
    messages = [*talk(1, "carl", (0, "c"), (10, "ann")), *talk(2, "dora", (86_400, "c"))]
    contacts: list[Row] = [
        {"contact_id": 1, "customer_id": "carl", "opened_at": second(0)},
        {"contact_id": 2, "customer_id": "dora", "opened_at": None},
    ]
    log = kpicore.open({"messages": table(messages), "contacts": table(contacts)})
    rows = kpicore.measure(log, ["reply_rate"], ["day"], zone="UTC").rows()
    assert [row["value"] for row in rows] == [1, 0]


@pytest.mark.parametrize(
    ("text", "customers"),
    [
        ("slow_response_customers", 1),  # Carl waited 100 s
        ("slow_response_customers[threshold=100s]", 0),
        ("slow_response_customers[threshold=49s]", 2),
        ("slow_response_customers[threshold=49s,rule=first]", 1),  # Dora, 50 s
        ("slow_response_customers[threshold=9s,rule=first]", 2),
        ("slow_response_customers[threshold=54s,rule=mean]", 1),  # Carl: (10 + 100) / 2 = 55
        ("slow_response_customers[threshold=55s,rule=mean]", 0),
    ],
)
def test_slow_response_customers(text: str, customers: int) -> None:
    (row,) = results({"messages": TALKS}, text)
    assert (row["value"], row["n"]) == (customers, 2)


def test_share_of_slow_responses() -> None:
    assert value({"messages": TALKS}, "slow_response_customers[statistic=share]") == 0.5


def test_average_reception_duration() -> None:
    # 1: 119 s from the first message of Carl; 2: 82 s; (119 + 82) / 2 customers
    assert value({"messages": TALKS}, "average_reception_duration") == 100.5
    # without the 90 s of waiting in 1 and the 50 s in 2
    assert value({"messages": TALKS}, "average_reception_duration[max_wait=40s]") == (29 + 32) / 2


def test_interactions_per_case() -> None:
    ends = {1: (100.0, "resolved"), 2: (90.0, "resolved"), 3: (500.0, "closed"), 4: (None, "")}
    contacts: list[Row] = [
        {
            "contact_id": contact,
            "opened_at": second(0),
            "resolved_at": second(end) if end and word == "resolved" else None,
            "closed_at": second(end) if end else None,
        }
        for contact, (end, word) in ends.items()
    ]
    log: dict[str, list[Row]] = {"messages": TALKS, "contacts": contacts}
    # until resolved: 1 has one turn of two messages, 2 one of Bob's and one of Ann's
    assert value(log, "interactions_per_case") == 1.5
    assert value(log, "interactions_per_case[count=messages]") == 2.5
    assert value(log, "interactions_per_case[done=resolved_or_closed]") == 1.0
    assert value(log, "interactions_per_case[done=any]") == 1.0
    # with the greeting of 1 and the bot of 2
    assert value(log, "interactions_per_case[count=messages,bots=include]") == 3.5


def event(contact: int, at: float, word: str, agent: str) -> Row:
    return {"contact_id": contact, "at": second(at), "event": word, "agent_id": agent}


ASSIGNED = [
    event(1, 0, "assigned", "ann"),
    event(1, 5, "assigned", "ann"),
    event(1, 30, "answered", "ann"),
    event(1, 40, "assigned", "bob"),
    event(1, 90, "started", "bob"),
    event(2, 0, "assigned", "bob"),
]


def test_time_to_start() -> None:
    # Ann began after 30 s, Bob after 50 s; Bob never began with contact 2
    (row,) = results({"contact_events": ASSIGNED}, "time_to_start")
    assert (row["value"], row["n"], row["excluded"]) == (40.0, 2, {"never_began": 1})
    # a message begins it as well: Bob's first of contact 2 after 50 s, of contact 1 after 45 s
    messages = [*talk(2, "dora", (50, "bob")), *talk(1, "carl", (2, "c"), (85, "bob"))]
    rows = results({"contact_events": ASSIGNED, "messages": messages}, "time_to_start", by=("agent",))
    assert {row["agent"]: row["value"] for row in rows} == {"ann": 30.0, "bob": 47.5}


def test_pooling() -> None:
    # Session 1 has one response of 10 s, session 2 nine of 60 s: pooled 550 / 10, of the means (10 + 60) / 2
    nine = [line for i in range(9) for line in ((100 * i, "c"), (100 * i + 60, "ann"))]
    log: dict[str, list[Row]] = {
        "messages": [*talk(1, "carl", (0, "c"), (10, "ann")), *talk(2, "dora", *nine)]
    }
    assert value(log, "average_response_time") == 55.0
    assert value(log, "average_response_time[pooling=mean_of_session_means]") == 35.0
    share = "average_response_time[pooling=mean_of_session_means,statistic=share,within=30s]"
    assert value(log, share) == 0.5


@pytest.mark.parametrize("pooling", ["mean_of_session_means", "mean_of_session_medians", "person_days"])
def test_what_nobody_replied_to_is_counted_as_left_out(pooling: str) -> None:
    talks = [*talk(1, "carl", (0, "c"), (10, "ann"), (20, "c")), *talk(2, "dora", (0, "c"))]
    (row,) = results({"messages": talks}, f"average_response_time[pooling={pooling}]")
    assert (row["value"], row["n"], row["excluded"]) == (10, 1, {"unanswered": 1})
    (row,) = results({"messages": talks}, f"average_response_time[pooling={pooling},unanswered=cap]")
    assert (row["n"], row["excluded"]) == (2, {})


def test_a_mean_of_a_session_is_rounded_half_to_even() -> None:
    # (1 + 2) / 2 = 1.5 -> 2 and (2 + 3) / 2 = 2.5 -> 2 microseconds
    lines = [(1, 2), (2, 3)]
    rows = [
        row
        for contact, waits in enumerate(lines)
        for i, wait in enumerate(waits)
        for row in talk(contact, "carl", (i, "c"), (i + wait / 1e6, "ann"))
    ]
    (row,) = results({"messages": rows}, "average_response_time[pooling=mean_of_session_means]")
    assert (row["numerator"], row["denominator"]) == (4, 2)


def test_a_cap_for_what_is_unanswered() -> None:
    # rounds of 15, 40 and 1200 s, and one without reply: (15 + 40 + 600 + 600) / 4; else (15 + 40 + 1200) / 3
    lines = [(0, "c"), (15, "ann"), (100, "c"), (140, "ann"), (200, "c"), (1400, "ann"), (1500, "c")]
    log: dict[str, list[Row]] = {"messages": talk(1, "carl", *lines)}
    assert value(log, "average_response_time[unanswered=cap,cap=600s]") == 313.75
    assert value(log, "average_response_time") == pytest.approx(1255 / 3)
    assert value(log, "average_response_time[unanswered=cap,cap=20m]") == (15 + 40 + 1200 + 1200) / 4
    assert value(log, "average_response_time[unanswered=cap,statistic=max]") == 600.0


# Questions 40 s before midnight, answered 30 s before and 20 s after it, and one of the next day answered
# after 5 s.
MIDNIGHT = 15 * 3600
LATE = [
    *talk(1, "carl", (MIDNIGHT - 40, "c"), (MIDNIGHT - 30, "ann")),
    *talk(
        2, "dora", (MIDNIGHT - 40, "c"), (MIDNIGHT + 20, "ann"), (MIDNIGHT + 30, "c"), (MIDNIGHT + 35, "ann")
    ),
]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("average_response_time", (10 + 60 + 5) / 3),
        ("average_response_time[day_cut=local_day]", (10 + 5) / 2),
        ("average_response_time[day_cut=local_day,unanswered=cap]", (10 + 600 + 5) / 3),
        ("first_response_time[day_cut=local_day,unanswered=cap]", (10 + 600) / 2),
        ("first_response_time[day_cut=local_day,unanswered=breach,statistic=share]", 1 / 2),
        ("average_response_time[day_cut=local_day,pooling=mean_of_session_means]", (10 + 5) / 2),
        ("average_response_time[day_cut=local_day,unanswered=cap,pooling=person_days]", (10 + 600 + 5) / 3),
        ("first_response_time[day_cut=local_day,clock_start=handed_off]", 10),
    ],
)
def test_a_reply_of_the_next_day_is_none_where_the_day_is_cut(metric: str, expected: float) -> None:
    log = {"messages": LATE, "contact_events": [event(1, 0, "opened", "ann")]}
    assert value(log, metric) == pytest.approx(expected)
    (row,) = results(log, "average_response_time[day_cut=local_day]")
    assert row["excluded"] == {"unanswered": 1}


def test_the_day_is_cut_where_the_query_has_it() -> None:
    """In Shanghai it is 8 in the morning, and a day that begins at 8 ends just there."""
    log = kpicore.open({"messages": table(LATE)})
    metric = "average_response_time[day_cut=local_day,unanswered=cap]"
    found = [
        kpicore.measure(log, [metric], zone="Asia/Shanghai", day_start=start).rows()[0]["value"]
        for start in ("00:00", "08:00")
    ]
    assert found == [(10 + 60 + 5) / 3, (10 + 600 + 5) / 3]


def test_a_form_of_the_day_before_does_not_cut_the_day() -> None:
    """Opened on Sunday, asked and answered on Monday: the day is that of the question."""
    contacts = [{"contact_id": 1, "customer_id": "carl", "opened_at": second(-10 * 3600)}]
    log: dict[str, Sequence[Row]] = {
        "messages": talk(1, "carl", (0, "c"), (9, "ann")),
        "contacts": contacts,
    }
    assert value(log, "first_response_time[day_cut=local_day,clock_start=created]") == 36_009


# 1: Carl asks at 0, Ann replies at 10; he asks at 20 and gets Bob's reply at 50, and asks at 60 for nothing.
# Ann had it first, Bob from 15 on, Cat from 55 on; at its end it is Dan's.
HANDS: dict[str, Sequence[Row]] = {
    "messages": [
        *talk(1, "carl", (0, "c"), (10, "ann"), (20, "c"), (50, "ann"), (60, "c")),
        *talk(2, "dora", (0, "c"), (7, "bob")),
    ],
    "contact_events": [
        event(1, 0, "assigned", "ann"),
        {**event(1, 15, "transferred", "ann"), "to_agent_id": "bob"},
        {**event(1, 40, "transferred", "bob"), "to_agent_id": None},
        {**event(1, 55, "assigned", "cat"), "to_agent_id": None},
    ],
    "contacts": [
        {"contact_id": 1, "agent_id": "dan", "opened_at": second(0)},
        {"contact_id": 2, "agent_id": None, "opened_at": second(0)},
    ],
}


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        ("replier", {"ann": (10 + 30, 2, 1), "bob": (7, 1, 0)}),
        ("assignee_at_reply", {"ann": (10, 1, 0), "bob": (30 + 7, 2, 0), "cat": (0, 0, 1)}),
        ("assignee_at_end", {"dan": (10 + 30, 2, 1), "bob": (7, 1, 0)}),
    ],
)
def test_whom_a_response_is_credited_to(credit: str, expected: dict[str, tuple[int, int, int]]) -> None:
    rows = results(HANDS, f"average_response_time[credit={credit}]", by=["agent"])
    found = {
        row["agent"]: (row["numerator"], row["denominator"], dict(row["excluded"]).get("unanswered", 0))  # type: ignore[call-overload]
        for row in rows
    }
    assert found == {agent: (time * 1_000_000, n, left) for agent, (time, n, left) in expected.items()}
    assert (
        value(HANDS, f"average_response_time[credit={credit},unanswered=cap,cap=20s]")
        == (10 + 20 + 20 + 7) / 4
    )
    assert value(HANDS, f"first_response_time[credit={credit},day_cut=local_day]") == (10 + 7) / 2


# 1: an agent opens, Carl answers at 100 and is replied to at 130. 2: Dora opens. 3: an agent writes twice,
# after a welcome, which opens nothing, and Emil never. 4: an agent writes once. All were made at -60.
OPENED: dict[str, Sequence[Row]] = {
    "messages": [
        *talk(1, "carl", (0, "ann"), (100, "c"), (130, "ann"), (140, "c"), (142, "ann")),
        *talk(2, "dora", (0, "welcome"), (1, "c"), (11, "bob")),
        *talk(3, "emil", (0, "welcome"), (5, "ann"), (6, "welcome"), (25, "bob")),
        *talk(4, "fred", (0, "ann")),
    ],
    "contacts": [{"contact_id": n, "agent_id": "ann", "opened_at": second(-60)} for n in (1, 2, 3, 4)],
}


@pytest.mark.parametrize(
    ("metric", "expected", "left_out"),
    [
        ("first_response_time", (30 + 10) / 2, {}),
        ("first_response_time[agent_initiated=exclude]", 10, {"agent_initiated": 1}),
        ("average_response_time[agent_initiated=exclude]", 10, {"agent_initiated": 2}),
        ("first_response_time[agent_initiated=second_message]", (130 + 10 + 20) / 3, {"unanswered": 1}),
        ("first_response_time[clock_start=created,agent_initiated=exclude]", 71, {"agent_initiated": 1}),
        (
            "first_response_time[clock_start=created,agent_initiated=second_message]",
            (190 + 71 + 85) / 3,
            {"unanswered": 1},
        ),
        (
            "first_response_time[agent_initiated=second_message,unanswered=breach,statistic=share,within=20s]",
            2 / 4,
            {},
        ),
        (
            "first_response_time[agent_initiated=exclude,unanswered=breach,statistic=share,within=20s]",
            1,
            {"agent_initiated": 1},
        ),
    ],
)
def test_conversations_that_agents_open(metric: str, expected: float, left_out: dict[str, int]) -> None:
    (row,) = results(OPENED, metric)
    assert row["value"] == pytest.approx(expected)
    assert {reason: n for reason, n in dict(row["excluded"]).items() if n} == left_out  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("metric", "other"),
    [
        ("first_response_time[credit=assignee_at_end,clock_start=created]", "clock_start=created"),
        ("first_response_time[credit=assignee_at_end,reopened=restart]", "reopened=restart"),
        ("average_response_time[credit=assignee_at_reply,pooling=person_days]", "pooling=person_days"),
        ("average_response_time[agent_initiated=exclude,clock_start=assigned]", "clock_start=assigned"),
        ("average_response_time[agent_initiated=exclude,credit=assignee_at_end]", "credit=assignee_at_end"),
    ],
)
def test_facts_of_responses_that_exclude_each_other(metric: str, other: str) -> None:
    with pytest.raises(ParameterError, match=f"does not go with {other}"):
        value(OPENED, metric)


def test_what_tells_the_assignee_is_needed() -> None:
    with pytest.raises(MissingDataError, match="contact_events"):
        value({"messages": TALKS}, "average_response_time[credit=assignee_at_reply]")


def test_first_responses_per_resolved_case() -> None:
    # first responses of 10, 50 and none, over the two cases resolved: 30
    contacts: list[Row] = [
        {"contact_id": c, "opened_at": second(0), "resolved_at": second(99) if c > 1 else None}
        for c in (1, 2, 3)
    ]
    log: dict[str, list[Row]] = {"messages": TALKS, "contacts": contacts}
    assert value(log, "first_response_time") == 30.0
    assert value(log, "first_response_time[denominator=resolved]") == 30.0
    assert value({**log, "contacts": contacts[:2]}, "first_response_time[denominator=resolved]") == 60.0
    with pytest.raises(ParameterError, match="resolved has no statistic max"):
        value(log, "first_response_time[denominator=resolved,statistic=max]")


def test_a_reopened_chat_waits_from_the_reopening() -> None:
    # Opened Monday 9:00, resolved by a bot 9:05, reopened Friday 14:00, answered 14:10: 10 minutes, not days
    friday = 4 * 86_400 + 5 * 3600
    messages = talk(1, "carl", (0, "c"), (300, "bot"), (friday, "c"), (friday + 600, "ann"))
    words = ((0, "opened"), (300, "resolved"), (friday, "reopened"))
    log: dict[str, list[Row]] = {
        "messages": messages,
        "contact_events": [event(1, at, word, "") for at, word in words],
    }
    assert value(log, "first_response_time[reopened=restart]") == 600.0
    assert value(log, "first_response_time") == friday + 600
    text = "average_response_time[reopened=restart,pooling=mean_of_session_means]"
    assert value(log, text) == 600.0


# Opened by a form at 0, assigned after 20 s to Bob and after 100 s to Ann, accepted after 130 s by her.
# The customer asks at 60 s; a bot hands off at 70 s; Ann replies at 190 s. Nobody replies to the second.
HANDED: dict[str, list[Row]] = {
    "messages": [
        *talk(1, "carl", (60, "c"), (62, "bot"), (190, "ann")),
        *talk(2, "dora", (500, "c")),
    ],
    "contacts": [{"contact_id": 1, "opened_at": second(0)}, {"contact_id": 2, "opened_at": second(400)}],
    "contact_events": [
        event(1, 20, "assigned", "bob"),
        event(1, 70, "handed_off", ""),
        event(1, 100, "assigned", "ann"),
        event(1, 130, "answered", "ann"),
        event(1, 195, "assigned", "bob"),
    ],
}


@pytest.mark.parametrize(
    ("start", "wait"),
    [("question", 130.0), ("created", 190.0), ("assigned", 90.0), ("accepted", 60.0), ("handed_off", 120.0)],
)
def test_where_the_clock_starts(start: str, wait: float) -> None:
    assert value(HANDED, f"first_response_time[clock_start={start}]") == wait
    if start != "created":
        assert value(HANDED, f"average_response_time[clock_start={start}]") == wait
    capped = value(HANDED, f"first_response_time[clock_start={start},unanswered=cap,cap=100s]")
    assert capped == (min(wait, 100.0) + 100.0) / 2


def test_an_event_before_the_question_starts_no_clock() -> None:
    early: dict[str, list[Row]] = HANDED | {"contact_events": [event(1, 20, "assigned", "ann")]}
    assert value(early, "first_response_time[clock_start=assigned]") == 130.0


def test_what_a_clock_needs_is_named() -> None:
    without: dict[str, list[Row]] = {"messages": HANDED["messages"]}
    with pytest.raises(MissingDataError, match="contact_events"):
        value(without, "first_response_time[clock_start=accepted]")
    bare: dict[str, list[Row]] = without | {"contacts": [{"contact_id": 1}]}
    with pytest.raises(MissingDataError, match="contacts has no column opened_at"):
        value(bare, "first_response_time[clock_start=created]")
    with pytest.raises(ParameterError, match="does not go with reopened=restart"):
        value(HANDED, "first_response_time[clock_start=created,reopened=restart]")


def test_a_question_without_reply_is_a_breach() -> None:
    # TALKS has waits of 10 and 100 s, of 50 and 20 s, and one that never ends
    log: dict[str, list[Row]] = {"messages": TALKS}
    share = "statistic=share,within=50s"
    assert value(log, f"average_response_time[{share}]") == 3 / 4
    assert value(log, f"average_response_time[{share},unanswered=breach]") == 3 / 5
    assert value(log, f"first_response_time[{share},unanswered=breach]") == 2 / 3
    assert value(log, "average_response_time[unanswered=breach]") == 45.0
    with pytest.raises(ParameterError, match="no time of its own"):
        value(log, f"average_response_time[{share},unanswered=breach,attribution=event]")
    # of four parts, Ann's first with Carl takes 55 s in the mean, and the last has no reply
    pooled = f"average_response_time[{share},pooling=mean_of_session_means"
    assert value(log, f"{pooled}]") == 2 / 3
    assert value(log, f"{pooled},unanswered=breach]") == 2 / 4


def test_the_median_of_a_conversation() -> None:
    # 10, 30 and 500 s: the median is 30 s; 10 and 20 s: 15 s
    log: dict[str, list[Row]] = {
        "messages": [
            *talk(1, "carl", (0, "c"), (10, "ann"), (100, "c"), (130, "ann"), (200, "c"), (700, "ann")),
            *talk(2, "dora", (0, "c"), (20, "ann"), (100, "c"), (110, "ann")),
        ]
    }
    assert value(log, "average_response_time[pooling=mean_of_session_medians]") == 22.5
    assert value(log, "average_response_time[pooling=mean_of_session_medians,statistic=max]") == 30.0


def test_a_customers_day_is_as_long_as_its_longest_wait() -> None:
    # Carl waits 10, 100 s and for ever, Dora 50 s for Bob and 20 s for Ann. Tomorrow Carl waits 5 s.
    tomorrow = 86_400
    log: dict[str, list[Row]] = {
        "messages": [*TALKS, *talk(9, "carl", (tomorrow, "c"), (tomorrow + 5, "ann"))]
    }
    days = "pooling=person_days"
    assert value(log, f"average_response_time[{days}]") == (100 + 50 + 20 + 5) / 4
    share = f"{days},statistic=share,within=60s"
    assert value(log, f"average_response_time[{share}]") == 3 / 4
    rows = results(log, f"average_response_time[{share},unanswered=breach]", by=("agent",))
    assert {row["agent"]: (row["numerator"], row["denominator"]) for row in rows} == {
        "ann": (2, 3),
        "bob": (1, 1),
    }


@pytest.mark.parametrize(
    "name",
    [
        "average_reception_duration",
        "average_response_time",
        "first_response_time",
        "interactions_per_case",
        "message_ratio",
        "reply_rate",
        "slow_response_customers",
        "time_to_start",
    ],
)
def test_laws(name: str) -> None:
    check_metric(name, by=("agent",))
