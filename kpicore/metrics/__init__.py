"""KPIs as families of parameterised definitions, and how they are asked for."""

from __future__ import annotations

from .asking import parse_requests
from .formula import Derived, Formula, parse_formula, read_formula
from .request import Group, Request, parse_request
from .request_text import WrittenGroup, read_request, write_request, write_when
from .statistics import build, leaves, measures_of, named_measures

__all__ = [
    "Derived",
    "Formula",
    "Group",
    "Request",
    "WrittenGroup",
    "build",
    "leaves",
    "measures_of",
    "named_measures",
    "parse_formula",
    "parse_request",
    "parse_requests",
    "read_formula",
    "read_request",
    "write_request",
    "write_when",
]
