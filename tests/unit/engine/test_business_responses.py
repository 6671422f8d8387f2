"""Waits for replies in business hours, from messages to a figure."""

from __future__ import annotations

import statistics
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore
from kpicore.clock import parse_instant, read_calendars
from kpicore.errors import CalendarError, MissingDataError

STAMP = pa.timestamp("us", "UTC")
MINUTE = 60_000_000
FIRST = date(2026, 10, 12)
FIRST_MINUTE = parse_instant(FIRST.isoformat(), "UTC", what="at") // MINUTE
DAY = 1440
OFFICE = "zone = 'Asia/Shanghai'\nweek.mon-fri = ['09:00-12:00', '13:00-18:00']\n"

Round = tuple[str, str | None]


def messages(*rounds: Round, zone: str = "Asia/Shanghai") -> dict[str, pa.Table]:
    """A conversation for each question and its reply, at these local times."""
    return conversations({f"c{i}": [round_] for i, round_ in enumerate(rounds)}, zone)


def conversations(of: dict[str, list[Round]], zone: str = "Asia/Shanghai") -> dict[str, pa.Table]:
    """Conversations with their questions and replies, at these local times."""
    rows = [
        (contact, parse_instant(at, zone, what="at"), role)
        for contact, rounds in of.items()
        for round_ in rounds
        for role, at in zip(("customer", "agent"), round_, strict=True)
        if at is not None
    ]
    return log_of(rows)


def log_of(rows: list[tuple[str, int, str]]) -> dict[str, pa.Table]:
    contacts, times, roles = (list(column) for column in zip(*rows, strict=True))
    return {
        "messages": pa.table(
            {
                "contact_id": contacts,
                "at": pa.array(times, STAMP),
                "author": roles,
                "agent_id": [None if role == "customer" else "a" for role in roles],
            }
        )
    }


def minutes(
    log: dict[str, pa.Table],
    calendar: str,
    metric: str = "first_response_time",
    options: str = "",
    **more: int,
) -> float | None:
    text = f"{metric}[clock=business{options}]"
    (row,) = kpicore.measure(kpicore.open(log), [text], calendar=read_calendars(calendar), **more).rows()  # type: ignore[arg-type]
    value = row["value"]
    assert value is None or isinstance(value, float)
    return None if value is None else value / 60


@pytest.mark.parametrize("metric", ["first_response_time", "average_response_time"])
@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [
        ("2026-10-16T17:45", "2026-10-16T22:00", 15),
        ("2026-10-16T20:00", "2026-10-16T22:00", 0),
        ("2026-10-16T17:45", "2026-10-19T09:10", 25),
        ("2026-10-17T10:00", "2026-10-19T09:10", 10),
        ("2026-10-13T11:50", "2026-10-13T13:05", 15),
        ("2026-10-13T17:50", "2026-10-15T09:05", 15),
    ],
    ids=["reply after hours", "all after hours", "weekend", "asked on Saturday", "lunch", "holiday"],
)
def test_only_business_hours_count(metric: str, asked: str, answered: str, expected: int) -> None:
    holiday = OFFICE + "holidays.dates = [2026-10-14]\n"
    assert minutes(messages((asked, answered)), holiday, metric) == expected


def test_the_hour_that_a_change_of_clocks_skips_or_repeats() -> None:
    always = "zone = 'Europe/Berlin'\nweek.daily = '00:00-24:00'\n"
    for day, elapsed in (("2026-03-29", 120), ("2026-10-25", 240)):
        log = messages((f"{day}T01:00", f"{day}T04:00"), zone="Europe/Berlin")
        assert minutes(log, always) == elapsed
        assert minutes(log, always + "count = 'wall'") == 180


def test_the_cap_holds_in_business_hours() -> None:
    log = messages(("2026-10-16T17:55", "2026-10-19T09:01"), ("2026-10-13T09:00", "2026-10-13T09:30"))
    assert minutes(log, OFFICE, options=",unanswered=cap,cap=10m") == (6 + 10) / 2
    unanswered = messages(("2026-10-16T17:55", "2026-10-19T09:01"), ("2026-10-13T09:00", None))
    assert minutes(unanswered, OFFICE, options=",unanswered=cap,cap=10m") == (6 + 10) / 2
    assert minutes(unanswered, OFFICE, options=",unanswered=cap,cap=10m,statistic=max") == 10
    assert minutes(unanswered, OFFICE) == 6


def test_a_limit_is_one_of_business_hours() -> None:
    log = messages(("2026-10-16T17:55", "2026-10-19T09:01"), ("2026-10-13T09:00", None))
    within = ",statistic=share,within=6m"
    assert minutes(log, OFFICE, options=within) == 1 / 60
    assert minutes(log, OFFICE, options=within + ",unanswered=breach") == 0.5 / 60


def test_a_clock_that_starts_anew_starts_in_business_hours() -> None:
    log = messages(("2026-10-16T17:00", "2026-10-19T09:10"))
    opened = pa.array([parse_instant("2026-10-16T16:30", "Asia/Shanghai", what="at")], STAMP)
    log["contacts"] = pa.table({"contact_id": ["c0"], "opened_at": opened})
    assert minutes(log, OFFICE, options=",clock_start=created") == 100
    assert minutes(log, OFFICE, options=",clock_start=created,unanswered=cap,cap=80m") == 80


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [("mean_of_session_means", (21 + 5) / 2), ("mean_of_session_medians", (20 + 5) / 2)],
)
def test_conversations_are_pooled_in_business_hours(pooling: str, expected: float) -> None:
    """Waits of 40, 20 and 3 minutes in one conversation, and of 5 in another."""
    log = conversations(
        {
            "long": [
                ("2026-10-16T17:30", "2026-10-19T09:10"),
                ("2026-10-19T11:50", "2026-10-19T13:10"),
                ("2026-10-19T14:00", "2026-10-19T14:03"),
            ],
            "short": [("2026-10-17T10:00", "2026-10-19T09:05")],
            "unanswered": [("2026-10-19T17:00", None)],
        }
    )
    pooled = f",pooling={pooling}"
    assert minutes(log, OFFICE, "average_response_time", pooled) == expected
    capped = pooled + ",unanswered=cap,cap=4m"
    means = {"mean_of_session_means": (4 + 4 + 3) / 3, "mean_of_session_medians": 4}[pooling]
    found = minutes(log, OFFICE, "average_response_time", capped)
    assert found == pytest.approx((means + 4 + 4) / 3, abs=1e-7)


def test_days_of_customers_are_told_in_business_hours() -> None:
    """A day with a longest wait of 20 minutes, and one of 6."""
    log = messages(
        ("2026-10-16T11:50", "2026-10-16T13:10"),
        ("2026-10-16T13:50", "2026-10-16T14:00"),
        ("2026-10-17T17:57", "2026-10-19T09:06"),
    )
    whose = [None if who == "agent" else "k" for who in log["messages"].column("author").to_pylist()]
    log["messages"] = log["messages"].append_column("customer_id", pa.array(whose))
    assert minutes(log, OFFICE, "average_response_time", ",pooling=person_days") == (20 + 6) / 2
    share = ",pooling=person_days,statistic=share,within=6m"
    assert minutes(log, OFFICE, "average_response_time", share) == 0.5 / 60


def test_a_hand_off_starts_the_clock_of_a_conversation_in_business_hours() -> None:
    log = messages(("2026-10-16T17:30", "2026-10-19T09:10"))
    handed = pa.array([parse_instant("2026-10-16T17:55", "Asia/Shanghai", what="at")], STAMP)
    log["contact_events"] = pa.table({"contact_id": ["c0"], "at": handed, "event": ["handed_off"]})
    options = ",pooling=mean_of_session_means,clock_start=handed_off"
    assert minutes(log, OFFICE, "average_response_time", options) == 15


def test_slow_responses_are_slow_in_business_hours() -> None:
    log = messages(("2026-10-16T17:55", "2026-10-19T09:01"), ("2026-10-16T11:00", "2026-10-16T11:06"))
    opened = pa.array([parse_instant("2026-10-16T09:00", "Asia/Shanghai", what="at")] * 2, STAMP)
    log["contacts"] = pa.table({"contact_id": ["c0", "c1"], "customer_id": ["k", "l"], "opened_at": opened})
    for rule in ("any", "first", "mean"):
        for threshold, slow in ((359, 2), (360, 0)):
            options = f",rule={rule},threshold={threshold}s"
            assert minutes(log, OFFICE, "slow_response_customers", options) == slow / 60


def test_teams_have_their_own_hours_where_conversations_are_pooled() -> None:
    book = (
        OFFICE.replace("week", "[calendars.office]\nweek")
        + "[calendars.late]\nweek.daily = '12:00-21:00'\n[[assign]]\nteam = 'night'\ncalendar = 'late'\n"
    )
    log = messages(("2026-10-16T17:55", "2026-10-16T19:00"), ("2026-10-17T11:00", "2026-10-17T12:10"))
    options = ",pooling=mean_of_session_means"
    with pytest.raises(MissingDataError, match="calendars go by team"):
        minutes(log, book, "average_response_time", options)
    log["agents"] = pa.table({"agent_id": ["a"], "team": ["night"]})
    assert minutes(log, book, "average_response_time", options) == (65 + 10) / 2
    named = options + ",calendar=office"
    assert minutes(log, book, "average_response_time", named) == (5 + 0) / 2


@pytest.mark.parametrize(
    "metric", ["first_response_time", "average_response_time[pooling=mean_of_session_means]"]
)
def test_a_calendar_is_asked_for(metric: str) -> None:
    log = kpicore.open(messages(("2026-10-16T17:00", "2026-10-19T09:10")))
    text = metric.replace("]", ",clock=business]") if "[" in metric else f"{metric}[clock=business]"
    with pytest.raises(CalendarError, match=f"{metric.split('[')[0]}.*: business time needs a calendar"):
        kpicore.measure(log, [text])


Shift = tuple[int, int]


@st.composite
def weeks(draw: st.DrawFn) -> tuple[list[Shift | None], list[int]]:
    """A shift or none for each weekday, in minutes of the day, and which of 14 days are holidays."""
    edges = st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).filter(lambda pair: pair[0] < pair[1])
    shifts = draw(st.lists(st.none() | edges, min_size=7, max_size=7).filter(any))
    return shifts, draw(st.lists(st.integers(0, 13), max_size=3, unique=True))


def as_toml(shifts: list[Shift | None], holidays: list[int]) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    days = zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), shifts, strict=True)
    week = [f"{name} = '{clock(s[0])}-{clock(s[1])}'" for name, s in days if s is not None]
    dates = ", ".join((FIRST + timedelta(days=day)).isoformat() for day in holidays)
    return "\n".join(["zone = 'UTC'", f"holidays.dates = [{dates}]", "[week]", *week])


def slow_wait(shifts: list[Shift | None], holidays: list[int], asked: int, answered: int) -> int:
    """Walks minute by minute from a Monday's midnight on, counting those that are worked."""
    found = 0
    for minute in range(asked, answered):
        day, of_day = divmod(minute, DAY)
        shift = shifts[day % 7]
        if day not in holidays and shift is not None and shift[0] <= of_day < shift[1]:
            found += 1
    return found


@settings(max_examples=40, deadline=None)
@given(
    week=weeks(),
    rounds=st.lists(st.tuples(st.integers(0, 12 * DAY), st.integers(1, 2 * DAY)), min_size=1, max_size=12),
    threads=st.integers(1, 3),
    data=st.data(),
)
def test_figures_are_those_of_a_walk_through_every_minute(
    week: tuple[list[Shift | None], list[int]],
    rounds: list[tuple[int, int]],
    threads: int,
    data: st.DataObject,
) -> None:
    rows = [
        (f"c{i}", (FIRST_MINUTE + at) * MINUTE, role)
        for i, (asked, wait) in enumerate(rounds)
        for role, at in (("customer", asked), ("agent", asked + wait))
    ]
    log = log_of(data.draw(st.permutations(rows)))
    batch = data.draw(st.integers(1, len(rows)))
    log["messages"] = pa.Table.from_batches(log["messages"].to_batches(max_chunksize=batch))
    waits = [slow_wait(*week, asked, asked + wait) for asked, wait in rounds]
    total = minutes(log, as_toml(*week), options=",statistic=sum", threads=threads)
    assert total == sum(waits)
    cap = sum(min(wait, 30) for wait in waits)
    options = ",statistic=sum,unanswered=cap,cap=30m"
    assert minutes(log, as_toml(*week), "average_response_time", options, threads=threads) == cap


def pooled(pooling: str, waits: list[int]) -> int:
    """Returns what stands for some minutes of waiting, in microseconds."""
    if pooling == "person_days":
        return max(waits) * MINUTE
    if pooling == "mean_of_session_means":
        return round(Fraction(sum(waits) * MINUTE, len(waits)))
    return round(Fraction(statistics.median(waits)) * MINUTE)


@settings(max_examples=40, deadline=None)
@given(
    week=weeks(),
    conversations=st.lists(
        st.lists(
            st.tuples(st.integers(1, 2 * DAY), st.none() | st.integers(1, 2 * DAY)), min_size=1, max_size=4
        ),
        min_size=1,
        max_size=4,
    ),
    pooling=st.sampled_from(("mean_of_session_means", "mean_of_session_medians", "person_days")),
    capped=st.booleans(),
    data=st.data(),
)
def test_pooled_figures_are_those_of_a_walk_through_every_minute(
    week: tuple[list[Shift | None], list[int]],
    conversations: list[list[tuple[int, int | None]]],
    pooling: str,
    capped: bool,
    data: st.DataObject,
) -> None:
    rows: list[tuple[str, int, str]] = []
    groups: dict[object, list[int]] = defaultdict(list)
    slow = 0
    for i, rounds in enumerate(conversations):
        at = 0
        own: list[int | None] = []
        for pause, wait in rounds:
            at += pause
            rows.append((f"c{i}", (FIRST_MINUTE + at) * MINUTE, "customer"))
            worked = None if wait is None else slow_wait(*week, at, at + wait)
            counted = [30] if worked is None and capped else [worked] if worked is not None else []
            key = (i, at // DAY) if pooling == "person_days" else i
            groups[key] += [min(30, each) if capped else each for each in counted]
            if wait is None:
                break
            own.append(worked)
            at += wait
            rows.append((f"c{i}", (FIRST_MINUTE + at) * MINUTE, "agent"))
        slow += any(each is not None and each > 20 for each in own)
    log = log_of(data.draw(st.permutations(rows)))
    contact = log["messages"].column("contact_id")
    log["messages"] = log["messages"].append_column("customer_id", contact)
    first = pa.array([FIRST_MINUTE * MINUTE] * len(contact.unique()), STAMP)
    log["contacts"] = pa.table(
        {"contact_id": contact.unique(), "customer_id": contact.unique(), "opened_at": first}
    )
    expected = sum(pooled(pooling, waits) for waits in groups.values() if waits)
    options = f",pooling={pooling},statistic=sum" + (",unanswered=cap,cap=30m" if capped else "")
    total = minutes(log, as_toml(*week), "average_response_time", options)
    assert (total or 0) * MINUTE == pytest.approx(expected, abs=1)
    late = minutes(log, as_toml(*week), "slow_response_customers", ",threshold=20m")
    assert (late or 0) * 60 == pytest.approx(slow)
