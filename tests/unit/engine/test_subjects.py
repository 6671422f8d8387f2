"""Subjects that are looked up: topics of contacts, skills and tenure of agents as of the event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

import kpicore
from kpicore.clock import load_zone
from kpicore.clock.instants import to_microseconds
from kpicore.engine import query_of
from kpicore.engine.evidence import evidence
from kpicore.engine.tenure import LocalDay, band_edges, tenure_bands
from kpicore.errors import MissingDataError, UsageError
from kpicore.plugin.manager import load_plugins
from kpicore.tables import Log

HOUR = 3600.0


def at(day: int, hour: int = 0, month: int = 1) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


# Contact a is about two topics, b about none, c about one. Ann, hired in October, learns mail on the 10th at
# noon, an hour into a; nobody knows when Bob was hired, nor who Cid is.
TABLES = {
    "contacts": pa.table(
        {
            "contact_id": ["a", "b", "c"],
            "agent_id": ["Ann", "Bob", "Cid"],
            "opened_at": [at(10, 11), at(9), at(9)],
            "topics": [["refund", "delivery", "refund"], None, ["delivery"]],
        }
    ),
    "segments": pa.table(
        {
            "contact_id": ["a", "b", "c"],
            "agent_id": ["Ann", "Bob", "Cid"],
            "kind": ["talk"] * 3,
            "start": [at(10, 11), at(9), at(9)],
            "end": [at(10, 15), at(9, 1), at(9, 2)],
        }
    ),
    "agents": pa.table(
        {
            "agent_id": ["Ann", "Ann", "Bob"],
            "skills": [["chat"], ["mail", "chat"], []],
            "hired_on": [at(10, month=10).replace(year=2025)] * 2 + [None],
            "valid_from": [None, at(10, 12), None],
            "valid_to": [at(10, 12), None, None],
        }
    ),
}


@pytest.fixture(scope="module")
def log() -> Log:
    return kpicore.open(TABLES)


def hours(
    log: Log, by: Sequence[str], zone: str = "UTC", **where: str
) -> dict[str | tuple[object, ...], float]:
    rows = kpicore.measure(log, ["handling_time"], by, zone=zone, where=where).rows()
    keys = [tuple(row[name] for name in by) for row in rows]
    values = [row["value"] for row in rows]
    return {
        str(key[0]) if len(key) == 1 else key: value / HOUR  # type: ignore[operator]
        for key, value in zip(keys, values, strict=True)
        if value
    }


def test_a_contact_counts_once_under_each_of_its_topics(log: Log) -> None:
    assert hours(log, ["topic"]) == {"delivery": 6, "refund": 4, "untagged": 1}
    assert hours(log, []) == {(): 7}
    volumes = kpicore.measure(log, ["ticket_volume"], ["topic"]).rows()
    assert [(row["topic"], row["value"]) for row in volumes] == [
        ("delivery", 2),
        ("refund", 1),
        ("untagged", 1),
    ]


def test_where_keeps_contacts_that_have_the_topic_among_theirs(log: Log) -> None:
    assert hours(log, [], topic="delivery") == {(): 6}
    assert hours(log, ["agent"], topic="refund") == {"Ann": 4}
    assert hours(log, ["topic"], topic="refund") == {"refund": 4}
    assert hours(log, [], topic="nothing of the kind") == {}


def test_skills_are_those_of_the_time(log: Log) -> None:
    assert hours(log, ["skill"]) == {"chat": 4, "mail": 3, "unassigned": 3}
    assert hours(log, ["agent"], skill="mail") == {"Ann": 3}
    assert hours(log, ["skill", "topic"]) == {
        ("chat", "delivery"): 4,
        ("chat", "refund"): 4,
        ("mail", "delivery"): 3,
        ("mail", "refund"): 3,
        ("unassigned", "delivery"): 2,
        ("unassigned", "untagged"): 1,
    }


def test_tenure_is_cut_at_the_local_day(log: Log) -> None:
    # Three months are over at the beginning of 10 January: before all of a in UTC and in Shanghai, but in New
    # York, at 5 in UTC, Ann was hired on 9 October.
    assert hours(log, ["tenure"]) == {"03-12m": 4, "unknown": 3}
    assert hours(log, ["tenure[1]"]) == {"1m+": 4, "unknown": 3}
    night = pa.table(
        {
            "contact_id": ["a"],
            "agent_id": ["Ann"],
            "kind": ["talk"],
            "start": [at(9, 15)],
            "end": [at(10, 1)],
        }
    )
    other = kpicore.open(TABLES | {"segments": night})
    assert hours(other, ["tenure"]) == {"00-03m": 9, "03-12m": 1}
    assert hours(other, ["tenure"], zone="Asia/Shanghai") == {"00-03m": 1, "03-12m": 9}
    assert hours(other, ["agent"], zone="Asia/Shanghai", tenure="00-03m") == {"Ann": 1}


def edges(hired: datetime, zone: str, *months: int, day_start: int = 0) -> list[datetime]:
    day = LocalDay(zone=load_zone(zone), day_start=day_start)
    found = band_edges(to_microseconds(hired), months, day)
    return [datetime.fromtimestamp(us / 1e6, ZoneInfo(zone)).replace(tzinfo=None) for us in found]


def test_a_month_without_the_day_is_over_when_the_next_begins() -> None:
    end_of_november = datetime(2025, 11, 30, 12, tzinfo=UTC)
    assert edges(end_of_november, "UTC", 1, 3, 4) == [
        datetime(2025, 12, 30),
        datetime(2026, 3, 1),
        datetime(2026, 3, 30),
    ]
    assert edges(datetime(2026, 10, 31, tzinfo=UTC), "UTC", 1, 2) == [
        datetime(2026, 12, 1),
        datetime(2026, 12, 31),
    ]
    leap = datetime(2024, 2, 29, tzinfo=UTC)
    assert edges(leap, "UTC", 12, 48) == [datetime(2025, 3, 1), datetime(2028, 2, 29)]


def test_a_day_may_begin_later_than_midnight() -> None:
    (edge,) = edges(datetime(2026, 1, 5, tzinfo=UTC), "Asia/Shanghai", 3, day_start=6 * 3600 * 1_000_000)
    assert edge == datetime(2026, 4, 5, 6)


def test_bands() -> None:
    assert tenure_bands("team") is None
    assert tenure_bands("tenured") is None
    assert tenure_bands("tenure") == (3, 12, 36)
    assert tenure_bands("tenure[6 + 120]") == (6, 120)
    for wrong in ("tenure[]", "tenure[3+3]", "tenure[0+3]", "tenure[a]", "tenure[3+]", "tenure[1000]"):
        with pytest.raises(UsageError, match=r"names no bands"):
            tenure_bands(wrong)


@pytest.mark.parametrize("metric", ["handling_time", "ticket_volume"])
@pytest.mark.parametrize("subject", ["topic", "skill", "tenure", "agent"])
def test_the_rows_behind_a_figure_add_up_to_it(log: Log, metric: str, subject: str) -> None:
    plugins = load_plugins(third_party=False)
    rows = kpicore.measure(log, [metric], [subject], plugins=plugins).rows()
    query = query_of(log, [metric], [subject], plugins)
    whole = evidence(log, query, plugins)
    bare = evidence(log, query, plugins, contents=False)
    assert bare.column("row").null_count == len(bare)
    assert bare.drop_columns(["row"]).equals(whole.drop_columns(["row"]))
    found = whole.to_pylist()
    for row in rows:
        own = [each for each in found if each[subject] == row[subject] and each["measure"] == "value"]
        scale = 1_000_000 if row["unit"] == "s" else 1
        assert sum(each["added"] for each in own) == round(row["value"] * scale)  # type: ignore[operator]
        assert row["n"] == (
            len([e for e in found if e[subject] == row[subject] and e["measure"] == "n"]) or row["value"]
        )
    assert {each[subject] for each in found} == {row[subject] for row in rows}


@pytest.mark.parametrize(
    ("subject", "table", "column"),
    [
        ("topic", "contacts", "topics"),
        ("skill", "agents", "skills"),
        ("tenure", "agents", "hired_on"),
    ],
)
def test_what_is_missing_is_named(subject: str, table: str, column: str) -> None:
    without = TABLES | {table: TABLES[table].drop_columns(column)}
    with pytest.raises(MissingDataError, match=f"{table} has no column {column}"):
        hours(kpicore.open(without), [subject])
    tables = {name: rows for name, rows in TABLES.items() if name != table}
    with pytest.raises(MissingDataError, match=f"no table {table}|{table} has no column {column}"):
        hours(kpicore.open(tables), [subject])


def test_a_list_is_no_subject_itself(log: Log) -> None:
    with pytest.raises(MissingDataError) as caught:
        hours(log, ["skills"])
    assert caught.value.message == "agents.skills is a list of words, not a subject"
    assert "by skill" in caught.value.hint
