"""The adapter: feeds that account for every row, the same from text and from a table."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from kpicore_asterisk.adapter import ADAPTER

from kpicore.plugin import Feed, Settings, Source, SourceNotFoundError

LOG = """1000|NONE|NONE|Agent/7|AGENTLOGIN|SIP/7-1
1100|c1|sales|NONE|ENTERQUEUE||5551234|1
1104|c1|sales|Agent/8|RINGNOANSWER|3000
1110|c1|sales|Agent/7|CONNECT|10|1100.9|4
1140|c1|sales|Agent/7|BLINDTRANSFER|600|support|10|30|1
1140|c1|sales|Agent/7|WRAPUPSTART|20
1141|c1|support|NONE|ENTERQUEUE||5551234|1
1145|c1|support|Agent/9|CONNECT|4|1100.9|2
1200|c1|support|Agent/9|COMPLETECALLER|4|55|1
1300|c2|sales|NONE|ENTERQUEUE||anonymous|1
1320|c2|sales|NONE|ABANDON|1|1|20
1400|c3|sales|NONE|ENTERQUEUE||5550000|1
1500|NONE|NONE|Agent/7|PAUSEALL|lunch
1600|NONE|NONE|NONE|CONFIGRELOAD|
broken
"""


def feeds_of(path: Path, **options: object) -> dict[str, Feed]:
    values = {option.name: option.read(option.default or "") for option in ADAPTER.options}
    source = Source(paths=(path,), zone="UTC", options=Settings({**values, **options}))  # type: ignore[dict-item]
    return {feed.table: feed for feed in ADAPTER.open(source)}


def rows_of(feed: Feed) -> list[dict[str, object]]:
    table = pa.table(feed.data)
    plain = [
        table[name].cast(pa.int64()) if pa.types.is_timestamp(table.schema.field(name).type) else table[name]
        for name in table.column_names
    ]
    rows: list[dict[str, object]] = pa.table(plain, names=table.column_names).to_pylist()
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "queue_log").write_text(LOG)
    return tmp_path / "queue_log"


def test_every_row_is_accounted_for(path: Path) -> None:
    for feed in feeds_of(path).values():
        tally = feed.tally
        assert tally.rows_in == 15
        assert tally.rows_in == tally.used + tally.excluded.total() + tally.rejected.total()
        assert tally.rejected == {"malformed": 1}
    feeds = feeds_of(path)
    assert (feeds["visits"].tally.used, feeds["legs"].tally.used) == (8, 6)
    assert feeds["visits"].tally.excluded == {"still_waiting": 1, "other_event": 5}
    assert feeds["legs"].tally.excluded == {"not_answered": 2, "other_event": 6}
    assert feeds["segments"].tally.used == 6
    assert feeds["agent_states"].tally.used == 2


def test_what_is_delivered(path: Path) -> None:
    feeds = feeds_of(path)
    visits = rows_of(feeds["visits"])
    assert [(row["queue"], row["outcome"], row["wait"]) for row in visits] == [
        ("sales", "answered", 10_000_000),
        ("support", "answered", 4_000_000),
        ("sales", "abandoned", 20_000_000),
    ]
    segments = {
        (row["agent_id"], row["kind"], row["start"], row["end"]) for row in rows_of(feeds["segments"])
    }
    assert segments == {
        ("8", "ring", 1101_000_000, 1104_000_000),
        ("7", "ring", 1106_000_000, 1110_000_000),
        ("7", "talk", 1110_000_000, 1140_000_000),
        ("7", "wrapup", 1140_000_000, 1160_000_000),
        ("9", "ring", 1143_000_000, 1145_000_000),
        ("9", "talk", 1145_000_000, 1200_000_000),
    }
    first, second = rows_of(feeds["legs"])
    assert (first["began"], first["ended"], first["wrapup"]) == ("answered", "transferred_blind", 20_000_000)
    assert (first["talk_ended_at"], first["ended_at"]) == (1140_000_000, 1160_000_000)
    assert (second["began"], second["ended"], second["wrapup"]) == ("transferred_in", "closed", 0)
    contacts = rows_of(feeds["contacts"])
    assert [(row["contact_id"], row["customer_id"], row["agent_id"]) for row in contacts] == [
        ("c1", "5551234", "9"),
        ("c2", None, None),
    ]
    assert [(row["opened_at"], row["closed_at"]) for row in contacts] == [
        (1100_000_000, 1200_000_000),
        (1300_000_000, 1320_000_000),
    ]
    states = [
        (row["at"], row["track"], row["state"], row["reason"]) for row in rows_of(feeds["agent_states"])
    ]
    assert states == [
        (1000_000_000, "presence", "available", None),
        (1000_000_000, "routing", "available", None),
        (1500_000_000, "routing", "away", "lunch"),
    ]


def test_an_export_tells_the_same(path: Path, tmp_path: Path) -> None:
    lines = ["time,callid,queuename,agent,event,data1,data2,data3,data4,data5"]
    for line in LOG.splitlines():
        fields = line.split("|")
        lines.append(",".join(fields + [""] * (10 - len(fields))) if len(fields) > 4 else line)
    table = tmp_path / "export.csv"
    table.write_text("\n".join(lines) + "\n")
    expected, found = feeds_of(path), feeds_of(table)
    for name, feed in expected.items():
        assert rows_of(found[name]) == rows_of(feed)
        assert found[name].tally.excluded == feed.tally.excluded


def test_assumed_wrapup_where_the_log_has_none(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text("".join(line for line in LOG.splitlines(keepends=True) if "WRAPUP" not in line))
    segments = rows_of(feeds_of(path, wrapup=15_000_000)["segments"])
    assert [(row["agent_id"], row["start"], row["end"]) for row in segments if row["kind"] == "wrapup"] == [
        ("7", 1140_000_000, 1155_000_000),
        ("9", 1200_000_000, 1215_000_000),
    ]


def test_files_and_folders_are_one_log(path: Path, tmp_path: Path) -> None:
    lines = [f"170000{line}" for line in LOG.splitlines(keepends=True)]
    path.write_text("".join(lines))
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "queue_log").write_text("".join(lines[7:]))
    (folder / "queue_log.1").write_text("".join(lines[:7]))
    (folder / "notes.txt").write_text("nothing of interest\n")
    expected, found = feeds_of(path), feeds_of(folder)
    assert {name: rows_of(feed) for name, feed in found.items()} == {
        name: rows_of(feed) for name, feed in expected.items()
    }
    assert found["visits"].source.endswith("queue_log and 1 more")


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"there is no .*missing"):
        feeds_of(tmp_path / "missing")
    with pytest.raises(SourceNotFoundError, match="there is no queue log in"):
        feeds_of(tmp_path)
