"""Reports on a run: what they show (``build_report``), and the forms in which they show it."""

from __future__ import annotations

from .build import FEWEST, build_report, each_report
from .files import split_report, write_report
from .html import render_html
from .model import Report

__all__ = [
    "FEWEST",
    "Report",
    "build_report",
    "each_report",
    "render_html",
    "split_report",
    "write_report",
]
