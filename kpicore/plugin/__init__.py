"""What plugins import: records, schemas, expressions, hooks.

A plugin is a module or object named in the entry-point group ``kpicore.plugins``; it implements hooks
of ``kpicore.plugin.hookspecs`` that return the records below.
"""

from __future__ import annotations

from kpicore.errors import DataError, ParameterError, SourceError, SourceNotFoundError, UsageError

from .adapter import Adapter, ArrowStream, Feed, RowTally, Source
from .dialect import Dialect, ScorecardFile
from .expression import Expression, col, lit
from .fact import Derivation, Fact, Input, Operator
from .hookspecs import API_VERSION, hookimpl
from .measure import Measure, MeasureKind, count, distinct, maximum, minimum, total, values
from .metric import (
    Custom,
    Direction,
    Extremum,
    GroupTarget,
    Metric,
    Outcome,
    Quantile,
    Ratio,
    State,
    Statistic,
    Tally,
    Target,
)
from .parameters import (
    Choice,
    Choices,
    Duration,
    Integer,
    Number,
    Parameter,
    Settings,
    Shorthand,
    Switch,
    Text,
)
from .schema import Column, Kind, TableSchema
from .tables import TABLES
from .weighting import Weighting, WeightingInput

__all__ = [
    "API_VERSION",
    "TABLES",
    "Adapter",
    "ArrowStream",
    "Choice",
    "Choices",
    "Column",
    "Custom",
    "DataError",
    "Derivation",
    "Dialect",
    "Direction",
    "Duration",
    "Expression",
    "Extremum",
    "GroupTarget",
    "Fact",
    "Feed",
    "Input",
    "Integer",
    "Kind",
    "Measure",
    "MeasureKind",
    "Metric",
    "Number",
    "Operator",
    "Outcome",
    "Parameter",
    "ParameterError",
    "Quantile",
    "Ratio",
    "RowTally",
    "ScorecardFile",
    "Settings",
    "Shorthand",
    "Source",
    "SourceError",
    "SourceNotFoundError",
    "State",
    "Statistic",
    "Switch",
    "TableSchema",
    "Tally",
    "Target",
    "Text",
    "UsageError",
    "Weighting",
    "WeightingInput",
    "col",
    "count",
    "distinct",
    "hookimpl",
    "lit",
    "maximum",
    "minimum",
    "total",
    "values",
]
