"""Reachability: what becomes of contacts in queues, and how long they wait."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from kpicore.plugin import (
    Choice,
    Choices,
    Direction,
    Duration,
    Expression,
    Measure,
    Metric,
    Ratio,
    Settings,
    Shorthand,
    Statistic,
    Tally,
    Target,
    col,
    count,
    distinct,
    total,
)

from .clocks import CALENDAR, CLOCK_PARAMETERS, HOURS_COUNTED, elapsed, in_hours
from .durations import DURATION_PARAMETERS, attribution, duration_statistic
from .presence import HOURS, ON_DUTY
from .stays import (
    CLOCK_START,
    JUDGED_AT,
    OUTCOMES,
    SHORT_CLOCK,
    VISITS_AS_THEY_ARE,
    Stays,
    stays_of,
)

__all__ = ["METRICS"]

_FLOW_OUTS = ("flow_out", "timeout", "transferred", "voicemail")
_BLOCKED = ("closed", "diverted", "empty", "full")

_ANSWERED = col("outcome").is_("answered")
_ABANDONED = col("outcome").is_("abandoned")

_UNIT = Choice(
    name="unit",
    doc="what is counted: every stay in a queue, or every contact once",
    values=("queue_leg", "interaction"),
    default="queue_leg",
    used_by={"queue_leg": "Genesys, Amazon Connect, Cisco", "interaction": "Webex, Aircall"},
)


def _outcomes(default: str, doc: str) -> Choices:
    return Choices(name="outcomes", doc=doc, values=OUTCOMES, default=default)


def _tally(where: Expression, p: Settings, stays: Stays = VISITS_AS_THEY_ARE) -> Measure:
    at = p.word("attribution")
    if p.word("unit") == "interaction":
        return distinct(stays.of, col("contact_id"), where=where, attribution=at, options=stays.options)
    return count(stays.of, where=where, attribution=at, options=stays.options)


def _service_level(p: Settings) -> Statistic:
    within, short = p.microseconds("within"), p.microseconds("short")
    stays = stays_of(p)
    inside = stays.wait <= within if p.word("op") == "le" else stays.wait < within
    brief = _ABANDONED & (stays.short_wait < short)
    late = _ABANDONED & ~inside
    met = {
        "none": _ANSWERED & inside,
        "within_threshold": (_ANSWERED | _ABANDONED) & inside,
        "short_only": (_ANSWERED & inside) | brief,
    }[p.word("numerator_abandons")]
    counted = {
        "all": _ANSWERED | _ABANDONED,
        "after_threshold": _ANSWERED | late,
        "exclude_short": _ANSWERED | (_ABANDONED & ~brief),
        "none": _ANSWERED,
    }[p.word("denominator_abandons")]
    leaving = {
        "flow_out": (col("outcome").isin(_FLOW_OUTS), p.word("flow_outs")),
        "callback": (col("outcome").is_("callback"), p.word("callbacks")),
    }
    for left, rule in leaving.values():
        if rule != "exclude":
            counted = counted | left
        if rule == "by_threshold":
            met = met | (left & inside)
    excluded: Mapping[str, Expression] = {
        "abandoned": _ABANDONED & ~counted,
        **{reason: left for reason, (left, rule) in leaving.items() if rule == "exclude"},
        "blocked": col("outcome").isin(_BLOCKED),
        "unknown": col("outcome").is_("unknown"),
    }
    at = p.word("attribution")
    if (open_ := in_hours(p, stays.start)) is not None:
        excluded = {reason: left & open_ for reason, left in excluded.items()} | {"out_of_hours": ~open_}
        counted = counted & open_
    return Ratio(
        numerator=_tally(met & counted, p, stays),
        denominator=_tally(counted, p, stays),
        excluded={
            reason: count(stays.of, where=condition, attribution=at, options=stays.options)
            for reason, condition in excluded.items()
        },
    )


def _connect_rate(p: Settings) -> Statistic:
    offered = ~col("outcome").isin(p.words("closed"))
    return Ratio(numerator=_tally(_ANSWERED, p), denominator=_tally(offered, p))


def _answered(p: Settings) -> Statistic:
    answered = _tally(_ANSWERED, p)
    if p.word("per") == "total":
        return Tally(measure=answered)
    online = total("duty", col("end") - col("start"), where=ON_DUTY, attribution="prorated")
    return Ratio(numerator=answered, denominator=online, scale=HOURS, unit="calls/h", n=answered)


def _offered(p: Settings) -> Statistic:
    return Tally(measure=_tally(col("outcome").isin(p.words("outcomes")), p))


def _missed(p: Settings) -> Statistic:
    missed = _tally(col("outcome").isin(p.words("outcomes")), p)
    if p.word("statistic") == "count":
        return Tally(measure=missed)
    return Ratio(numerator=missed, denominator=_tally(~col("outcome").isin(_BLOCKED), p), unit="ratio")


def _abandon_rate(p: Settings) -> Statistic:
    stays, gone = stays_of(p), col("outcome").isin(p.words("outcomes"))
    brief = gone & (stays.short_wait < p.microseconds("short"))
    base = {
        "offered": ~col("outcome").isin(_BLOCKED),
        "answered_and_abandoned": _ANSWERED | gone,
    }[p.word("denominator")]
    at = p.word("attribution")
    return Ratio(
        numerator=_tally(gone & ~brief, p, stays),
        denominator=_tally(base & ~brief, p, stays),
        excluded={"short_abandon": count(stays.of, where=brief, attribution=at, options=stays.options)},
    )


def _wait(p: Settings) -> Statistic:
    return _waiting(p, col("outcome").isin(p.words("outcomes")))


def _speed_of_answer(p: Settings) -> Statistic:
    return _waiting(p, _ANSWERED)


def _waiting(p: Settings, which: Expression) -> Statistic:
    """Returns the waits of ``which`` stays; what a source states of a wait knows no business hours."""
    stays = stays_of(p)
    business = p.word("clock") == "business"
    known = col("left_at") if business else stays.wait
    wait = elapsed(p, stays.start, col("left_at")) if business else stays.wait
    unknown = {"wait_unknown": which & known.is_null()}
    return duration_statistic(p, stays.of, wait, where=which, excluded=unknown, options=stays.options)


_AT = attribution("start", "event")

METRICS = (
    Metric(
        name="service_level",
        en="Service level",
        zh="X秒内接听率",
        family="reachability",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="answered within `within` of being offered / offered; which abandoned contacts count in "
        "the numerator and the denominator are parameters",
        definition_zh="规定秒数内接听的数量 / 进入队列的数量；放弃的联络如何计入由参数决定",
        needs=("visits",),
        parameters=(
            Duration(name="within", doc="the waiting time that is still in time", default="20s"),
            Choice(
                name="op",
                doc="whether a wait equal to the limit is in time",
                values=("le", "lt"),
                default="le",
                used_by={"le": "Genesys, Huawei", "lt": "Easemob"},
            ),
            Shorthand(
                name="abandoned",
                doc="sets both rules for abandoned contacts at once",
                meanings={
                    "exclude_short": {
                        "numerator_abandons": "none",
                        "denominator_abandons": "exclude_short",
                    },
                    "include": {"numerator_abandons": "none", "denominator_abandons": "all"},
                    "exclude": {"numerator_abandons": "none", "denominator_abandons": "none"},
                    "count_within_as_met": {
                        "numerator_abandons": "within_threshold",
                        "denominator_abandons": "all",
                    },
                },
            ),
            Choice(
                name="numerator_abandons",
                doc="which of the abandoned contacts that count as offered count as answered in time",
                values=("none", "within_threshold", "short_only"),
                default="none",
                used_by={
                    "none": "Genesys, Cisco (ignore, negative), Vonage",
                    "within_threshold": "Cisco (positive), Amazon Connect, Talkdesk",
                },
            ),
            Choice(
                name="denominator_abandons",
                doc="which abandoned contacts count as offered",
                values=("exclude_short", "all", "after_threshold", "none"),
                default="exclude_short",
                used_by={
                    "all": "Genesys (default), Cisco (negative, positive), Vonage",
                    "after_threshold": "Cisco (ignore)",
                    "exclude_short": "Genesys (option), RingCentral",
                    "none": "Huawei",
                },
            ),
            Duration(name="short", doc="an abandoned wait shorter than this is short", default="5s"),
            SHORT_CLOCK,
            CLOCK_START,
            Choice(
                name="flow_outs",
                doc="contacts that leave the queue neither answered nor abandoned: left out, in the "
                "denominator, or in both where they left in time",
                values=("exclude", "denominator", "by_threshold"),
                default="exclude",
                used_by={"denominator": "Genesys (option), Vonage", "by_threshold": "Amazon Connect"},
            ),
            Choice(
                name="callbacks",
                doc="contacts that leave the queue to be called back: left out, in the denominator and "
                "never met, or met where they left in time",
                values=("exclude", "denominator", "by_threshold"),
                default="exclude",
                used_by={"denominator": "Genesys (as flow-outs)", "by_threshold": "Amazon Connect"},
            ),
            _UNIT,
            JUDGED_AT,
            HOURS_COUNTED,
            CALENDAR,
        ),
        build=_service_level,
        source="ICMI; documentation of Genesys, Cisco, Amazon Connect",
    ),
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
            Choice(name="unit", doc=_UNIT.doc, values=_UNIT.values, default="interaction"),
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
        parameters=(_outcomes("+".join(OUTCOMES), "how the stay ended"), _UNIT, _AT),
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
            _UNIT,
            _AT,
        ),
        build=_answered,
        actions=("compare agents, find the hourly rate, decide to grow, shrink or train",),
        source="simple call-centre KPIs",
    ),
    Metric(
        name="missed_calls",
        en="Missed calls",
        zh="未接来电",
        family="reachability",
        unit="calls",
        direction=Direction.LOWER,
        definition="contacts offered and never answered by an agent; statistic=rate divides by those offered",
        definition_zh="进入队列而未被接听的联络数；statistic=rate 时为其占比",
        needs=("visits",),
        parameters=(
            Choice(name="statistic", doc="their number or share", values=("count", "rate"), default="count"),
            _outcomes("abandoned+timeout+voicemail", "the outcomes that count as missed"),
            _UNIT,
            _AT,
        ),
        build=_missed,
        actions=("call back quickly; a missed first contact is remembered",),
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
            _outcomes("abandoned", "the outcomes that count as abandoned"),
            Duration(name="short", doc="an abandoned wait shorter than this is left out", default="0s"),
            SHORT_CLOCK,
            Choice(
                name="denominator",
                doc="what is divided by",
                values=("offered", "answered_and_abandoned"),
                default="offered",
            ),
            _UNIT,
            _AT,
        ),
        build=_abandon_rate,
        source="documentation of Genesys, Amazon Connect",
    ),
    Metric(
        name="average_wait_time",
        en="Average wait time",
        zh="平均等待时间",
        family="reachability",
        unit="s",
        direction=Direction.LOWER,
        definition="mean of (answered or abandoned - offered) over the contacts offered",
        definition_zh="所有进入队列的联络从排队到接听或放弃的时间的平均值",
        needs=("visits",),
        parameters=(
            *DURATION_PARAMETERS,
            *CLOCK_PARAMETERS,
            _outcomes("abandoned+answered", "the outcomes whose waits count"),
            CLOCK_START,
            _AT,
        ),
        build=_wait,
        actions=("staff for the peak hours of the queue",),
        source="simple call-centre KPIs",
    ),
    Metric(
        name="average_speed_of_answer",
        en="Average speed of answer",
        zh="平均应答速度",
        family="reachability",
        unit="s",
        direction=Direction.LOWER,
        definition="mean of (answered - offered) over the contacts answered",
        definition_zh="已接听联络从排队到接听的时间的平均值",
        needs=("visits",),
        parameters=(*DURATION_PARAMETERS, *CLOCK_PARAMETERS, CLOCK_START, _AT),
        build=_speed_of_answer,
        actions=("never let a possible buyer wait too long",),
        source="simple call-centre KPIs; ICMI",
    ),
)
