"""Stays in queues, handling and time in states, in the definitions of platforms, on data checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError
from kpicore.testing import check_metric

NINE = datetime(2026, 10, 12, 9, tzinfo=UTC)
Row = Mapping[str, object]
Tables = Mapping[str, Sequence[Row]]


def second(number: float) -> datetime:
    return NINE + timedelta(seconds=number)


def log_of(tables: Tables) -> kpicore.Log:
    found = {}
    for name, rows in tables.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        found[name] = pa.table({c: pa.array([row.get(c) for row in rows]) for c in columns})
    return kpicore.open(found)


def value(tables: Tables, text: str, **more: str) -> object:
    (row,) = kpicore.measure(log_of(tables), [text], zone="UTC", **more).rows()  # type: ignore[arg-type]
    return row["value"]


def by(tables: Tables, text: str, subject: str) -> dict[object, object]:
    rows = kpicore.measure(log_of(tables), [text], [subject], zone="UTC").rows()
    return {row[subject]: row["value"] for row in rows}


def by_minute(tables: Tables, text: str) -> dict[str, tuple[object, object]]:
    rows = kpicore.measure(
        log_of(tables), [text], period="15min", zone="UTC", start="2026-10-12T09:00", end="2026-10-12T10:00"
    ).rows()
    return {str(row["period"])[11:16]: (row["numerator"], row["denominator"]) for row in rows}


def stay(contact: int, entered: float, left: float, outcome: str = "answered") -> Row:
    return {
        "contact_id": contact,
        "queue": "sales",
        "entered_at": second(entered),
        "left_at": second(left),
        "outcome": outcome,
        "wait": int((left - entered) * 1_000_000),
    }


# 1 spends 100 s in a menu, then waits 15 s; 2 waits 30 s at once; 3 hangs up after 3 s, 60 s after it began.
# 4 enters at 14:50 of the first quarter, and waits until its second; 5 hangs up late in the third.
STAYS: Tables = {
    "contacts": [
        {"contact_id": 1, "opened_at": second(0), "closed_at": second(1000)},
        {"contact_id": 2, "opened_at": second(200), "closed_at": second(300)},
        {"contact_id": 3, "opened_at": second(243), "closed_at": second(303)},
        {"contact_id": 4, "opened_at": second(890), "closed_at": second(2000)},
        {"contact_id": 5, "opened_at": second(895), "closed_at": second(2700)},
    ],
    "visits": [
        stay(1, 100, 115),
        stay(2, 200, 230),
        stay(3, 300, 303, "abandoned"),
        stay(4, 890, 915),
        stay(5, 895, 2695, "abandoned"),
    ],
}


@pytest.mark.parametrize(
    ("bracket", "met", "offered"),
    [
        ("", 1, 4),
        ("short_clock=contact", 1, 5),
        ("short_clock=contact,short=61s", 1, 4),
        ("clock_start=contact,within=30s", 2, 4),
        ("clock_start=contact,within=115s", 3, 4),
        ("clock_start=contact,within=115s,attribution=sl_event", 3, 4),
    ],
)
def test_from_when_a_wait_counts(bracket: str, met: int, offered: int) -> None:
    (row,) = kpicore.measure(log_of(STAYS), [f"service_level[{bracket}]"], zone="UTC").rows()
    assert (row["numerator"], row["denominator"]) == (met, offered)


def test_the_period_of_a_service_level() -> None:
    all_of = "service_level[abandoned=include,attribution={}]"
    assert by_minute(STAYS, all_of.format("start"))["09:00"] == (1, 5)
    ends = by_minute(STAYS, all_of.format("event"))
    assert ends == {"09:00": (1, 3), "09:15": (0, 1), "09:30": (0, 1), "09:45": (0, 0)}
    # 20 s after 14:50 and 14:55 it is decided that both wait too long
    judged = by_minute(STAYS, all_of.format("sl_event"))
    assert judged == {"09:00": (1, 3), "09:15": (0, 2), "09:30": (0, 0), "09:45": (0, 0)}
    disconnected = by_minute(STAYS, all_of.format("disconnect"))
    assert disconnected == {"09:00": (0, 2), "09:15": (1, 1), "09:30": (0, 1), "09:45": (0, 1)}


def test_waits_from_the_beginning_of_the_contact() -> None:
    assert value(STAYS, "average_speed_of_answer") == (15 + 30 + 25) / 3
    assert value(STAYS, "average_speed_of_answer[clock_start=contact]") == (115 + 30 + 25) / 3
    assert value(STAYS, "average_wait_time[clock_start=contact,outcomes=abandoned]") == (60 + 1800) / 2


def test_what_counts_as_abandoned() -> None:
    log: Tables = {"visits": [*STAYS["visits"], stay(6, 1000, 1001, "timeout")]}
    assert value(log, "abandon_rate") == 2 / 6
    assert value(log, "abandon_rate[outcomes=abandoned+timeout]") == 3 / 6
    assert value(log, "abandon_rate[outcomes=abandoned+timeout,short=5s]") == 1 / 4


def test_a_stay_without_its_contact_has_no_other_clock() -> None:
    bare: Tables = {"visits": STAYS["visits"], "contacts": [{"contact_id": 1, "opened_at": second(0)}]}
    with pytest.raises(MissingDataError, match="contacts has no column closed_at"):
        value(bare, "service_level[clock_start=contact]")
    with pytest.raises(MissingDataError, match="there is no table contacts"):
        value({"visits": STAYS["visits"]}, "service_level[attribution=disconnect]")


def leg(contact: int, agent: str, began: float, talk: float, hold: float, wrapup: float) -> Row:
    ended = began + talk + hold
    return {
        "contact_id": contact,
        "agent_id": agent,
        "queue": "sales",
        "began_at": second(began),
        "talk_ended_at": second(ended),
        "ended_at": second(ended + wrapup),
        "began": "answered",
        "ended": "closed",
        "talk": int(talk * 1_000_000),
        "hold": int(hold * 1_000_000),
        "wrapup": int(wrapup * 1_000_000),
    }


# Ann hands contact 1 over to Bob; he has 2 for himself. Three contacts ended.
LEGS: Tables = {
    "legs": [leg(1, "ann", 0, 100, 20, 10), leg(1, "bob", 120, 60, 0, 30), leg(2, "bob", 300, 200, 0, 0)],
    "contacts": [
        {"contact_id": c, "agent_id": "bob", "opened_at": second(0), "closed_at": second(500)}
        for c in (1, 2, 3)
    ],
}


@pytest.mark.parametrize(
    ("bracket", "seconds"),
    [
        ("", 420 / 3),
        ("unit=interaction", 420 / 2),
        ("unit=interaction,wrapup_of=last", 410 / 2),
        ("unit=interaction,statistic=max", 220),
        ("denominator=ended", 420 / 3),
        ("components=hold", 20 / 3),
        ("components=hold,over=with_component", 20),
        ("components=hold+wrapup,over=with_component", 60 / 2),
        ("components=hold,unit=interaction,over=with_component", 20),
    ],
)
def test_handle_time(bracket: str, seconds: float) -> None:
    assert value(LEGS, f"average_handle_time[{bracket}]") == seconds


def test_handle_time_of_cases_solved() -> None:
    # Ann and Bob had a part in 1, which is solved; 2 is Bob's and stays open; nobody took 3
    contacts = [
        {"contact_id": c, "opened_at": second(0), "resolved_at": second(900) if c != 2 else None}
        for c in (1, 2, 3)
    ]
    log: Tables = {**LEGS, "contacts": contacts}
    assert value(log, "average_handle_time[denominator=solved]") == 420 / 2
    assert by(log, "average_handle_time[denominator=solved]", "agent") == {"ann": 130, "bob": 290}
    again: Tables = {**log, "legs": [*LEGS["legs"], leg(1, "ann", 600, 50, 0, 0)]}
    assert by(again, "average_handle_time[denominator=solved]", "agent") == {"ann": 180, "bob": 290}
    with pytest.raises(MissingDataError, match="there is no table contacts"):
        value({"legs": LEGS["legs"]}, "average_handle_time[denominator=solved]")


def test_who_a_handled_contact_belongs_to() -> None:
    assert by(LEGS, "average_handle_time", "agent") == {"ann": 130, "bob": 145}
    assert by(LEGS, "average_handle_time[unit=interaction]", "agent") == {"bob": 210}
    assert by(LEGS, "average_handle_time[denominator=ended]", "agent") == {"ann": None, "bob": 290 / 3}
    with pytest.raises(ParameterError, match="parts of contacts"):
        value(LEGS, "average_handle_time[concurrency=union,unit=interaction]")


def state(agent: str, minute: float, word: str) -> Row:
    return {"agent_id": agent, "at": second(60 * minute), "state": word}


# Ann takes calls for 20 of 60 minutes, wraps up for 10, is idle for 20, in a meeting for 10, then logs off.
# Bob logs in and never off; his shift ends after 50 minutes.
STATES: Tables = {
    "agent_states": [
        state("ann", 0, "on_contact"),
        state("ann", 20, "wrapup"),
        state("ann", 30, "available"),
        state("ann", 50, "meeting"),
        state("ann", 60, "offline"),
        state("bob", 10, "available"),
        state("bob", 40, "on_contact"),
    ],
    "schedules": [
        {"agent_id": "bob", "start": second(0), "end": second(50 * 60)},
        {"agent_id": "ann", "start": second(-100), "end": second(0)},
    ],
}


@pytest.mark.parametrize(
    ("bracket", "ratio"),
    [
        ("", 30 / 50),
        ("busy_states=on_contact", 20 / 50),
        ("denominator_states=available+busy+meeting+on_contact+wrapup", 30 / 60),
    ],
)
def test_occupancy_from_states(bracket: str, ratio: float) -> None:
    text = f"occupancy[basis=states{',' if bracket else ''}{bracket}]"
    assert by(STATES, text, "agent")["ann"] == ratio


def test_what_is_handling_decides_who_is_busy() -> None:
    segments = [
        {"contact_id": 1, "agent_id": "ann", "kind": k, "start": second(60 * a), "end": second(60 * b)}
        for k, a, b in (("ring", 30, 35), ("talk", 35, 40))
    ]
    log: Tables = {"agent_states": [state("ann", 30, "available"), state("ann", 50, "offline")]}
    log = {**log, "segments": segments}
    assert value(log, "occupancy") == 5 / 20
    assert value(log, "occupancy[kinds=ring+talk]") == 10 / 20


def test_a_session_without_log_off() -> None:
    def logged_in(bracket: str) -> dict[object, float]:
        rows = kpicore.measure(
            log_of(STATES),
            [f"logged_in_time[{bracket}]"],
            ["agent"],
            zone="UTC",
            start="2026-10-12T09:00",
            end="2026-10-12T12:00",
        ).rows()
        return {row["agent"]: row["value"] / 60 for row in rows}  # type: ignore[operator]

    assert logged_in("") == {"ann": 60, "bob": 170}
    assert logged_in("logout=shift_end") == {"ann": 60, "bob": 40}
    assert logged_in("heartbeat=15m") == {"ann": 15 + 10 + 15 + 10, "bob": 15 + 15}
    assert logged_in("heartbeat=6m,logout=shift_end") == {"ann": 4 * 6, "bob": 2 * 6}
    without: Tables = {"agent_states": STATES["agent_states"]}
    with pytest.raises(MissingDataError, match="there is no table schedules"):
        value(without, "logged_in_time[logout=shift_end]")


@pytest.mark.parametrize(
    ("plans", "minutes"),
    [
        ([(0, 50)], 40),
        ([(0, 50), (0, 5)], 40),
        ([(0, 50), (2, 5)], 40),  # a break that is over
        ([(0, 50), (5, 15)], 40),  # one that goes on
        ([(0, 15), (15, 30), (25, 50)], 40),
        ([(0, 15), (16, 50)], 15),
        ([(0, 10), (11, 40)], 170),  # between shifts
        ([], 170),
    ],
)
def test_planned_activities_are_one_shift(plans: list[tuple[int, int]], minutes: int) -> None:
    planned = [
        {"agent_id": "bob", "start": second(60 * a), "end": second(60 * b)} for a, b in [*plans, (180, 190)]
    ]
    planned.append({"agent_id": "ann", "start": second(0), "end": second(3600)})
    (row,) = kpicore.measure(
        log_of({**STATES, "schedules": planned}),
        ["logged_in_time[logout=shift_end]"],
        zone="UTC",
        start="2026-10-12T09:00",
        end="2026-10-12T12:00",
        where={"agent": "bob"},
    ).rows()
    assert row["value"] == minutes * 60


def test_one_touch() -> None:
    # Contact 1 had one reply, 2 had two, 3 one and is not resolved
    messages = [
        {"contact_id": c, "at": second(at), "author": who, "agent_id": "ann" if who == "agent" else None}
        for c, lines in ((1, "ca"), (2, "caa"), (3, "ca"))
        for at, who in enumerate({"c": "customer", "a": "agent"}[letter] for letter in lines)
    ]
    contacts = [
        {"contact_id": c, "opened_at": second(0), "resolved_at": second(90) if c < 3 else None}
        for c in (1, 2, 3)
    ]
    log: Tables = {"messages": messages, "contacts": contacts}
    assert value(log, "first_contact_resolution[rule=one_touch]") == 1 / 2


@pytest.mark.parametrize(
    "name",
    ["service_level", "abandon_rate", "average_handle_time", "occupancy", "logged_in_time"],
)
def test_laws(name: str) -> None:
    check_metric(name, by=("agent",))
