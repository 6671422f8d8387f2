"""Cases, repeats and conversations against slow definitions, one row at a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
HOURS = 72
RANGE = {"start": "2026-10-12", "end": "2026-10-15"}
TIME = pa.timestamp("us", "UTC")
Value = Fraction | None


def at(hour: int) -> datetime:
    return MONDAY + timedelta(hours=hour)


def check(tables: dict[str, pa.Table], expected: dict[str, list[Value]]) -> None:
    """Requires the values of the three days."""
    log = kpicore.open(tables)
    rows = kpicore.measure(log, list(expected), [], period="day", zone="UTC", **RANGE).rows()  # type: ignore[arg-type]
    found = defaultdict(list)
    for row in rows:
        found[row["metric"]].append(row["value"])
    for text, values in expected.items():
        assert found[text] == [None if v is None else float(v) for v in values], text


WORDS = ("opened", "assigned", "resolved", "reopened", "closed")
EVENTS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, HOURS - 1), st.sampled_from(WORDS)), max_size=24
)


def mean(values: list[int]) -> Value:
    return Fraction(sum(values), len(values)) if values else None


def stretches_of(events: list[tuple[int, str]]) -> list[tuple[int, int | None, str]]:
    """Returns when a case was open, and how that ended; hours."""
    found: list[tuple[int, int | None, str]] = []
    since: int | None = None
    for number, (hour, word) in enumerate(events):
        if (number == 0 or word == "reopened") and since is None:
            since = hour
        if word in ("resolved", "closed") and since is not None:
            found.append((since, hour, word))
            since = None
    return [*found, (since, None, "open")] if since is not None else found


@settings(max_examples=40, deadline=None, derandomize=True)
@given(drawn=EVENTS, clock=st.integers(0, 23))
def test_cases(drawn: list[tuple[int, int, str]], clock: int) -> None:
    by_case = defaultdict(list)
    for seq, (case, hour, word) in enumerate(drawn):
        by_case[case].append((hour, seq, word))
    cases = {}
    for case, events in by_case.items():
        cases[case] = stretches_of([(hour, word) for hour, _, word in sorted(events)])
    backlog: list[Value] = []
    at_clock: list[Value] = []
    ages: list[Value] = []
    net: list[Value] = []
    first_times: list[Value] = []
    last_times: list[Value] = []
    resolved: list[Value] = []
    reopened: list[Value] = []
    for day in range(3):
        end, today = 24 * day + 24, range(24 * day, 24 * day + 24)
        open_ = [
            end - spans[0][0]
            for spans in cases.values()
            if any(start < end and (stop is None or stop > end) for start, stop, _ in spans)
        ]
        backlog.append(Fraction(len(open_)))
        taken = 24 * day + (clock or 24)
        older = [spans for spans in cases.values() if spans[0][0] < taken]
        held = [any(s <= taken and (e is None or e > taken) for s, e, _ in spans) for spans in older]
        at_clock.append(Fraction(sum(held)))
        ages.append(None if not open_ else 3600 * Fraction(sum(open_), len(open_)))
        spans = [span for case in cases.values() for span in case]
        net.append(Fraction(sum(s in today for s, *_ in spans) - sum(e in today for _, e, _ in spans)))
        firsts = [case[0][1] - case[0][0] for case in cases.values() if case[0][1] in today]  # type: ignore[operator]
        lasts = [case[-1][1] - case[0][0] for case in cases.values() if case[-1][1] in today]  # type: ignore[operator]
        first_times.append(None if not firsts else 3600 * Fraction(sum(firsts), len(firsts)))
        last_times.append(None if not lasts else 3600 * Fraction(sum(lasts), len(lasts)))
        resolved.append(Fraction(len(lasts)))
        done = [case for case in cases.values() if case[0][1] in today]
        reopened.append(None if not done else Fraction(sum(len(case) > 1 for case in done), len(done)))
    events = pa.table(
        {
            "contact_id": pa.array([case for case, *_ in drawn], pa.int64()),
            "at": pa.array([at(hour) for _, hour, _ in drawn], TIME),
            "seq": pa.array(range(len(drawn)), pa.int64()),
            "event": pa.array([word for *_, word in drawn], pa.string()),
        }
    )
    check(
        {"contact_events": events},
        {
            "backlog": backlog,
            f"backlog[at={clock}h]": at_clock,
            "average_query_age": ages,
            "backlog[basis=net_flow]": net,
            "average_resolution_time[done=resolved_or_closed,reopened=first]": first_times,
            "average_resolution_time[done=resolved_or_closed]": last_times,
            "tickets_resolved": resolved,
            "reopen_rate[done=resolved_or_closed]": reopened,
        },
    )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    drawn=EVENTS,
    said=st.lists(st.tuples(st.integers(1, 4), st.integers(0, HOURS - 1)), min_size=1, max_size=8),
)
def test_reopenings_that_agents_answer(
    drawn: list[tuple[int, int, str]], said: list[tuple[int, int]]
) -> None:
    by_case = defaultdict(list)
    for seq, (case, hour, word) in enumerate(drawn):
        by_case[case].append((hour, seq, word))
    expected: list[Value] = []
    for day in range(3):
        done = answered = 0
        for case, events in by_case.items():
            spans = stretches_of([(hour, word) for hour, _, word in sorted(events)])
            if spans[0][1] is None or spans[0][1] // 24 != day:
                continue
            done += 1
            for since, end, _ in spans[1:]:
                hours = range(since, HOURS if end is None else end + 1)
                answered += end is None or any(c == case and hour in hours for c, hour in said)
        expected.append(Fraction(answered, done) if done else None)
    tables = {
        "contact_events": pa.table(
            {
                "contact_id": pa.array([case for case, *_ in drawn], pa.int64()),
                "at": pa.array([at(hour) for _, hour, _ in drawn], TIME),
                "seq": pa.array(range(len(drawn)), pa.int64()),
                "event": pa.array([word for *_, word in drawn], pa.string()),
            }
        ),
        "messages": pa.table(
            {
                "contact_id": pa.array([case for case, _ in said], pa.int64()),
                "at": pa.array([at(hour) for _, hour in said], TIME),
                "author": ["agent"] * len(said),
            }
        ),
    }
    check(tables, {"reopen_rate[count=reopens,unanswered=exclude]": expected})


CONTACTS = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2, 3]),
        st.integers(0, HOURS - 1),
        st.sampled_from(["inbound", "outbound", None]),
        st.sets(st.sampled_from("xyz")),
        st.sampled_from([None, "lamp", "radio"]),
    ),
    max_size=16,
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(drawn=CONTACTS)
def test_repeats(drawn: list[tuple[int | None, int, str | None, set[str], str | None]]) -> None:
    window = 12
    rows = sorted((hour, number) for number, (_, hour, *_) in enumerate(drawn))
    order = {number: place for place, (_, number) in enumerate(rows)}
    single: list[Value] = []
    no_repeat: list[Value] = []
    avoided: list[Value] = []

    def near(one: int, other: int) -> bool:
        return one != other and drawn[one][0] == drawn[other][0]

    def after(one: int, other: int) -> bool:
        return near(one, other) and order[other] > order[one] and drawn[other][1] - drawn[one][1] <= window

    def shares(one: int, other: int) -> bool:
        product = drawn[one][4] is not None and drawn[one][4] == drawn[other][4]
        return product or bool(drawn[one][3] & drawn[other][3])

    inbound = [n for n, row in enumerate(drawn) if row[2] != "outbound"]
    every = range(len(drawn))
    for day in range(3):
        today = [n for n in inbound if drawn[n][0] is not None and drawn[n][1] // 24 == day]
        customers = {drawn[n][0] for n in today}
        back = {n for n in today if any(after(n, m) for m in every)}
        repeated = {drawn[n][0] for n in today if n in back or any(after(m, n) for m in every)}
        single.append(None if not customers else 1 - Fraction(len(repeated), len(customers)))
        no_repeat.append(None if not today else 1 - Fraction(len(back), len(today)))
        known = [n for n in today if drawn[n][3] or drawn[n][4]]
        again = {n for n in known if any(after(n, m) and shares(n, m) for m in inbound)}
        avoided.append(None if not known else 1 - Fraction(len(again), len(known)))
    contacts = pa.table(
        {
            "contact_id": pa.array(range(len(drawn)), pa.int64()),
            "customer_id": pa.array([row[0] for row in drawn], pa.int64()),
            "opened_at": pa.array([at(row[1]) for row in drawn], TIME),
            "direction": pa.array([row[2] for row in drawn], pa.string()),
            "topics": pa.array([sorted(row[3]) for row in drawn], pa.list_(pa.string())),
            "product": pa.array([row[4] for row in drawn], pa.string()),
        }
    )
    check(
        {"contacts": contacts},
        {
            "first_contact_resolution[window=12h]": single,
            "first_contact_resolution[rule=no_repeat,window=12h]": no_repeat,
            "next_issue_avoidance[window=12h,of=contacts]": avoided,
        },
    )


MESSAGES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, HOURS - 1), st.sampled_from(["c", "ann", "bob", "note"])),
    max_size=24,
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(drawn=MESSAGES)
def test_conversations(drawn: list[tuple[int, int, str]]) -> None:
    talks = defaultdict(list)
    for seq, (contact, hour, who) in enumerate(drawn):
        talks[contact].append((hour, seq, who))
    begins, waits = {}, defaultdict(list)
    replied = set()
    for contact, lines in talks.items():
        begins[contact] = min(lines)[0]
        asked: int | None = None
        for hour, _, who in sorted(lines):
            if who == "note":
                continue
            if who == "c":
                asked = hour if asked is None else asked
            else:
                replied.add(contact)
                if asked is not None:
                    waits[contact].append(hour - asked)
                asked = None
    chats = [c for c, lines in talks.items() if any(who == "c" for *_, who in lines)]
    any_slow: list[Value] = []
    mean_slow: list[Value] = []
    reply_rate: list[Value] = []
    for day in range(3):
        today = [c for c in chats if begins[c] // 24 == day]
        any_slow.append(Fraction(sum(any(w > 5 for w in waits[c]) for c in today)))
        mean_slow.append(Fraction(sum((mean(waits[c]) or 0) > 5 for c in today)))
        reply_rate.append(mean([c in replied for c in today]))
    authors = {"c": "customer", "note": "note"}
    messages = pa.table(
        {
            "contact_id": pa.array([c for c, *_ in drawn], pa.int64()),
            "customer_id": pa.array([c for c, *_ in drawn], pa.int64()),
            "at": pa.array([at(hour) for _, hour, _ in drawn], TIME),
            "seq": pa.array(range(len(drawn)), pa.int64()),
            "author": pa.array([authors.get(who, "agent") for *_, who in drawn], pa.string()),
            # One agent only, so that a conversation has one part.
            "agent_id": pa.array([None if who in authors else "ann" for *_, who in drawn], pa.string()),
        }
    )
    check(
        {"messages": messages},
        {
            "slow_response_customers[threshold=5h]": any_slow,
            "slow_response_customers[threshold=5h,rule=mean]": mean_slow,
            "reply_rate": reply_rate,
        },
    )
    log = kpicore.open({"messages": messages})
    (row,) = kpicore.measure(log, ["message_ratio"], [], period="all", zone="UTC", **RANGE).rows()  # type: ignore[arg-type]
    wrote = sum(who in ("ann", "bob") for *_, who in drawn)
    assert (row["numerator"], row["denominator"]) == (wrote, sum(who == "c" for *_, who in drawn))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    drawn=st.lists(
        st.tuples(
            st.sampled_from([None, 1, 2, 3]),
            st.integers(0, HOURS - 1),
            st.lists(st.sampled_from(["closed", "left", "transferred_blind", "in"]), max_size=2),
        ),
        min_size=1,
        max_size=12,
    ),
    window=st.integers(1, 30),
)
def test_first_contacts_that_can_be_judged(
    drawn: list[tuple[int | None, int, list[str]]], window: int
) -> None:
    last = max(hour for _, hour, _ in drawn)
    expected: dict[str, list[Value]] = defaultdict(list)
    for day in range(3):
        good: dict[str, int] = defaultdict(int)
        mature = 0
        seen: dict[str, set[int]] = defaultdict(set)
        for number, (customer, hour, legs) in enumerate(drawn):
            if customer is None or hour // 24 != day:
                continue
            hours = [h - hour for n, (other, h, _) in enumerate(drawn) if other == customer and n != number]
            later = [n for n, (other, h, _) in enumerate(drawn) if (other, h) == (customer, hour)]
            after = [gap for gap in hours if gap > 0] + [0] * (number != max(later))
            before = [-gap for gap in hours if gap < 0] + [0] * (number != min(later))
            again = any(gap <= window for gap in after)
            passed = bool({"transferred_blind", "in"} & set(legs))
            alone = not again and not any(gap <= window for gap in before)
            good["passed"] += not again and not passed
            for word, kept in (("", True), ("mature", last - hour >= window)):
                seen[word] |= {customer} if kept else set()
                seen[f"{word} again"] |= {customer} if kept and not alone else set()
            if last - hour >= window:
                mature += 1
                good["mature"] += not again
        known = sum(c is not None and h // 24 == day for c, h, _ in drawn)
        customers = len(seen["mature"])
        rest = customers - len(seen["mature again"])
        bracket = f"window={window}h"
        for text, above, below in (
            (f"[rule=no_repeat,{bracket},include_transfers=false]", good["passed"], known),
            (f"[rule=no_repeat,{bracket},maturity=mature]", good["mature"], mature),
            (f"[{bracket},maturity=mature]", rest, customers),
        ):
            expected[f"first_contact_resolution{text}"].append(Fraction(above, below) if below else None)
    parts = [(n, hour, word) for n, (_, hour, words) in enumerate(drawn) for word in words]
    times = pa.array([at(hour) for _, hour, _ in parts], TIME)
    tables = {
        "contacts": pa.table(
            {
                "contact_id": pa.array(range(len(drawn)), pa.int64()),
                "customer_id": pa.array([customer for customer, *_ in drawn], pa.int64()),
                "opened_at": pa.array([at(hour) for _, hour, _ in drawn], TIME),
            }
        ),
        "legs": pa.table(
            {
                "contact_id": pa.array([n for n, *_ in parts], pa.int64()),
                "agent_id": pa.array(["ann"] * len(parts), pa.string()),
                "began_at": times,
                "began": pa.array(
                    ["transferred_in" if w == "in" else "answered" for *_, w in parts], pa.string()
                ),
                "ended": pa.array(["open" if w == "in" else w for *_, w in parts], pa.string()),
            }
        ),
    }
    check(tables, expected)
