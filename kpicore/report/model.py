"""What a report shows, whatever its form: records built from a run, in no language and no layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

from kpicore.analysis import Anomaly, Goal
from kpicore.scoring.card import Grade, Label, Target
from kpicore.scoring.curve import Curve
from kpicore.scoring.schema import Uses

__all__ = [
    "AppealFacts",
    "Definition",
    "Exemplar",
    "Funnel",
    "GateLine",
    "GroupFacts",
    "InputFacts",
    "Kpi",
    "LedgerRow",
    "Line",
    "LineKind",
    "Making",
    "Neighbour",
    "Person",
    "Report",
    "Sign",
    "Span",
    "Spread",
    "Standing",
    "TrendPoint",
]

LineKind: TypeAlias = Literal["entry", "bonus", "penalty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The period that is judged: [start, end) in microseconds UTC, its zone, and how it was asked for.

    ``fiscal_year_start`` is the month in which years and quarters begin, here and in trends.
    """

    start: int
    end: int
    zone: str
    asked: str
    fiscal_year_start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a metric means, as it was computed; causes and actions are those its parameters can move.

    A run without a table of definitions knows only the parameters.
    """

    name: Label
    text: Label
    direction: str
    parameters: Mapping[str, str]
    dialect: str
    attribution: str
    settle_days: int
    industry: float | None
    usual_target: tuple[float, ...]
    causes: tuple[Label, ...]
    actions: tuple[Label, ...]
    source: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the values of all lie, without names: ``counts`` of values between neighbouring ``edges``.

    The first and last bin also hold what lies beyond them.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """The common rate of all, and the factor by which limits are widened because people differ anyway."""

    centre: float
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """A metric in one period (its ISO start); ``complete`` is false where the data cover only a part,
    ``reason`` why there is no value (``small_group``: it is suppressed).
    """

    period: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    provisional: bool
    complete: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemplar:
    """A contact that shows a KPI at its ``best`` or ``worst``: its id and the KPI of it alone."""

    kind: str
    contact: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A line of the card: ``weight`` is its share of the total where the card fixes it.

    ``uses`` says whether the curve sees the measured, the standardised or the shrunk value; ``curves``
    holds the curves that were used for the people of the report. ``variants`` say for whom the card has
    other curves or targets. ``spread``, ``average`` (the mean of the contributions), ``funnel`` and
    ``team_trend`` describe all people together; where so few stand behind that they would tell of single
    ones, ``suppressed`` has the reason, and of the trend each point. ``tally`` tells a count, which grows
    with time and people: its ``team_trend`` is the mean of people, and its target says nothing of shorter
    periods. ``rate`` tells a share of counted things.
    """

    id: str
    kind: LineKind
    group: str
    label: Label
    metric: str
    manual: bool
    unit: str
    weight: Fraction | None
    target: Target
    example: bool
    uses: Uses
    curves: tuple[Curve, ...]
    variants: tuple[str, ...]
    definition: Definition | None
    spread: Spread | None
    average: float | None
    funnel: Funnel | None
    suppressed: Mapping[str, str]
    tally: bool
    rate: bool
    grain: str
    team_trend: tuple[TrendPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFacts:
    """A group of the card and its share of the total."""

    id: str
    label: Label
    weight: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the card for one person, as it was scored.

    ``curve`` is the place of its curve among those of its KPI. ``gap`` is how far the value lies from its
    ``goal`` (0: it reaches it), ``beyond_chance`` whether its interval misses the goal as well. ``side`` is
    where a rate lies in the funnel of all: inside, alert (outside the 95 % limits) or alarm (outside the
    99.8 % limits).
    """

    kpi: str
    kind: LineKind
    value: Fraction | None
    used: Fraction | None
    n: int | None
    numerator: Fraction | None
    denominator: Fraction | None
    low: float | None
    high: float | None
    reliability: float | None
    provisional: bool
    status: str
    reason: str | None
    excluded: Mapping[str, int]
    points: Decimal | None
    points_low: Decimal | None
    points_high: Decimal | None
    weight: Decimal | None
    effective_weight: Decimal | None
    contribution: Decimal | None
    exact_contribution: Fraction | None
    target: Target
    curve: int | None
    segment: str | None
    variant: int | None
    evaluator: str | None
    evidence: tuple[str, ...]
    side: Literal["inside", "alert", "alarm"] | None
    goal: Goal | None
    gap: Fraction | None
    beyond_chance: bool | None
    trend: tuple[TrendPoint, ...]
    anomalies: tuple[Anomaly, ...]
    exemplars: tuple[Exemplar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLine:
    """What a gate of the card saw and did to one person; ``status`` is passed, fired or undecided."""

    id: str
    label: Label
    action: str
    condition: str
    value: Fraction | None
    unit: str
    status: str
    effect: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A sign that a number is managed instead of the work: ``count`` of ``n`` cases, far above what is common
    among all (None where that is suppressed). It never enters the score.
    """

    label: Label
    count: int
    n: int
    common: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The total of one person and how sure it is; ``rank`` and what goes with it are None where not shown."""

    total: Decimal | None
    exact: Fraction | None
    residual: Fraction | None
    grade: str | None
    coefficient: Decimal | None
    low: Decimal | None
    high: Decimal | None
    rank: int | None
    best: int | None
    worst: int | None
    tier: int | None
    base: Decimal | None
    bonus: Decimal
    penalty: Decimal
    gate_effect: Decimal
    unrenormalised: Decimal
    covered: Decimal
    held: bool
    holds: tuple[str, ...]
    refusals: tuple[str, ...]
    flags: tuple[str, ...]
    decided_by: str | None
    decided_grade: str | None
    decided_total: str | None
    decided_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFacts:
    """An appeal about the score of a person, in this run or one that it took the place of.

    ``contacts`` are those that it asks to leave out or correct; ``state`` is open, accepted or rejected;
    ``new_run`` is the run that an accepted one made.
    """

    id: str
    by: str
    reason: str
    opened_at: str
    contacts: tuple[str, ...]
    state: str
    reviewer: str | None
    because: str | None
    decided_at: str | None
    new_run: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One subject of the card (an agent, a team, a queue); ``name`` and ``team`` are empty where unknown."""

    id: str
    name: str
    team: str
    standing: Standing
    lines: tuple[Line, ...]
    gates: tuple[GateLine, ...]
    signs: tuple[Sign, ...]
    appeals: tuple[AppealFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """What the file of one person says of another where the card allows it."""

    name: str
    total: Decimal | None
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """What became of rows; ``source`` is empty in the file of one person."""

    source: str
    table: str
    status: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFacts:
    """A file that was read; ``name`` is empty in the file of one person."""

    name: str
    size: int | None
    sha256: str
    adapter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How the run was made, with the hashes that prove it; ``supersedes`` is the run whose place it took."""

    run: str
    created_at: str
    content_hash: str
    card_fingerprint: str
    versions: Mapping[str, str]
    plugins: Mapping[str, str]
    inputs: tuple[InputFacts, ...]
    supersedes: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a report on a run shows.

    ``advised`` is the share that the card advises for each grade. ``people`` stand in the order of their
    ranks, those without a total last. ``size`` counts the people of the run, ``small_group`` says whether
    they are so few that nothing is told of all together; ``only`` is the id of the person whom the file is
    for, None for a report on all. ``absent`` names the tables that the run, being older, does not have.
    ``superseded_by`` is the run that holds now in the place of this one.
    """

    title: Label
    card: str
    version: str
    owner: str
    profile: str
    subject: str
    span: Span
    lowest: Fraction
    highest: Fraction
    places: int
    groups: tuple[GroupFacts, ...]
    kpis: tuple[Kpi, ...]
    grades: tuple[Grade, ...]
    advised: Mapping[str, Fraction]
    people: tuple[Person, ...]
    neighbours: tuple[Neighbour, ...]
    size: int
    small_group: bool
    only: str | None
    ledger: tuple[LedgerRow, ...]
    making: Making
    absent: tuple[str, ...]
    superseded_by: str | None

    def kpi(self, line: Line) -> Kpi:
        """Returns the KPI of ``line``."""
        return next(one for one in self.kpis if (one.kind, one.id) == (line.kind, line.kpi))
