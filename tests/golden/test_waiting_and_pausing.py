"""Replies, reopenings and pauses on data small enough to work out by hand, as platforms count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.plugin.manager import Plugins, load_plugins

Row = Mapping[str, object]
MONDAY = datetime(2026, 10, 12, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(third_party=False)


def table(rows: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


def messages(contact: str, *lines: tuple[float, str]) -> list[Row]:
    """Returns messages by the seconds at which somebody writes: ``customer``, ``bot_auto`` or ``Ann``."""
    return [
        {
            "contact_id": contact,
            "at": MONDAY + timedelta(seconds=at),
            "author": "agent" if who == "Ann" else who,
            "agent_id": who if who == "Ann" else None,
            "customer_id": "Carl",
        }
        for at, who in lines
    ]


def rounds(contact: str, *waits: float | None) -> list[Row]:
    """Returns a conversation of questions an hour apart, each with the wait for its reply, if any."""
    lines: list[tuple[float, str]] = []
    for hour, wait in enumerate(waits):
        lines.append((3600 * hour, "customer"))
        if wait is not None:
            lines.append((3600 * hour + wait, "Ann"))
    return messages(contact, *lines)


def value(tables: Mapping[str, Sequence[Row]], metric: str, plugins: Plugins) -> object:
    log = kpicore.open({name: table(rows) for name, rows in tables.items()}, plugins=plugins)
    (row,) = kpicore.measure(log, [metric], plugins=plugins).rows()
    return row["value"]


@pytest.mark.parametrize(
    ("metric", "seconds"),
    [
        ("average_response_time", 55),
        ("average_response_time@qiyu", 55),
        ("average_response_time[pooling=mean_of_session_means]", 35),
        ("average_response_time@tencent", 35),
    ],
)
def test_pooling(metric: str, seconds: int, plugins: Plugins) -> None:
    # Session A has one response of 10 s, B nine of 60 s: 550 / 10 pooled, (10 + 60) / 2 by session.
    log = {"messages": [*rounds("A", 10), *rounds("B", *[60] * 9)]}
    assert value(log, metric, plugins) == seconds


@pytest.mark.parametrize(
    ("metric", "seconds"),
    [
        ("average_response_time@wangwang", "313.75"),
        ("average_response_time[unanswered=cap,cap=600s]", "313.75"),
        ("average_response_time", "418.33"),
    ],
)
def test_a_cap_on_waits(metric: str, seconds: str, plugins: Plugins) -> None:
    # (15 + 40 + 600 + 600) / 4, and without cap those answered only: (15 + 40 + 1200) / 3.
    log = {"messages": rounds("A", 15, 40, 1200, None)}
    found = value(log, metric, plugins)
    assert isinstance(found, float)
    assert f"{found:.2f}" == seconds


@pytest.mark.parametrize(
    ("metric", "minutes"),
    [
        ("first_response_time[reopened=restart]", 10),
        ("first_response_time@chatwoot", 10),
        ("first_response_time", (4 * 24 + 5) * 60 + 10),
    ],
)
def test_a_reopened_chat(metric: str, minutes: int, plugins: Plugins) -> None:
    # Opened Monday 9:00, resolved by a bot 9:05, reopened Friday 14:00, answered 14:10.
    friday = (4 * 24 + 5) * 3600
    lines = ((0, "customer"), (300, "bot_auto"), (friday, "customer"), (friday + 600, "Ann"))
    events = [
        {"contact_id": "A", "at": MONDAY + timedelta(seconds=at), "event": word}
        for at, word in ((0, "opened"), (300, "resolved"), (friday, "reopened"))
    ]
    log = {"messages": messages("A", *lines), "contact_events": events}
    assert value(log, metric, plugins) == minutes * 60


PAUSED = "08:41:30 08:47:16 08:47:17 08:47:18 08:48:45 09:41:10"
RESUMED = "08:41:09 08:46:38 08:50:46 08:50:59 08:54:09 10:46:00"


def test_a_log_of_pauses(plugins: Plugins) -> None:
    states = [
        {"agent_id": "10", "at": datetime.fromisoformat(f"2012-01-01T{time}Z"), "state": state}
        for state, times in (("break", PAUSED), ("available", RESUMED))
        for time in times.split()
    ]
    log = kpicore.open({"agent_states": table(states)}, plugins=plugins)
    result = kpicore.measure(log, ["time_in_state[state=break]"], ["agent"], period="hour", plugins=plugins)
    found = {str(row["period"])[11:13]: str(timedelta(seconds=row["value"])) for row in result.rows()}  # type: ignore[arg-type]
    assert {hour: found[hour] for hour in ("08", "09", "10")} == {
        "08": "0:08:38",
        "09": "0:18:50",
        "10": "0:46:00",
    }
    assert result.ledger.rows("note", table="state_intervals")["repeated"] == 5
