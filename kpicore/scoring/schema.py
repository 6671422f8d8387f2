"""The scorecard as it is written in TOML: which keys exist, of which kind, and what each means."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from kpicore.scoring.curve import Between, Beyond, Jump
from kpicore.scoring.quantity import Quantity, decimal_text, exact, parse_quantity, parse_share

__all__ = [
    "Action",
    "AdjustmentDocument",
    "CardDocument",
    "CurveDocument",
    "EntryDocument",
    "FormulaDocument",
    "GateDocument",
    "GradeDocument",
    "GroupDocument",
    "MissingDocument",
    "Policy",
    "Profile",
    "Provisional",
    "Reason",
    "ReportDocument",
    "Rounding",
    "Subject",
    "Uses",
    "VariantDocument",
    "card_schema",
]

Profile: TypeAlias = Literal["explore", "review", "pay"]
Subject: TypeAlias = Literal["agent", "team", "queue"]
Reason: TypeAlias = Literal[
    "not_applicable", "no_data", "below_min_n", "source_failed", "excluded_by_rule", "on_leave"
]
Policy: TypeAlias = Literal["refuse", "renormalise", "neutral", "carry_forward", "zero"]
Action: TypeAlias = Literal[
    "hold_for_review", "zero_total", "cap_total", "zero_group", "cap_grade", "multiply"
]
Provisional: TypeAlias = Literal["accept", "hold", "settled"]
Uses: TypeAlias = Literal["value", "standardised", "shrunk"]

_NUMBER = {"type": ["number", "string"], "pattern": r"^[+-]?\d+(\.\d+)?$"}
_QUANTITY = {"type": ["number", "string"], "examples": [0.85, "85%", "20s", "1h30m"]}
_WEIGHT = {"type": ["number", "string"], "examples": [40, 0.4, "40%"]}


def _shown(value: Fraction | Quantity) -> str:
    return decimal_text(value.value if isinstance(value, Quantity) else value)


_TEXT = PlainSerializer(_shown, return_type=str)
Exact = Annotated[Fraction, PlainValidator(exact), _TEXT, WithJsonSchema(_NUMBER)]
Share = Annotated[Fraction, PlainValidator(parse_share), _TEXT, WithJsonSchema(_WEIGHT)]
Amount = Annotated[Quantity, PlainValidator(parse_quantity), _TEXT, WithJsonSchema(_QUANTITY)]
Weight = Annotated[Quantity, PlainValidator(parse_quantity), _TEXT, WithJsonSchema(_WEIGHT)]


def _target(raw: object) -> Quantity | tuple[Quantity, Quantity] | Literal["required"]:
    if raw == "required":
        return "required"
    if not isinstance(raw, list | tuple):
        return parse_quantity(raw)
    if len(raw) != 2:
        raise ValueError(f"found {len(raw)} values; write one target, a range [low, high], or 'required'")
    return parse_quantity(raw[0]), parse_quantity(raw[1])


def _target_shown(value: Quantity | tuple[Quantity, Quantity] | Literal["required"]) -> object:
    if isinstance(value, tuple):
        return [_shown(end) for end in value]
    return _shown(value) if isinstance(value, Quantity) else value


def _cutoff(raw: object) -> Quantity | Literal["none"]:
    return "none" if raw == "none" else parse_quantity(raw)


def _cutoff_shown(value: Quantity | Literal["none"]) -> str:
    return _shown(value) if isinstance(value, Quantity) else value


Target = Annotated[
    Quantity | tuple[Quantity, Quantity] | Literal["required"],
    PlainValidator(_target),
    PlainSerializer(_target_shown),
    WithJsonSchema(
        {"anyOf": [_QUANTITY, {"type": "array", "items": _QUANTITY, "minItems": 2, "maxItems": 2}]}
    ),
]
Cutoff = Annotated[
    Quantity | Literal["none"],
    PlainValidator(_cutoff),
    PlainSerializer(_cutoff_shown),
    WithJsonSchema(_QUANTITY),
]


def _listed(raw: object) -> object:
    values = raw if isinstance(raw, list | tuple) else [raw]
    return [str(value).lower() if isinstance(value, bool) else value for value in values]


NAME = r"^[a-z][a-z0-9_]*$"
CONDITION = r"^\s*(<=|>=|==|!=|<|>)\s*\S+\s*$"
Name = Annotated[str, Field(pattern=NAME, max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=400)]
SettingText = Annotated[
    str,
    BeforeValidator(lambda raw: raw if isinstance(raw, str) else str(raw).lower()),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Values = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    WithJsonSchema(
        {"type": ["string", "boolean", "array"], "items": {"type": ["string", "boolean"]}, "minItems": 1}
    ),
]
Version = Annotated[
    str,
    BeforeValidator(lambda raw: str(raw) if type(raw) is int else raw),
    Field(min_length=1, max_length=40),
    WithJsonSchema({"type": ["string", "integer"]}),
]
Filter: TypeAlias = dict[str, Values]


class Document(BaseModel):
    """A table of the card: immutable, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Label(Document):
    """What people read, in both languages."""

    en: str
    zh: str = ""


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


class VariantDocument(Document):
    """Another curve, or target, for the subjects that ``when`` selects."""

    when: Filter
    curve: CurveDocument | None = None
    target: Target | None = None


class OverrideDocument(Document):
    """Other parameters of the metric for the rows that ``when`` selects: what comes first counts."""

    when: Filter
    parameters: dict[Name, SettingText] = Field(min_length=1)


class MeasuredDocument(Document):
    """What any scored line has: a metric or a human's mark, and a curve."""

    id: Name | None = None
    label: Label | None = None
    metric: Text | None = None
    manual: Text | None = Field(default=None, description="item of a human's mark, instead of a metric")
    override: tuple[OverrideDocument, ...] = ()
    curve: CurveDocument | None = None
    variant: tuple[VariantDocument, ...] = ()
    target: Target | None = None
    min_n: int | None = Field(default=None, ge=1)
    min_reliability: Share | None = None
    uses: Uses = "value"


class EntryDocument(MeasuredDocument):
    """A metric of a group, with its weight in the group."""

    weight: Weight | None = None
    missing: Policy | None = None
    example: bool = Field(default=False, description="no source names this weight")


class AdjustmentDocument(MeasuredDocument):
    """Points added to the total (bonus) or taken from it (penalty)."""


class GroupDocument(Document):
    """Entries that are weighed among themselves, and the group's weight in the total."""

    id: Name
    label: Label | None = None
    weight: Weight | None = None
    example: bool = False
    entry: tuple[EntryDocument, ...] = Field(min_length=1)


class GateDocument(Document):
    """A condition with a consequence, whatever the points say."""

    id: Name
    label: Label | None = None
    metric: Text | None = None
    manual: Text | None = None
    when: Annotated[
        str,
        Field(description="a comparison, such as '> 0'", pattern=CONDITION),
    ]
    action: Action = "hold_for_review"
    to: Exact | None = Field(default=None, description="cap_total: the most that remains")
    group: Name | None = Field(default=None, description="zero_group: which")
    grade: str | None = Field(default=None, description="cap_grade: the best grade that remains")
    by: Share | None = Field(default=None, description="multiply: the factor, from 0 to 1")


class GradeDocument(Document):
    """A grade and the total that earns it; the last one takes whatever is left."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    label: Label | None = None
    at_least: Exact | None = None
    coefficient: Exact | None = None


class FormulaDocument(Document):
    """A metric of the card's own, computed from others; entries and gates use it by its name."""

    name: Name
    expression: Annotated[str, Field(min_length=1, max_length=4000)]
    unit: Text | None = Field(default=None, description="what the expression must yield, such as ratio")
    direction: Literal["higher", "lower", "range", "neutral"] = "neutral"
    label: Label | None = None


class MissingDocument(Document):
    """What happens where a value is missing."""

    policy: Policy = "renormalise"
    min_coverage: Share = Field(
        default=Fraction(7, 10), description="with less of the weight covered nobody is scored"
    )
    across: Literal["group", "card"] = Field(
        default="group", description="where renormalising spreads a weight"
    )
    neutral_points: Exact | None = None
    by_reason: dict[Reason, Policy] = {}


class PointsDocument(Document):
    """The scale of an entry's points."""

    lowest: Exact = Fraction(0)
    highest: Exact = Fraction(100)


class Rounding(Document):
    """The one rounding, of the total."""

    places: int = Field(default=2, ge=0, le=6)
    mode: Literal["half_up", "half_even", "down"] = "half_up"


class WeightingDocument(Document):
    """Where the weights come from; ``waiver``: who allows a data-driven scheme in profile pay, and why."""

    scheme: Text = "fixed"
    settings: dict[str, SettingText] = {}
    waiver: Text | None = None


class ReportDocument(Document):
    """What a report may tell."""

    others: bool = Field(
        default=False, description="the report for one person names the others, with their totals and ranks"
    )
    min_group: int = Field(
        default=5, ge=1, description="figures on fewer people together are suppressed: they would tell of one"
    )


class CardDocument(Document):
    """A scorecard."""

    id: Name
    version: Version
    owner: Text
    label: Label | None = None
    profile: Profile
    subject: Subject
    period: Literal["hour", "day", "week", "month", "quarter", "year"]
    zone: Text | None = None
    calendar: Text | None = None
    population: Filter = {}
    points: PointsDocument = PointsDocument()
    weighting: WeightingDocument = WeightingDocument()
    missing: MissingDocument = MissingDocument()
    provisional: Provisional | None = None
    rounding: Rounding = Rounding()
    formula: tuple[FormulaDocument, ...] = ()
    group: tuple[GroupDocument, ...] = Field(min_length=1)
    bonus: tuple[AdjustmentDocument, ...] = ()
    penalty: tuple[AdjustmentDocument, ...] = ()
    bonus_cap: Exact | None = None
    penalty_cap: Exact | None = None
    gate: tuple[GateDocument, ...] = ()
    grade: tuple[GradeDocument, ...] = ()
    distribution: dict[str, Share] = Field(
        default={}, description="advised share of each grade; never enforced"
    )
    report: ReportDocument = ReportDocument()


def card_schema() -> dict[str, object]:
    """Returns the JSON Schema of a card, for editors that complete TOML."""
    schema = CardDocument.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "kpicore scorecard"}
