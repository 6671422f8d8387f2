"""Stays in queues, by the rules that the README states."""

from __future__ import annotations

import random

import pytest
from kpicore_asterisk.accounts import Account
from kpicore_asterisk.calls import Stay, find_stays
from kpicore_asterisk.rows import SECOND, Row


def rows_of(text: str) -> list[Row]:
    """Rows written as ``second callid queue agent EVENT data...``, ``-`` for an empty field."""
    rows = []
    for number, line in enumerate(text.strip().splitlines(), 1):
        second, callid, queue, agent, event, *data = line.split()
        fields = tuple("" if word == "-" else word for word in data)
        rows.append(Row(number, int(float(second) * SECOND), callid, queue, agent, event, fields))
    return rows


def stays_of(text: str, *, keep_unfinished: bool = False) -> tuple[list[Stay], Account]:
    account = Account()
    return find_stays(rows_of(text), account, keep_unfinished=keep_unfinished), account


def told(stays: list[Stay]) -> list[tuple[object, ...]]:
    """(second of entry, outcome, wait in seconds, agent) of each."""
    return [
        (stay.entered / SECOND, stay.outcome, None if stay.wait is None else stay.wait / SECOND, stay.agent)
        for stay in stays
    ]


ENDS = {
    "COMPLETEAGENT 7 20 1": 7,
    "COMPLETECALLER 7 20 1": 7,
    "TRANSFER s ctx 7 20 1": 7,
    "BLINDTRANSFER s ctx 7 20 1": 7,
    "ATTENDEDTRANSFER BRIDGE b1 7 20 1": 7,
    "ATTENDEDTRANSFER APP Queue 7 20 1": 7,
    "ATTENDEDTRANSFER LINK c1 c2 7 20|1": 7,
    "ATTENDEDTRANSFER LINK c1 c2 7 20 1": 7,
    "COMPLETEAGENT - 20 1": None,
}


@pytest.mark.parametrize("end", ENDS)
def test_every_end_of_an_answered_call(end: str) -> None:
    text = f"100 c q NONE ENTERQUEUE - 1 1\n108 c q Agent/1 CONNECT 7 x 3\n128 c q Agent/1 {end}"
    stays, account = stays_of(text)
    assert told(stays) == [(100, "answered", ENDS[end], "1")]
    assert (stays[0].left, stays[0].ended) == (108 * SECOND, 128 * SECOND)
    assert stays[0].ring == 3 * SECOND
    assert account.used == 3


@pytest.mark.parametrize("end", ENDS)
def test_an_end_without_entry_tells_when_it_began(end: str) -> None:
    stays, _ = stays_of(f"128 c q SIP/7 {end}")
    wait = ENDS[end]
    assert told(stays) == [(128 - 20 - (wait or 0), "answered", wait, "SIP/7")]


LEAVES = {
    "ABANDON 1 1 9": ("abandoned", 9),
    "ABANDON 1 1 -": ("abandoned", None),
    "ABANDON": ("abandoned", None),
    "EXITWITHTIMEOUT 1 1 9": ("timeout", 9),
    "EXITWITHTIMEOUT 1": ("timeout", None),
    "EXITWITHKEY 4 1 1 9": ("flow_out", 9),
    "EXITWITHKEY 4 1": ("flow_out", None),
    "EXITEMPTY 1 1 9": ("empty", 9),
    "LEAVEEMPTY": ("empty", 10),
    "SYSCOMPAT": ("unknown", 10),
}


@pytest.mark.parametrize("leave", LEAVES)
def test_every_way_to_leave_unanswered(leave: str) -> None:
    stays, account = stays_of(f"100 c q NONE ENTERQUEUE - 1 1\n110 c q NONE {leave}")
    outcome, wait = LEAVES[leave]
    assert told(stays) == [(100, outcome, wait, None)]
    assert account.used == 2
    stays, account = stays_of(f"110 c q NONE {leave}")
    assert stays == []
    assert account.excluded == {"no_entry": 1}


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        ("JOINEMPTY", "empty"),
        ("FULL", "full"),
        ("CLOSED", "closed"),
        ("DIVERT_CA_RATIO", "diverted"),
        ("DIVERT_HOLDTIME", "diverted"),
        ("DIVERT_ANYTHING", "diverted"),
    ],
)
def test_calls_that_a_queue_does_not_take(event: str, outcome: str) -> None:
    stays, _ = stays_of(f"100 c q NONE {event}")
    assert told(stays) == [(100, outcome, None, None)]


def test_the_same_call_in_two_queues_and_again_in_one() -> None:
    stays, _ = stays_of(
        """
        100 c q1 NONE ENTERQUEUE - 1 1
        110 c q1 NONE EXITWITHTIMEOUT 1 1 10
        110 c q2 NONE ENTERQUEUE - 1 1
        115 c q2 NONE EXITWITHKEY 1 1 1 5
        115 c q1 NONE ENTERQUEUE - 1 1
        120 c q1 Agent/3 CONNECT 5 x 2
        150 c q1 Agent/3 COMPLETECALLER 5 30 1
        """
    )
    assert told(stays) == [
        (100, "timeout", 10, None),
        (110, "flow_out", 5, None),
        (115, "answered", 5, "3"),
    ]


def test_the_order_of_rows_means_nothing() -> None:
    text = """
        100 c q1 NONE ENTERQUEUE - 1 1
        104 c q1 Agent/3 CONNECT 4 x 2
        110 c q1 Agent/3 COMPLETECALLER 4 6 1
        110 c q1 NONE ENTERQUEUE - 1 1
        111 c q1 NONE ABANDON 1 1 1
        105 d q1 NONE ENTERQUEUE - 1 1
        106 d q1 NONE EXITEMPTY 1 1 1
        106 d q1 NONE LEAVEEMPTY
        107 e q1 NONE JOINEMPTY
        """
    expected, account = stays_of(text)
    assert [stay.outcome for stay in expected] == ["answered", "empty", "empty", "abandoned"]
    lines = text.strip().splitlines()
    for seed in range(30):
        shuffled = random.Random(seed).sample(lines, len(lines))
        stays, again = stays_of("\n".join(shuffled))
        assert told(stays) == told(expected)
        assert (again.used, again.excluded) == (account.used, account.excluded)


def test_a_queue_that_empties_is_told_twice_but_counted_once() -> None:
    text = "100 c q NONE ENTERQUEUE\n109 c q NONE EXITEMPTY 1 1 9\n109.5 c q NONE LEAVEEMPTY"
    stays, account = stays_of(text)
    assert told(stays) == [(100, "empty", 9.5, None)]
    assert account.excluded == {"repeated_end": 1}


def test_two_ends_of_one_talk_count_once() -> None:
    stays, account = stays_of(
        "100 c q NONE ENTERQUEUE\n110 c q Agent/1 CONNECT 10 x 1\n"
        "140 c q Agent/1 BLINDTRANSFER 7 ctx 10 30 1\n140 c q Agent/1 COMPLETEAGENT 10 30 1"
    )
    assert len(stays) == 1
    assert account.excluded == {"repeated_end": 1}


def test_an_end_that_seems_earlier_than_its_entry_belongs_to_it_all_the_same() -> None:
    stays, account = stays_of("100.5 c q NONE ENTERQUEUE\n100.4 c q NONE ABANDON 1 1 0")
    assert told(stays) == [(100.5, "abandoned", 0, None)]
    assert stays[0].left == stays[0].entered
    assert account.excluded == {}
    stays, account = stays_of(
        "90 c q NONE ABANDON 1 1 3\n100 c q NONE ENTERQUEUE\n105 c q NONE ABANDON 1 1 5"
    )
    assert told(stays) == [(100, "abandoned", 5, None)]
    assert account.excluded == {"no_entry": 1}


def test_calls_without_end() -> None:
    text = "100 c q NONE ENTERQUEUE\n110 d q NONE ENTERQUEUE\n115 d q Agent/1 CONNECT 5 x 2"
    stays, account = stays_of(text)
    assert stays == []
    assert account.excluded == {"still_waiting": 1, "not_ended": 2}
    stays, account = stays_of(text, keep_unfinished=True)
    assert told(stays) == [(100, "unknown", None, None), (110, "answered", 5, "1")]
    assert account.used == 3


def test_an_entry_that_follows_an_entry_leaves_the_first_without_end() -> None:
    stays, account = stays_of("100 c q NONE ENTERQUEUE\n200 c q NONE ENTERQUEUE\n205 c q NONE ABANDON 1 1 5")
    assert told(stays) == [(200, "abandoned", 5, None)]
    assert account.excluded == {"still_waiting": 1}
