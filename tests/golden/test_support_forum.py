"""A support forum's questions and answers, measured beside a plain reckoning of the same rows."""

from __future__ import annotations

import csv
import gzip
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import kpicore
from kpicore.tables import Log

MONTHS = [datetime(year, month, 1, tzinfo=UTC) for year in (2023, 2024) for month in range(1, 13)]
ENDS = [*MONTHS[1:], datetime(2025, 1, 1, tzinfo=UTC)]
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its answers in order of time; one by the asker is the customer's."""

    number: int
    asker: str
    asked: datetime
    solved: datetime | None
    answers: list[tuple[datetime, int, str]] = field(default_factory=list)


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")


@pytest.fixture(scope="module")
def questions(shared_data: Path) -> list[Question]:
    folder = shared_data / "support_forum"
    answers = list(rows_of(folder / "answers_2023_2024.csv.gz"))
    written = {row["id"]: moment(row["created"]) for row in answers}
    found = {
        row["id"]: Question(
            number=int(row["id"]),
            asker=row["creator"],
            asked=moment(row["created"]),
            solved=written.get(row["solution"]) if row["is_solved"] == "true" else None,
        )
        for row in rows_of(folder / "questions_2023_2024.csv.gz")
    }
    for row in answers:
        if row["question_id"] in found:
            line = (written[row["id"]], int(row["id"]), row["creator"])
            found[row["question_id"]].answers.append(line)
    for question in found.values():
        question.answers.sort()
    return list(found.values())


@pytest.fixture(scope="module")
def log(questions: list[Question]) -> Log:
    lines = [
        (q.number, at, seq, q.asker if who is None else who, who is None or who == q.asker)
        for q in questions
        for at, seq, who in [(q.asked, 0, None), *q.answers]
    ]
    time = pa.timestamp("us", "UTC")
    contact, at, seq, who, by_customer = zip(*lines, strict=True)
    messages = {
        "contact_id": contact,
        "at": pa.array(at, time),
        "seq": pa.array(seq, pa.int64()),
        "author": ["customer" if customer else "agent" for customer in by_customer],
        "agent_id": [None if customer else name for name, customer in zip(who, by_customer, strict=True)],
    }
    contacts = {
        "contact_id": [q.number for q in questions],
        "customer_id": [q.asker for q in questions],
        "opened_at": pa.array([q.asked for q in questions], time),
        "resolved_at": pa.array([q.solved for q in questions], time),
    }
    return kpicore.open({"messages": pa.table(messages), "contacts": pa.table(contacts)})


def month_of(at: datetime) -> int:
    return bisect_right(MONTHS, at) - 1


def measured(log: Log, *texts: str) -> dict[str, list[dict[str, object]]]:
    result = kpicore.measure(
        log, list(texts), [], period="month", zone="UTC", start="2023-01-01", end="2025-01-01"
    )
    found = defaultdict(list)
    for row in result.rows():
        found[str(row["metric"])].append(row)
    return found


def waits_of(question: Question) -> Iterator[tuple[datetime, datetime]]:
    """Yields when the asker asked, while nobody had answered, and when somebody then did."""
    lines = sorted([(question.asked, 0, question.asker), *question.answers])
    since: datetime | None = None
    for at, _, who in lines:
        if who == question.asker:
            since = since or at
        elif since is not None:
            yield since, at
            since = None


def microseconds(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)


def test_response_times(questions: list[Question], log: Log) -> None:
    first: dict[int, list[int]] = defaultdict(list)
    every: dict[int, list[int]] = defaultdict(list)
    for question in questions:
        for ordinal, (asked, answered) in enumerate(waits_of(question)):
            wait = microseconds(answered - asked)
            every[month_of(asked)].append(wait)
            if ordinal == 0:
                first[month_of(asked)].append(wait)
    found = measured(log, "first_response_time", "average_response_time")
    for text, expected in (("first_response_time", first), ("average_response_time", every)):
        pairs = [(row["numerator"], row["denominator"]) for row in found[text]]
        assert pairs == [(sum(expected[month]), len(expected[month])) for month in range(24)]
    assert sum(map(len, first.values())) > 15_000


def test_backlog_and_age(questions: list[Question], log: Log) -> None:
    found = measured(log, "backlog[older_than=24h]", "average_query_age", "average_resolution_time")
    for month, end in enumerate(ENDS):
        # An answer may precede its question: it then was solved as it was asked.
        open_ = [q for q in questions if q.asked < end and (q.solved is None or max(q.solved, q.asked) > end)]
        ages = [microseconds(end - q.asked) for q in open_]
        assert found["backlog[older_than=24h]"][month]["value"] == sum(a > 86_400_000_000 for a in ages)
        age = found["average_query_age"][month]
        assert (age["numerator"], age["denominator"]) == (sum(ages), len(ages))
        solved = [q for q in questions if q.solved and month_of(max(q.solved, q.asked)) == month]
        taken = [microseconds(max(q.solved, q.asked) - q.asked) for q in solved if q.solved]
        time = found["average_resolution_time"][month]
        # Solved after the end of the range: month_of puts it into the last month.
        if month < 23:
            assert (time["numerator"], time["denominator"]) == (sum(taken), len(taken))


def test_repeat_contacts(questions: list[Question], log: Log) -> None:
    by_asker: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for question in questions:
        by_asker[question.asker].append((question.asked, question.number))
    alone: dict[int, int] = defaultdict(int)
    asked: dict[int, int] = defaultdict(int)
    for times in by_asker.values():
        times.sort()
        for place, (at, _) in enumerate(times):
            asked[month_of(at)] += 1
            followed = place + 1 < len(times) and times[place + 1][0] - at <= WEEK
            alone[month_of(at)] += not followed
    rows = measured(log, "first_contact_resolution[rule=no_repeat]")
    found = [
        (row["numerator"], row["denominator"]) for row in rows["first_contact_resolution[rule=no_repeat]"]
    ]
    assert found == [(alone[month], asked[month]) for month in range(24)]
    assert sum(asked.values()) - sum(alone.values()) > 1000


def test_messages_until_solved(questions: list[Question], log: Log) -> None:
    rows = measured(log, "interactions_per_case[done=any,count=messages]")
    agents: dict[int, int] = defaultdict(int)
    cases: dict[int, int] = defaultdict(int)
    for question in questions:
        month = month_of(question.asked)
        cases[month] += 1
        agents[month] += sum(
            who != question.asker and (question.solved is None or at <= max(question.solved, question.asked))
            for at, _, who in question.answers
        )
    found = [
        (row["numerator"], row["denominator"])
        for row in rows["interactions_per_case[done=any,count=messages]"]
    ]
    assert found == [(agents[month], cases[month]) for month in range(24)]
