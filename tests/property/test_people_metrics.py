"""Who stays, against slow counts of sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore

FIRST = datetime(2026, 10, 10, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")
HALF = timedelta(hours=12)
HALVES = st.none() | st.integers(0, 12)
Stay = tuple[int | None, int | None]
DAYS = range(2, 5)


def in_order(came: int | None, left: int | None) -> Stay:
    return (came, left) if came is None or left is None else (min(came, left), max(came, left))


ENDS = st.builds(in_order, HALVES, HALVES)


def here(stay: Stay, half: int) -> bool:
    """Whether somebody who came and left at these half days was there just before ``half``."""
    came, left = stay
    return (came is None or came < half) and (left is None or left >= half)


def inside(half: int | None, day: int) -> bool:
    return half is not None and 2 * day <= half < 2 * day + 2


def moments(halves: list[int | None]) -> pa.Array:
    return pa.array([None if half is None else FIRST + half * HALF for half in halves], TIME)


def customers(text: str, stays: list[Stay], day: int) -> Fraction | None:
    start = {i for i, stay in enumerate(stays) if here(stay, 2 * day)}
    end = {i for i, stay in enumerate(stays) if here(stay, 2 * day + 2)}
    came = {i for i, stay in enumerate(stays) if inside(stay[0], day)}
    counted = {
        "customer_churn_rate": len(start) - len(end),
        "customer_churn_rate[new=gross]": len(start - end),
        "customer_retention_rate": len(end) - len(came),
        "customer_retention_rate[new=staying]": len(start & end),
    }[text]
    return Fraction(counted, len(start)) if start else None


@settings(max_examples=30, deadline=None, derandomize=True)
@given(stays=st.lists(ENDS, min_size=1, max_size=12))
def test_customers(stays: list[Stay]) -> None:
    table = pa.table(
        {
            "customer_id": list(range(len(stays))),
            "started_at": moments([came for came, _ in stays]),
            "ended_at": moments([left for _, left in stays]),
        }
    )
    texts = [f"customer_{rate}" for rate in ("churn_rate", "churn_rate[new=gross]")]
    texts += [f"customer_{rate}" for rate in ("retention_rate", "retention_rate[new=staying]")]
    rows = kpicore.measure(
        kpicore.open({"customers": table}),
        texts,
        period="day",
        zone="UTC",
        start="2026-10-12",
        end="2026-10-15",
    ).rows()
    assert len(rows) == len(texts) * len(DAYS)
    for row in rows:
        wanted = customers(str(row["metric"]), stays, int(str(row["period"])[8:10]) - 10)
        assert row["value"] == (None if wanted is None else float(wanted)), row


@settings(max_examples=30, deadline=None, derandomize=True)
@given(stays=st.lists(st.tuples(ENDS, st.none() | st.booleans()), min_size=1, max_size=12))
def test_agents(stays: list[tuple[Stay, bool | None]]) -> None:
    table = pa.table(
        {
            "agent_id": [f"a{i}" for i in range(len(stays))],
            "hired_on": moments([came for (came, _), _ in stays]),
            "left_on": moments([left for (_, left), _ in stays]),
            "full_time": pa.array([full for _, full in stays], pa.bool_()),
        }
    )
    texts = ["agent_turnover_rate", "agent_turnover_rate[annualise=true]"]
    rows = kpicore.measure(
        kpicore.open({"agents": table}), texts, period="day", zone="UTC", start="2026-10-12", end="2026-10-15"
    ).rows()
    full = [stay for stay, whole in stays if whole is not False]
    for row in rows:
        day = int(str(row["period"])[8:10]) - 10
        left = sum(inside(stay[1], day) for stay, _ in stays)
        people = sum(here(stay, 2 * day) + here(stay, 2 * day + 2) for stay in full)
        wanted = Fraction(2 * left, people) if people else None
        if "annualise" in str(row["metric"]):
            halves = sum(here(stay, half + 1) for stay in full for half in (2 * day, 2 * day + 1))
            wanted = left * Fraction(3652425, 10000) / Fraction(halves, 2) if halves else None
        assert row["value"] == (None if wanted is None else float(wanted)), row
