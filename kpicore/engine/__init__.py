"""Plans and runs the derivation of facts and the measuring of metrics."""

from __future__ import annotations

from .ask import ask, query_of
from .compare import Comparison, compare_definitions
from .computable import Finding, check
from .evidence import evidence
from .extent import extent
from .measure import build, derive, measure
from .request import Query
from .result import Result
from .samples import Samples, samples
from .tally import tally

__all__ = [
    "Comparison",
    "compare_definitions",
    "Finding",
    "Query",
    "Result",
    "Samples",
    "ask",
    "build",
    "check",
    "derive",
    "evidence",
    "extent",
    "measure",
    "query_of",
    "samples",
    "tally",
]
