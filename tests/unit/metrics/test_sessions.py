"""Effective sessions, on data that can be checked by hand and against an oracle on random data."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
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
