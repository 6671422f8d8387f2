"""What agents did beside what was planned, against hours painted one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")
HOUR = 3_600_000_000
END = 72
AGENTS = st.sampled_from(["ann", "bob"])
HOURS = st.integers(0, 24)
PLANS = st.lists(
    st.tuples(AGENTS, HOURS, st.integers(1, 12), st.booleans()),
    max_size=8,
    unique_by=lambda plan: plan[:3],
)
STATES = st.lists(
    st.tuples(AGENTS, HOURS, st.sampled_from(["available", "on_contact", "meal", "offline"])),
    min_size=1,
    max_size=12,
    unique_by=lambda change: change[:2],
)
REASONS = {"on_contact": "meal", "offline": "meal"}  # not that of the state called so
ACTIVITIES = {True: "available", False: "meal"}
Plan = tuple[str, int, int, bool]
Change = tuple[str, int, str]


def painted(plans: list[Plan], changes: list[Change]) -> dict[tuple[str, int], tuple[bool | None, str]]:
    plan: dict[tuple[str, int], bool] = {}
    for agent, start, length, productive in sorted(plans, key=lambda plan: (plan[0], plan[1], -plan[2])):
        plan.update({(agent, hour): productive for hour in range(start, start + length)})
    did: dict[tuple[str, int], str] = {}
    for agent, start, state in sorted(changes):
        did.update({(agent, hour): state for hour in range(start, END)})
    return {cell: (plan.get(cell), did.get(cell, "offline")) for cell in {*plan, *did}}


@settings(max_examples=25, deadline=None, derandomize=True)
@given(plans=PLANS, changes=STATES)
def test_schedules(plans: list[Plan], changes: list[Change]) -> None:
    def at(hours: list[int]) -> pa.Array:
        return pa.array([MONDAY + timedelta(hours=hour) for hour in hours], TIME)

    tables = {
        "schedules": pa.table(
            {
                "agent_id": pa.array([p[0] for p in plans], pa.string()),
                "start": at([p[1] for p in plans]),
                "end": at([p[1] + p[2] for p in plans]),
                "activity": pa.array([ACTIVITIES[p[3]] for p in plans], pa.string()),
                "productive": pa.array([p[3] for p in plans], pa.bool_()),
            }
        ),
        "agent_states": pa.table(
            {
                "agent_id": [c[0] for c in changes],
                "at": at([c[1] for c in changes]),
                "state": [c[2] for c in changes],
                "reason": [REASONS.get(c[2]) for c in changes],
            }
        ),
    }
    texts = ["attendance_rate", "schedule_adherence", "schedule_conformance", "shrinkage[basis=actual]"]
    texts += [
        "schedule_adherence[matching=category,unscheduled=ready]",
        "shrinkage[basis=actual,unpaid=meal]",
    ]
    texts += ["schedule_adherence[matching=reason,offline=adherent]", "schedule_adherence[matching=exact]"]
    rows = kpicore.measure(
        kpicore.open(tables), texts, ["agent"], zone="UTC", start="2026-10-12", end="2026-10-15"
    ).rows()
    cells = painted(plans, changes)
    for row in rows:
        mine = [cell for (agent, _), cell in cells.items() if agent == row["agent"]]
        planned = sum(plan is not None for plan, _ in mine)
        for_contacts = sum(plan is True for plan, _ in mine)
        ready = {"available", "on_contact"}
        above, below = {
            "attendance_rate": (sum(p is not None and s != "offline" for p, s in mine), planned),
            "schedule_adherence": (
                sum((p is True and s in ready) or (p is False and s == "meal") for p, s in mine),
                planned,
            ),
            texts[4]: (
                sum((p is True and s in ready) or (p is False and s == "meal") for p, s in mine),
                planned + sum(p is None and s in ready for p, s in mine),
            ),
            texts[5]: (sum(p is True and s not in ready for p, s in mine), for_contacts),
            texts[6]: (
                sum((p is True and s in ready) or (p is False and s in REASONS) for p, s in mine),
                planned,
            ),
            texts[7]: (sum(p is not None and s == ACTIVITIES[p] for p, s in mine), planned),
            "schedule_conformance": (sum(s in ready for _, s in mine), for_contacts),
            "shrinkage[basis=actual]": (
                sum(p is not None and s not in ready for p, s in mine),
                planned,
            ),
        }[str(row["metric"])]
        assert (row["numerator"], row["denominator"]) == (above * HOUR, below * HOUR), row
        assert row["value"] == (above / below if below else None)
