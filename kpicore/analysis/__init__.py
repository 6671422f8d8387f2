"""What the values of a run mean: trends, comparisons, drivers, diagnosis. Nothing here changes points."""

from __future__ import annotations

from .advice import Advice, advice_for
from .definitions import DEFINITIONS, definitions_table
from .kept import kept_tables
from .trend import Stretch, choose_stretch, trend_schema, trend_table

__all__ = [
    "DEFINITIONS",
    "Advice",
    "Stretch",
    "advice_for",
    "choose_stretch",
    "definitions_table",
    "kept_tables",
    "trend_schema",
    "trend_table",
]
