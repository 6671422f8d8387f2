"""Records as an Excel sheet: typed cells, no formula and no link."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from kpicore.errors import UsageError
from kpicore.plain import clean, defuse

if TYPE_CHECKING:
    from xlsxwriter.format import Format

__all__ = ["write_spreadsheet"]

_LONGEST = 32_767
"""Characters that a cell holds."""

_IN_UNIT = frozenset({"value", "usual", "low", "high", "median", "first_value", "second_value"})
"""The columns whose numbers are in the unit that the column ``unit`` of their row names."""

_CREATED = datetime(2000, 1, 1)
"""The same for all, so that the same records give the same bytes."""


def write_spreadsheet(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    """Writes ``records`` to ``path``, a row each below their names; values look as their unit wants: shares
    in per cent, durations in hours, minutes and seconds. Raises UsageError where XlsxWriter is missing.
    """
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise UsageError(
            "a workbook needs XlsxWriter, which is not installed", hint="pip install 'kpicore[excel]'"
        ) from None
    from kpicore.report import cell_number

    columns: dict[str, int] = {}
    looks: dict[str, Format] = {}
    with Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet()
        header, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        quoted = book.add_format({"quote_prefix": True})
        row = 0
        for row, record in enumerate(records, start=1):
            for name, value in record.items():
                column = columns.setdefault(name, len(columns))
                if value is None or (isinstance(value, float) and not math.isfinite(value)):
                    continue
                if isinstance(value, bool):
                    sheet.write_boolean(row, column, value)
                elif isinstance(value, (int, float, Decimal, Fraction)):
                    unit = record.get("unit")
                    if name not in _IN_UNIT or not isinstance(unit, str):
                        sheet.write_number(row, column, float(value))
                        continue
                    number, form = cell_number(value, unit)
                    if form not in looks:
                        looks[form] = book.add_format({"num_format": form})
                    sheet.write_number(row, column, number, looks[form])
                elif isinstance(value, date) and not isinstance(value, datetime):
                    sheet.write_datetime(row, column, value, day)
                else:
                    text = clean(_text(value))[:_LONGEST]
                    sheet.write_string(row, column, text, quoted if defuse(text) != text else None)
        for name, column in columns.items():
            sheet.write_string(0, column, clean(name), header)
        sheet.freeze_panes(1, 0)
        if columns:
            sheet.autofilter(0, 0, row, len(columns) - 1)
            sheet.autofit()


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str) if value else ""
