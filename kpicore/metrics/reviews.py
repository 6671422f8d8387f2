"""What reviewers of conversations find: attitude, communication, brand, knowledge, technique."""

from __future__ import annotations

from fractions import Fraction

from kpicore.facts.scale import FULL, Scale
from kpicore.plugin import (
    Choice,
    Direction,
    Expression,
    Measure,
    Metric,
    Number,
    Parameter,
    Ratio,
    Settings,
    Statistic,
    Switch,
    Text,
    col,
    count,
    total,
)

__all__ = ["METRICS"]


def _score(p: Settings) -> Statistic:
    """Returns the mean place on the scale of the dimension's marks (of all, where none is named)."""
    options = (("critical_below", p.number("critical_below")), ("scale", p.words("scale")))
    share = col("share")
    asked = col("agent_id").not_null()
    if p["dimension"] is not None:
        asked = col("dimension").is_(p.word("dimension"))
    known = asked & share.not_null()
    counted = known & ~col("failed") if p.word("critical") == "zero" else known

    def number(which: Expression) -> Measure:
        return count("review_scores", where=which, attribution="event", options=options)

    def summed(value: Expression, which: Expression) -> Measure:
        return total("review_scores", value, where=which, attribution="event", options=options)

    weighted = p.flag("weighted")
    return Ratio(
        numerator=summed(share * col("weight") if weighted else share, counted),
        denominator=summed(col("weight"), known) if weighted else number(known),
        scale=Fraction(1, FULL),
        n=number(known),
        excluded={"out_of_scale": number(asked & share.is_null())},
    )


_PARAMETERS: tuple[Parameter, ...] = (
    Scale(name="scale", doc="the scale of forms that do not state their own", default="1..5"),
    Switch(
        name="weighted", doc="whether marks count by the weight of their question, or alike", default="false"
    ),
    Choice(
        name="critical",
        doc="what a fault in a critical question does: nothing more, or every mark of that review counts as "
        "the lowest",
        values=("ignore", "zero"),
        default="ignore",
        used_by={"zero": "Zendesk QA, Genesys (kill question)"},
    ),
    Number(
        name="critical_below",
        doc="the part of its scale below which a critical question is a fault",
        default="0.5",
        used_by={"0.5": "Zendesk QA"},
    ),
)


def _dimension(name: str, dimension: str | None, en: str, zh: str) -> Metric:
    marks = f"for the dimension {dimension}" if dimension else "of all dimensions"
    return Metric(
        name=name,
        en=en,
        zh=zh,
        family="reviews",
        unit="ratio",
        direction=Direction.HIGHER,
        attribution="event",
        definition=f"mean of the review marks {marks}, from 0 for the lowest to 1 for the highest mark of "
        "the form",
        definition_zh=f"质检“{zh}”得分按评分表量程换算为 0–1 后的平均值",
        needs=("reviews",),
        parameters=(
            Text(name="dimension", doc="the dimension as the reviews name it", default=dimension),
            *_PARAMETERS,
        ),
        build=_score,
        source="indicators for assessing customer service; Zendesk QA documentation",
    )


METRICS = (
    _dimension("service_attitude", "attitude", "Service attitude", "服务态度"),
    _dimension("communication_skill", "communication", "Communication skill", "沟通技巧"),
    _dimension("brand_representation", "brand", "Brand representation", "品牌代表性"),
    _dimension("professional_knowledge", "knowledge", "Professional knowledge", "专业知识"),
    _dimension("technical_skill", "technical", "Technical skill", "技术处理能力"),
    _dimension("quality_score", None, "Quality score", "质检得分"),
)
