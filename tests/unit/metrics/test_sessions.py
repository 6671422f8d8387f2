"""Effective sessions, on data that can be checked by hand and against an oracle on random data."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.testing import check_metric

MONDAY = datetime(2026, 10, 12, 9, tzinfo=UTC)
Message = tuple[int, str]
RULES = ("customer", "agent", "both", "either")


def value(messages: list[Message], text: str) -> object:
    rows = [
        {
            "contact_id": contact,
            "at": MONDAY + timedelta(seconds=place),
            "author": author,
            "agent_id": "ann" if author == "agent" else None,
        }
        for place, (contact, author) in enumerate(messages)
    ]
    log = kpicore.open({"messages": pa.Table.from_pylist(rows)})
    (row,) = kpicore.measure(log, [text], period="all", zone="UTC").rows()
    return row["value"]


def oracle(messages: list[Message], rule: str) -> int:
    sessions = {contact for contact, _ in messages}
    wrote = {s: {author for contact, author in messages if contact == s} for s in sessions}
    customer = {s for s, who in wrote.items() if "customer" in who}
    agent = {s for s, who in wrote.items() if "agent" in who}
    counted = {"customer": customer, "agent": agent, "both": customer & agent, "either": customer | agent}
    return len(counted[rule])


# 1 and 2: both, 1 several times. 3: the customer. 4: the agent. 5: the bot. 6: the bot and the customer.
TALKS: list[Message] = [
    *((1, who) for who in ("customer", "agent", "agent", "customer", "agent")),
    *((2, who) for who in ("agent", "customer")),
    (3, "customer"),
    (4, "agent"),
    (5, "bot_auto"),
    *((6, who) for who in ("bot_auto", "customer")),
]


@pytest.mark.parametrize(("rule", "expected"), [("customer", 4), ("agent", 3), ("both", 2), ("either", 5)])
def test_who_must_have_written(rule: str, expected: int) -> None:
    assert value(TALKS, f"effective_sessions[effective={rule}]") == expected == oracle(TALKS, rule)


def test_a_bot_counts_where_asked_for() -> None:
    # with the bot as an agent, 6 has both sides
    assert value(TALKS, "effective_sessions[effective=both,bots=include]") == 3


def test_the_customer_decides_unless_said_otherwise() -> None:
    assert value(TALKS, "effective_sessions") == value(TALKS, "effective_sessions@qiyu") == 4
    assert value(TALKS, "effective_sessions@tencent") == 2


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(5))
def test_random_sessions_agree_with_the_oracle(rule: str, seed: int) -> None:
    draw = random.Random(seed)
    authors = ("customer", "agent", "bot_auto")
    messages = [(draw.randrange(12), draw.choice(authors)) for _ in range(draw.randrange(8, 40))]
    assert value(messages, f"effective_sessions[effective={rule}]") == oracle(messages, rule)


def test_laws() -> None:
    check_metric("effective_sessions", by=("agent",))


Visit = tuple[str | None, int, int, tuple[int, ...]]
"""A customer, when the contact was opened and closed, and when he wrote; minutes."""


def log_of(visits: list[Visit]) -> dict[str, pa.Table]:
    def at(minute: int) -> datetime:
        return MONDAY + timedelta(minutes=minute)

    contacts = [
        {"contact_id": n, "customer_id": who, "opened_at": at(opened), "closed_at": at(closed)}
        for n, (who, opened, closed, _) in enumerate(visits)
    ]
    messages = [
        {"contact_id": n, "at": at(minute), "author": "customer", "agent_id": None}
        for n, (*_, minutes) in enumerate(visits)
        for minute in minutes
    ]
    kinds = {"customer_id": pa.string(), "agent_id": pa.string()}
    tables = {"contacts": pa.Table.from_pylist(contacts), "messages": pa.Table.from_pylist(messages)}
    return {
        name: pa.table({c: t.column(c).cast(kinds.get(c, t.schema.field(c).type)) for c in t.column_names})
        for name, t in tables.items()
    }


def sessions(visits: list[Visit], bracket: str, **more: str) -> list[object]:
    log = kpicore.open(log_of(visits))
    return [row["value"] for row in kpicore.measure(log, [f"effective_sessions{bracket}"], **more).rows()]  # type: ignore[arg-type]


# Carl is back 10 minutes after the end, and 11 minutes after that. Dora's second contact lies within her
# first, her third begins 10 minutes after it. Nobody knows who the others are.
VISITS: list[Visit] = [
    ("carl", 0, 20, (0, 19)),
    ("carl", 30, 40, (30,)),
    ("carl", 51, 60, (51,)),
    ("dora", 0, 100, (0, 31, 61, 92)),
    ("dora", 10, 20, (10,)),
    ("dora", 110, 111, (110,)),
    (None, 0, 1, (0,)),
    (None, 2, 3, (2,)),
]


@pytest.mark.parametrize(
    ("bracket", "expected"),
    [
        ("", 8),
        ("[boundary=merged]", 2 + 1 + 2),
        ("[boundary=merged,grace=11m]", 1 + 1 + 2),
        ("[boundary=merged,grace=0s]", 3 + 2 + 2),
        ("@jd", 5),
        # 31, 30 and 31 minutes of silence
        ("[boundary=idle]", 8 + 2),
        ("[boundary=idle,idle=29m]", 8 + 3),
        ("[boundary=idle,effective=both]", 0),
    ],
)
def test_where_a_session_ends(bracket: str, expected: int) -> None:
    assert sessions(VISITS, bracket) == [expected]


def test_customers_must_be_known_to_go_on_with_a_session() -> None:
    with pytest.raises(MissingDataError, match="no contact names its customer"):
        sessions([(None, 0, 1, (0,))], "[boundary=merged]")


@pytest.mark.parametrize("seed", range(12))
def test_sessions_of_random_contacts(seed: int) -> None:
    draw = random.Random(seed)
    visits: list[Visit] = []
    for _ in range(draw.randrange(1, 12)):
        opened, length = draw.randrange(120), draw.randrange(60)
        wrote = draw.sample(range(opened, opened + length + 1), draw.randrange(min(4, length + 1)))
        visits.append((draw.choice(["carl", "dora", None]), opened, opened + length, tuple(sorted(wrote))))
    visits.append(("emil", 0, 0, (0,)))
    grace, idle = draw.randrange(30), draw.randrange(1, 40)
    split = sum(1 + sum(b - a > idle for a, b in pairwise(minutes)) for *_, minutes in visits if minutes)
    assert sessions(visits, f"[boundary=idle,idle={idle}m]") == [split]
    merged = 0
    for who in ("carl", "dora", "emil"):
        last, open_session = None, False
        for _, opened, closed, minutes in sorted(v for v in visits if v[0] == who):
            if last is None or opened > last + grace:
                open_session = False
            merged += bool(minutes) and not open_session
            open_session = open_session or bool(minutes)
            last = closed if last is None else max(last, closed)
    merged += sum(bool(minutes) for who, *_, minutes in visits if who is None)
    assert sessions(visits, f"[boundary=merged,grace={grace}m]") == [merged]
