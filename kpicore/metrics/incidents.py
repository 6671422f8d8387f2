"""Complaints, praise and violations."""

from __future__ import annotations

from kpicore.plugin import (
    Choice,
    Direction,
    Measure,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Tally,
    col,
    count,
    distinct,
)

__all__ = ["METRICS"]


def _number(kind: str) -> Measure:
    return count("incidents", where=col("kind").is_(kind), attribution="event")


def _complaint_rate(p: Settings) -> Statistic:
    if p.word("of") == "contacts":
        base = count("contacts", attribution="start")
    else:
        base = distinct("legs", col("contact_id"), attribution="start")
    return Ratio(numerator=_number("complaint"), denominator=base)


def _incidents(p: Settings) -> Statistic:
    return Tally(measure=_number(p.word("kind")))


METRICS = (
    Metric(
        name="complaint_rate",
        en="Complaint rate",
        zh="投诉率",
        family="voice",
        unit="ratio",
        direction=Direction.LOWER,
        definition="complaints about the agent / contacts that the agent handled",
        definition_zh="归属该客服的投诉数 / 其处理的联络数",
        needs=("incidents", "legs"),
        parameters=(
            Choice(
                name="of",
                doc="what is divided by: contacts of which the agent handled a part, or those that the agent "
                "is in charge of",
                values=("handled", "contacts"),
                default="handled",
            ),
        ),
        build=_complaint_rate,
        source="indicators for assessing customer service",
    ),
    Metric(
        name="incidents",
        en="Complaints, praise, violations",
        zh="投诉与表扬数",
        family="voice",
        unit="incidents",
        direction=Direction.NEUTRAL,
        attribution="event",
        definition="complaints in the period; or praise, or violations",
        definition_zh="周期内的投诉数（或表扬数、违规数）",
        needs=("incidents",),
        parameters=(
            Choice(
                name="kind",
                doc="which of them",
                values=("complaint", "praise", "violation"),
                default="complaint",
            ),
        ),
        build=_incidents,
        source="indicators for assessing customer service",
    ),
)
