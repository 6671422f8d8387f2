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
