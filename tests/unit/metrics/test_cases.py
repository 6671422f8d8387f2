"""Cases on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.testing import check_metric

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
Row = Mapping[str, object]


def at(hour: float) -> datetime:
    return MONDAY + timedelta(hours=hour)


def table(rows: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: pa.array([row.get(name) for row in rows]) for name in names}
    null = pa.null()
    return pa.table(
        {
            n: a.cast(pa.timestamp("us", "UTC")) if a.type == null and n.endswith("_at") else a
            for n, a in columns.items()
        }
    )


def results(
    tables: Mapping[str, Sequence[Row]],
    *texts: str,
    by: Sequence[str] = (),
    period: str = "all",
    start: str | None = "2026-10-12",
    end: str | None = "2026-10-14",
) -> list[dict[str, object]]:
    log = kpicore.open({name: table(rows) for name, rows in tables.items()})
    return kpicore.measure(log, texts, by, period=period, zone="UTC", start=start, end=end).rows()


CONTACTS: list[Row] = [
    {"contact_id": 1, "agent_id": "ann", "opened_at": at(0), "closed_at": at(5), "resolved_at": at(4)},
    {"contact_id": 2, "agent_id": "ann", "opened_at": at(1), "closed_at": at(7), "resolved_at": None},
    {"contact_id": 3, "agent_id": "bob", "opened_at": at(2), "closed_at": None, "resolved_at": None},
    {"contact_id": 4, "agent_id": "bob", "opened_at": at(20), "closed_at": at(30), "resolved_at": at(30)},
    {"contact_id": 5, "agent_id": None, "opened_at": at(3), "closed_at": at(3), "resolved_at": at(3),
     "filtered": True},
]  # fmt: skip


def test_resolution_rate() -> None:
    # opened: 5, of which 1, 4 and 5 resolved; within 5 h: 1 and 5. Closed: 1, 2, 4, 5, of which 3 resolved.
    rows = results(
        {"contacts": CONTACTS},
        "resolution_rate",
        "resolution_rate[within=5h]",
        "resolution_rate[cohort=closed]",
    )
    assert [(row["numerator"], row["denominator"]) for row in rows] == [(3, 5), (2, 5), (3, 4)]


def test_resolution_rate_by_the_day_of_opening() -> None:
    rows = results({"contacts": CONTACTS}, "resolution_rate", period="day")
    assert [row["value"] for row in rows] == [0.6, None]
    rows = results({"contacts": CONTACTS}, "resolution_rate[cohort=closed]", period="day")
    assert [row["value"] for row in rows] == [pytest.approx(2 / 3), 1.0]


def test_tickets_resolved() -> None:
    # 1, 2 and 4 are done (5 was filtered); 3 / 18; in two days 1.5 a day; without resolution: 1 and 4
    texts = ("", "[working_days=18]", "[per=day]", "[done=resolved]")
    rows = results({"contacts": CONTACTS}, *(f"tickets_resolved{text}" for text in texts))
    assert [row["value"] for row in rows] == [3.0, pytest.approx(3 / 18), 1.5, 2.0]


def test_average_resolution_time() -> None:
    # resolved: 4 h and 10 h; with the one closed without resolution also 6 h
    seven, all_three = results(
        {"contacts": CONTACTS},
        "average_resolution_time",
        "average_resolution_time[done=resolved_or_closed]",
    )
    assert (seven["value"], seven["n"], seven["excluded"]) == (7 * 3600, 2, {"unresolved": 2})
    assert (all_three["numerator"], all_three["denominator"]) == (20 * 3_600_000_000, 3)
    first, second = results({"contacts": CONTACTS}, "average_resolution_time", period="day")
    assert (first["value"], second["value"]) == (4 * 3600, 10 * 3600)
    first, second = results(
        {"contacts": CONTACTS}, "average_resolution_time[attribution=start]", period="day"
    )
    assert (first["value"], second["value"]) == (7 * 3600, None)


def event(contact: int, hour: float, word: str, **more: object) -> Row:
    return {"contact_id": contact, "at": at(hour), "event": word} | more


# Case 6: opened Monday 9, resolved 10, reopened 30, resolved 34, closed 40. Case 7: opened 12, never done.
REOPENED = [
    event(6, 9, "opened"),
    event(6, 9, "assigned", agent_id="ann"),
    event(6, 10, "resolved"),
    event(6, 30, "reopened"),
    event(6, 30, "assigned", agent_id="bob"),
    event(6, 34, "resolved"),
    event(6, 40, "closed"),
    event(7, 12, "opened"),
    event(7, 12, "queued", queue="support"),
    event(7, 13, "assigned", agent_id="ann"),
]


def test_a_reopened_case_counts_to_its_last_or_first_resolution() -> None:
    last, first = results(
        {"contact_events": REOPENED}, "average_resolution_time", "average_resolution_time[reopened=first]"
    )
    assert (last["value"], first["value"]) == (25 * 3600, 3600)
    by_day = results({"contact_events": REOPENED}, "average_resolution_time[reopened=first]", period="day")
    assert [row["value"] for row in by_day] == [3600, None]


def test_thanks_reopen_nothing_where_so_asked() -> None:
    """1 is thanked for; 2 is thanked for, and then reopened in earnest; 3 is asked about and stays open."""
    ends = (
        *(
            event(1, hour, word)
            for hour, word in ((0, "opened"), (2, "resolved"), (3, "reopened"), (4, "resolved"))
        ),
        *(
            event(2, hour, word)
            for hour, word in ((0, "opened"), (2, "resolved"), (3, "reopened"), (4, "closed"))
        ),
        *(event(2, hour, word) for hour, word in ((5, "reopened"), (7, "resolved"))),
        *(event(3, hour, word) for hour, word in ((0, "opened"), (2, "resolved"), (3, "reopened"))),
    )
    lines = [(1, 1, "agent"), (1, 3, "customer"), (1, 3.5, "bot_auto"), (1, 5, "agent"), (2, 1, "agent")]
    lines += [(2, 3, "customer"), (2, 5, "customer"), (2, 6, "agent"), (3, 3, "customer")]
    messages = [{"contact_id": c, "at": at(hour), "author": who, "agent_id": None} for c, hour, who in lines]
    tables = {"contact_events": ends, "messages": messages}
    texts = [
        f"reopen_rate[count={what},unanswered={word}]"
        for what in ("cases", "reopens")
        for word in ("count", "exclude")
    ]
    rows = results(tables, *texts)
    assert [(row["numerator"], row["denominator"]) for row in rows] == [(3, 3), (2, 3), (4, 3), (2, 3)]
    assert dict(rows[1]["excluded"])["unanswered"] == 2  # type: ignore[call-overload]
    counted = [{"contact_id": 1, "opened_at": at(0), "closed_at": at(2), "reopens": 2}]
    with pytest.raises(MissingDataError, match="contact_events"):
        results({"contacts": counted, "messages": messages}, texts[1])


def test_reopen_rate() -> None:
    rate, by_reopens = results({"contact_events": REOPENED}, "reopen_rate", "reopen_rate[count=reopens]")
    assert (rate["value"], rate["denominator"], by_reopens["value"]) == (1.0, 1, 1.0)
    counted: list[Row] = [
        {**row, "reopens": reopens} for row, reopens in zip(CONTACTS, (2, 0, 1, 0, 0), strict=True)
    ]
    rate, by_reopens = results({"contacts": counted}, "reopen_rate", "reopen_rate[count=reopens]")
    # 1, 2 and 4 were resolved or closed; when 3 was, before it was reopened, is not known
    assert (rate["numerator"], rate["denominator"]) == (1, 3)
    assert rate["excluded"] == {"resolution_unknown": 1}
    assert by_reopens["numerator"] == 2
    with pytest.raises(MissingDataError, match="reopens"):
        results({"contacts": CONTACTS}, "reopen_rate")


def test_backlog() -> None:
    # Monday's end: 3 (22 h old) and 4 (4 h); Tuesday's: 3 (46 h)
    texts = ("backlog", "backlog[older_than=12h]", "backlog[older_than=24h]", "backlog[basis=net_flow]")
    rows = results({"contacts": CONTACTS}, *texts, period="day")
    values = {text: [row["value"] for row in rows if row["metric"] == text] for text in texts}
    assert values == {
        "backlog": [2, 1],
        "backlog[older_than=12h]": [1, 1],
        "backlog[older_than=24h]": [0, 1],
        "backlog[basis=net_flow]": [2, -1],
    }


def test_backlog_is_with_whom_the_case_is_then() -> None:
    # At 24:00 case 7 is with Ann. In the hour from 32 to 33 case 6 is with Bob.
    rows = results({"contact_events": REOPENED}, "backlog", by=("agent",), period="day")
    assert {(row["agent"], row["value"]) for row in rows} == {("ann", 1.0)}
    rows = results(
        {"contact_events": REOPENED}, "backlog", by=("agent",), start="2026-10-13", end="2026-10-13T09:00"
    )
    assert {(row["agent"], row["value"]) for row in rows} == {("ann", 1.0), ("bob", 1.0)}


def test_backlog_at_a_local_hour() -> None:
    # In Berlin clocks go back on Sunday 25 October: 23:00 is 21:00 UTC on Saturday, 22:00 UTC on Sunday
    saturday, hour = datetime(2026, 10, 24, tzinfo=UTC), timedelta(hours=1)
    stays = ((20.25, 21), (20.75, 21.5), (20, 22), (45.25, 46), (45.25, 46.5), (45.75, 46.5), (46.25, None))
    rows = [
        {
            "contact_id": i,
            "opened_at": saturday + a * hour,
            "closed_at": None if b is None else saturday + b * hour,
        }
        for i, (a, b) in enumerate(stays)
    ]
    log = kpicore.open({"contacts": table(rows)})

    def stocks(text: str, period: str, end: str = "2026-10-26", day_start: str = "00:00") -> list[object]:
        found = kpicore.measure(
            log, [text], period=period, zone="Europe/Berlin", start="2026-10-24", end=end, day_start=day_start
        )
        return [row["value"] for row in found.rows()]

    assert stocks("backlog[at=23h]", "day") == [2, 2]
    assert stocks("backlog[at=22h30m]", "day") == [2, 2]
    assert stocks("backlog", "day") == stocks("backlog[at=0h]", "day") == [0, 1]
    assert stocks("backlog[at=23h]", "all") == stocks("backlog[at=23h]", "week")[-1:] == [2]
    # a range that ends at 22:40 on Sunday does not reach the hour, and an hour ends before it
    assert stocks("backlog[at=23h]", "day", end="2026-10-25T22:40") == [2, 2]
    assert stocks("backlog[at=23h]", "hour") == stocks("backlog", "hour")
    assert stocks("backlog[at=23h]", "day", "2026-10-26T06:00", day_start="06:00") == [0, 2, 2]


def test_average_query_age() -> None:
    # Monday's end: (22 + 4) / 2 = 13 h; Tuesday's: 46 h
    rows = results({"contacts": CONTACTS}, "average_query_age", period="day")
    assert [row["value"] for row in rows] == [13 * 3600, 46 * 3600]
    # Tuesday 9:00: case 6 (24 h, reopened 3 h ago) and case 7 (21 h)
    rows = results(
        {"contact_events": REOPENED},
        "average_query_age",
        "average_query_age[since=reopened]",
        "average_query_age[statistic=max]",
        start="2026-10-13",
        end="2026-10-13T09:00",
    )
    assert [row["value"] for row in rows] == [22.5 * 3600, 12 * 3600, 24 * 3600]


def test_effort() -> None:
    # Case 1: 300 s talk of Ann, 60 s wrap-up, then 140 s talk of Bob: 500 s in all; case 4 was not handled
    segments = [
        {"contact_id": 1, "agent_id": agent, "kind": kind}
        | {"start": at(start / 3600), "end": at(end / 3600)}
        for agent, kind, start, end in (
            ("ann", "talk", 0, 300),
            ("ann", "wrapup", 300, 360),
            ("bob", "talk", 400, 540),
        )
    ]
    (row,) = results({"contacts": CONTACTS, "segments": segments}, "average_resolution_time[clock=effort]")
    assert (row["value"], row["n"], row["excluded"]) == (500.0, 1, {"never_handled": 1, "unresolved": 2})


def test_average_session_duration() -> None:
    # 5, 6 and 10 h from the opening; taken by an agent: case 1 an hour later
    (row,) = results({"contacts": CONTACTS}, "average_session_duration")
    assert (row["value"], row["n"]) == (7 * 3600, 3)
    assert row["excluded"] == {"filtered": 1, "never_closed": 1}
    segments: list[Row] = [{"contact_id": 1, "agent_id": "ann", "kind": "talk", "start": at(1), "end": at(2)}]
    taken, opened = results(
        {"contacts": CONTACTS, "segments": segments},
        "average_session_duration",
        "average_session_duration[start=opened]",
    )
    assert (taken["value"], taken["excluded"]["never_taken"]) == (4 * 3600, 2)  # type: ignore[index]
    assert opened["value"] == 7 * 3600


def test_what_the_row_says_counts_where_no_event_does() -> None:
    # The events tell that case 1 was closed and reopened, its row when it was resolved last.
    events = [event(1, 1, "closed"), event(1, 2, "reopened"), event(1, 4, "closed")]
    row, first = results(
        {"contacts": CONTACTS[:1], "contact_events": events},
        "average_resolution_time",
        "average_resolution_time[reopened=first,done=resolved_or_closed]",
    )
    assert (row["value"], first["value"]) == (4 * 3600, 3600)


@pytest.mark.parametrize(
    "name",
    [
        "average_session_duration",
        "resolution_rate",
        "reopen_rate",
        "tickets_resolved",
        "average_resolution_time",
        "backlog",
        "average_query_age",
        "voicemail_rate",
    ],
)
def test_laws(name: str) -> None:
    check_metric(name, by=("agent",))


def test_voicemail_rate() -> None:
    # queue stays: 2 to voicemail, 1 abandoned, 1 answered: 2 of 3 missed
    ends = {1: "voicemail", 2: "voicemail", 3: "abandoned", 4: "answered"}
    events = [
        row
        for contact, word in ends.items()
        for row in (event(contact, 1, "queued", queue="q"), event(contact, 2, word, agent_id="ann"))
    ]
    (row,) = results({"contact_events": events}, "voicemail_rate")
    assert (row["numerator"], row["denominator"]) == (2, 3)
