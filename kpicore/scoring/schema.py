"""The scorecard as it is written in TOML: which keys exist, of which kind, and what each means."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from kpicore.scoring.schema_beside import FormulaDocument, ReportDocument
from kpicore.scoring.schema_curves import CurveDocument
from kpicore.scoring.schema_values import (
    CONDITION,
    Document,
    Exact,
    Filter,
    Label,
    Name,
    SettingText,
    Share,
    Target,
    Text,
    Version,
    Weight,
)

__all__ = [
    "Action",
    "AdjustmentDocument",
    "CardDocument",
    "EntryDocument",
    "GateDocument",
    "GradeDocument",
    "GroupDocument",
    "MissingDocument",
    "Policy",
    "Profile",
    "Provisional",
    "Reason",
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
    by_reason: dict[Reason, Policy] = Field(default={})


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
    settings: dict[str, SettingText] = Field(default={})
    waiver: Text | None = None


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
    population: Filter = Field(default={})
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
