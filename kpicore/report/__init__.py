"""Reports on a run: what they show (``build_report``), and the forms in which they show it."""

from __future__ import annotations

from .archive import render_archive
from .build import build_report, each_report
from .document import render_document
from .document_schema import report_schema
from .files import FORMS, Form, form_of, split_report, write_chart, write_report
from .html import render_html
from .matters import Amount, Matter, matters_of
from .model import Report
from .pictures import charts_of, render_png, render_svg
from .workbook import cell_number, render_workbook

__all__ = [
    "FORMS",
    "Amount",
    "Form",
    "Matter",
    "Report",
    "build_report",
    "cell_number",
    "charts_of",
    "each_report",
    "form_of",
    "matters_of",
    "render_archive",
    "render_document",
    "render_html",
    "render_png",
    "render_svg",
    "render_workbook",
    "report_schema",
    "split_report",
    "write_chart",
    "write_report",
]
