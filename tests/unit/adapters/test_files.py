"""Files of canonical tables: what is read, and what is said of those that cannot be."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from kpicore.errors import (
    KpicoreError,
    ParameterError,
    SchemaError,
    SourceError,
    SourceNotFoundError,
    UsageError,
)
from kpicore.tables import Log, SourceFile

OpenPath = Callable[..., Log]
NOON = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
STATES = pa.table(
    {
        "agent_id": ["ann", "bob", None],
        "at": pa.array([NOON] * 3, pa.timestamp("us", "UTC")),
        "state": ["available", "offline", "break"],
        "seq": [1, 2, 3],
        "screen": ["private"] * 3,
    }
)
CSV = (
    "agent_id,at,state,seq,screen\n"
    "ann,2026-10-01T12:00:00Z,available,1,private\n"
    "bob,2026-10-01T20:00:00+08:00,offline,2,private\n"
    ",2026-10-01 12:00:00Z,break,3,private\n"
)
JSON = (
    '{"agent_id": "ann", "at": "2026-10-01T12:00:00Z", "state": "available", "seq": 1, "screen": "private"}\n'
    '{"agent_id": "bob", "at": "2026-10-01T20:00:00+08:00", "state": "offline", "seq": 2}\n'
    '{"at": "2026-10-01T12:00:00Z", "state": "break", "seq": 3}\n'
)


def write_states(path: Path) -> Path:
    """Writes the same log in the format that the ending says."""
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        pq.write_table(STATES, path)
    elif name.endswith((".arrow", ".feather")):
        with ipc.new_file(path, STATES.schema) as file:
            file.write_table(STATES)
    elif name.endswith(".arrows"):
        with ipc.new_stream(path, STATES.schema) as stream:
            stream.write_table(STATES)
    else:
        text = JSON if name.endswith("jsonl") else CSV.replace(",", "\t") if name.endswith("tsv") else CSV
        data = text.encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


NAMES = ["parquet", "arrow", "feather", "arrows", "csv", "csv.gz", "2026-10.csv", "tsv", "jsonl", "jsonl.gz"]


@pytest.mark.parametrize("ending", NAMES)
def test_every_format_gives_the_same_table(tmp_path: Path, open_path: OpenPath, ending: str) -> None:
    path = write_states(tmp_path / f"agent_states.{ending}")
    log = open_path(path)
    assert log.tables["agent_states"].to_pylist() == [
        {"agent_id": "ann", "at": NOON, "seq": 1, "state": "available"},
        {"agent_id": "bob", "at": NOON, "seq": 2, "state": "offline"},
    ]
    assert log.ledger.rows("rejected") == {"null:agent_id": 1}
    assert log.ledger.rows("note") == {"dropped_column:screen": 3}
    assert log.ledger.samples().to_pylist()[0]["row"] == 3
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert log.sources == (
        SourceFile(name=path.name, size=path.stat().st_size, sha256=digest, adapter="files"),
    )


def test_a_folder_of_files_and_of_folders(tmp_path: Path, open_path: OpenPath) -> None:
    for name in ("agent_states/2026/10.parquet", "agent_states/11.csv", "agent_states.jsonl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write_states(tmp_path / name)
    (tmp_path / "visits.csv").write_text(
        "contact_id,entered_at,left_at,outcome,wait\nc1,2026-10-01T12:00Z,2026-10-01T12:00:05Z,answered,5000000\n"
    )
    (tmp_path / "README.md").write_text("hello")
    log = open_path(tmp_path)
    assert {name: table.num_rows for name, table in log.tables.items()} == {"agent_states": 6, "visits": 1}
    assert [source.name for source in log.sources] == [
        "README.md",
        "agent_states/11.csv",
        "agent_states/2026/10.parquet",
        "agent_states.jsonl",
        "visits.csv",
    ]
    assert log.tables["visits"]["wait"].to_pylist() == [5_000_000]
    assert open_path(tmp_path / "agent_states").tables["agent_states"].num_rows == 4
    both = open_path([tmp_path / "agent_states.jsonl", tmp_path / "agent_states" / "11.csv"])
    assert both.tables["agent_states"].num_rows == 4


def test_text_is_read_by_the_kinds_of_the_schema(tmp_path: Path, open_path: OpenPath) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,customer_id,ordered_at,amount,quantity,kind\n"
        "007,1,2026-10-01 20:00:00,1234.5,2,new\n"
        "8,1,2026-10-01 20:00:00,12.345678,1,new\n"
        "9,1,2026-10-01 20:00:00,a lot,1,new\n"
        "10,1,2026-10-01,1,1,new\n"
    )
    log = open_path(path, zone="Asia/Shanghai")
    assert [tuple(row.values()) for row in log.tables["orders"].to_pylist()] == [
        ("007", "1", NOON, Decimal("1234.5"), 2, "new")
    ]
    assert log.ledger.rows("rejected") == {
        "unparsable:amount": 1,
        "inexact:amount": 1,
        "unparsable:ordered_at": 1,
    }


def test_options_of_csv(tmp_path: Path, open_path: OpenPath) -> None:
    path = tmp_path / "messages.log"
    path.write_bytes("contact_id;at;author;agent_id\nc1;2026-10-01T12:00Z;agent;小李\n".encode("gb18030"))
    log = open_path(
        tmp_path / "messages.log", adapter="csv", options={"encoding": "gb18030", "delimiter": ";"}
    )
    assert log.tables["messages"]["agent_id"].to_pylist() == ["小李"]
    with pytest.raises(
        ParameterError, match="the adapter 'csv' has no option 'encodin'\nhint: did you mean 'encoding'"
    ):
        open_path(path, adapter="csv", options={"encodin": "gbk"})


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path, open_path: OpenPath) -> None:
    (tmp_path / "agent_states.csv").write_bytes(b"\xef\xbb\xbf" + CSV.encode())
    assert open_path(tmp_path).tables["agent_states"].num_rows == 2


def test_what_is_not_there(tmp_path: Path, open_path: OpenPath) -> None:
    with pytest.raises(
        SourceNotFoundError, match=r"there is no such file or folder\nhint: there is no .*/logs/x\.csv"
    ) as caught:
        open_path(tmp_path / "logs" / "x.csv")
    assert caught.value.exit_code == 5
    with pytest.raises(SourceNotFoundError, match="there is no such file"):
        open_path(tmp_path / "x.csv", mapping="bank_calls")


def test_what_no_adapter_reads(tmp_path: Path, open_path: OpenPath) -> None:
    (tmp_path / "calls.csv").write_text("a\n1\n")
    with pytest.raises(SchemaError, match=r"calls\.csv: 'calls' is neither a canonical table nor a fact"):
        open_path(tmp_path / "calls.csv")
    (tmp_path / "queue_log").write_text("1|2")
    with pytest.raises(SourceError, match="no file of a known format"):
        open_path(tmp_path / "queue_log")
    with pytest.raises(UsageError, match="no source was named"):
        open_path([])
    with pytest.raises(UsageError, match="a mapping says all"):
        open_path(tmp_path / "calls.csv", mapping="bank_calls", adapter="csv")


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def nothing(data: bytes) -> bytes:
    return b""


def noise(data: bytes) -> bytes:
    return b"\x93NUMPY" + bytes(255 - byte for byte in data)


@pytest.mark.parametrize("damage", [cut, nothing, noise])
@pytest.mark.parametrize("ending", ["parquet", "arrow", "arrows", "csv.gz", "jsonl", "jsonl.gz"])
def test_damaged_files_are_named(
    tmp_path: Path, open_path: OpenPath, ending: str, damage: Callable[[bytes], bytes]
) -> None:
    path = write_states(tmp_path / f"agent_states.{ending}")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises((SourceError, SchemaError)) as caught:
        open_path(path)
    assert f"agent_states.{ending}" in str(caught.value)
    assert caught.value.exit_code == 3


def test_every_byte_of_a_file_may_be_wrong(tmp_path: Path, open_path: OpenPath) -> None:
    for ending in ("parquet", "arrow"):
        path = write_states(tmp_path / f"agent_states.{ending}")
        whole, read = path.read_bytes(), 0
        for place in range(0, len(whole), 17):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
            with suppress(KpicoreError):
                open_path(path)
                read += 1
        assert read


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (CSV + "ann,2026\n", r"Row #5: Expected 5 columns, got 2"),
        (CSV.replace("offline,2,private", "offline,2,private,more"), r"Row #3: Expected 5 columns, got 6"),
        (
            CSV.replace("bob", "\N{LATIN SMALL LETTER O WITH DIAERESIS}").encode("latin-1"),
            "not in the encoding",
        ),
        (b"\xff\xfe" + CSV.encode("utf-16-le"), "not in the encoding"),
        ("", "is empty, not even a header"),
        ("at,at\n1,2\n", "names 'at' more than once"),
    ],
)
def test_damaged_csv(tmp_path: Path, open_path: OpenPath, content: str | bytes, found: str) -> None:
    path = tmp_path / "agent_states.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceError, match=r"agent_states\.csv: .*" + found):
        open_path(path)


def test_the_engines_of_pyarrow_are_not_imported(tmp_path: Path) -> None:
    for ending in ("parquet", "arrow", "csv", "jsonl"):
        write_states(tmp_path / f"agent_states.{ending}")
    script = (
        "import sys\n"
        "import kpicore.adapters as a\n"
        "from kpicore.plugin.manager import load_plugins\n"
        f"log = a.open_log({str(tmp_path)!r}, plugins=load_plugins(third_party=False), facts={{}})\n"
        "assert log.tables['agent_states'].num_rows == 8, log\n"
        "loaded = {'pyarrow.dataset', 'pyarrow._dataset', 'pyarrow.acero'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[3])
