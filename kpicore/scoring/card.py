"""A scorecard ready to score with: every weight a share of the whole, every curve expanded to knots."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from kpicore.metrics import Formula
from kpicore.scoring.curve import Curve
from kpicore.scoring.quantity import decimal_text
from kpicore.scoring.schema import (
    Action,
    CardDocument,
    MissingDocument,
    Policy,
    Profile,
    Provisional,
    Rounding,
    Subject,
    Uses,
    WeightingDocument,
)

__all__ = ["Card", "Condition", "Entry", "Filter", "Gate", "Grade", "Group", "Label", "Target", "Variant"]

Filter: TypeAlias = Mapping[str, tuple[str, ...]]
Target: TypeAlias = Fraction | tuple[Fraction, Fraction] | Literal["required"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What people read, in English and Chinese."""

    en: str
    zh: str

    def read(self, language: str) -> str:
        """Returns the text in ``language``, English where there is no other."""
        return self.zh or self.en if language == "zh" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A curve and target for the subjects whose attributes match ``when``."""

    when: Filter
    curve: Curve | None
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One scored line: a metric (or the item of a human's mark), its weight in the total and its curve.

    ``weight`` is a share of one, None where a scheme weighs. ``curve`` is None where it waits for a
    required target. ``metric`` is the metric as written; for a mark ``manual`` is its item and ``metric``
    is ``manual:<item>``.
    """

    id: str
    label: Label
    group: str
    metric: str
    manual: str | None
    weight: Fraction | None
    curve: Curve | None
    target: Target
    variants: tuple[Variant, ...]
    min_n: int | None
    min_reliability: Fraction | None
    missing: Policy | None
    uses: Uses
    example: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries that are weighed together; ``weight`` is the group's share of the total, None where a scheme
    weighs.
    """

    id: str
    label: Label
    weight: Fraction | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of a value with a bound."""

    operator: Literal["<", "<=", ">", ">=", "==", "!="]
    bound: Fraction

    def holds(self, value: Fraction) -> bool:
        """Returns whether ``value`` compares so."""
        return {
            "<": value < self.bound,
            "<=": value <= self.bound,
            ">": value > self.bound,
            ">=": value >= self.bound,
            "==": value == self.bound,
            "!=": value != self.bound,
        }[self.operator]

    def __str__(self) -> str:
        return f"{self.operator} {decimal_text(self.bound)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A condition on a metric or mark and what follows; the argument is the one that ``action`` needs."""

    id: str
    label: Label
    metric: str
    when: Condition
    action: Action
    to: Fraction | None
    by: Fraction | None
    group: str | None
    grade: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A grade, the total that earns it (None: whatever is left) and its coefficient."""

    name: str
    label: Label
    at_least: Fraction | None
    coefficient: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A scorecard: immutable, and told apart from any other by its fingerprint."""

    document: CardDocument = field(repr=False)
    id: str
    version: str
    label: Label
    profile: Profile
    subject: Subject
    period: str
    zone: str | None
    calendar: str | None
    population: Filter
    lowest: Fraction
    highest: Fraction
    weighting: WeightingDocument
    missing: MissingDocument
    provisional: Provisional
    rounding: Rounding
    groups: tuple[Group, ...]
    bonuses: tuple[Entry, ...]
    penalties: tuple[Entry, ...]
    bonus_cap: Fraction
    penalty_cap: Fraction
    gates: tuple[Gate, ...]
    grades: tuple[Grade, ...]
    distribution: Mapping[str, Fraction]
    formulas: tuple[Formula, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The weighted entries of all groups, in the card's order."""
        return tuple(entry for group in self.groups for entry in group.entries)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that scoring needs, as written, each once; marks are not among them."""
        return tuple(name for name in self._names() if not name.startswith("manual:"))

    @property
    def marks(self) -> tuple[str, ...]:
        """The items that a human has to mark, each once."""
        return tuple(name.removeprefix("manual:") for name in self._names() if name.startswith("manual:"))

    def _names(self) -> tuple[str, ...]:
        lines = (*self.entries, *self.bonuses, *self.penalties)
        names = [line.metric for line in lines] + [gate.metric for gate in self.gates]
        return tuple(dict.fromkeys(names))

    @property
    def examples(self) -> tuple[str, ...]:
        """The ids of groups and lines whose weight or curve is only an example."""
        document = self.document
        found = [group.id for group in document.group if group.example]
        return (
            *found,
            *(line.id for line in (*self.entries, *self.bonuses, *self.penalties) if line.example),
        )

    @property
    def required_targets(self) -> tuple[str, ...]:
        """The ids of entries whose target a person still has to set."""
        lines = (*self.entries, *self.bonuses, *self.penalties)
        return tuple(
            line.id
            for line in lines
            if "required" in (line.target, *(variant.target for variant in line.variants))
        )

    @property
    def canonical(self) -> str:
        """The card as one canonical JSON text: what was written, without comments, order of keys or
        spelling of numbers.
        """
        written = self.document.model_dump(by_alias=True, exclude_defaults=True)
        return json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()
