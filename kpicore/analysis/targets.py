"""Targets against what was reached: who is off target and why, how many reached it, what could be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from statistics import median
from typing import Literal, TypeAlias

import pyarrow as pa

from kpicore.errors import UsageError
from kpicore.scoring.card import Card, Entry
from kpicore.scoring.quantity import decimal_text

__all__ = [
    "Attainment",
    "Goal",
    "OffTarget",
    "Proposal",
    "attainment",
    "better",
    "goal_of",
    "off_target",
    "propose_target",
]

SubjectKey: TypeAlias = tuple[str | None, ...]
Row: TypeAlias = Mapping[str, object]
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The values that are on target: from ``low`` to ``high``, both included; None is open.

    ``basis`` is ``card``, or ``source`` where the card names none and the metric's source recommends one.
    """

    low: Fraction | None
    high: Fraction | None
    basis: Literal["card", "source"]

    def gap(self, value: Fraction) -> Fraction:
        """Returns how far ``value`` lies below (negative) or above the goal; 0 on target."""
        if self.low is not None and value < self.low:
            return value - self.low
        if self.high is not None and value > self.high:
            return value - self.high
        return _ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class OffTarget:
    """A KPI of one subject that misses its goal by ``gap``, and what its source says to that.

    ``beyond_chance`` is whether the 95 % interval of the value leaves the goal out as well; None where no
    interval is known. ``causes`` and ``actions`` are pairs of English and Chinese, only those that can move
    the KPI as it is defined here.
    """

    subject: SubjectKey
    entry: str
    metric: str
    value: Fraction
    goal: Goal
    gap: Fraction
    beyond_chance: bool | None
    causes: tuple[tuple[str, str], ...]
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attainment:
    """How many of the subjects with a value reached the goal of an entry, and their median value.

    Where the goal differs by subject, each is held to its own, and ``goal`` is the entry's own.
    """

    entry: str
    metric: str
    goal: Goal
    measured: int
    reached: int
    median: Fraction | None

    @property
    def share(self) -> Fraction | None:
        """The share of the measured subjects that reached it; None where there are none."""
        return Fraction(self.reached, self.measured) if self.measured else None


def goal_of(entry: Entry, definition: Row | None, variant: int | None = None) -> Goal | None:
    """Returns the goal of an entry: the variant's (counted from 1), the card's, else the source's target.

    ``definition`` is the metric's row of a run's definitions, None for a human's mark. One number is a lower
    or an upper bound as the metric's direction says or, where it says nothing, as the curve rises or falls.
    None where no target is named, or where one number has no side.
    """
    target = entry.target
    if variant is not None and entry.variants[variant - 1].target is not None:
        target = entry.variants[variant - 1].target
    basis: Literal["card", "source"] = "card"
    if target is None or target == "required":
        named = [Fraction(str(end)) for end in _listed(definition, "target")]
        if not named:
            return None
        basis, target = "source", (named[0], named[-1]) if len(named) > 1 else named[0]
    if isinstance(target, tuple):
        return Goal(low=target[0], high=target[1], basis=basis)
    match better(entry, definition):
        case "higher":
            return Goal(low=target, high=None, basis=basis)
        case "lower":
            return Goal(low=None, high=target, basis=basis)
    return None


def better(entry: Entry, definition: Row | None) -> Literal["higher", "lower", "range"]:
    """Returns which way an entry is better, by its metric or else by its curve."""
    direction = None if definition is None else definition["direction"]
    if direction == "higher" or direction == "lower":
        return direction
    if entry.curve is None or direction == "range":
        return "range"
    first, last = entry.curve.knots[0][1], entry.curve.knots[-1][1]
    if entry.curve.reciprocal_of is not None:
        first, last = last, first
    return "higher" if last > first else "lower" if last < first else "range"


def off_target(
    card: Card, contributions: pa.Table, definitions: pa.Table, subjects: Sequence[str]
) -> tuple[OffTarget, ...]:
    """Returns every value of a run that misses its goal, by subject as scored and in the card's order."""
    found, known = [], _by_metric(definitions)
    for row, goal, value in _judged(card, contributions, definitions):
        gap = goal.gap(value)
        if not gap:
            continue
        definition = known.get(str(row["metric"]))
        near = row["high"] if gap < 0 else row["low"]
        found.append(
            OffTarget(
                subject=tuple(_word(row[name]) for name in subjects),
                entry=str(row["entry"]),
                metric=str(row["metric"]),
                value=value,
                goal=goal,
                gap=gap,
                beyond_chance=None if near is None else goal.gap(Fraction(str(near))) != 0,
                causes=_pairs(definition, "causes"),
                actions=_pairs(definition, "actions"),
            )
        )
    return tuple(found)


def attainment(card: Card, contributions: pa.Table, definitions: pa.Table) -> tuple[Attainment, ...]:
    """Returns for each entry with a goal how many of a run's subjects reached it, in the card's order."""
    known = _by_metric(definitions)
    values: dict[str, list[tuple[Fraction, bool]]] = {}
    for row, goal, value in _judged(card, contributions, definitions):
        values.setdefault(str(row["entry"]), []).append((value, not goal.gap(value)))
    found = []
    for entry in card.entries:
        own = goal_of(entry, known.get(entry.metric))
        if own is not None:
            reached = values.get(entry.id, [])
            found.append(
                Attainment(
                    entry=entry.id,
                    metric=entry.metric,
                    goal=own,
                    measured=len(reached),
                    reached=sum(hit for _, hit in reached),
                    median=median(value for value, _ in reached) if reached else None,
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A target taken from what was in fact reached: ``reached`` of ``measured`` values are on it.

    ``low`` and ``high`` are as in ``Goal``, rounded to the easier side.
    """

    entry: str
    low: Fraction | None
    high: Fraction | None
    measured: int
    reached: int
    median: Fraction

    def to_toml(self, unit: str) -> str:
        """Returns the line of a card; ``unit`` is that of the metric's values."""
        ends = [_written(end, unit) for end in (self.low, self.high) if end is not None]
        return f"target = {ends[0]}" if len(ends) == 1 else f"target = [{', '.join(ends)}]"


def propose_target(
    entry: str,
    values: Iterable[Fraction],
    way: Literal["higher", "lower", "range"],
    reach: Fraction,
    unit: str,
) -> Proposal | None:
    """Returns the hardest target that at least the share ``reach`` of ``values`` is on; None without values.

    A range leaves out as many values below it as above. It is rounded to the easier side: shares to a
    hundredth, seconds to whole ones from 10 on, anything else to three digits. UsageError for a ``reach``
    outside of 0 to 1.
    """
    if not 0 < reach <= 1:
        raise UsageError(f"reach {decimal_text(reach)}: write a share above 0 and at most 1, such as 50%")
    ordered = sorted(values)
    if not ordered:
        return None
    n = len(ordered)
    keep = ceil(reach * n)
    spare = (n - keep) // 2
    low = high = None
    if way == "higher":
        low = _readable(ordered[n - keep], unit, easier=-1)
    elif way == "lower":
        high = _readable(ordered[keep - 1], unit, easier=1)
    else:
        low = _readable(ordered[spare], unit, easier=-1)
        high = _readable(ordered[n - 1 - spare], unit, easier=1)
    goal = Goal(low=low, high=high, basis="card")
    return Proposal(
        entry=entry,
        low=low,
        high=high,
        measured=n,
        reached=sum(not goal.gap(value) for value in ordered),
        median=median(ordered),
    )


def _judged(
    card: Card, contributions: pa.Table, definitions: pa.Table
) -> Iterator[tuple[Row, Goal, Fraction]]:
    """Yields the rows of entries that have a value and a goal."""
    entries = {entry.id: entry for entry in card.entries}
    known = _by_metric(definitions)
    goals: dict[tuple[str, object], Goal | None] = {}
    for row in contributions.to_pylist():
        entry = entries.get(row["entry"])
        if row["kind"] != "entry" or entry is None or row["value"] is None:
            continue
        place = entry.id, row["variant"]
        if place not in goals:
            goals[place] = goal_of(entry, known.get(entry.metric), row["variant"])
        goal = goals[place]
        if goal is not None:
            yield row, goal, Fraction(row["value"])


def _by_metric(definitions: pa.Table) -> dict[str, Row]:
    return {row["metric"]: row for row in definitions.to_pylist()}


def _pairs(definition: Row | None, name: str) -> tuple[tuple[str, str], ...]:
    english, chinese = (_listed(definition, column) for column in (name, f"{name}_zh"))
    return tuple((str(en), str(zh)) for en, zh in zip(english, chinese, strict=True))


def _listed(row: Row | None, name: str) -> Sequence[object]:
    value = None if row is None else row[name]
    return value if isinstance(value, list) else ()


def _word(value: object) -> str | None:
    return None if value is None else str(value)


def _readable(value: Fraction, unit: str, *, easier: int) -> Fraction:
    """Returns ``value`` rounded up or down, as ``easier`` is 1 or -1."""
    places = {"ratio": -2, "s": 0 if abs(value) >= 10 else -1}.get(unit)
    if places is None:
        size = Decimal(value.numerator) / Decimal(value.denominator)
        places = min(size.adjusted() - 2, 0) if size else 0
    step = Fraction(10) ** places
    steps = value // step if easier < 0 else -(-value // step)
    return steps * step


def _written(value: Fraction, unit: str) -> str:
    if unit == "ratio":
        return f'"{decimal_text(value * 100)}%"'
    return f'"{decimal_text(value)}s"' if unit == "s" else decimal_text(value)
