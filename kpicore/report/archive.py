"""A report as CSV: a zip with a file for each matter."""

from __future__ import annotations

import csv
import io
import zipfile

from kpicore.plain import defuse

from .matters import Amount, Cell, Period, matters_of
from .model import Report
from .words import Language

__all__ = ["render_archive"]


def render_archive(report: Report, language: Language = "en") -> bytes:
    """Returns a zip of CSV files in UTF-8, named after their matters: the same bytes for the same report.

    Shares are of one, durations in seconds, dates in ISO form; text that a spreadsheet would take for a
    formula begins with an apostrophe.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for matter in matters_of(report, language):
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(matter.headers)
            writer.writerows([_plain(cell) for cell in row] for row in matter.rows)
            # With its mark, spreadsheets read the file as UTF-8. A ZipInfo without a time says 1980.
            info = zipfile.ZipInfo(f"{matter.id}.csv")
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.getvalue().encode("utf-8-sig"), zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _plain(cell: Cell) -> object:
    if isinstance(cell, Amount):
        exact = float(cell.number)
        return int(exact) if exact.is_integer() else exact
    if isinstance(cell, Period):
        return cell.start.isoformat()
    return defuse(cell) if isinstance(cell, str) else cell
