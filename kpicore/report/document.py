"""A report as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction

from .model import Report

__all__ = ["FORMAT", "VERSION", "render_document"]

FORMAT = "kpicore-report"

VERSION = 1
"""The version of the structure: it grows when a field changes its meaning or goes, not when one is added."""

# JSON leaves these as they are, and a terminal would take them for commands.
_C1 = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)}


def render_document(report: Report) -> str:
    """Returns an object with ``format`` ("kpicore-report"), ``version`` and ``report``: the record ``Report``
    with its fields as keys, whatever they hold likewise.

    Decimals are strings, as are fractions ("5/6"), so that no digit is lost; labels hold both languages.
    ``docs/report.schema.json`` is the JSON Schema of it.
    """
    document = {"format": FORMAT, "version": VERSION, "report": _plain(report)}
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    return text.translate(_C1)


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (Decimal, Fraction)):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    assert isinstance(value, (list, tuple)), type(value)
    return [_plain(each) for each in value]
