"""Reading rows: text files and exports, zones, compression, rows that cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from kpicore_asterisk.rows import Reader, looks_like_queue_log

from kpicore.plugin import SourceError, UsageError

TEXT = """1366720340|1366720340.303267|sales|NONE|ENTERQUEUE||5551234|1
1366720350.25|1366720340.303267|sales|SIP/8007|CONNECT|10|1366720341.9|4

1366720360|1366720340.303267|sales
soon|1366720340.303267|sales|SIP/8007|COMPLETEAGENT|10|20|1
1366720370|1366720340.303267|sales|SIP/8007|completeagent|10|20|1
"""
TABLE = """time,callid,queuename,agent,event,data1,data2,data3,data4,data5
2013-04-23 14:32:20,c1,sales,NONE,ENTERQUEUE,,5551234,1,,
2013-04-23 14:32:30.25,c1,sales,SIP/8007,CONNECT,10,x,4,,
2013-04-23 14:32:40,c1,sales
2013-04-23T12:32:50+00:00,c1,sales,SIP/8007,COMPLETEAGENT,10,20,1,,
"""


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_text_file(tmp_path: Path) -> None:
    reader = Reader(None)
    rows = list(reader.read(write(tmp_path / "queue_log", TEXT)))
    assert [row.event for row in rows] == ["ENTERQUEUE", "CONNECT", "COMPLETEAGENT"]
    assert [row.time for row in rows] == [1366720340_000000, 1366720350_250000, 1366720370_000000]
    assert [row.number for row in rows] == [1, 2, 5]
    assert rows[1].seconds(1) == 10_000_000
    assert rows[1].text(9) == ""
    assert rows[1].seconds(9) is None
    assert reader.rows_in == 5
    assert reader.rejected == {"malformed": 2}
    assert [sample[0] for sample in reader.samples] == [3, 4]


def test_a_table_in_local_time(tmp_path: Path) -> None:
    reader = Reader("Europe/Paris")
    rows = list(reader.read(write(tmp_path / "queue_log.csv", TABLE)))
    assert [row.time for row in rows] == [1366720340_000000, 1366720350_250000, 1366720370_000000]
    assert reader.rows_in == 4
    assert reader.rejected == {"malformed": 1}


def test_other_delimiters_and_names_of_columns(tmp_path: Path) -> None:
    text = "callid;time;queue;agent;event;data1\nc1;1366720340;sales;NONE;FULL;\n"
    (row,) = Reader(None).read(write(tmp_path / "x.csv", text))
    assert (row.callid, row.queue, row.event) == ("c1", "sales", "FULL")


def test_local_time_needs_a_zone(tmp_path: Path) -> None:
    path = write(tmp_path / "queue_log.csv", TABLE)
    with pytest.raises(
        UsageError, match=r"queue_log.csv, row 1: the time '2013-04-23 14:32:20' names no zone"
    ):
        list(Reader(None).read(path))
    with pytest.raises(UsageError, match="no time zone 'Mars/Olympus'"):
        Reader("Mars/Olympus")


def test_compressed(tmp_path: Path) -> None:
    path = tmp_path / "queue_log.1.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    assert len(list(Reader(None).read(path))) == 3
    assert looks_like_queue_log(path)
    broken = write(tmp_path / "queue_log.2.gz", TEXT)
    with pytest.raises(SourceError, match=r"queue_log\.2\.gz"):
        list(Reader(None).read(broken))
    assert not looks_like_queue_log(broken)


def test_bytes_that_are_no_text_harm_one_field_only(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes(b"1366720340|c\xff1|sales|NONE|ENTERQUEUE||1|1\n")
    (row,) = Reader(None).read(path)
    assert row.callid == "c\ufffd1"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (TEXT, True),
        (TABLE, True),
        ("1366720340|NONE|NONE|NONE|QUEUESTART|\n", True),
        ("1366720340|NONE|NONE|NONE|CONFIGRELOAD\n", True),
        ("2013-04-23 14:32:20.5|c1|sales|NONE|FULL|\n", True),
        ("time|callid|queuename|agent|event|data1\n", True),
        ("a,b,c\n1,2,3\n", False),
        ("1366720340|2\n", False),
        ("", False),
    ],
)
def test_recognising(tmp_path: Path, text: str, is_one: bool) -> None:
    assert looks_like_queue_log(write(tmp_path / "file", text)) is is_one
    assert not looks_like_queue_log(tmp_path)
