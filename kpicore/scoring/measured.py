"""What scoring takes in: measured values, human marks, and what a person decided."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from kpicore.scoring.schema import Reason

__all__ = ["Decision", "Mark", "Measured", "SubjectKey"]

SubjectKey: TypeAlias = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One metric of one subject.

    ``metric`` is spelt as on the card. ``value`` is exact, in the metric's unit; None needs a ``reason``,
    and only where ``agent_caused`` is true may a card count it as zero. ``interval`` is the 95 % interval,
    ``reliability`` the share of signal in the variance, ``standardised`` and ``shrunk`` the value after
    those steps. ``evidence`` holds the ids of counted events or of rows.
    """

    subject: SubjectKey
    metric: str
    value: Fraction | None
    n: int | None = None
    numerator: int | Fraction | None = None
    denominator: int | Fraction | None = None
    reason: Reason | None = None
    agent_caused: bool = False
    provisional: bool = False
    interval: tuple[Fraction, Fraction] | None = None
    reliability: Fraction | None = None
    standardised: Fraction | None = None
    shrunk: Fraction | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A human's mark for one item of a card: its value, who gave it, and on what evidence."""

    subject: SubjectKey
    item: str
    value: Fraction
    evaluator: str
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided about a subject, kept beside the computed score and never in its place."""

    subject: SubjectKey
    by: str
    reason: str
    grade: str | None = None
    total: Fraction | None = None
