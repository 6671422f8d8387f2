"""Formulas: metrics computed from metrics, in a small language that is parsed and never executed."""

from __future__ import annotations

from .nodes import Derived
from .text import Formula, parse_formula, read_formula

__all__ = ["Derived", "Formula", "parse_formula", "read_formula"]
