"""Metrics: named, parameterised definitions over measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Literal

import pyarrow as pa

from .measure import Measure
from .parameters import Parameter, Settings

__all__ = [
    "Custom",
    "Direction",
    "Extremum",
    "GroupTarget",
    "Metric",
    "Outcome",
    "Quantile",
    "Ratio",
    "State",
    "Statistic",
    "Tally",
    "Target",
]


class Direction(Enum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"
    RANGE = "range"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """Base of what a metric computes from measures.

    ``n`` is the number of observations: where it is not given, the denominator or the values, and the rows
    of the denominator or measure where that is a sum;
    ``excluded`` counts by reason what the definition leaves out; ``unit`` is given where it is not
    the metric's (the share within a limit of a metric in seconds).
    """

    unit: str | None = None
    n: Measure | None = None
    excluded: Mapping[str, Measure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally(Statistic):
    """A count, a sum of integers, or a number of different values: 0 where nothing happened.

    ``per`` = ``day`` divides by the local days of the period, ``working_day`` by those on which the default
    calendar has working hours.
    """

    measure: Measure
    scale: Fraction = Fraction(1)
    per: Literal["day", "working_day"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Statistic):
    """``scale * numerator / denominator``, divided once; null where the denominator is 0.

    ``scale`` turns microseconds into seconds (``Fraction(1, 1_000_000)``) or shares into points.
    """

    numerator: Measure
    denominator: Measure
    scale: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extremum(Statistic):
    """The smallest or largest value; null where there is none."""

    measure: Measure
    scale: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile(Statistic):
    """The exact quantile of a multiset: the mean of the two middle values where it falls between.

    With n sorted values the quantile q lies at position q * (n - 1), linearly between neighbours
    (Hyndman and Fan's type 7, as in SQL's percentile_cont).
    """

    measure: Measure
    q: Fraction
    scale: Fraction = Fraction(1)


State = Mapping[str, pa.Array]
"""Measured state by name: one int64 per cell, aligned over all measures of the metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a metric yields per cell: float64 ``value``, null where undefined; int64 the others.

    ``exact`` is the value as a quotient of two int64 arrays, from which points are computed; without
    it they are computed from the float.
    """

    value: pa.Array
    numerator: pa.Array | None = None
    denominator: pa.Array | None = None
    n: pa.Array | None = None
    exact: tuple[pa.Array, pa.Array] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom(Statistic):
    """Anything else: ``finalize`` is a pure, vectorised function of the named measures."""

    measures: Mapping[str, Measure]
    finalize: Callable[[State], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTarget:
    """What a source recommends for ``group`` (in words, such as new agents): a value or a range."""

    group: str
    target: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a source calls usual (``industry``) and recommends (``target``: a value or a range).

    ``groups`` are those for whom it recommends something else; a card says so in a variant.
    """

    industry: Fraction | None = None
    target: tuple[Fraction, ...] = ()
    basis: str = ""
    groups: tuple[GroupTarget, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A family of KPIs: one definition with named parameters.

    ``build`` returns the statistic for resolved parameters. ``unit`` is ``s``, ``ratio``, or the
    thing counted. ``attribution`` names the default policy. A value is final only ``settle_days``
    days after its period. ``causes`` and ``actions`` are shown when an agent misses the target.
    ``source`` says where the definition comes from.
    """

    name: str
    zh: str
    unit: str
    direction: Direction
    definition: str
    needs: tuple[str, ...]
    build: Callable[[Settings], Statistic]
    en: str = ""
    definition_zh: str = ""
    parameters: tuple[Parameter, ...] = ()
    attribution: str = "start"
    settle_days: int = 0
    target: Target = field(default_factory=Target)
    causes: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    source: str = ""
    family: str = ""
