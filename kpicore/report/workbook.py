"""A report as an Excel workbook: a sheet for each matter, typed cells, no formula and no link."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from kpicore.errors import UsageError
from kpicore.plain import clean, defuse

from .matters import Amount, Cell, Matter, Period, matters_of
from .model import Report
from .numbers import Number
from .words import Language

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["cell_number", "render_workbook"]

_LONGEST = 32_767
"""Characters that a cell holds."""

_NUMBERS = {"ratio": "0.0%", "s": "[h]:mm:ss", "points": "0.00", "": "#,##0.##", "date": "yyyy-mm-dd"}
_SECONDS_A_DAY = 86_400


def render_workbook(report: Report, language: Language = "en") -> bytes:
    """Returns the file: the same bytes for the same run. Raises UsageError where XlsxWriter is missing."""
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise UsageError(
            "a workbook needs XlsxWriter, which is not installed", hint="pip install 'kpicore[excel]'"
        ) from None
    held = io.BytesIO()
    made = datetime.fromisoformat(report.making.created_at).replace(tzinfo=None)
    with Workbook(held, {"in_memory": True}) as book:
        book.set_properties({"created": made, "title": clean(report.title.read(language))})
        formats = _Formats(book)
        for matter in matters_of(report, language):
            _write(book.add_worksheet(matter.title[:31]), matter, formats)
    return held.getvalue()


class _Formats:
    """The formats of cells, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._known: dict[tuple[tuple[str, object], ...], Format] = {}

    def __call__(self, **properties: object) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._known:
            self._known[key] = self._book.add_format({"valign": "top", **properties})
        return self._known[key]


def _write(sheet: Worksheet, matter: Matter, formats: _Formats) -> None:
    header = formats(bold=True, bg_color="#E8ECF2", bottom=1, text_wrap=True)
    widths = [_width(title) for title in matter.headers]
    for column, title in enumerate(matter.headers):
        sheet.write_string(0, column, title, header)
    for i, row in enumerate(matter.rows):
        look: Mapping[str, object] = {"bold": True, "top": 1} if i in matter.totals else {}
        for column, cell in enumerate(row):
            widths[column] = max(widths[column], _put(sheet, i + 1, column, cell, formats, look))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width + 3, 60))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(matter.rows), len(matter.headers) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")


def _put(
    sheet: Worksheet, row: int, column: int, cell: Cell, formats: _Formats, look: Mapping[str, object]
) -> int:
    """Writes a cell and returns how wide it is; one that holds nothing keeps its look."""
    if cell is None or cell == "":
        sheet.write_blank(row, column, None, formats(**look))
        return 0
    if isinstance(cell, str):
        text = clean(cell)[:_LONGEST]
        # Excel keeps such a cell a text even when it is edited or copied.
        quoted: Mapping[str, object] = {"quote_prefix": True} if defuse(text) != text else {}
        wrapped: Mapping[str, object] = {"text_wrap": True} if _width(text) > 57 else {}
        sheet.write_string(row, column, text, formats(**look, **quoted, **wrapped))
        return _width(text)
    if isinstance(cell, Period):
        if cell.name != cell.start.isoformat():
            return _put(sheet, row, column, cell.name, formats, look)
        sheet.write_datetime(row, column, cell.start, formats(num_format=_NUMBERS["date"], **look))
        return 10
    exact, form = cell_number(*((cell.number, cell.unit) if isinstance(cell, Amount) else (cell, "")))
    sheet.write_number(row, column, exact, formats(num_format=form, **look))
    return 9


def cell_number(number: Number, unit: str) -> tuple[float, str]:
    """Returns what a cell holds of a number in ``unit``, and its format: durations are parts of days.

    >>> cell_number(0.25, "ratio"), cell_number(43_200, "s"), cell_number(7, "calls")
    ((0.25, '0.0%'), (0.5, '[h]:mm:ss'), (7.0, '#,##0'))
    """
    exact = float(number)
    if unit == "s":
        # a spreadsheet shows no time before zero
        return (exact / _SECONDS_A_DAY, _NUMBERS["s"]) if exact >= 0 else (exact, '0.0" s"')
    form = _NUMBERS.get(unit, _NUMBERS[""])
    return exact, "#,##0" if form == _NUMBERS[""] and exact.is_integer() else form


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
