"""How a curve is written on a card: as knots, or in a form that expands to knots."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field

from kpicore.scoring.curve import Between, Beyond, Jump
from kpicore.scoring.schema_values import Amount, Cutoff, Document, Exact, Share

__all__ = [
    "AttainmentDocument",
    "BandDocument",
    "CurveDocument",
    "EventsDocument",
    "LinearDocument",
    "PerUnitDocument",
    "RangeDocument",
    "ThresholdDocument",
]


class LinearDocument(Document):
    """Straight from 0 points at ``zero_at`` to full points at ``full_at``; falling means that lower is
    better.
    """

    zero_at: Amount
    full_at: Amount
    full: Exact | None = Field(
        default=None, description="points at full_at; the scale's highest where absent"
    )


class BandDocument(Document):
    """One band: points for the values from ``from`` to ``to``; the first may lack ``from``, the last
    ``to``.
    """

    from_: Amount | None = Field(default=None, alias="from")
    to: Amount | None = None
    points: Exact


class ThresholdDocument(Document):
    """Points at a threshold, a target and a stretch target; below the threshold a jump to 0 or a slope."""

    threshold: Amount
    target: Amount
    stretch: Amount
    threshold_points: Exact
    target_points: Exact
    stretch_points: Exact
    jump: bool = Field(description="true: short of the threshold there are no points")
    zero_at: Amount | None = Field(default=None, description="without a jump: where the points reach 0")


class RangeDocument(Document):
    """Full points inside the ideal range, falling to 0 at the hard limits (or at a tolerance beyond the
    range).
    """

    ideal_lo: Amount
    ideal_hi: Amount
    hard_lo: Amount | None = None
    hard_hi: Amount | None = None
    tolerance: Share | None = None
    full: Exact | None = None


class AttainmentDocument(Document):
    """Points as a percentage of the target; ``mode`` says which percentage."""

    mode: Literal["value_over_target", "target_over_value", "two_minus_value_over_target"]
    target: Amount | None = Field(default=None, description="the entry's target where absent")
    cap: Exact | None = Field(default=None, description="most points; the scale's highest where absent")


class PerUnitDocument(Document):
    """Points added or taken for each unit above or below a reference, between a floor and a cap."""

    ref: Amount
    unit: Amount
    points: Exact = Field(description="for each unit above ref; negative takes points")
    points_below: Exact | None = Field(
        default=None, description="taken for each unit below ref; points where absent"
    )
    base: Exact = Field(default=Fraction(0), description="points at ref")
    whole_units: Literal["proportional", "complete", "started"]
    cap: Exact
    floor: Exact
    cutoff: Cutoff = Field(
        description="short of this value (above it where more is worse) there are no points; or 'none'"
    )


class EventsDocument(Document):
    """Points for each counted event, up to a cap on the points that events can add or take."""

    points_each: Exact
    cap: Exact = Field(description="the most that events add, or take where points_each is negative")
    start: Exact = Field(default=Fraction(0), description="points without any event")


class CurveDocument(Document):
    """From a value to points: knots, or exactly one of the forms that expand to knots."""

    knots: tuple[tuple[Amount, Exact], ...] | None = None
    between: Between = "linear"
    below: Beyond = "clamp"
    above: Beyond = "clamp"
    at_jump: Jump = "higher"
    linear: LinearDocument | None = None
    bands: tuple[BandDocument, ...] | None = None
    closed: Literal["left", "right"] | None = None
    threshold_target_stretch: ThresholdDocument | None = None
    target_range: RangeDocument | None = None
    attainment: AttainmentDocument | None = None
    per_unit: PerUnitDocument | None = None
    events: EventsDocument | None = None
    example: bool = Field(
        default=False, description="no source names these numbers; a person has to set them"
    )
