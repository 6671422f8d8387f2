"""The account of rows."""

from __future__ import annotations

import pickle

import pyarrow as pa
import pytest

from kpicore.errors import KpicoreError
from kpicore.plugin import RowTally
from kpicore.tables import LEDGER_SCHEMA, SAMPLES, Ledger


def tally(
    used: int, excluded: dict[str, int] | None = None, rejected: dict[str, int] | None = None
) -> RowTally:
    account = RowTally(used=used)
    account.excluded.update(excluded or {})
    account.rejected.update(rejected or {})
    account.rows_in = used + account.excluded.total() + account.rejected.total()
    return account


def test_counts_by_source_table_status_and_reason() -> None:
    ledger = Ledger()
    ledger.add("b.csv", "contacts", tally(5, {"phantom": 2}))
    ledger.add("a.csv", "contacts", tally(1, rejected={"null:contact_id": 1}))
    ledger.add("a.csv", "contacts", tally(2, rejected={"null:contact_id": 3}))
    ledger.note("visits", "closed by the end of the log", 4)
    ledger.note("contacts", "ambiguous_local_time:opened_at", 1, source="a.csv")
    ledger.check()
    table = ledger.to_arrow()
    assert table.schema == LEDGER_SCHEMA
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        ("a.csv", "contacts", "used", "", 3),
        ("a.csv", "contacts", "rejected", "null:contact_id", 4),
        ("b.csv", "contacts", "used", "", 5),
        ("b.csv", "contacts", "excluded", "phantom", 2),
        ("", "visits", "note", "closed by the end of the log", 4),
        ("a.csv", "contacts", "note", "ambiguous_local_time:opened_at", 1),
    ]
    assert ledger.rows("used") == {"": 8}
    assert ledger.rows("rejected", table="contacts") == {"null:contact_id": 4}
    assert ledger.rows("excluded", table="visits") == {}


def test_an_empty_ledger_has_its_schema() -> None:
    assert Ledger().to_arrow().schema == LEDGER_SCHEMA
    assert Ledger().samples().num_rows == 0


def test_rows_that_do_not_add_up_are_named() -> None:
    ledger = Ledger()
    broken = tally(3)
    broken.rows_in = 4
    ledger.add("a.csv", "contacts", broken)
    with pytest.raises(KpicoreError, match=r"a\.csv, table 'contacts': 4 rows in, 3 used"):
        ledger.check()


def test_samples_are_limited_per_reason_and_cut() -> None:
    ledger = Ledger()
    for part in range(2):
        account = tally(0, {"phantom": 30}, {"null:at": 1})
        account.samples = [(part * 30 + i + 1, "phantom", "outcome", "P" * 200) for i in range(30)]
        account.samples.append((99, "null:at", "at", ""))
        ledger.add("a.csv", "contacts", account)
    samples = ledger.samples().to_pylist()
    assert sum(sample["reason"] == "phantom" for sample in samples) == SAMPLES
    assert sum(sample["reason"] == "null:at" for sample in samples) == 2
    assert max(len(sample["value"]) for sample in samples) == 80


def test_ledgers_merge_and_travel() -> None:
    left, right = Ledger(), Ledger()
    left.add("a.csv", "contacts", tally(1))
    right.add("a.csv", "contacts", tally(2, {"phantom": 1}))
    right.note("visits", "odd", 2)
    left.merge(right)
    left.merge(right)
    assert left.rows("used") == {"": 5}
    assert left.rows("note") == {"odd": 4}
    copy = pickle.loads(pickle.dumps(left))
    assert copy == left
    assert copy != right
    assert isinstance(copy.to_arrow(), pa.Table)
