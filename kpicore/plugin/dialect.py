"""Dialects: bundles of parameter values with which a platform's figures are reproduced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Dialect", "ScorecardFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Parameter values, as text, per metric: how the platform called ``name`` computes its figures."""

    name: str
    doc: str
    source: str
    metrics: Mapping[str, Mapping[str, str]] = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardFile:
    """A ready scorecard: its name and its TOML text."""

    name: str
    text: str
