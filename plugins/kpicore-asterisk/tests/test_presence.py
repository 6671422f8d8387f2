"""Log-ins and pauses, against a slow count of every second."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kpicore_asterisk.accounts import Account
from kpicore_asterisk.presence import Change, find_changes
from kpicore_asterisk.rows import SECOND, Row

HORIZON = 200


def row(number: int, second: int, event: str, *data: str, agent: str = "Agent/7", queue: str = "NONE") -> Row:
    return Row(number, second * SECOND, "NONE", queue, agent, event, data)


def changes_of(rows: list[Row], *, login: str = "auto", pauses: str = "all") -> tuple[list[Change], Account]:
    account = Account()
    return find_changes(rows, account, login=login, pauses=pauses), account


def seconds_in(changes: list[Change], track: str, states: tuple[str, ...]) -> set[int]:
    """Every second up to the horizon in which the track shows one of the states."""
    own = [change for change in changes if change.track == track]
    ends = [change.at for change in own[1:]] + [HORIZON * SECOND]
    return {
        second
        for change, end in zip(own, ends[: len(own)], strict=True)
        if change.state in states
        for second in range(change.at // SECOND, end // SECOND)
    }


EVENTS = st.sampled_from(
    ["AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF", "PAUSEALL", "UNPAUSEALL"]
)
LOG = st.lists(
    st.tuples(st.integers(70, 190), EVENTS, st.integers(0, 60)), max_size=14, unique_by=lambda event: event[0]
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(LOG, st.integers(0, 100))
def test_sessions_and_pauses_are_those_of_the_slow_count(log: list[tuple[int, str, int]], seed: int) -> None:
    rows = [
        row(number, second, event, "1001@ctx", str(length) if event.endswith("LOGOFF") else "")
        for number, (second, event, length) in enumerate(log)
    ]
    changes, account = changes_of(rows)
    online: set[int] = set()
    paused: set[int] = set()
    for kind in ("AGENT", "AGENTCALLBACK"):
        since = None
        for second, event, length in sorted(log):
            if event == f"{kind}LOGIN" and since is None:
                since = second
            elif event == f"{kind}LOGOFF":
                online |= set(range(second - length, second))
                since = None
        if since is not None:
            online |= set(range(since, HORIZON))
    since = None
    for second, event, _ in sorted(log):
        if event == "PAUSEALL" and since is None:
            since = second
        elif event == "UNPAUSEALL" and since is not None:
            paused |= set(range(since, second))
            since = None
    if since is not None:
        paused |= set(range(since, HORIZON))
    assert seconds_in(changes, "presence", ("available",)) == online
    assert seconds_in(changes, "routing", ("away",)) == paused
    assert seconds_in(changes, "routing", ("available",)) == online - paused
    assert account.used + account.excluded.total() == len(rows)
    random.Random(seed).shuffle(rows)
    assert changes_of(rows)[0] == changes


def test_a_log_off_without_length_ends_the_log_in_before_it() -> None:
    rows = [row(1, 100, "AGENTLOGIN", "SIP/1"), row(2, 130, "AGENTLOGOFF", "SIP/1", "")]
    changes, account = changes_of(rows)
    assert seconds_in(changes, "presence", ("available",)) == set(range(100, 130))
    assert account.excluded == {}
    changes, account = changes_of([row(1, 130, "AGENTLOGOFF", "SIP/1", "-1")])
    assert seconds_in(changes, "presence", ("available",)) == set()
    assert account.excluded == {"no_beginning": 1}


def test_a_log_in_that_a_log_off_follows_does_not_last() -> None:
    rows = [row(1, 60, "AGENTLOGIN"), row(2, 100, "AGENTLOGIN"), row(3, 130, "AGENTLOGOFF", "x", "30")]
    changes, account = changes_of(rows)
    assert seconds_in(changes, "presence", ("available",)) == set(range(100, 130))
    assert account.excluded == {"repeated": 1}


MEMBER = [
    row(1, 100, "ADDMEMBER", queue="a", agent="SIP/7"),
    row(2, 110, "ADDMEMBER", queue="b", agent="SIP/7"),
    row(3, 120, "REMOVEMEMBER", queue="a", agent="SIP/7"),
    row(4, 150, "REMOVEMEMBER", queue="b", agent="SIP/7"),
]


def test_membership_of_any_queue_is_presence_where_nobody_logs_in() -> None:
    changes, account = changes_of(MEMBER)
    assert seconds_in(changes, "presence", ("available",)) == set(range(100, 150))
    assert {change.agent for change in changes} == {"SIP/7"}
    assert account.used == 4
    changes, account = changes_of(MEMBER, login="agents")
    assert seconds_in(changes, "presence", ("available",)) == set()
    assert account.excluded == {"other_rule": 4}


def test_who_logs_in_is_not_judged_by_membership() -> None:
    rows = [row(5, 60, "AGENTLOGOFF", "x", "10", agent="SIP/7"), *MEMBER]
    assert seconds_in(changes_of(rows)[0], "presence", ("available",)) == set(range(50, 60))
    both = changes_of(rows, login="members")[0]
    assert seconds_in(both, "presence", ("available",)) == set(range(100, 150))


def test_pauses_in_one_queue_count_only_if_asked_for() -> None:
    rows = [
        row(1, 100, "PAUSE", "lunch", queue="a"),
        row(2, 110, "PAUSE", "", queue="b"),
        row(3, 120, "UNPAUSE", queue="a"),
        row(4, 130, "UNPAUSE", queue="b"),
    ]
    changes, account = changes_of(rows)
    assert seconds_in(changes, "routing", ("away",)) == set()
    assert account.excluded == {"pause_in_one_queue": 4}
    changes, account = changes_of(rows, pauses="any")
    assert seconds_in(changes, "routing", ("away",)) == set(range(100, 130))
    assert [change.reason for change in changes if change.state == "away"] == ["lunch"]


def test_a_pause_and_its_end_in_one_instant() -> None:
    first = [row(1, 100, "UNPAUSEALL"), row(2, 100, "PAUSEALL")]
    second = [row(3, 120, "PAUSEALL"), row(4, 120, "UNPAUSEALL")]
    assert seconds_in(changes_of(first + second)[0], "routing", ("away",)) == set()
    rows = [row(1, 90, "PAUSEALL"), *first, row(5, 120, "UNPAUSEALL")]
    assert seconds_in(changes_of(rows)[0], "routing", ("away",)) == set(range(90, 120))


@pytest.mark.parametrize(
    ("interface", "agent"),
    [("NONE", None), ("", None), ("agent/12", "12"), ("Agent/", "Agent/"), ("Local/9@x", "Local/9@x")],
)
def test_who_the_agent_is(interface: str, agent: str | None) -> None:
    changes, account = changes_of([row(1, 60, "PAUSEALL", agent=interface)])
    assert {change.agent for change in changes} == ({agent} if agent else set())
    assert account.excluded.total() == (agent is None)
