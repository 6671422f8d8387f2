"""What producers do differently, and what breaks the contract."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kpicore.errors import CalendarError, SchemaError, SourceError
from kpicore.facts.schemas import SEGMENTS, VISITS
from kpicore.plugin import TABLES, Column, Kind, RowTally, TableSchema
from kpicore.tables import ROW, normalise

ID = pa.dictionary(pa.int32(), pa.string())
UTC = pa.timestamp("us", "UTC")
STATES = TABLES["agent_states"]
NOON = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)


def one(kind: Kind, *, required: bool = False, values: tuple[str, ...] = (), name: str = "x") -> TableSchema:
    column = Column(name=name, kind=kind, doc="a column", required=required, values=values, domain="x")
    return TableSchema(name="one", doc="one column", columns=(column,))


def codes(indices: list[int | None], dictionary: list[str | None], index: pa.DataType) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(indices, index), pa.array(dictionary), safe=False)


def states(**columns: pa.Array) -> pa.Table:
    base = {
        "agent_id": pa.array(["ann", "bob", "ann"]),
        "at": pa.array([NOON] * 3, UTC),
        "state": pa.array(["available", "break", "offline"]),
    }
    return pa.table(base | columns)


def test_canonical_input_is_not_copied() -> None:
    agents = codes([0, 1, 0], ["ann", "bob"], pa.int32())
    times = pa.array([NOON] * 3, UTC)
    state = pa.DictionaryArray.from_arrays(
        pa.array([0, 3, 10], pa.int32()), pa.array(STATES.column("state").values)
    )
    result = normalise(states(agent_id=agents, at=times, state=state), STATES, source="log").table
    for name, buffer in (
        ("agent_id", agents.indices.buffers()[1]),
        ("at", times.buffers()[1]),
        ("state", state.indices.buffers()[1]),
    ):
        chunk = result.column(name).chunk(0)
        chunk = chunk.indices if pa.types.is_dictionary(chunk.type) else chunk
        assert chunk.buffers()[1].address == buffer.address, name


@pytest.mark.parametrize(
    "text",
    [
        pa.array(["ann", None, "bob"]),
        pa.array(["ann", None, "bob"], pa.large_string()),
        pa.array(["ann", None, "bob"], pa.string_view()),
        codes([0, None, 1], ["ann", "bob"], pa.uint8()),
        codes([2, 1, 0], ["bob", None, "ann"], pa.uint32()),
        codes([1, None, 0], ["bob", "ann"], pa.int64()),
        pa.DictionaryArray.from_arrays(
            pa.array([1, None, 0], pa.uint32()), pa.array(["bob", "ann"], pa.string_view())
        ),
        pa.chunked_array([codes([0], ["ann"], pa.int8()), codes([None, 0], ["bob"], pa.int8())]),
        pa.chunked_array([pa.array(["ann"], pa.string_view()), pa.array([None, "bob"], pa.string_view())]),
        pa.chunked_array([pa.array([v], pa.string_view()).dictionary_encode() for v in ("ann", None, "bob")]),
        pa.chunked_array(
            [pa.array([v], pa.large_string()).dictionary_encode() for v in ("ann", None, "bob")]
        ),
        pc_run_end := pa.RunEndEncodedArray.from_arrays(
            pa.array([1, 2, 3], pa.int32()), pa.array(["ann", None, "bob"])
        ),
    ],
    ids=lambda array: str(array.type)[:60],
)
@pytest.mark.parametrize("kind", [Kind.ID, Kind.KEY])
def test_text_of_any_kind_becomes_one_dictionary(text: pa.Array, kind: Kind) -> None:
    column = normalise(pa.table({"x": text}), one(kind), source="log").table.column("x")
    assert column.type == ID
    assert column.to_pylist() == ["ann", None, "bob"]
    assert len({tuple(chunk.dictionary.to_pylist()) for chunk in column.chunks}) == 1
    assert None not in column.chunk(0).dictionary.to_pylist()


def test_ids_from_integers() -> None:
    numbers = pa.array([7, None, -3], pa.int16())
    assert normalise(pa.table({"x": numbers}), one(Kind.ID), source="log").table["x"].to_pylist() == [
        "7",
        None,
        "-3",
    ]
    key = normalise(pa.table({"x": numbers}), one(Kind.KEY), source="log").table["x"]
    assert (key.type, key.to_pylist()) == (pa.int64(), [7, None, -3])
    coded = pa.array([7, None, 7], pa.int64()).dictionary_encode()
    assert normalise(pa.table({"x": coded}), one(Kind.KEY), source="log").table["x"].to_pylist() == [
        7,
        None,
        7,
    ]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "+00:00", "Asia/Shanghai"])
def test_times_of_any_unit_and_zone_are_microseconds_utc(unit: str, zone: str) -> None:
    times = pa.array([NOON, None], pa.timestamp(unit, zone))
    column = normalise(pa.table({"x": times}), one(Kind.TIME), source="log").table["x"]
    assert column.type == UTC
    assert column.to_pylist() == [NOON, None]


def test_a_naive_time_is_refused_unless_its_zone_is_named() -> None:
    naive = pa.table({"x": pa.array([dt.datetime(2026, 10, 1, 20)], pa.timestamp("ms"))})
    with pytest.raises(SchemaError, match=r"without a zone.*name the zone"):
        normalise(naive, one(Kind.TIME), source="log")
    assert normalise(naive, one(Kind.TIME), source="log", zone="Asia/Shanghai").table["x"].to_pylist() == [
        NOON
    ]
    with pytest.raises(CalendarError, match="Asia/Shangai"):
        normalise(naive, one(Kind.TIME), source="log", zone="Asia/Shangai")


def test_local_times_that_occur_twice_or_never() -> None:
    walls = [
        dt.datetime(2026, 3, 8, 1, 59, 59),
        dt.datetime(2026, 3, 8, 2, 30),
        dt.datetime(2026, 3, 8, 3, 0),
        dt.datetime(2026, 11, 1, 0, 59, 59),
        dt.datetime(2026, 11, 1, 1, 30),
        dt.datetime(2026, 11, 1, 2, 0),
        dt.datetime(9999, 12, 31, 23, 59, 59),
        dt.datetime(1, 1, 1),
        None,
    ]
    from kpicore.clock import load_zone

    zone = load_zone("America/New_York")
    result = normalise(
        pa.table({"x": pa.array(walls, pa.timestamp("us"))}),
        one(Kind.TIME),
        source="log",
        zone="America/New_York",
    )
    found = result.table["x"].to_pylist()
    assert found[:6] == [wall.replace(tzinfo=zone).astimezone(dt.UTC) for wall in walls[:6] if wall]
    assert found[6] == dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC)
    assert found[7] is not None
    assert found[8] is None
    assert result.notes == {"nonexistent_local_time:x": 1, "ambiguous_local_time:x": 1}


def test_dates_and_text_are_no_times() -> None:
    for values in (pa.array([dt.date(2026, 10, 1)]), pa.array(["2026-10-01"]), pa.array([1])):
        with pytest.raises(SchemaError, match="expected timestamp with a zone"):
            normalise(pa.table({"x": values}), one(Kind.TIME), source="log", zone="UTC")


def test_durations() -> None:
    for unit, scale in (("s", 1), ("ms", 1000), ("us", 10**6), ("ns", 10**9)):
        column = pa.array([2 * scale, None], pa.int64()).cast(pa.duration(unit))
        assert normalise(pa.table({"x": column}), one(Kind.DURATION), source="log").table[
            "x"
        ].to_pylist() == [
            2_000_000,
            None,
        ]
    result = normalise(pa.table({"x": pa.array([5, -1], pa.int32())}), one(Kind.DURATION), source="log")
    assert result.table["x"].to_pylist() == [5]
    assert result.tally.rejected == {"negative:x": 1}
    wild = pa.array([2**62], pa.int64()).cast(pa.duration("s"))
    assert normalise(pa.table({"x": wild}), one(Kind.DURATION), source="log").tally.rejected == {
        "out_of_range:x": 1
    }


def test_numbers() -> None:
    floats = pa.array([1.5, float("nan"), float("inf"), None])
    result = normalise(pa.table({"x": floats}), one(Kind.NUMBER), source="log")
    assert result.table["x"].to_pylist() == [1.5, None, None]
    assert result.tally.rejected == {"infinite:x": 1}
    assert result.notes == {"nan_as_null:x": 1}
    decimals = pa.array([Decimal("2.50")])
    assert normalise(pa.table({"x": decimals}), one(Kind.NUMBER), source="log").table["x"].to_pylist() == [
        2.5
    ]
    huge = pa.array([2**63, 1], pa.uint64())
    assert normalise(pa.table({"x": huge}), one(Kind.INTEGER), source="log").tally.rejected == {
        "out_of_range:x": 1
    }
    with pytest.raises(SchemaError, match="found double, expected integer"):
        normalise(pa.table({"x": floats}), one(Kind.INTEGER), source="log")


def test_money_is_exact() -> None:
    amounts = [Decimal("1.23450"), Decimal("1.23456"), Decimal("123456789012345678901"), None]
    result = normalise(
        pa.table({"x": pa.array(amounts, pa.decimal128(38, 5))}), one(Kind.MONEY), source="log"
    )
    assert result.table.schema.field("x").type == pa.decimal128(18, 4)
    assert result.table["x"].to_pylist() == [Decimal("1.2345"), None]
    assert result.tally.rejected == {"out_of_range:x": 1, "inexact:x": 1}
    assert normalise(pa.table({"x": [3]}), one(Kind.MONEY), source="log").table["x"].to_pylist() == [
        Decimal(3)
    ]
    with pytest.raises(SchemaError, match="binary fractions are not exact"):
        normalise(pa.table({"x": [3.1]}), one(Kind.MONEY), source="log")


def test_lists_of_ids() -> None:
    for kind in (
        pa.list_(pa.string()),
        pa.large_list(pa.string_view()),
        pa.list_(pa.dictionary(pa.uint8(), pa.string())),
    ):
        column = pa.array([["a", "b"], None, []], kind)
        found = normalise(pa.table({"x": column}), one(Kind.IDS), source="log").table["x"]
        assert (found.type, found.to_pylist()) == (pa.list_(pa.string()), [["a", "b"], None, []])


@pytest.mark.parametrize("kind", list(Kind))
def test_a_column_of_nothing_takes_the_type_of_its_kind(kind: Kind) -> None:
    schema = one(kind, values=("a",) if kind is Kind.ENUM else ())
    empty = normalise(pa.table({"x": pa.nulls(0)}), schema, source="log").table
    nulls = normalise(pa.table({"x": pa.nulls(3)}), schema, source="log").table
    assert empty.schema == nulls.schema
    assert nulls["x"].null_count == 3


def test_producers() -> None:
    arrow = states()
    frame = pl.from_arrow(arrow)
    assert isinstance(frame, pl.DataFrame)
    relation = duckdb.connect().from_arrow(arrow)
    pandas = pd.DataFrame(
        {"agent_id": ["ann", "bob", "ann"], "at": [NOON] * 3, "state": ["available", "break", "offline"]}
    )
    expected = normalise(arrow, STATES, source="log").table
    polars = [
        frame,
        frame.with_columns(pl.col("state").cast(pl.Categorical), pl.col("at").dt.cast_time_unit("ns")),
    ]
    for producer in (*polars, relation, pandas, arrow.to_reader(), arrow.to_batches()[0]):
        assert normalise(producer, STATES, source="log").table.equals(expected), type(producer)  # type: ignore[arg-type]


def test_row_faults_are_left_out_counted_and_shown() -> None:
    table = states(
        agent_id=pa.array(["ann", None, "ann"]), state=pa.array(["available", "break", "dancing" + "!" * 100])
    )
    result = normalise(table, STATES, source="log")
    assert result.table.num_rows == result.tally.used == 1
    assert result.tally.rows_in == 3
    assert result.tally.rejected == {"unknown:state": 1, "null:agent_id": 1}
    assert sorted(result.tally.samples) == [
        (2, "null:agent_id", "agent_id", ""),
        (3, "unknown:state", "state", ("dancing" + "!" * 100)[:80]),
    ]


def test_a_row_with_several_faults_counts_once() -> None:
    table = states(agent_id=pa.array([None, "bob", "ann"]), state=pa.array(["dancing", "break", "offline"]))
    result = normalise(table, STATES, source="log")
    assert result.tally.rejected.total() == 1
    assert result.table.num_rows == 2


def test_an_interval_must_not_end_before_it_starts() -> None:
    later = NOON + dt.timedelta(seconds=1)
    table = pa.table(
        {
            "contact_id": [1, 2, 3],
            "agent_id": ["ann"] * 3,
            "kind": ["talk"] * 3,
            "start": pa.array([NOON, later, NOON], UTC),
            "end": pa.array([later, NOON, NOON], UTC),
        }
    )
    result = normalise(table, SEGMENTS, source="log")
    assert result.tally.rejected == {"reversed": 1}
    assert result.table["contact_id"].to_pylist() == [1, 3]
    open_end = pa.table(
        {
            "contact_id": [1],
            "entered_at": pa.array([NOON], UTC),
            "left_at": pa.array([None], UTC),
            "outcome": ["unknown"],
        }
    )
    assert normalise(open_end, VISITS, source="log").table.num_rows == 1


def test_the_rows_of_a_feed_keep_their_numbers_in_the_source() -> None:
    table = states(agent_id=pa.array(["ann", None, "ann"])).append_column(ROW, pa.array([10, 20, 30]))
    tally = RowTally(rows_in=30)
    tally.excluded["phantom"] = 27
    result = normalise(table, STATES, source="log", tally=tally)
    assert result.tally.samples == [(20, "null:agent_id", "agent_id", "")]
    assert ROW not in result.table.column_names
    assert (result.tally.rows_in, result.tally.used) == (30, 2)


def test_rows_that_an_adapter_lost_are_an_error() -> None:
    with pytest.raises(SourceError, match="4 rows came in"):
        normalise(states(), STATES, source="log", tally=RowTally(rows_in=4))


def test_all_faults_of_structure_come_at_once() -> None:
    table = pa.table(
        [pa.array([1.5]), pa.array(["2026"]), pa.array(["a"]), pa.array(["b"]), pa.array([1])],
        names=["agent_id", "at", "reason", "reason", "state_"],
    )
    with pytest.raises(SchemaError) as caught:
        normalise(table, STATES, source="log.parquet")
    assert "log.parquet" in caught.value.message
    text = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    for part in (
        "'reason': found 2 times",
        "'state': missing, expected enum (the state); did you mean 'state_'?",
        "'agent_id': found double",
        "'at': found string",
    ):
        assert part in text


def test_codes_outside_their_dictionary_are_refused() -> None:
    for broken in (codes([0, 7], ["a"], pa.int8()), codes([0, -1], ["a"], pa.int32())):
        for kind in (Kind.ID, Kind.ENUM, Kind.TEXT, Kind.KEY):
            with pytest.raises(SchemaError, match="in a dictionary of 1 values"):
                normalise(pa.table({"x": broken}), one(kind, values=("a",)), source="log")
    lists = pa.ListArray.from_arrays(pa.array([0, 2], pa.int32()), codes([0, 7], ["a"], pa.int8()))
    with pytest.raises(SchemaError, match="Dictionary indices invalid"):
        normalise(pa.table({"x": lists}), one(Kind.IDS), source="log")


def not_utf8(view: pa.DataType) -> pa.Array:
    data = pa.array([b"ann", b"\xff\xfe", b"bob"], pa.binary())
    array = pa.StringArray.from_buffers(3, data.buffers()[1], data.buffers()[2])
    return array.cast(view) if view != pa.string() else array


@pytest.mark.parametrize("kind", [Kind.ID, Kind.TEXT, Kind.ENUM])
def test_values_that_are_no_utf8_are_row_faults(kind: Kind) -> None:
    schema = one(kind, values=("ann", "bob"))
    for array in (
        not_utf8(pa.string()),
        not_utf8(pa.large_string()),
        not_utf8(pa.string()).dictionary_encode(),
    ):
        result = normalise(pa.table({"x": array}), schema, source="log")
        assert result.table["x"].to_pylist() == ["ann", "bob"]
        assert result.tally.rejected == {"invalid_utf8:x": 1}
        assert result.tally.samples[0][0] == 2


def test_names_that_are_no_utf8_are_refused() -> None:
    broken = pa.schema([pa.field(b"\xff\xfe", pa.string())])
    with pytest.raises(SchemaError, match="column 1: found a name that is no UTF-8"):
        normalise(pa.Table.from_arrays([pa.array(["a"])], schema=broken), one(Kind.ID), source="log")


def test_further_columns() -> None:
    extra = {"priority": pa.array([2, None, 2]), "body": pa.array([1.5, 1.5, 1.5])}
    contacts = pa.table({"contact_id": ["1", "2", "3"], **extra})
    kept = normalise(contacts, TABLES["contacts"], source="log")
    assert kept.table.schema.field("priority").type == ID
    assert kept.table["priority"].to_pylist() == ["2", None, "2"]
    assert kept.dropped == ("body",)
    dropped = normalise(states(**extra), STATES, source="log")
    assert dropped.dropped == ("priority", "body")
    assert "priority" not in dropped.table.column_names


def test_what_is_no_stream_is_an_error() -> None:
    with pytest.raises(SourceError, match="cannot be read as an Arrow stream"):
        normalise(42, STATES, source="log")  # type: ignore[arg-type]


def test_no_rows_at_all() -> None:
    result = normalise(states().slice(0, 0), STATES, source="log")
    assert (result.table.num_rows, result.tally.rows_in, result.table.schema.field("agent_id").type) == (
        0,
        0,
        ID,
    )
    chunkless = pa.table([pa.chunked_array([], f.type) for f in states().schema], schema=states().schema)
    assert normalise(chunkless, STATES, source="log").table.schema == result.table.schema


def test_offsets_beyond_the_data_are_refused_before_they_are_followed() -> None:
    offsets = pa.array([0, 10**6, 2], pa.int32()).buffers()[1]
    wild = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"ab"))
    for array in (wild, pa.DictionaryArray.from_arrays(pa.array([0, 1]), wild)):
        for kind in (Kind.ID, Kind.KEY, Kind.ENUM, Kind.TEXT):
            with pytest.raises(SchemaError, match="damaged data"):
                normalise(pa.table({"x": array}), one(kind, values=("a",)), source="log")


def test_slices_are_honoured() -> None:
    agents = codes([9, 0, 1, 0], ["ann", "bob"], pa.int32()).slice(1)
    result = normalise(states(agent_id=agents), STATES, source="log")
    assert result.table["agent_id"].to_pylist() == ["ann", "bob", "ann"]


def test_an_adapter_that_joins_rows_accounts_for_them_itself() -> None:
    tally = RowTally(rows_in=9, used=7, excluded=Counter(no_entry=2))
    table = states(state=pa.array(["available", "nap", "offline"]))
    result = normalise(table, STATES, source="log", tally=tally)
    rejected = 3 - result.table.num_rows
    assert (result.tally.rows_in, result.tally.used) == (9, 7 - rejected)
    assert result.tally.rejected.total() == rejected
    with pytest.raises(SourceError, match="9 rows came in for the table 'agent_states', but 6 were handed"):
        normalise(states(), STATES, source="log", tally=RowTally(rows_in=9, used=6, excluded=Counter(a=2)))
