"""``--format xlsx``: typed cells, and text from data stays text."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from kpicore.cli import main
from kpicore.cli.emit import emit
from kpicore.cli.options import Output

RECORDS = [
    {"agent": "=1+1", "value": 0.5, "exact": Fraction(1, 4), "day": date(2026, 2, 1), "held": True},
    {"agent": "王\x1b[31m", "value": float("nan"), "exact": 3, "more": [1, 2]},
]


def test_cells_are_typed_and_nothing_acts(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        emit(Output(format="xlsx", path=tmp_path / name), RECORDS, list)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["agent", "value", "exact", "day", "held", "more"]
    assert rows[1][:3] == ["=1+1", 0.5, 0.25]
    assert rows[1][3].date() == date(2026, 2, 1)
    assert rows[1][4] is True
    assert rows[2] == ["王", None, 3, None, None, "[1, 2]"]
    assert (sheet["A2"].data_type, sheet["A2"].quotePrefix) == ("s", True)


def test_a_terminal_gets_no_workbook(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", "--format", "xlsx"]) == 2
    assert "--output" in capsys.readouterr().err


def test_a_command_writes_one(tmp_path: Path) -> None:
    path = tmp_path / "metrics.xlsx"
    assert main(["metrics", "--format", "xlsx", "-o", str(path)]) == 0
    assert openpyxl.load_workbook(path).active.max_row > 10


def test_numbers_look_as_their_unit_wants(tmp_path: Path) -> None:
    records = [
        {"unit": "s", "value": 5400.5, "low": 60, "high": -3.0, "n": 7, "numerator": 5_400_500_000},
        {"unit": "ratio", "value": Fraction(1, 4), "low": None, "first_value": 0.5},
        {"unit": "calls", "value": 1234, "usual": 12.5},
        {"unit": None, "value": 0.5},
    ]
    emit(Output(format="xlsx", path=tmp_path / "out.xlsx"), records, list)
    book = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    header = [cell.value for cell in book[1]]
    rows = [dict(zip(header, row, strict=True)) for row in book.iter_rows(min_row=2)]
    time, share, count, plain = rows
    assert time["value"].number_format == time["low"].number_format == "[h]:mm:ss"
    assert time["value"].value.total_seconds() == pytest.approx(5400.5, abs=0.001)
    assert (time["high"].value, time["high"].number_format) == (-3, '0.0" s"')
    assert (time["n"].value, time["numerator"].value) == (7, 5_400_500_000)
    assert time["numerator"].number_format == "General"
    assert [(share[name].value, share[name].number_format) for name in ("value", "first_value")] == [
        (0.25, "0.0%"),
        (0.5, "0.0%"),
    ]
    assert (count["value"].number_format, count["usual"].number_format) == ("#,##0", "#,##0.##")
    assert plain["value"].number_format == "General"


def test_measured_values_have_the_formats_of_their_units(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    metrics = ["-m", "average_handle_time", "-m", "transfer_rate", "-m", "calls_answered"]
    assert main(["measure", str(source), *metrics, "--format", "xlsx", "-o", str(path)]) == 0
    book = openpyxl.load_workbook(path).active
    at = [cell.value for cell in book[1]].index("value")
    looks = [row[at].number_format for row in book.iter_rows(min_row=2)]
    assert looks == ["[h]:mm:ss", "0.0%", "#,##0"]


@pytest.mark.parametrize(
    ("name", "begins"),
    [("m.xlsx", b"PK"), ("m.parquet", b"PAR1"), ("m.json", b"["), ("M.CSV", b"name,"), ("m.txt", b"Metric ")],
)
def test_a_file_has_the_form_that_its_name_says(name: str, begins: bytes, tmp_path: Path) -> None:
    assert main(["metrics", "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_bytes().startswith(begins)
