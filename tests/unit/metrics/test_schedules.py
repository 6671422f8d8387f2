"""Attendance, adherence and shrinkage on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.facts.rostered import _uncovered
from kpicore.testing import check_metric

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")


def at(hours: Iterable[float]) -> pa.Array:
    return pa.array([MONDAY + timedelta(hours=hour) for hour in hours], TIME)


# Ann's shift is 9 to 17 with a meal from 12 to 13 laid over it. She comes at 10, eats from 12:30 to 13:30,
# is in training from 15 to 16 and stays until 18. Bob was planned from 9 to 11 and never came. Cat came.
TABLES = {
    "schedules": pa.table(
        {
            "agent_id": ["ann", "ann", "bob"],
            "start": at([9, 12, 9]),
            "end": at([17, 13, 11]),
            "activity": ["available", "meal", "available"],
        }
    ),
    "agent_states": pa.table(
        {
            "agent_id": ["ann"] * 6 + ["cat"] * 2,
            "at": at([10, 12.5, 13.5, 15, 16, 18, 9, 10]),
            "state": "available meal available training available offline available offline".split(),
        }
    ),
}


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("attendance_rate", (7, 8)),
        ("attendance_rate[outside=true]", (8, 8)),
        # ready 10-12, 13:30-15, 16-17 when planned; at the meal 12:30-13 when planned
        ("schedule_adherence", (5, 8)),
        ("schedule_adherence[unscheduled=counted]", (5, 9)),
        ("schedule_adherence[matching=exact]", (5, 8)),
        ("schedule_adherence[matching=category]", (5, 8)),
        ("schedule_adherence[unscheduled=ready]", (5, 9)),
        ("schedule_conformance", (6 - 0, 7)),
        ("shrinkage", (1, 8)),
        ("shrinkage[basis=actual]", (3, 8)),
        ("shrinkage[unpaid=meal]", (0, 7)),
        ("shrinkage[basis=actual,unpaid=meal]", (2.5, 7)),
        ("utilisation", (6, 8)),
        ("utilisation[unpaid=meal+training]", (6, 7)),
        ("utilisation[of=logged_in]", (6, 8)),
    ],
)
def test_ann(text: str, hours: tuple[float, float]) -> None:
    rows = kpicore.measure(kpicore.open(TABLES), [text], ["agent"], zone="UTC").rows()
    found = {row["agent"]: (row["numerator"], row["denominator"]) for row in rows}
    assert found["ann"] == tuple(int(hour * 3_600_000_000) for hour in hours)


# Dan is planned to take contacts from 9 to 10, for a webinar (which is a training) from 10 to 11, and for a
# meal from 11 to 12. He talks from 9 to 9:30, pauses to 10, goes to the webinar until 10:30 and sits in a
# meeting until 11:15; his presence says meal from 11:15 to 11:45, while routing goes on to say away.
DAN = {
    "schedules": pa.table(
        {
            "agent_id": ["dan"] * 3,
            "start": at([9, 10, 11]),
            "end": at([10, 11, 12]),
            "activity": ["phone", "webinar", "meal"],
            "productive": [True, False, False],
        }
    ),
    "agent_states": pa.table(
        {
            "agent_id": ["dan"] * 7,
            "at": at([9, 9.5, 10, 10.5, 11.25, 11.25, 11.75]),
            "state": ["on_contact", "break", "training", "meeting", "meal", "away", "offline"],
            "reason": [None, "tea", "webinar", "webinar", "canteen", None, None],
            "track": [None, None, None, None, "presence", "routing", None],
        }
    ),
}


@pytest.mark.parametrize(
    ("bracket", "hours"),
    [
        # 9-9:30; not ready 10-11:45; logged off from 11:45 on
        ("", 0.5 + 1.75),
        ("offline=adherent", 0.5 + 1.75 + 0.25),
        # of the absences only the meal is called like its state
        ("matching=category", 0.5 + 0.5),
        ("matching=category,offline=adherent", 0.5 + 0.5 + 0.25),
        # of the reasons only the webinar is called like its activity, be it in a training or a meeting
        ("matching=reason", 0.5 + 1),
        ("matching=reason,offline=adherent", 0.5 + 1 + 0.25),
        # the state is routing's where there is one
        ("matching=exact", 0),
    ],
)
def test_what_is_as_planned(bracket: str, hours: float) -> None:
    (row,) = kpicore.measure(
        kpicore.open(DAN), [f"schedule_adherence[{bracket}]"], zone="UTC", end="2026-10-12T12:00"
    ).rows()
    assert (row["numerator"], row["denominator"]) == (hours * 3_600_000_000, 3 * 3_600_000_000)


def test_conformance_by_routing_alone() -> None:
    states = pa.table(
        {
            "agent_id": ["ann"] * 4,
            "at": at([9, 9, 12, 17]),
            "state": ["available", "on_contact", "meal", "offline"],
            "track": ["presence", "routing", "presence", None],
        }
    )
    log = kpicore.open({**TABLES, "agent_states": states})
    texts = ["schedule_conformance", "schedule_conformance[tracks=routing]"]
    rows = kpicore.measure(log, texts, where={"agent": "ann"}, zone="UTC").rows()
    assert [row["value"] for row in rows] == [3 / 7, 8 / 7]


def test_activities_and_reasons_must_be_there() -> None:
    bare = {**TABLES, "schedules": TABLES["schedules"].drop_columns("activity")}
    for text in (
        "schedule_adherence[matching=category]",
        "shrinkage[unpaid=meal]",
        "utilisation[unpaid=meal]",
    ):
        with pytest.raises(MissingDataError, match="schedules has no column activity"):
            kpicore.measure(kpicore.open(bare), [text])
    with pytest.raises(MissingDataError, match="agent_states has no column reason"):
        kpicore.measure(kpicore.open(TABLES), ["schedule_adherence[matching=reason]"])


def test_who_was_planned_or_came_only() -> None:
    rows = kpicore.measure(kpicore.open(TABLES), ["attendance_rate"], ["agent"], zone="UTC").rows()
    assert {row["agent"]: row["value"] for row in rows} == {"ann": 7 / 8, "bob": 0.0, "cat": None}


def test_the_schedule_says_what_is_productive() -> None:
    schedules = TABLES["schedules"].append_column("productive", pa.array([True, True, None]))
    (row,) = kpicore.measure(
        kpicore.open(TABLES | {"schedules": schedules}), ["shrinkage"], where={"agent": "ann"}, zone="UTC"
    ).rows()
    assert row["value"] == 0.0


def test_being_logged_off_during_a_break() -> None:
    tables = {
        "schedules": pa.table(
            {"agent_id": ["ann"], "start": at([9]), "end": at([10]), "productive": [False]}
        ),
        "agent_states": pa.table(
            {"agent_id": ["ann"] * 2, "at": at([9, 9.5]), "state": ["break", "offline"]}
        ),
    }
    texts = ["schedule_adherence", "schedule_adherence[offline=adherent]"]
    rows = kpicore.measure(
        kpicore.open(tables), texts, zone="UTC", start="2026-10-12", end="2026-10-13"
    ).rows()
    assert [row["value"] for row in rows] == [0.5, 1.0]


def test_a_break_at_the_beginning_of_a_shift_is_laid_over_it() -> None:
    tables = {
        **TABLES,
        "schedules": pa.table(
            {
                "agent_id": ["ann", "ann", "bob", "bob"],
                "start": at([9, 9, 9, 9]),
                "end": at([17, 12, 10, 11]),
                "activity": ["available", "training", "meal", "available"],
            }
        ),
    }
    (row,) = kpicore.measure(
        kpicore.open(tables), ["shrinkage"], zone="UTC", start="2026-10-12", end="2026-10-13"
    ).rows()
    hour = 3_600_000_000
    assert (row["numerator"], row["denominator"]) == ((3 + 1) * hour, (8 + 2) * hour)


def test_hours_cut_it() -> None:
    rows = kpicore.measure(
        kpicore.open(TABLES), ["attendance_rate"], period="hour", where={"agent": "ann"}, zone="UTC"
    ).rows()
    values = {str(row["period"])[11:13]: row["value"] for row in rows}
    assert (values["09"], values["10"], values["17"]) == (0.0, 1.0, None)


def test_schedules_are_needed() -> None:
    with pytest.raises(MissingDataError, match="schedules"):
        kpicore.measure(kpicore.open({"agent_states": TABLES["agent_states"]}), ["attendance_rate"])


def test_plans_that_cover_others() -> None:
    plans = [("a", 0, 10, 0), ("a", 2, 8, 1), ("a", 3, 4, 2), ("a", 7, 12, 3), ("b", 1, 3, 4), ("b", 1, 2, 5)]
    painted: dict[tuple[str, int], int] = {}
    for agent, start, end, row in plans:
        painted.update({(agent, minute): row for minute in range(start, end)})
    found = [(agent, minute, row) for agent, s, e, row in _uncovered(plans) for minute in range(s, e)]
    assert sorted(found) == sorted((agent, minute, row) for (agent, minute), row in painted.items())


@pytest.mark.parametrize(
    "name",
    ["attendance_rate", "schedule_adherence", "schedule_conformance", "shrinkage", "utilisation"],
)
def test_laws(name: str) -> None:
    check_metric(name, TABLES, by=["agent"])
