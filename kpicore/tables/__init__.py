"""Validation and normalisation of tables, and the ledger of their rows."""

from __future__ import annotations

from .combine import combine
from .faults import CUT, ROW, SAMPLES, cut
from .layout import check_tables_layout
from .ledger import LEDGER_SCHEMA, SAMPLE_SCHEMA, Ledger
from .log import Log, Origin, SourceFile
from .normalise import Normalised, normalise, read_stream

__all__ = [
    "CUT",
    "LEDGER_SCHEMA",
    "ROW",
    "SAMPLES",
    "SAMPLE_SCHEMA",
    "Ledger",
    "Log",
    "Normalised",
    "Origin",
    "SourceFile",
    "check_tables_layout",
    "combine",
    "cut",
    "normalise",
    "read_stream",
]
