"""What the values of a run mean: trends, comparisons, drivers, diagnosis. Nothing here changes points."""

from __future__ import annotations

from .advice import Advice, advice_for
from .breakdown import Breakdown, Figure, Line, breakdowns, team_breakdown
from .comparison import Comparison, LineChange, against_team, compare, judge_difference
from .definitions import DEFINITIONS, definitions_table
from .kept import kept_tables
from .trend import Stretch, choose_stretch, trend_schema, trend_table

__all__ = [
    "DEFINITIONS",
    "Advice",
    "Breakdown",
    "Comparison",
    "Figure",
    "Line",
    "LineChange",
    "Stretch",
    "advice_for",
    "against_team",
    "breakdowns",
    "choose_stretch",
    "compare",
    "definitions_table",
    "judge_difference",
    "kept_tables",
    "team_breakdown",
    "trend_schema",
    "trend_table",
]
