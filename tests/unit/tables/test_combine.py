"""Several sources of one table."""

from __future__ import annotations

import pyarrow as pa

from kpicore.plugin import TABLES
from kpicore.tables import combine, normalise

CONTACTS = TABLES["contacts"]


def part(**columns: pa.Array) -> pa.Table:
    return normalise(pa.table(columns), CONTACTS, source="log").table


def test_columns_that_a_part_lacks_are_null_and_dictionaries_are_one() -> None:
    parts = [
        part(contact_id=pa.array(["c1"]), queue=pa.array(["sales"]), direction=pa.array(["inbound"])),
        part(
            contact_id=pa.array(["c2", "c3"]),
            priority=pa.array(["2", "1"]),
            queue=pa.array(["care", "sales"]),
        ),
    ]
    whole = combine(parts, CONTACTS)
    assert whole.column_names == ["contact_id", "direction", "queue", "priority"]
    assert whole.to_pylist() == [
        {"contact_id": "c1", "direction": "inbound", "queue": "sales", "priority": None},
        {"contact_id": "c2", "direction": None, "queue": "care", "priority": "2"},
        {"contact_id": "c3", "direction": None, "queue": "sales", "priority": "1"},
    ]
    for name in whole.column_names:
        assert len({tuple(chunk.dictionary.to_pylist()) for chunk in whole.column(name).chunks}) == 1
    values = list(CONTACTS.column("direction").values)
    assert whole["direction"].chunk(1).dictionary.to_pylist() == values
    assert combine(list(reversed(parts)), CONTACTS)["direction"].chunk(0).dictionary.to_pylist() == values


def test_keys_of_two_types_become_text() -> None:
    whole = combine([part(contact_id=pa.array([7])), part(contact_id=pa.array(["c"]))], CONTACTS)
    assert whole["contact_id"].to_pylist() == ["7", "c"]
