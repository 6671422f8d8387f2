"""Definitions of platforms against slow, obvious counts on random logs."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore
from kpicore.plugin.manager import load_plugins

START = datetime(2026, 10, 24, tzinfo=UTC)
SECOND = 1_000_000
AGENTS = ("Ann", "bob", "李雷")
PLUGINS = load_plugins(third_party=False)
SEEDS = st.integers(0, 2**32)
FEW = settings(max_examples=25, deadline=None, derandomize=True)

Row = dict[str, object]


def moment(second: float | None) -> datetime | None:
    return None if second is None else START + timedelta(seconds=second)


def log_of(tables: Mapping[str, Sequence[Row]]) -> kpicore.Log:
    found = {}
    for name, rows in tables.items():
        columns = dict.fromkeys(column for row in rows for column in row)
        arrays = {}
        for column in columns:
            values = [row.get(column) for row in rows]
            times = column.endswith(("_at", "opened", "start", "end")) or column == "at"
            arrays[column] = pa.array(values, pa.timestamp("us", "UTC") if times else None)
        found[name] = pa.table(arrays)
    return kpicore.open(found, plugins=PLUGINS)


def measured(tables: Mapping[str, Sequence[Row]], metric: str, *by: str, period: str = "all") -> list[Row]:
    log = log_of(tables)
    end = START + timedelta(hours=9)
    return kpicore.measure(
        log,
        [metric],
        by,
        period=period,
        zone="UTC",
        start=START.isoformat(),
        end=end.isoformat(),
        plugins=PLUGINS,
    ).rows()


@FEW
@given(seed=SEEDS, last=st.booleans())
def test_handled_contacts(seed: int, last: bool) -> None:
    random = Random(seed)
    legs: list[Row] = []
    for number in range(random.randrange(1, 14)):
        began = random.randrange(900) * 10 + number / 100
        talk, wrapup = random.randrange(50), random.randrange(20)
        legs.append(
            {
                "contact_id": f"c{random.randrange(5)}",
                "agent_id": random.choice((*AGENTS, None)),
                "began_at": moment(began),
                "talk_ended_at": moment(began + talk),
                "ended_at": moment(began + talk + wrapup),
                "began": "answered",
                "ended": "closed",
                "talk": talk * SECOND,
                "hold": 0,
                "wrapup": wrapup * SECOND,
            }
        )
    contacts: dict[object, list[Row]] = defaultdict(list)
    for leg in sorted(legs, key=lambda leg: leg["began_at"]):  # type: ignore[arg-type, return-value]
        if leg["agent_id"] is not None:
            contacts[leg["contact_id"]].append(leg)
    expected: dict[object, list[int]] = defaultdict(list)
    for parts in contacts.values():
        wrapups = [part["wrapup"] for part in parts]
        after = wrapups[-1] if last else sum(wrapups)  # type: ignore[arg-type]
        expected[parts[-1]["agent_id"]].append(sum(part["talk"] for part in parts) + after)  # type: ignore[arg-type, misc, operator]
    bracket = f"unit=interaction,wrapup_of={'last' if last else 'every'}"
    rows = measured({"legs": legs}, f"average_handle_time[{bracket}]", "agent")
    assert {row["agent"]: (row["numerator"], row["denominator"]) for row in rows} == {
        agent: (sum(times), len(times)) for agent, times in expected.items()
    }


@FEW
@given(seed=SEEDS, at=st.sampled_from(("start", "event", "sl_event", "disconnect")), whole=st.booleans())
def test_when_a_service_level_is_decided(seed: int, at: str, whole: bool) -> None:
    random, within = Random(seed), 300
    visits: list[Row] = []
    contacts: list[Row] = []
    expected: dict[str, list[int]] = {f"{hour:02d}": [0, 0] for hour in range(9)}
    for number in range(random.randrange(1, 16)):
        opened, before, wait = random.randrange(25_000), random.randrange(400), random.randrange(600)
        closed = opened + before + wait + random.randrange(2000)
        outcome = random.choice(("answered", "abandoned"))
        entered, left = opened + before, opened + before + wait
        contacts.append({"contact_id": str(number), "opened_at": moment(opened), "closed_at": moment(closed)})
        visits.append(
            {
                "contact_id": str(number),
                "entered_at": moment(entered),
                "left_at": moment(left),
                "outcome": outcome,
                "wait": wait * SECOND,
            }
        )
        since = opened if whole else entered
        when = {"start": entered, "event": left, "sl_event": min(left, since + within), "disconnect": closed}
        hour = f"{when[at] // 3600:02d}"
        expected[hour][1] += 1
        expected[hour][0] += outcome == "answered" and left - since <= within
    bracket = (
        f"within={within}s,abandoned=include,attribution={at},clock_start={'contact' if whole else 'queue'}"
    )
    rows = measured({"visits": visits, "contacts": contacts}, f"service_level[{bracket}]", period="hour")
    assert {str(row["period"])[11:13]: [row["numerator"], row["denominator"]] for row in rows} == expected


def rounds(random: Random, *, late: bool = False) -> tuple[list[Row], list[tuple[str, str, int, int]]]:
    """Returns messages, and by question: the contact, the customer, the second and the wait (-1: none)."""
    span, slow = (100_000, 20_000) if late else (20_000, 90)
    messages: list[Row] = []
    waits: list[tuple[str, str, int, int]] = []
    for number in range(random.randrange(1, 6)):
        contact, customer = f"c{number}", f"k{random.randrange(3)}"
        at = random.randrange(span)
        for _ in range(random.randrange(1, 5)):
            wait = random.choice((-1, *range(1, slow, slow // 13 + 1)))
            messages.append({"contact_id": contact, "at": moment(at), "author": "customer"})
            messages[-1] |= {"agent_id": None, "customer_id": customer}
            waits.append((contact, customer, at, wait))
            if wait < 0:
                break
            messages.append({"contact_id": contact, "at": moment(at + wait), "author": "agent"})
            messages[-1] |= {"agent_id": "Ann", "customer_id": None}
            at += wait + random.randrange(1, 3000)
    return messages, waits


@FEW
@given(seed=SEEDS)
def test_medians_of_conversations(seed: int) -> None:
    messages, waits = rounds(Random(seed))
    by_contact: dict[str, list[int]] = defaultdict(list)
    for contact, _, _, wait in waits:
        if wait >= 0:
            by_contact[contact].append(wait * SECOND)
    medians = [statistics.median(own) for own in by_contact.values()]
    (row,) = measured({"messages": messages}, "average_response_time[pooling=mean_of_session_medians]")
    assert (row["numerator"], row["denominator"]) == (sum(medians), len(medians))


@FEW
@given(seed=SEEDS, zone=st.sampled_from(("UTC", "Asia/Kathmandu", "America/New_York")), capped=st.booleans())
def test_replies_by_the_end_of_the_day(seed: int, zone: str, capped: bool) -> None:
    messages, waits = rounds(Random(seed), late=True)
    local = ZoneInfo(zone)
    counted = []
    for _, _, at, wait in waits:
        asked, answered = (moment(second).astimezone(local).date() for second in (at, at + wait))  # type: ignore[union-attr]
        if wait >= 0 and asked == answered:
            counted.append(min(wait, 60) if capped else wait)
        elif capped:
            counted.append(60)
    bracket = "day_cut=local_day" + (",unanswered=cap,cap=60s" if capped else "")
    log, texts = log_of({"messages": messages}), [f"average_response_time[{bracket}]"]
    found = kpicore.measure(log, texts, zone=zone, start="2026-10-20", end="2026-10-30", plugins=PLUGINS)
    (row,) = found.rows()
    assert (row["numerator"], row["denominator"]) == (sum(counted) * SECOND, len(counted))


@FEW
@given(seed=SEEDS, second=st.booleans())
def test_conversations_that_agents_open(seed: int, second: bool) -> None:
    random = Random(seed)
    messages: list[Row] = []
    waits: list[int] = []
    left_out = 0
    for number in range(random.randrange(1, 9)):
        lines = [
            (at, random.choice(("customer", "agent", "bot_auto"))) for at in random.sample(range(900), 5)
        ]
        lines.sort()
        for at, author in lines:
            agent = random.choice(AGENTS) if author == "agent" else None
            messages.append(
                {"contact_id": str(number), "at": moment(at), "author": author, "agent_id": agent}
            )
        people = [(at, author) for at, author in lines if author != "bot_auto"]
        own = [at for at, author in people if author == "agent"]
        asked = [at for at, author in people if author == "customer"]
        replies = [at for at in own if asked and at > asked[0]]
        if not people or people[0][1] == "customer":
            waits += [replies[0] - asked[0]] if replies else []
        elif second:
            waits += [own[1] - own[0]] if len(own) > 1 else []
        else:
            left_out += bool(asked)
    metric = f"first_response_time[agent_initiated={'second_message' if second else 'exclude'}]"
    (row,) = measured({"messages": messages}, metric)
    assert (row["numerator"], row["denominator"]) == (sum(waits) * SECOND, len(waits))
    if not second:
        assert dict(row["excluded"]).get("agent_initiated", 0) == left_out  # type: ignore[call-overload]


@FEW
@given(seed=SEEDS)
def test_responses_of_those_in_charge(seed: int) -> None:
    random = Random(seed)
    messages, waits = rounds(random)
    events: list[Row] = []
    hands: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for contact in {contact for contact, *_ in waits}:
        for at in random.sample(range(1, 30_000), 3):
            hands[contact].append((at, random.choice(AGENTS)))
            events.append({"contact_id": contact, "at": moment(at), "event": "assigned"})
            events[-1]["agent_id"] = hands[contact][-1][1]
    expected: dict[str, list[int]] = defaultdict(list)
    for contact, _, at, wait in waits:
        if wait >= 0:
            before = [hand for hand in sorted(hands[contact]) if hand[0] <= at + wait]
            expected[before[-1][1] if before else "Ann"].append(wait)
    tables = {"messages": messages, "contact_events": events}
    rows = measured(tables, "average_response_time[credit=assignee_at_reply]", "agent")
    found = {row["agent"]: (row["numerator"], row["denominator"]) for row in rows if row["denominator"]}
    assert found == {agent: (sum(own) * SECOND, len(own)) for agent, own in expected.items()}


@FEW
@given(seed=SEEDS)
def test_closed_once_by_one_agent(seed: int) -> None:
    random = Random(seed)
    messages: list[Row] = [{"contact_id": "none", "at": moment(0), "author": "note", "agent_id": None}]
    events: list[Row] = []
    good = done = 0
    for number in range(random.randrange(1, 9)):
        contact, is_open, ends, wrote = str(number), True, 0, set[str]()
        pending: set[str] = set()
        for second in sorted(random.sample(range(1, 900), 6)):
            word = random.choice(("agent", "agent", "customer", "resolved", "closed", "reopened"))
            if word in ("agent", "customer"):
                agent = random.choice(AGENTS) if word == "agent" else None
                messages.append(
                    {"contact_id": contact, "at": moment(second), "author": word, "agent_id": agent}
                )
                pending |= {agent} if agent else set()
                continue
            events.append({"contact_id": contact, "at": moment(second), "event": word})
            if word == "reopened":
                is_open = True
            elif is_open:
                is_open, ends, wrote = False, ends + 1, set(pending)
        events.append({"contact_id": contact, "at": moment(0), "event": "opened"})
        spoke = any(row["contact_id"] == contact for row in messages)
        done += spoke and not is_open
        good += spoke and not is_open and ends == 1 and len(wrote) == 1
    metric = "first_contact_resolution[rule=one_agent]"
    (row,) = measured({"messages": messages, "contact_events": events}, metric)
    assert (row["numerator"], row["denominator"]) == (good, done)


@FEW
@given(seed=SEEDS, breach=st.booleans())
def test_days_of_customers(seed: int, breach: bool) -> None:
    messages, waits = rounds(Random(seed))
    days: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for contact, customer, _, wait in waits:
        # a question that nobody replies to is the last agent's; where nobody wrote at all, nobody's
        answered = any(own == contact and other >= 0 for own, _, _, other in waits)
        days[customer, answered].append(wait)
    if breach:
        good = [all(0 <= wait <= 40 for wait in own) for own in days.values()]
    else:
        known = [[wait for wait in own if wait >= 0] for own in days.values()]
        good = [max(own) <= 40 for own in known if own]
    share = "pooling=person_days,statistic=share,within=40s"
    bracket = f"{share},unanswered={'breach' if breach else 'drop'}"
    (row,) = measured({"messages": messages}, f"average_response_time[{bracket}]")
    assert (row["numerator"], row["denominator"]) == (sum(good), len(good))


@FEW
@given(seed=SEEDS, beat=st.sampled_from((None, 60, 1800)), shifts=st.booleans())
def test_states_are_believed_for_so_long(seed: int, beat: int | None, shifts: bool) -> None:
    random = Random(seed)
    states: list[Row] = []
    planned: list[Row] = [{"agent_id": "nobody", "start": moment(0), "end": moment(1)}]
    online: dict[str, set[int]] = {}
    for agent in AGENTS:
        at = sorted(random.sample(range(0, 30_000, 60), random.randrange(1, 8)))
        words = [random.choice(("available", "break", "offline")) for _ in at]
        edges = sorted(random.sample(range(0, 32_000, 60), 4))
        shift = [(edges[0], edges[1]), (edges[2], edges[3])]
        planned += [{"agent_id": agent, "start": moment(a), "end": moment(b)} for a, b in shift]
        states += [
            {"agent_id": agent, "at": moment(a), "state": word} for a, word in zip(at, words, strict=True)
        ]
        online[agent] = set()
        for begin, end, word in zip(at, [*at[1:], 9 * 3600], words, strict=True):
            limit = end if beat is None else min(end, begin + beat)
            for a, b in shift if shifts else ():
                limit = min(limit, b) if a <= begin < b else limit
            if word != "offline":
                online[agent].update(range(begin, limit, 60))
    bracket = (
        f"heartbeat={'none' if beat is None else f'{beat}s'},logout={'shift_end' if shifts else 'next_row'}"
    )
    rows = measured({"agent_states": states, "schedules": planned}, f"logged_in_time[{bracket}]", "agent")
    found = {row["agent"]: Fraction(row["value"]) for row in rows}  # type: ignore[arg-type]
    assert {agent: time for agent, time in found.items() if time} == {
        agent: 60 * len(minutes) for agent, minutes in online.items() if minutes
    }
