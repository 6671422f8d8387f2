"""Data for programs: JSON without NaN, CSV without formulas, Parquet as it was, files whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kpicore.cli.emit import emit, to_json
from kpicore.cli.options import Output
from kpicore.cli.sheet import Sheet

TABLE = pa.table(
    {
        "agent": ["王芳", "=HYPERLINK(1)", "a\x1b[31m\x9b0mb"],
        "value": [1.5, float("nan"), None],
        "n": pa.array([1, None, -3], pa.int64()),
        "excluded": pa.array([[("short", 2)], [], None], pa.map_(pa.string(), pa.int64())),
        "points": pa.array([Decimal("87.50"), None, Decimal("-1.25")], pa.decimal128(10, 2)),
        "at": pa.array([datetime(2026, 10, 1, tzinfo=UTC)] * 3, pa.timestamp("us", "UTC")),
        "provisional": [True, False, None],
    }
)


def never() -> Sequence[Sheet]:
    raise AssertionError("nobody asked for a table")


def test_json_is_a_list_of_rows(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Output(format="json"), TABLE, never)
    out = capsys.readouterr().out
    rows = json.loads(out)
    assert rows[0] == {
        "agent": "王芳",
        "value": 1.5,
        "n": 1,
        "excluded": {"short": 2},
        "points": 87.5,
        "at": "2026-10-01T00:00:00+00:00",
        "provisional": True,
    }
    assert [row["value"] for row in rows] == [1.5, None, None]
    assert rows[2]["agent"] == "a\x1b[31m\x9b0mb"
    assert "王芳" in out
    assert "NaN" not in out
    assert not set(out) & {"\x1b", "\x9b"}
    assert len(out.splitlines()) == 3 + 2


def test_json_of_nothing_and_of_one_thing() -> None:
    assert "".join(to_json([])) == "[]\n"
    assert "".join(to_json(TABLE.slice(0, 0))) == "[]\n"
    assert json.loads("".join(to_json({"a": [1, {"b": (2,)}]}))) == {"a": [1, {"b": [2]}]}


def test_json_knows_the_types_of_records() -> None:
    record = {
        "f": Fraction(1, 4),
        "d": date(2026, 1, 2),
        "t": timedelta(seconds=2),
        "s": {"b", "a"},
        "p": Path("x/y"),
        "inf": [float("inf"), -float("inf")],
    }
    found = json.loads("".join(to_json([record])))
    assert found == [
        {"f": 0.25, "d": "2026-01-02", "t": 2_000_000, "s": ["a", "b"], "p": "x/y", "inf": [None, None]}
    ]


def test_csv_has_no_formulas_and_no_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Output(format="csv"), TABLE, never)
    out = capsys.readouterr().out
    header, *rows = csv.reader(out.splitlines())
    assert header == TABLE.column_names
    assert rows[0] == ["王芳", "1.5", "1", '{"short": 2}', "87.5", "2026-10-01T00:00:00+00:00", "true"]
    assert rows[1] == ["'=HYPERLINK(1)", "", "", "", "", "2026-10-01T00:00:00+00:00", "false"]
    # A negative number is a number; only text can be a formula.
    assert rows[2] == ["ab", "", "-3", "", "-1.25", "2026-10-01T00:00:00+00:00", ""]


def test_csv_of_records_has_the_columns_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    emit(Output(format="csv"), [{"a": 1}, {"b": 'x "y", z\n'}], never)
    assert list(csv.reader(capsys.readouterr().out.splitlines())) == [["a", "b"], ["1", ""], ["", 'x "y", z']]


def test_parquet_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "values.parquet"
    emit(Output(format="parquet", path=path), TABLE, never)
    with pq.ParquetFile(path) as file:
        assert file.read().schema == TABLE.schema
    emit(Output(format="parquet", path=path), [{"a": Fraction(1, 2), "b": [1]}], never)
    with pq.ParquetFile(path) as file:
        assert file.read().to_pylist() == [{"a": 0.5, "b": [1]}]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_file_has_what_stdout_would(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = Sheet(headers=["agent"], rows=[["王芳"]])
    emit(Output(format=form), TABLE, lambda: [sheet])  # type: ignore[arg-type]
    emit(Output(format=form, path=tmp_path / "out"), TABLE, lambda: [sheet])  # type: ignore[arg-type]
    assert (tmp_path / "out").read_text("utf-8") == capsys.readouterr().out


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("before")
    with pytest.raises(AssertionError, match="object"):
        emit(Output(format="json", path=path), [{"a": 1}, {"a": object()}], never)
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]
