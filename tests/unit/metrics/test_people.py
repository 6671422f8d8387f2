"""Whether customers and agents stay, on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError
from kpicore.testing import check_metric

Tables = dict[str, pa.Table]


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def table(names: str, rows: Sequence[Sequence[object]]) -> pa.Table:
    columns: dict[str, pa.Array] = {}
    for name, cells in zip(names.split(), zip(*rows, strict=True), strict=True):
        if name.endswith(("_at", "_on", "_from", "_to")):
            moments = [None if cell is None else day(str(cell)) for cell in cells]
            columns[name] = pa.array(moments, pa.timestamp("us", "UTC"))
        else:
            columns[name] = pa.array(cells)
    return pa.table(columns)


def values(tables: Tables, text: str, by: Sequence[str] = ()) -> list[object]:
    rows = kpicore.measure(
        kpicore.open(tables), [text], by, period="month", zone="UTC", start="2026-09-01", end="2026-11-01"
    ).rows()
    return [row["value"] for row in rows]


# Customers at the start of September: a b c; of October: a b e f (c left on the very edge, g came on it).
CUSTOMERS = {
    "customers": table(
        "customer_id started_at ended_at",
        [
            ("a", None, None),
            ("b", "08-01", "10-15"),
            ("c", "08-01", "10-01"),
            ("d", "09-02", "09-20"),
            ("e", "09-10", None),
            ("f", "09-30", "10-02"),
            ("g", "10-01", "10-31"),
            ("h", "10-20", None),
        ],
    )
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # September: 3 at the start (a b c), 5 at the end (a b c e f), came d e f, left d.
        # October: 5 at the start, 3 at the end (a e h), came g h, left b c f g.
        ("customer_churn_rate", [(3 - 5) / 3, (5 - 3) / 5]),
        ("customer_churn_rate[new=gross]", [0 / 3, 3 / 5]),
        ("customer_retention_rate", [(5 - 3) / 3, (3 - 2) / 5]),
        ("customer_retention_rate[new=staying]", [3 / 3, 2 / 5]),
    ],
)
def test_customers(text: str, expected: list[float]) -> None:
    assert values(CUSTOMERS, text) == expected


def test_customers_need_both_ends() -> None:
    with pytest.raises(MissingDataError, match="ended_at"):
        values({"customers": CUSTOMERS["customers"].drop_columns("ended_at")}, "customer_churn_rate")


CONTACTS = {
    "contacts": table(
        "contact_id customer_id agent_id opened_at",
        [
            (1, "a", "ann", "09-05"),
            (2, "a", "bob", "09-10"),
            (3, "b", "ann", "09-20"),
            (4, "c", "ann", "09-30"),
            (5, "d", "bob", "10-01"),
            (6, None, "bob", "10-01"),
        ],
    ),
    "orders": table(
        "order_id customer_id ordered_at kind",
        [
            (1, "a", "09-07", "new"),
            (2, "b", "09-19", "new"),
            (3, "c", "10-01", "renewal"),
            (4, "d", "10-01", "renewal"),
        ],
    ),
}


def test_customers_who_order_after_a_contact() -> None:
    # September: a ordered after a contact; b before it; c on the first of October. October: d at once.
    assert values(CONTACTS, "customer_retention_rate[by=repurchase]") == [1 / 3, 1.0]
    assert values(CONTACTS, "customer_retention_rate[by=renewal]") == [0.0, 1.0]
    assert values(CONTACTS, "customer_retention_rate[by=repurchase]", ["agent"]) == [1 / 3, None, 0.0, 1.0]


# Full time at the start of September: ann, bob, cat, dan; at its end ann, bob, dan, and fay, hired then.
# bob's row is followed by another in another team; dan goes part time on October 10th; eve always was.
AGENTS = {
    "agents": table(
        "agent_id team full_time hired_on left_on valid_from valid_to",
        [
            ("ann", "red", True, "01-01", None, None, None),
            ("bob", "red", None, "01-01", "10-20", "01-01", None),
            ("bob", "blue", None, "01-01", "10-20", "09-15", None),
            ("cat", "red", True, "01-01", "09-10", None, None),
            ("dan", "blue", True, "01-01", None, "01-01", "10-10"),
            ("dan", "blue", False, "01-01", None, "10-10", None),
            ("eve", "blue", False, "01-01", "09-30", None, None),
            ("fay", "blue", True, "09-05", "11-01", None, None),
        ],
    )
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # September: cat and eve left; 4 at the start, 4 at the end. October: bob left; 4, then ann and fay.
        ("agent_turnover_rate", [2 / 4, 1 / 3]),
        ("agent_turnover_rate[headcount=start]", [2 / 4, 1 / 4]),
        ("agent_turnover_rate[headcount=end]", [2 / 4, 1 / 2]),
        ("agent_turnover_rate[leavers=full_time]", [1 / 4, 1 / 3]),
        # days of employment: 30 + 30 + 9 + 30 + 26 and 31 + 19 + 9 + 31
        ("agent_turnover_rate[annualise=true]", [2 * 365.2425 / 125, 365.2425 / 90]),
    ],
)
def test_turnover(text: str, expected: list[float]) -> None:
    assert values(AGENTS, text) == pytest.approx(expected, rel=1e-15)


def test_turnover_by_team() -> None:
    # blue: dan, then with bob and fay 3; loses eve in September, bob in October with fay left of 3.
    # red: ann, bob, cat, then ann; loses cat.
    rows = values(AGENTS, "agent_turnover_rate", ["team"])
    assert rows == [1 / ((1 + 3) / 2), 1 / ((3 + 1) / 2), 1 / ((3 + 1) / 2), 0.0]


def test_a_roster_of_names_only() -> None:
    roster = table("agent_id left_on", [("ann", None), ("bob", "10-01")])
    assert values({"agents": roster}, "agent_turnover_rate") == [0.0, 1 / 1.5]


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("customer_churn_rate", CUSTOMERS),
        ("customer_retention_rate", CUSTOMERS | CONTACTS),
        ("agent_turnover_rate", AGENTS | CONTACTS),
    ],
)
def test_laws(name: str, tables: Tables) -> None:
    check_metric(name, tables, by=["team"] if "agents" in tables else [])
