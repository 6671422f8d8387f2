"""What scoring gives: per subject the total and every step that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

import pyarrow as pa

from kpicore.errors import KpicoreError
from kpicore.scoring.curve import Curve, Segment
from kpicore.scoring.measured import Decision, SubjectKey
from kpicore.scoring.schema import Action, Profile, Reason

__all__ = ["Contribution", "GateEffect", "GradeShare", "Score", "Scores", "Status", "verify_total"]

Status: TypeAlias = Literal[
    "measured", "carried_forward", "neutral", "zero", "left_out", "not_counted", "refused"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One line of a card for one subject.

    ``value`` is what was measured, ``used`` what the curve saw (standardised, shrunk or carried forward
    where the card says so). ``weight`` is the card's share of the total, ``effective_weight`` the one after
    renormalising, None where the subject is refused a score. ``contribution`` is effective weight x points.
    For a bonus or penalty the weight is 1 and the contribution its points before the common cap.
    ``curve`` is the one used, expanded to knots; ``variant`` counts from 1, None is the entry's own.
    ``points_interval`` spans the points over the value's interval.
    """

    entry: str
    group: str
    metric: str
    value: Fraction | None
    used: Fraction | None
    n: int | None
    numerator: int | Fraction | None
    denominator: int | Fraction | None
    interval: tuple[Fraction, Fraction] | None
    reliability: Fraction | None
    provisional: bool
    reason: Reason | None
    status: Status
    points: Fraction | None
    points_interval: tuple[Fraction, Fraction] | None
    curve: Curve
    segment: Segment | None
    variant: int | None
    weight: Fraction
    effective_weight: Fraction | None
    contribution: Fraction | None
    evaluator: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEffect:
    """What a gate saw and did; ``effect`` is what it added to the total, 0 or less."""

    gate: str
    action: Action
    condition: str
    value: Fraction | None
    fired: bool
    reason: Reason | None
    effect: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of one subject.

    ``exact`` = base + bonus - penalty + gate effects, and ``total`` = exact + residual, exactly. Where
    ``refusals`` says why there is no score, total, exact, grade and rank are None. ``held`` scores wait for
    a person, ``holds`` says why. ``unrenormalised`` is the weighted sum without spreading missing weights,
    ``covered`` the measured share of the weight, ``decision`` what a person decided, which changes no
    number here. ``interval`` is the 95 % interval of ``exact``, None where nothing is known of its noise;
    ``rank_set`` the best and the worst rank that the noise allows, ``tier`` counts from 1 the groups of
    subjects that cannot be told apart. ``appraisal`` is the figure from 0 to 1 that a peer-relative scheme
    (TOPSIS) sets beside the total.
    """

    subject: SubjectKey
    total: Decimal | None
    exact: Fraction | None
    grade: str | None
    coefficient: Fraction | None
    rank: int | None
    base: Fraction | None
    bonus: Fraction
    penalty: Fraction
    gate_effect: Fraction
    residual: Fraction | None
    unrenormalised: Fraction
    covered: Fraction
    held: bool
    holds: tuple[str, ...]
    refusals: tuple[str, ...]
    flags: tuple[str, ...]
    contributions: tuple[Contribution, ...]
    bonuses: tuple[Contribution, ...]
    penalties: tuple[Contribution, ...]
    gates: tuple[GateEffect, ...]
    decision: Decision | None
    interval: tuple[Fraction, Fraction] | None = None
    rank_set: tuple[int, int] | None = None
    tier: int | None = None
    appraisal: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeShare:
    """How many subjects have a grade, their share, and the share that the card advises (None: no advice)."""

    grade: str
    count: int
    share: Fraction
    advised: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The scores of all subjects, sorted by subject, and how they were made.

    ``weights`` are the shares used, ``outside`` the subjects that the card's population leaves out,
    ``unused`` the metrics that came in and are not on the card, ``distribution`` the advisory comparison of
    grades.
    """

    card: str
    version: str
    fingerprint: str
    profile: Profile
    subject_columns: tuple[str, ...]
    places: int
    weights: tuple[tuple[str, Fraction], ...]
    scores: tuple[Score, ...]
    outside: tuple[SubjectKey, ...]
    unused: tuple[str, ...]
    distribution: tuple[GradeShare, ...]

    def to_arrow(self) -> pa.Table:
        """Returns one row per subject: totals and grades, and the exact values as text."""
        from kpicore.scoring.arrow import scores_table

        return scores_table(self)

    def contributions_to_arrow(self) -> pa.Table:
        """Returns one row per subject and line of the card, bonuses, penalties and gates included."""
        from kpicore.scoring.arrow import contributions_table

        return contributions_table(self)


def verify_total(score: Score) -> None:
    """Raises KpicoreError unless the parts of ``score`` sum exactly to its total."""
    if score.total is None:
        return
    weighted = sum(((line.contribution or Fraction(0)) for line in score.contributions), Fraction(0))
    parts = weighted + score.bonus - score.penalty + score.gate_effect
    gates = sum((gate.effect for gate in score.gates), Fraction(0))
    if (
        parts != score.exact
        or gates != score.gate_effect
        or score.residual is None
        or parts + score.residual != Fraction(score.total)
    ):
        raise KpicoreError(
            f"the parts of the score of {score.subject} do not sum to its total", hint="please report this"
        )
