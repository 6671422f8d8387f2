"""Mappings: from any export to canonical tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kpicore.errors import MappingError, SchemaError, SourceError
from kpicore.tables import Log

MapFile = Callable[..., Log]

MESSAGES = """
zone = "Asia/Shanghai"
[[files]]
[[files.feeds]]
table = "messages"
[files.feeds.columns]
contact_id = "id"
at = "time"
author = { column = "who", values = { C = "customer", A = "agent" }, otherwise = "other" }
"""


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_an_export_in_gb18030_with_chinese_headers(map_file: MapFile) -> None:
    content = (
        "报表:会话明细\r\n"
        "会话ID,客服昵称,买家,开始时间,结束时间,首次响应(秒),会话状态,备注\r\n"
        '1001,小李,张三,2026/10/1 上午 9:05:00,2026/10/1 下午 1:05:30,12,已结束,"多行\r\n备注"\r\n'
        "1002,--,李四,2026/10/1 下午 11:59:00,2026/10/2 上午 12:01:00,--,已转接,\r\n"
        "1003,小王,王五,2026/10/1 上午 10:00:00,2026/10/1 上午 10:00:00,3,测试,\r\n"
    ).encode("gb18030")
    log = map_file(
        content,
        """
        zone = "Asia/Shanghai"
        [[files]]
        match = "*.csv"
        encoding = "gb18030"
        skip = 1
        null = ["--"]
        [[files.exclude]]
        reason = "test_account"
        where = { "会话状态" = "测试" }

        [[files.feeds]]
        table = "contacts"
        [files.feeds.columns]
        contact_id = "会话ID"
        agent_id = "客服昵称"
        customer_id = "买家"
        opened_at = { column = "开始时间", format = "%Y/%m/%d %p %I:%M:%S" }
        closed_at = { column = "结束时间", format = "%Y/%m/%d %p %I:%M:%S" }
        [files.feeds.dimensions]
        "状态" = { column = "会话状态", values = { "已结束" = "done" } }
        """,
    )
    assert log.tables["contacts"].to_pylist() == [
        {
            "contact_id": "1001",
            "agent_id": "小李",
            "customer_id": "张三",
            "opened_at": utc("2026-10-01T01:05:00"),
            "closed_at": utc("2026-10-01T05:05:30"),
            "状态": "done",
        },
        {
            "contact_id": "1002",
            "agent_id": None,
            "customer_id": "李四",
            "opened_at": utc("2026-10-01T15:59:00"),
            "closed_at": utc("2026-10-01T16:01:00"),
            "状态": "已转接",
        },
    ]
    assert log.ledger.rows("excluded") == {"test_account": 1}
    assert log.ledger.samples().to_pylist()[0] | {"source": ""} == {
        "source": "",
        "table": "contacts",
        "row": 3,
        "reason": "test_account",
        "column": "会话状态",
        "value": "测试",
    }


def test_words_and_times(map_file: MapFile) -> None:
    log = map_file(
        "id,time,who\nc1,2026-10-01 08:00:00,C\nc1,2026-10-01 08:00:05.5,A\nc1,2026-10-01T08:00,B\n", MESSAGES
    )
    assert log.tables["messages"].to_pylist() == [
        {"contact_id": "c1", "at": utc("2026-10-01"), "author": "customer"},
        {"contact_id": "c1", "at": utc("2026-10-01T00:00:05.5"), "author": "agent"},
        {"contact_id": "c1", "at": utc("2026-10-01"), "author": "other"},
    ]
    assert log.zone == "Asia/Shanghai"


def test_words_without_translation_are_rejected_unless_canonical(map_file: MapFile) -> None:
    log = map_file(
        "id,time,who\nc1,2026-10-01 08:00:00,C\nc1,2026-10-01 08:00:05,agent\nc1,2026-10-01 08:00,B\n",
        MESSAGES.replace(', otherwise = "other"', ""),
    )
    assert log.tables["messages"]["author"].to_pylist() == ["customer", "agent"]
    assert log.ledger.rows("rejected") == {"unknown:author": 1}


def test_a_time_that_does_not_parse_costs_its_row_only(map_file: MapFile) -> None:
    log = map_file(
        "id,time,who\nc1,2026-02-30 08:00:00,C\nc1,2026-10-01 08:00,C\nc1,soon,C\n,2026-10-01 08:00,C\n",
        MESSAGES,
    )
    assert log.tables["messages"].num_rows == 1
    assert log.ledger.rows("rejected") == {"unparsable:at": 2, "null:contact_id": 1}
    assert [(s["row"], s["column"], s["value"]) for s in log.ledger.samples().to_pylist()] == [
        (1, "at", "2026-02-30 08:00:00"),
        (3, "at", "soon"),
        (4, "contact_id", ""),
    ]


def test_times_none_of_which_parses_are_an_error(map_file: MapFile) -> None:
    with pytest.raises(
        SourceError, match=r"not one of 2 values is a ISO 8601 time; the first is '1\.10\.2026 8:00'"
    ) as caught:
        map_file("id,time,who\nc1,1.10.2026 8:00,C\nc2,2.10.2026 8:00,C\nc3,,C\n", MESSAGES)
    assert caught.value.exit_code == 3


def test_naive_times_need_a_zone(map_file: MapFile) -> None:
    content, mapping = (
        "id,time,who\nc1,2026-10-01 08:00:00,C\n",
        MESSAGES.replace('zone = "Asia/Shanghai"', ""),
    )
    with pytest.raises(SchemaError, match=r"log\.csv.*\n.*'at': found timestamp\[us\] without a zone"):
        map_file(content, mapping)
    assert map_file(content, mapping, zone="UTC").tables["messages"]["at"].to_pylist() == [
        utc("2026-10-01T08:00")
    ]
    offset = content.replace("08:00:00", "08:00:00+08:00")
    assert map_file(offset, mapping).tables["messages"]["at"].to_pylist() == [utc("2026-10-01")]
    assert map_file(offset, MESSAGES).tables["messages"]["at"].to_pylist() == [utc("2026-10-01")]


def test_local_times_that_a_clock_change_makes_doubtful_are_noted(map_file: MapFile) -> None:
    content = "id,time,who\nc1,2026-03-29 02:30:00,C\nc1,2026-10-25 02:30:00,C\n"
    log = map_file(content, MESSAGES.replace("Asia/Shanghai", "Europe/Berlin"))
    assert log.tables["messages"]["at"].to_pylist() == [utc("2026-03-29T01:30"), utc("2026-10-25T00:30")]
    assert log.ledger.rows("note") == {"nonexistent_local_time:at": 1, "ambiguous_local_time:at": 1}


SPLIT = """
zone = "UTC"
[[files]]
null = ["-"]
[files.define]
began = { date = "day", time = "from", format = "%m/%d/%Y %I:%M:%S %p" }
ended = { date = "day", time = "to", format = "%m/%d/%Y %I:%M:%S %p", not_before = "began" }
[[files.feeds]]
table = "segments"
when = { agent = { null = false } }
reason = "nobody"
[files.feeds.columns]
contact_id = { join = ["line", "call"], separator = "/" }
agent_id = "agent"
kind = { constant = "talk" }
start = "began"
end = ["ended", "began"]
[[files.feeds]]
table = "visits"
[files.feeds.columns]
contact_id = { join = ["line", "call"], separator = "/" }
entered_at = "began"
left_at = [
  { column = "ended", when = { agent = { null = false } } },
  { column = "began", when = { wait = 0 } },
]
outcome = [{ constant = "answered", when = { agent = { null = false } } }, { constant = "abandoned" }]
wait = { column = "wait", unit = "s" }
"""


def test_split_times_cross_midnight_and_feeds_take_their_rows(map_file: MapFile) -> None:
    log = map_file(
        "line,call,day,from,to,agent,wait\n"
        "A,1,12/31/2026,11:59:50 PM,12:00:10 AM,ann,1.5\n"
        "A,2,12/31/2026,12:00:00 PM,12:00:00 PM,-,0\n"
        "B,1,12/31/2026,1:00:00 AM,-,bob,7\n",
        SPLIT,
    )
    assert [(r["contact_id"], r["start"], r["end"]) for r in log.tables["segments"].to_pylist()] == [
        ("A/1", utc("2026-12-31T23:59:50"), utc("2027-01-01T00:00:10")),
        ("B/1", utc("2026-12-31T01:00"), utc("2026-12-31T01:00")),
    ]
    assert [(r["left_at"], r["outcome"], r["wait"]) for r in log.tables["visits"].to_pylist()] == [
        (utc("2027-01-01T00:00:10"), "answered", 1_500_000),
        (utc("2026-12-31T12:00"), "abandoned", 0),
        (None, "answered", 7_000_000),
    ]
    assert log.ledger.rows("excluded", table="segments") == {"nobody": 1}
    assert log.ledger.rows("excluded", table="visits") == {}


def test_a_little_earlier_is_not_the_next_day(map_file: MapFile) -> None:
    log = map_file("line,call,day,from,to,agent,wait\nA,1,12/31/2026,1:00:00 PM,12:59:00 PM,ann,0\n", SPLIT)
    assert log.ledger.rows("rejected", table="segments") == {"reversed": 1}


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ('{ a = "x" }', [1]),
        ('{ a = ["x", "y"] }', [1, 2]),
        ('{ a = { in = ["x", "y"] } }', [1, 2]),
        ('{ a = { not = "x" } }', [2, 3, 4]),
        ('{ a = { not = ["x", "y"] } }', [3, 4]),
        ("{ a = { null = true } }", [4]),
        ("{ a = { null = false } }", [1, 2, 3]),
        ("{ n = 1 }", [1, 2]),
        ('{ n = "1" }', [1]),
        ("{ n = { below = 1 } }", [3]),
        ("{ n = { above = -1, at_most = 1 } }", [1, 2]),
        ("{ n = { at_least = { column = 'm' } } }", [2, 3]),
        ("{ n = { equals = { column = 'm' } } }", [2]),
        ("{ n = { not = { column = 'm' } } }", [1, 3, 4]),
        ("{ a = 'x', n = { below = 2 } }", [1]),
        ("[{ a = 'x' }, { n = { below = 0 } }]", [1, 3]),
        ("{ t = { below = { column = 'u' } } }", [1]),
        ("{ t = { equals = { column = 'u' } } }", [3]),
    ],
)
def test_conditions(map_file: MapFile, where: str, rows: list[int]) -> None:
    log = map_file(
        "id,a,n,m,t0,u0\n"
        "1,x,1,2.5,2026-10-01 08:00,2026-10-01 08:01\n"
        "2,y,1.0,1.0,2026-10-01 08:00,\n"
        "3,z,-1,-2,2026-10-01 08:00,2026-10-01 08:00\n"
        "4,,many,1,2026-10-01 08:02,2026-10-01 08:01\n",
        f"""
        zone = "UTC"
        [[files]]
        define.t = {{ column = "t0", format = "%Y-%m-%d %H:%M" }}
        define.u = {{ column = "u0", format = "%Y-%m-%d %H:%M" }}
        exclude = [{{ reason = "chosen", where = {where} }}]
        [[files.feeds]]
        table = "contacts"
        columns = {{ contact_id = "id" }}
        """,
    )
    left = {int(identity) for identity in log.tables["contacts"]["contact_id"].to_pylist()}
    assert sorted({1, 2, 3, 4} - left) == rows


def test_the_first_reason_wins(map_file: MapFile) -> None:
    log = map_file(
        "id,a,b\n1,x,y\n2,x,\n3,,y\n4,,\n",
        """
        [[files]]
        exclude = [{ reason = "x", where = { a = "x" } }, { reason = "y", where = { b = "y" } }]
        [[files.feeds]]
        table = "contacts"
        columns = { contact_id = "id" }
        """,
    )
    assert log.ledger.rows("excluded") == {"x": 2, "y": 1}
    assert log.tables["contacts"]["contact_id"].to_pylist() == ["4"]


def test_values_of_every_kind(map_file: MapFile) -> None:
    log = map_file(
        "id|score|scale|topics|spam|n|zero\n1|满意|5|a; b;|是|+3|0\n2|4.5||a|no|-2|7\n3|||||many|\n",
        """
        [[files]]
        delimiter = "|"
        [[files.feeds]]
        table = "contacts"
        [files.feeds.columns]
        contact_id = "id"
        topics = { column = "topics", split = ";" }
        filtered = "spam"
        reopens = "n"
        [[files.feeds]]
        table = "surveys"
        [files.feeds.columns]
        kind = { constant = "csat" }
        score = { column = "score", values = { "满意" = 5 } }
        scale_max = "scale"
        contact_id = { column = "zero", null = ["0"] }
        """,
    )
    assert [tuple(row.values()) for row in log.tables["contacts"].to_pylist()] == [
        ("1", ["a", " b"], 3, True),
        ("2", ["a"], -2, False),
    ]
    assert [tuple(row.values()) for row in log.tables["surveys"].to_pylist()] == [
        ("csat", 5.0, 5.0, None),
        ("csat", 4.5, None, "7"),
        ("csat", None, None, None),
    ]
    assert log.ledger.rows("rejected") == {"unparsable:reopens": 1}


def test_typed_columns_pass_through(tmp_path: Path, open_path: MapFile) -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "day": pa.array([dt.date(2026, 10, 1)] * 3),
            "began": pa.array([dt.datetime(2026, 10, 1, 8)] * 3, pa.timestamp("ns")),
            "customer": pa.array([0, 7, 8]),
            "queue": pa.array(["a", "b", "b"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "calls.parquet")
    (tmp_path / "m.toml").write_text(
        """
        zone = "Asia/Shanghai"
        [[files]]
        exclude = [{ reason = "eight", where = { customer = 8 } }]
        [[files.feeds]]
        table = "contacts"
        [files.feeds.columns]
        contact_id = "id"
        customer_id = { column = "customer", null = ["0"] }
        opened_at = { column = "day", format = "date" }
        closed_at = "began"
        queue = [{ column = "queue", when = { queue = "a" } }, { constant = "rest" }]
        """
    )
    log = open_path(tmp_path / "calls.parquet", mapping=tmp_path / "m.toml")
    assert log.tables["contacts"].schema.field("contact_id").type == pa.int64()
    assert [tuple(row.values()) for row in log.tables["contacts"].to_pylist()] == [
        (1, None, "a", utc("2026-09-30T16:00"), utc("2026-10-01")),
        (2, 7, "rest", utc("2026-09-30T16:00"), utc("2026-10-01")),
    ]


def test_a_folder_of_files(tmp_path: Path, open_path: MapFile) -> None:
    for name, content in (
        ("2026-10/chats_a.csv", "id,time,who\nc1,2026-10-01 08:00,C\n"),
        ("2026-11/chats_a.csv", "id,time,who\nc2,2026-11-01 08:00,C\n"),
        ("calls.tsv", "call\tagent\nx\tann\n"),
        ("notes.txt", "nothing"),
        (".hidden.csv", "nothing"),
    ):
        (tmp_path / "log" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "log" / name).write_text(content)
    (tmp_path / "m.toml").write_text(
        MESSAGES.replace("[[files]]", '[[files]]\nmatch = ["*/chats_*.csv"]')
        + """
        [[files]]
        match = "calls.*"
        [[files.feeds]]
        table = "contacts"
        columns = { contact_id = "call", agent_id = "agent" }
        [[files]]
        match = "surveys*.csv"
        [[files.feeds]]
        table = "surveys"
        columns = { kind = { constant = "csat" } }
        """
    )
    log = open_path(tmp_path / "log", mapping=tmp_path / "m.toml")
    assert log.tables["messages"]["contact_id"].to_pylist() == ["c1", "c2"]
    assert log.tables["contacts"].num_rows == 1
    assert [(source.name, source.adapter) for source in log.sources] == [
        ("2026-10/chats_a.csv", "m.toml"),
        ("2026-11/chats_a.csv", "m.toml"),
        ("calls.tsv", "m.toml"),
        ("m.toml", "mapping"),
    ]
    assert log.ledger.rows("note") == {"no_mapping_for_file": 1, "no_file_for:surveys*.csv": 1}


def test_columns_that_a_file_does_not_have(map_file: MapFile) -> None:
    with pytest.raises(MappingError) as caught:
        map_file("Id,tine,who\n1,2,3\n", MESSAGES)
    assert caught.value.problems == (
        "files[0].feeds[0].columns.contact_id: 'log.csv' has no column 'id'; did you mean 'Id'?",
        "files[0].feeds[0].columns.at: 'log.csv' has no column 'time'; did you mean 'tine'?",
    )
    with pytest.raises(MappingError, match="is the delimiter, the header or the encoding another one"):
        map_file("id;time;who\n1;2;3\n", MESSAGES)


def test_a_mapping_that_fits_no_file(map_file: MapFile) -> None:
    with pytest.raises(MappingError, match=r"no file matches \*\.tsv"):
        map_file("id\n", MESSAGES.replace("[[files]]", '[[files]]\nmatch = "*.tsv"'))


def test_a_file_without_rows(map_file: MapFile) -> None:
    log = map_file("id,time,who\n", MESSAGES)
    assert log.tables["messages"].num_rows == 0
    assert log.ledger.rows("used") == {"": 0}
    assert map_file("line,call,day,from,to,agent,wait\n", SPLIT).tables["visits"].num_rows == 0


def test_headers_from_the_mapping(map_file: MapFile) -> None:
    mapping = MESSAGES.replace("[[files]]", '[[files]]\nheader = ["id", "time", "who"]')
    assert map_file("c1,2026-10-01 08:00,C\n", mapping).tables["messages"].num_rows == 1
