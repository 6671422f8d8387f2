"""Reachability: what becomes of contacts in queues."""

from __future__ import annotations

from fractions import Fraction

from kpicore.errors import ParameterError
from kpicore.plugin import (
    Choice,
    Choices,
    Direction,
    Duration,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Tally,
    Target,
    col,
    count,
    total,
)

from .durations import attribution
from .presence import HOURS, ON_DUTY
from .stays import (
    ANSWERED,
    BLOCKED,
    OUTCOMES,
    SHORT_CLOCK,
    UNIT,
    VISITS_AS_THEY_ARE,
    Stays,
    outcomes,
    stays_of,
    tally,
)

__all__ = ["METRICS"]

_AT = attribution("start", "event")
_HANDED_OFF = Stays(of="escalations", start=col("handed_off_at"), wait=col("wait"), short_wait=col("wait"))


def _connect_rate(p: Settings) -> Statistic:
    offered = ~col("outcome").isin(p.words("closed"))
    stays = _HANDED_OFF if p.word("denominator") == "escalated" else VISITS_AS_THEY_ARE
    return Ratio(numerator=tally(ANSWERED, p, stays), denominator=tally(offered, p, stays))


def _answered(p: Settings) -> Statistic:
    answered = tally(ANSWERED, p)
    if p.word("per") == "total":
        return Tally(measure=answered)
    online = total("duty", col("end") - col("start"), where=ON_DUTY, attribution="prorated")
    return Ratio(numerator=answered, denominator=online, scale=HOURS, unit="calls/h", n=answered)


def _offered(p: Settings) -> Statistic:
    return Tally(measure=tally(col("outcome").isin(p.words("outcomes")), p))


def _abandon_rate(p: Settings) -> Statistic:
    stays, gone = _stays(p), col("outcome").isin(p.words("outcomes"))
    if "unknown" in p.words("outcomes"):
        gone = gone & col("left_at").not_null()
    brief = gone & (stays.short_wait < p.microseconds("short"))
    base = {
        "offered": ~BLOCKED,
        "answered_and_abandoned": ANSWERED | gone,
        "escalated": col("handed_off_at").not_null(),
    }[p.word("denominator")]
    at = p.word("attribution")
    return Ratio(
        numerator=tally(gone & ~brief, p, stays),
        denominator=tally(base & ~brief, p, stays),
        excluded={"short_abandon": count(stays.of, where=brief, attribution=at, options=stays.options)},
    )


def _stays(p: Settings) -> Stays:
    if p.word("denominator") != "escalated":
        return stays_of(p)
    if p.word("short_clock") != "queue":
        raise ParameterError(
            "denominator=escalated times contacts from the hand-off", hint="leave short_clock at queue"
        )
    return _HANDED_OFF


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
    Metric(
        name="abandon_rate",
        en="Abandon rate",
        zh="放弃率",
        family="reachability",
        unit="ratio",
        direction=Direction.LOWER,
        definition="contacts abandoned in a queue / contacts offered; short abandons are left out",
        definition_zh="排队中放弃的联络 / 进入队列的联络；短时放弃不计",
        needs=("visits",),
        parameters=(
            outcomes("abandoned", "the outcomes that count as abandoned"),
            Duration(name="short", doc="an abandoned wait shorter than this is left out", default="0s"),
            SHORT_CLOCK,
            Choice(
                name="denominator",
                doc="what is divided by: what was offered, what was answered or abandoned, or what a bot "
                "handed off to people, whether it came to a queue or not",
                values=("offered", "answered_and_abandoned", "escalated"),
                default="offered",
                used_by={"offered": "Genesys, Amazon Connect", "escalated": "Dynamics 365"},
            ),
            UNIT,
            _AT,
        ),
        build=_abandon_rate,
        source="documentation of Genesys, Amazon Connect",
    ),
)
