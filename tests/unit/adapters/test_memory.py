"""Tables in memory as a source."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pyarrow as pa
import pytest

from kpicore.adapters import open_log
from kpicore.errors import SchemaError, UsageError
from kpicore.facts.schemas import VISITS
from kpicore.plugin.manager import load_plugins
from kpicore.tables import Log, SourceFile

PLUGINS = load_plugins(third_party=False)
NOON = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
MESSAGES = pa.table(
    {
        "contact_id": ["c1", "c1", None],
        "at": pa.array([NOON] * 3, pa.timestamp("us", "UTC")),
        "author": ["customer", "agent", "agent"],
        "body": ["private"] * 3,
    }
)
STAYS = pl.DataFrame({"contact_id": ["c1"], "entered_at": [NOON], "outcome": ["answered"]})


def opened(source: dict[str, object], zone: str | None = None) -> Log:
    return open_log(source, plugins=PLUGINS, zone=zone, facts={"visits": VISITS})  # type: ignore[arg-type]


def test_canonical_tables_and_delivered_facts() -> None:
    log = opened({"messages": MESSAGES, "visits": STAYS})
    assert log.tables["messages"].num_rows == 2
    assert log.tables["messages"].column_names == ["contact_id", "at", "author"]
    assert log.tables["visits"].num_rows == 1
    assert log.sources[0] == SourceFile(name="messages", size=None, sha256="", adapter="arrow")
    assert [tuple(row.values()) for row in log.ledger.to_arrow().to_pylist()] == [
        ("messages", "messages", "used", "", 2),
        ("messages", "messages", "rejected", "null:contact_id", 1),
        ("visits", "visits", "used", "", 1),
        ("messages", "messages", "note", "dropped_column:body", 3),
    ]


def test_zone_of_naive_times_is_remembered() -> None:
    naive = MESSAGES.set_column(1, "at", pa.array([dt.datetime(2026, 10, 1, 20)] * 3, pa.timestamp("us")))
    log = opened({"messages": naive}, zone="Asia/Shanghai")
    assert log.zone == "Asia/Shanghai"
    assert log.tables["messages"]["at"][0].as_py() == NOON


def test_a_name_that_is_no_table() -> None:
    with pytest.raises(
        SchemaError, match="'mesages' is neither a canonical table nor a fact; did you mean 'messages'"
    ):
        opened({"mesages": MESSAGES})


def test_faults_of_all_tables_come_at_once() -> None:
    with pytest.raises(SchemaError) as caught:
        opened({"messages": MESSAGES.drop_columns("at"), "visits": STAYS.drop("outcome"), "vists": STAYS})
    text = str(caught.value)
    for part in ("messages: column 'at'", "visits: column 'outcome'", "did you mean 'visits'"):
        assert part in text


def test_what_is_no_table() -> None:
    with pytest.raises(UsageError, match="the table 'messages' is a list, which is no Arrow stream"):
        opened({"messages": [1, 2]})
