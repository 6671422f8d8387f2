"""Adapters of others: chosen, given their options, held to the account of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from kpicore.adapters.open import _read
from kpicore.adapters.schemas import Schemas
from kpicore.errors import PluginError, SourceError
from kpicore.plugin import Adapter, Feed, RowTally, Settings, Source
from kpicore.tables import ROW, Log

Rows = Callable[[Source], Iterator[Feed]]


def read(rows: Rows, path: Path, schemas: Schemas) -> Log:
    path.write_text("a log")
    adapter = Adapter(name="theirs", doc="another system", open=rows)
    return _read((path,), adapter, Settings(), schemas, "UTC")


def test_text_that_an_adapter_cut_out_of_its_lines(tmp_path: Path, schemas: Schemas) -> None:
    def rows(source: Source) -> Iterator[Feed]:
        columns = {"contact_id": ["c1", "c2"], "at": ["2026-10-01 08:00", "?"], "author": ["agent", "agent"]}
        tally = RowTally(rows_in=5)
        tally.excluded["heartbeat"] = 3
        data = pa.table(columns | {ROW: [2, 5]})
        yield Feed(
            source="queue_log", table="messages", data=data, tally=tally, zone="Asia/Shanghai", text=True
        )

    log = read(rows, tmp_path / "queue_log", schemas)
    assert [str(moment) for moment in log.tables["messages"]["at"].to_pylist()] == [
        "2026-10-01 00:00:00+00:00"
    ]
    assert log.ledger.rows("excluded") == {"heartbeat": 3}
    assert log.ledger.rows("rejected") == {"unparsable:at": 1}
    assert log.ledger.samples().to_pylist()[0]["row"] == 5
    assert log.sources[0].adapter == "theirs"


def test_an_adapter_that_loses_rows(tmp_path: Path, schemas: Schemas) -> None:
    def rows(source: Source) -> Iterator[Feed]:
        tally = RowTally(rows_in=2)
        yield Feed(source="queue_log", table="customers", data=pa.table({"customer_id": ["a"]}), tally=tally)

    with pytest.raises(SourceError, match=r"2 rows came in for the table 'customers', but 1 were handed on"):
        read(rows, tmp_path / "queue_log", schemas)


def test_an_adapter_that_fails(tmp_path: Path, schemas: Schemas) -> None:
    def rows(source: Source) -> Iterator[Feed]:
        yield Feed(source="queue_log", table="customers", data=pa.table({"customer_id": ["a"]}))
        raise KeyError("line 7")

    with pytest.raises(PluginError, match="the adapter 'theirs' failed: KeyError: 'line 7'") as caught:
        read(rows, tmp_path / "queue_log", schemas)
    assert caught.value.exit_code == 4
