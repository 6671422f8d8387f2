"""The content hash, against a slow oracle that follows its description word by word."""

from __future__ import annotations

import hashlib
import random
import struct
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import FrameType
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.errors import SchemaError
from kpicore.runs import content_hash

if TYPE_CHECKING:
    from _typeshed import TraceFunction


def _integer(value: int) -> bytes:
    return value.to_bytes(8, "little", signed=True)


def _text(value: bytes) -> bytes:
    return _integer(len(value)) + value


def _bits(value: float) -> int:
    return int(struct.unpack("<q", struct.pack("<d", value))[0])


def _microseconds(value: timedelta) -> int:
    return value // timedelta(microseconds=1)


def plain(value: object, kind: pa.DataType) -> int | bytes | None:
    """What a cell is in the serialisation: an integer or bytes."""
    match value:
        case None:
            return None
        case bool() | int():
            return int(value)
        case float():
            return _bits(value)
        case str():
            return value.encode()
        case Decimal():
            return f"{value:.{kind.scale}f}".encode()
        case datetime():
            return _microseconds(value - datetime(1970, 1, 1, tzinfo=UTC))
        case date():
            return (value - date(1970, 1, 1)).days
        case timedelta():
            return _microseconds(value)
    assert isinstance(value, list)
    if pa.types.is_map(kind):
        entries = sorted((plain(k, kind.key_type), plain(v, kind.item_type)) for k, v in value)
        return b"".join(cell(k) + cell(v) for k, v in entries)
    return b"".join(cell(plain(v, kind.value_type)) for v in value)


def cell(value: int | bytes | None) -> bytes:
    if value is None:
        return b"\0"
    return b"\1" + (_integer(value) if isinstance(value, int) else _text(value))


def kind_name(kind: pa.DataType) -> str:
    types = pa.types
    if types.is_map(kind):
        return f"map of {kind_name(kind.key_type)} to {kind_name(kind.item_type)}"
    if types.is_list(kind):
        return f"list of {kind_name(kind.value_type)}"
    tests = {
        "integer": types.is_integer,
        "float": types.is_floating,
        "flag": types.is_boolean,
        "time": types.is_timestamp,
        "duration": types.is_duration,
        "date": types.is_date,
        "decimal": types.is_decimal,
        "text": types.is_string,
        "null": types.is_null,
    }
    return next(name for name, test in tests.items() if test(kind))


def oracle(tables: dict[str, pa.Table]) -> str:
    out = b"kpicore content 1\n" + _integer(len(tables))
    for name, table in sorted(tables.items()):
        out += _text(name.encode()) + _integer(table.num_rows) + _integer(table.num_columns)
        columns, ranks = {}, {}
        for column in sorted(table.column_names):
            kind = table.schema.field(column).type
            values = [plain(v, kind) for v in table.column(column).to_pylist()]
            distinct = sorted({v for v in values if v is not None})
            rank: dict[int | bytes | None, int] = {v: i for i, v in enumerate(distinct, 1)} | {None: 0}
            columns[column] = (kind_name(kind), distinct)
            ranks[column] = [rank[v] for v in values]
        rows = sorted(zip(*ranks.values(), strict=True))
        for i, (column, (kind, distinct)) in enumerate(columns.items()):
            out += _text(column.encode()) + _text(kind.encode()) + _integer(len(distinct))
            if all(isinstance(v, int) for v in distinct):
                out += b"".join(_integer(v) for v in distinct if isinstance(v, int))
            else:
                out += b"".join(_integer(len(v)) for v in distinct if isinstance(v, bytes))
                out += b"".join(v for v in distinct if isinstance(v, bytes))
            out += b"".join(row[i].to_bytes(4, "little") for row in rows)
    return hashlib.sha256(out).hexdigest()


def optional(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


WORDS = st.text("ab张伟\n", max_size=3)
SCHEMA = pa.schema(
    {
        "word": pa.string(),
        "count": pa.int64(),
        "value": pa.float64(),
        "points": pa.decimal128(12, 3),
        "at": pa.timestamp("us", "UTC"),
        "day": pa.date32(),
        "took": pa.duration("us"),
        "flag": pa.bool_(),
        "parameters": pa.map_(pa.string(), pa.string()),
        "excluded": pa.map_(pa.string(), pa.int64()),
        "tags": pa.list_(pa.string()),
    }
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "word": optional(WORDS),
            "count": optional(st.sampled_from([-(2**63), -1, 0, 1, 2**63 - 1])),
            "value": optional(st.sampled_from([0.0, -0.0, 1.5, -1e300, 5e-324])),
            "points": optional(st.decimals(-10, 10, places=3)),
            "at": optional(st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))),
            "day": optional(st.dates(date(1950, 1, 1), date(2050, 1, 1))),
            "took": optional(st.timedeltas(timedelta(days=-5), timedelta(days=5))),
            "flag": optional(st.booleans()),
            "parameters": optional(
                st.dictionaries(WORDS, optional(WORDS), max_size=3).map(lambda d: [*d.items()])
            ),
            "excluded": optional(
                st.dictionaries(WORDS, st.integers(0, 3), max_size=2).map(lambda d: [*d.items()])
            ),
            "tags": optional(st.lists(optional(WORDS), max_size=3)),
        }
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(ROWS)
def test_follows_its_description(rows: list[dict[str, object]]) -> None:
    tables = {"values": pa.Table.from_pylist(rows, SCHEMA), "scores": pa.table({"x": pa.nulls(2)})}
    assert content_hash(tables) == oracle(tables)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ROWS, st.randoms(use_true_random=False), st.integers(0, 8))
def test_layout_does_not_matter(rows: list[dict[str, object]], chance: random.Random, cut: int) -> None:
    table = pa.Table.from_pylist(rows, SCHEMA)
    expected = content_hash({"values": table})
    shuffled = list(rows)
    chance.shuffle(shuffled)
    other = pa.Table.from_pylist(shuffled, SCHEMA)
    names = list(SCHEMA.names)
    chance.shuffle(names)
    other = pa.concat_tables([other.slice(0, cut), other.slice(cut)]).select(names)
    words = pa.chunked_array(
        [chunk.dictionary_encode() for chunk in other.column("word").chunks],
        pa.dictionary(pa.int32(), pa.string()),
    )
    other = other.set_column(names.index("word"), "word", words)
    other = other.set_column(names.index("count"), "count", other.column("count").dictionary_encode())
    assert content_hash({"values": other}) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pa.table({"x": [1, 2]}), pa.table({"x": [1, 1]})),
        (pa.table({"x": [1, 2]}), pa.table({"y": [1, 2]})),
        (pa.table({"x": [1]}), pa.table({"x": [1.0]})),
        (pa.table({"x": ["1"]}), pa.table({"x": [1]})),
        (pa.table({"x": [None]}, pa.schema({"x": pa.int64()})), pa.table({"x": [0]})),
        (pa.table({"x": [None]}, pa.schema({"x": pa.string()})), pa.table({"x": [""]})),
        (pa.table({"x": ["a", "bc"]}), pa.table({"x": ["ab", "c"]})),
        (pa.table({"x": [["a", "b"]]}), pa.table({"x": [["ab"]]})),
        (pa.table({"x": [["a"], ["b"]]}), pa.table({"x": [["a", "b"], []]})),
        (pa.table({"x": [1, 2], "y": [3, 4]}), pa.table({"x": [1, 2], "y": [4, 3]})),
        (pa.table({"x": [0.0]}), pa.table({"x": [-0.0]})),
    ],
)
def test_a_difference_shows(left: pa.Table, right: pa.Table) -> None:
    assert content_hash({"t": left}) != content_hash({"t": right})


def test_the_name_of_a_table_counts() -> None:
    table = pa.table({"x": [1]})
    assert content_hash({"a": table}) != content_hash({"b": table})
    assert content_hash({"a": table}) != content_hash({"a": table, "b": table})


def test_slices_and_widths() -> None:
    table = pa.table({"x": pa.array([9, 1, 2], pa.int64()), "w": ["z", "a", "b"]}).slice(1)
    narrow = pa.table({"x": pa.array([1, 2], pa.int16()), "w": pa.array(["a", "b"], pa.large_string())})
    assert content_hash({"t": table}) == content_hash({"t": narrow})


def test_many_distinct_values_do_not_overflow() -> None:
    """Ten columns of 300 distinct values have more combinations than an integer can count."""
    chance = random.Random(3)
    columns = {f"c{i}": [chance.randrange(300) for _ in range(300)] for i in range(9)}
    columns |= {"a0": [i % 2 for i in range(300)]}
    tables = {"t": pa.table(columns)}
    assert content_hash(tables) == oracle(tables)


def test_refuses_what_has_no_plain_form() -> None:
    with pytest.raises(SchemaError, match=r"t\.s: a column of type struct"):
        content_hash({"t": pa.table({"s": [{"a": 1}]})})
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"])
    with pytest.raises(SchemaError, match="two columns of one name"):
        content_hash({"t": twice})


def instructions(work: Callable[[], object]) -> int:
    """Returns how many instructions the interpreter runs for ``work``, whatever the machine is busy with."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> TraceFunction:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def values_of(rows: int) -> dict[str, pa.Table]:
    chance = random.Random(1)
    settings = pa.array(
        [[("within", "20s"), ("calls", "all")], [("mode", "x")]], pa.map_(pa.string(), pa.string())
    )
    table = pa.table(
        {
            "agent": [str(chance.randrange(rows)) for _ in range(rows)],
            "parameters": settings.take(pa.array([i % 2 for i in range(rows)])),
            "topics": [["a", "b"][: i % 3] for i in range(rows)],
            "value": [chance.random() for _ in range(rows)],
            "numerator": [chance.randrange(10**9) for _ in range(rows)],
        }
    )
    return {"values": table}


def test_no_row_costs_an_instruction_of_python() -> None:
    few, many = values_of(100), values_of(20_000)
    base = instructions(lambda: content_hash(few))
    assert base > 100
    assert instructions(lambda: content_hash(many)) < base + 1_000
