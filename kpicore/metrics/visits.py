"""Reachability: what becomes of contacts in queues."""

from __future__ import annotations

from fractions import Fraction

from kpicore.plugin import (
    Choice,
    Choices,
    Direction,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Tally,
    Target,
    col,
    total,
)

from .durations import attribution
from .presence import HOURS, ON_DUTY
from .stays import ANSWERED, HANDED_OFF, OUTCOMES, UNIT, VISITS_AS_THEY_ARE, outcomes, tally

__all__ = ["METRICS"]

_AT = attribution("start", "event")


def _connect_rate(p: Settings) -> Statistic:
    offered = ~col("outcome").isin(p.words("closed"))
    stays = HANDED_OFF if p.word("denominator") == "escalated" else VISITS_AS_THEY_ARE
    return Ratio(numerator=tally(ANSWERED, p, stays), denominator=tally(offered, p, stays))


def _answered(p: Settings) -> Statistic:
    answered = tally(ANSWERED, p)
    if p.word("per") == "total":
        return Tally(measure=answered)
    online = total("duty", col("end") - col("start"), where=ON_DUTY, attribution="prorated")
    return Ratio(numerator=answered, denominator=online, scale=HOURS, unit="calls/h", n=answered)


def _offered(p: Settings) -> Statistic:
    return Tally(measure=tally(col("outcome").isin(p.words("outcomes")), p))


METRICS = (
    Metric(
        name="connect_rate",
        en="Connect rate",
        zh="接通率",
        family="reachability",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="contacts answered by an agent / contacts offered",
        definition_zh="接通的会话 / 进入队列的会话；排队放弃只计入分母",
        needs=("visits",),
        parameters=(
            Choices(
                name="closed",
                doc="outcomes that are no offer, because the queue was closed",
                values=OUTCOMES,
                default="closed",
            ),
            Choice(
                name="denominator",
                doc="what is divided by: what was offered in queues, or what a bot handed off to people, of "
                "which unit=queue_leg counts every request",
                values=("offered", "escalated"),
                default="offered",
            ),
            Choice(name="unit", doc=UNIT.doc, values=UNIT.values, default="interaction"),
            _AT,
        ),
        build=_connect_rate,
        target=Target(industry=Fraction(98, 100)),
        actions=(
            "warn when waiting exceeds a limit and persuade the customer to stay",
            "raise the waiting limit moderately",
            "mind channel and hour when calling back",
        ),
        source="norms for online customer service",
    ),
    Metric(
        name="calls_offered",
        en="Calls offered",
        zh="呼入量",
        family="reachability",
        unit="calls",
        direction=Direction.NEUTRAL,
        definition="stays in queues, of the outcomes asked for",
        definition_zh="进入队列的数量（可按结果筛选）",
        needs=("visits",),
        parameters=(outcomes("+".join(OUTCOMES), "how the stay ended"), UNIT, _AT),
        build=_offered,
        source="Genesys (nOffered), Amazon Connect (contacts queued)",
    ),
    Metric(
        name="calls_answered",
        en="Calls answered",
        zh="接听电话",
        family="reachability",
        unit="calls",
        direction=Direction.HIGHER,
        definition="contacts answered by an agent; per=hour divides by the hours on duty",
        definition_zh="由客服接听的联络数；per=hour 时除以在岗小时数",
        needs=("visits",),
        parameters=(
            Choice(
                name="per", doc="the total, or per hour on duty", values=("total", "hour"), default="total"
            ),
            UNIT,
            _AT,
        ),
        build=_answered,
        actions=("compare agents, find the hourly rate, decide to grow, shrink or train",),
        source="simple call-centre KPIs",
    ),
)
