"""KPIs as families of parameterised definitions, and how they are asked for."""

from __future__ import annotations

from .asking import parse_requests
from .formula import Derived, Formula, parse_formula, read_formula
from .request import Request, parse_request
from .statistics import build, leaves, measures_of, named_measures

__all__ = [
    "Derived",
    "Formula",
    "Request",
    "build",
    "leaves",
    "measures_of",
    "named_measures",
    "parse_formula",
    "parse_request",
    "parse_requests",
    "read_formula",
]
