"""Demand against slow counts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
Contact = tuple[str | None, str | None, int, list[str | None] | None, bool | None]
CONTACTS = st.lists(
    st.tuples(
        st.sampled_from([None, "k1", "k2", "k3"]),
        st.sampled_from([None, "ann", "bob"]),
        st.integers(0, 6),
        st.none() | st.lists(st.sampled_from([None, "x", "y"]), max_size=3),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=20,
)
TEXTS = (
    "inquirers",
    "customers_received",
    "customer_contact_frequency",
    "customer_contact_frequency[statistic=customers,k=1]",
    "customer_contact_frequency[statistic=customers,k=2]",
    "customer_contact_frequency[statistic=customers,k=3]",
)


def oracle(text: str, contacts: list[Contact], day: int) -> float | None:
    today = [contact for contact in contacts if contact[2] // 2 == day]
    named = Counter(customer for customer, *_ in today if customer is not None)
    if text == "inquirers":
        return len({c for c, agent, *_, filtered in today if c and (agent or filtered)})
    if text == "customers_received":
        return len({c for c, agent, *_, filtered in today if c and agent and not filtered})
    if "k=" in text:
        least = int(text.split("k=")[1].rstrip("]"))
        return sum(number >= least for number in named.values())
    return named.total() / len(named) if named else None


def topics(contacts: list[Contact], agent: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for contact in contacts:
        if contact[1] == agent:
            found.update({topic for topic in contact[3] or () if topic is not None} or {"untagged"})
    return dict(found)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(contacts=CONTACTS)
def test_demand(contacts: list[Contact]) -> None:
    """Contacts come at the very edges of half days: 0:00 and 12:00."""
    opened = [MONDAY + timedelta(hours=12 * half) for _, _, half, _, _ in contacts]
    table = pa.table(
        {
            "contact_id": list(range(len(contacts))),
            "customer_id": pa.array([c[0] for c in contacts], pa.string()),
            "agent_id": pa.array([c[1] for c in contacts], pa.string()),
            "opened_at": pa.array(opened, pa.timestamp("us", "UTC")),
            "topics": pa.array([c[3] for c in contacts], pa.list_(pa.string())),
            "filtered": pa.array([c[4] for c in contacts], pa.bool_()),
        }
    )
    log = kpicore.open({"contacts": table})
    rows = kpicore.measure(log, TEXTS, period="day", zone="UTC", start="2026-10-12", end="2026-10-16").rows()
    assert len(rows) == 4 * len(TEXTS)
    for row in rows:
        day = int(str(row["period"])[8:10]) - 12
        assert row["value"] == oracle(str(row["metric"]), contacts, day), row
    counts = kpicore.measure(log, ["cases_by_topic"], ["agent"], zone="UTC").rows()
    for agent in ("ann", "bob"):
        found = {row["part"]: row["value"] for row in counts if row["agent"] == agent and row["value"]}
        assert found == topics(contacts, agent)
