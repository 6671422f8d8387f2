"""Cases: how many are resolved, how long that takes, how many stay open or come back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from kpicore.plugin import (
    Choice,
    Custom,
    Direction,
    Duration,
    Expression,
    Integer,
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

from .clocks import CALENDAR, CLOCK, CLOCK_PARAMETERS, SCHEDULE, elapsed
from .durations import DURATION_PARAMETERS, attribution, duration_statistic
from .net import difference

__all__ = ["METRICS"]

_KEPT = ~col("filtered")
_ENDED = col("ended").isin(("closed", "resolved"))
_DONE = Choice(
    name="done",
    doc="which cases are done: those resolved, or those closed without it as well",
    values=("resolved", "resolved_or_closed"),
    default="resolved",
)
_DONE_OR_CLOSED = Choice(name=_DONE.name, doc=_DONE.doc, values=_DONE.values, default="resolved_or_closed")


def _done(p: Settings) -> Expression:
    return _KEPT & (col("ended").is_("resolved") if p.word("done") == "resolved" else _ENDED)


def _session_duration(p: Settings) -> Statistic:
    began = col("taken_at") if p.word("start") == "taken" else col("opened_at")
    ended = _KEPT & col("closed_at").not_null()
    return duration_statistic(
        p,
        "sessions",
        col("closed_at") - began,
        where=ended & began.not_null(),
        excluded={
            "filtered": col("filtered"),
            "never_closed": _KEPT & col("closed_at").is_null(),
            "never_taken": ended & began.is_null(),
        },
        excluded_at="start",
    )


def _resolution_rate(p: Settings) -> Statistic:
    resolved = col("resolved_at").not_null()
    if p["within"] is not None:
        taken = elapsed(p, col("opened_at"), col("resolved_at"))
        resolved = resolved & (taken <= p.microseconds("within"))
    at = "start" if p.word("cohort") == "opened" else "completion"
    return Ratio(
        numerator=count("contacts", where=resolved, attribution=at),
        denominator=count("contacts", attribution=at),
    )


def _reopen_rate(p: Settings) -> Statistic:
    thanks = p.word("unanswered") == "exclude"
    fact = "answered_reopenings" if thanks else "reopenings"
    at = "resolved_once" if p.word("done") == "resolved" else "settled"
    reopened = _KEPT & (col("reopens") > 0)
    numerator = count(fact, where=reopened, attribution=at)
    if p.word("count") == "reopens":
        numerator = total(fact, col("reopens"), where=reopened, attribution=at)
    unknown = col("settled_at" if at == "settled" else "resolved_once_at").is_null()
    left_out = {"resolution_unknown": count(fact, where=reopened & unknown, attribution="start")}
    if thanks:
        left_out["unanswered"] = total(fact, col("unanswered"), where=_KEPT, attribution=at)
    return Ratio(
        numerator=numerator,
        denominator=count(fact, where=_KEPT, attribution=at),
        excluded=left_out,
    )


def _resolved(p: Settings) -> Statistic:
    done = count("cases", where=_done(p), attribution="completion")
    if p["working_days"] is not None:
        return Tally(measure=done, scale=Fraction(1, p.integer("working_days")), unit="tickets/day")
    if p.word("per") == "day":
        return Tally(measure=done, per="day", unit="tickets/day")
    if p.word("per") == "working_day":
        return Tally(measure=done, per="working_day", unit="tickets/day")
    return Tally(measure=done)


def _resolution_time(p: Settings) -> Statistic:
    of, ended, at, done = "cases", col("ended_at"), "completion", _done(p)
    if p.word("reopened") == "first":
        resolved = p.word("done") == "resolved"
        ended, at = (
            (col("first_resolved_at"), "first_resolved") if resolved else (col("first_ended_at"), "first")
        )
        done = _KEPT & ended.not_null()
    unknown: dict[str, Expression] = {"unresolved": _KEPT & ~done}
    taken = elapsed(p, col("opened_at"), ended)
    if p.word("clock") == "effort":
        of, taken = "case_efforts", col("effort")
        unknown["never_handled"] = done & taken.is_null()
    if p.word("attribution") == "start":
        at = "start"
    return duration_statistic(p, of, taken, where=done, excluded=unknown, at=at, excluded_at="start")


def _open_at_end(p: Settings) -> Expression:
    return _KEPT & (elapsed(p, col("opened_at"), col("instant")) > p.microseconds("older_than"))


def _backlog(p: Settings) -> Statistic:
    if p.word("basis") == "stock":
        at = None if p["at"] is None else p.microseconds("at")
        open_ = count("open_stretches", where=_open_at_end(p), attribution="snapshot", snapshot_at=at)
        return Tally(measure=open_)
    begun = count("open_stretches", where=_KEPT & col("began"), attribution="start")
    ended = count("open_stretches", where=_KEPT & _ENDED, attribution="completion")
    return Custom(measures={"plus": begun, "minus": ended}, finalize=difference)


def _query_age(p: Settings) -> Statistic:
    since = col("opened_at") if p.word("since") == "opened" else col("open_since")
    return duration_statistic(
        p, "open_stretches", elapsed(p, since, col("instant")), where=_open_at_end(p), at="snapshot"
    )


_OLDER_THAN = Duration(
    name="older_than", doc="only cases open longer than this are counted: 12h, 24h, 72h", default="0s"
)

METRICS = (
    Metric(
        name="average_session_duration",
        en="Average session duration",
        zh="平均会话时间",
        family="handling",
        unit="s",
        direction=Direction.RANGE,
        definition="mean of (end - start) over sessions; a session starts when an agent takes it, "
        "or with start=opened when it is opened",
        definition_zh="会话结束时间减开始时间的平均值；默认从客服接入开始，start=opened 时从会话创建开始",
        needs=("contacts",),
        parameters=(
            Choice(
                name="start",
                doc="when a session starts: as the first agent takes it (where nothing tells of agents' "
                "parts, as it is opened), or as it is opened",
                values=("taken", "opened"),
                default="taken",
            ),
            *DURATION_PARAMETERS,
            attribution("start", "completion"),
        ),
        build=_session_duration,
        target=Target(
            industry=Fraction(510), target=(Fraction(180), Fraction(600)), basis="15 % beyond is tolerated"
        ),
        causes=(
            "sessions are closed neither by the agent nor by a rule for silence",
            "too many agents on duty, where sessions are long",
            "skill in handling the tools",
        ),
        actions=(
            "let rules close sessions on silence and on lack of an answer",
            "close a session as soon as the customer confirms",
            "train the tools",
        ),
        source="norms for online customer service",
    ),
    Metric(
        name="resolution_rate",
        en="Resolution rate",
        zh="问题解决率",
        family="resolution",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="of the cases opened in the period (cohort=closed: of those closed), the share resolved",
        definition_zh="周期内新建(cohort=closed 时为关闭)的工单中已解决的比例",
        needs=("contacts",),
        parameters=(
            Choice(
                name="cohort",
                doc="which cases are looked at: those opened in the period, or those closed in it",
                values=("opened", "closed"),
                default="opened",
            ),
            Duration(
                name="within", doc="resolved at most this long after opening", default="none", optional=True
            ),
            *CLOCK_PARAMETERS,
        ),
        build=_resolution_rate,
        settle_days=7,
        source="choosing assessment indicators",
    ),
    Metric(
        name="reopen_rate",
        en="Reopen rate",
        zh="工单重开率",
        family="resolution",
        unit="ratio",
        direction=Direction.LOWER,
        definition="cases reopened / cases resolved, in the period in which they were first resolved",
        definition_zh="被重新打开的工单 / 已解决的工单，按首次解决时间归属",
        needs=("contacts",),
        parameters=(
            Choice(
                name="count",
                doc="cases that were reopened at all, or every reopening",
                values=("cases", "reopens"),
                default="cases",
                used_by={"reopens": "Zendesk"},
            ),
            Choice(
                name="unanswered",
                doc="what a reopening counts for to which no agent writes before the case ends again, such "
                "as by a word of thanks: a reopening, or nothing",
                values=("count", "exclude"),
                default="count",
            ),
            _DONE_OR_CLOSED,
        ),
        build=_reopen_rate,
        settle_days=7,
        actions=(
            "train to ask until the problem is understood",
            "involve other departments",
            "do not hurry the closing",
        ),
        source="customer-service metrics; Zendesk documentation",
    ),
    Metric(
        name="tickets_resolved",
        en="Tickets resolved",
        zh="工单解决数",
        family="resolution",
        unit="tickets",
        direction=Direction.HIGHER,
        definition="cases resolved or closed in the period for the last time; per working day with "
        "per=working_day, which takes a calendar file, or with a number of working_days",
        definition_zh="周期内解决或关闭的工单数；per=working_day（需要日历文件）"
        "或给出 working_days 时除以工作日数",
        needs=("contacts",),
        parameters=(
            Choice(
                name="per",
                doc="the total, per day, or per working day of the calendar",
                values=("total", "day", "working_day"),
                default="total",
            ),
            Integer(
                name="working_days",
                doc="where given, the number is divided by it: the working days of the period",
                low=1,
                high=366,
            ),
            _DONE_OR_CLOSED,
        ),
        build=_resolved,
        actions=("tiers: simple cases solved at once, hard ones to specialists",),
        source="customer-service metrics",
    ),
    Metric(
        name="average_resolution_time",
        en="Average resolution time",
        zh="平均解决时间",
        family="resolution",
        unit="s",
        direction=Direction.LOWER,
        definition="sum of (resolved - opened) over the cases resolved in the period / their number; a "
        "reopened case counts to its last resolution; clock=effort counts the agents' handling time instead",
        definition_zh="周期内解决的工单从创建到解决的时间的平均值；重开的工单算到最后一次解决；"
        "clock=effort 时为客服处理时间",
        needs=("contacts",),
        parameters=(
            replace(
                CLOCK,
                doc="whether all time counts, business hours (which takes a calendar file), or the time that "
                "agents spent on the case",
                values=("calendar", "business", "effort"),
            ),
            CALENDAR,
            SCHEDULE,
            Choice(
                name="reopened",
                doc="which resolution of a reopened case counts",
                values=("last", "first"),
                default="last",
            ),
            _DONE,
            *DURATION_PARAMETERS,
            attribution("completion", "start"),
        ),
        build=_resolution_time,
        actions=("a deep knowledge base for customers and agents",),
        source="choosing assessment indicators; customer-service metrics",
    ),
    Metric(
        name="backlog",
        en="Backlog",
        zh="积压",
        family="resolution",
        unit="tickets",
        direction=Direction.LOWER,
        attribution="snapshot",
        definition="cases open at the end of the period, longer than older_than; basis=net_flow: opened or "
        "reopened in the period, less those resolved or closed in it",
        definition_zh="周期末仍未解决且超过 older_than 的工单数；basis=net_flow 时为新增减去解决",
        needs=("contacts",),
        parameters=(
            Choice(
                name="basis",
                doc="the stock at the end of the period, in the hands of whom they then are, or its change",
                values=("stock", "net_flow"),
                default="stock",
                used_by={"stock": "Zendesk"},
            ),
            Duration(
                name="at",
                doc="with basis=stock, the local time of day, after midnight, at which the stock of the "
                "period's last day is taken; where the period does not reach it, and with none, at its end",
                default="none",
                optional=True,
                high=86_399_999_999,
                used_by={"23h": "Zendesk"},
            ),
            _OLDER_THAN,
            *CLOCK_PARAMETERS,
        ),
        build=_backlog,
        actions=("more self-service information on the site, kept current with products and campaigns",),
        source="customer-service metrics; Zendesk documentation",
    ),
    Metric(
        name="average_query_age",
        en="Average age of open queries",
        zh="未结工单平均时长",
        family="resolution",
        unit="s",
        direction=Direction.LOWER,
        attribution="snapshot",
        definition="mean of (instant - opened) over the cases open at the end of the period",
        definition_zh="周期末未结工单从创建至该时刻的时间的平均值",
        needs=("contacts",),
        parameters=(
            Choice(
                name="since",
                doc="from when a reopened case is old: since it was first opened, or last reopened",
                values=("opened", "reopened"),
                default="opened",
            ),
            _OLDER_THAN,
            *DURATION_PARAMETERS,
            *CLOCK_PARAMETERS,
        ),
        build=_query_age,
        actions=("more support and training where problems stay unsolved",),
        source="simple call-centre KPIs",
    ),
)
