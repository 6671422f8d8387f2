"""Conversations: who wrote how much, who was replied to, who waited too long."""

from __future__ import annotations

from kpicore.facts.turns import BOTS
from kpicore.plugin import (
    Choice,
    Direction,
    Duration,
    Expression,
    Measure,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Tally,
    col,
    count,
    distinct,
    total,
)
from kpicore.plugin.measure import Options

from .clocks import CLOCK_PARAMETERS, clock_options, elapsed
from .durations import DURATION_PARAMETERS, SECONDS, attribution, duration_statistic

__all__ = ["METRICS"]

_AT = attribution("start")
_WAITED = col("responses") > 0
_CUSTOMERS = Choice(
    name="statistic",
    doc="their number, or their share of the customers received",
    values=("count", "share"),
    default="count",
)


def _bots(p: Settings) -> Options:
    return (("bots", p.word("bots")),)


def _interactions(p: Settings) -> Statistic:
    kept = ~col("filtered")
    chosen: Expression = {
        "resolved": kept & col("ended").is_("resolved"),
        "resolved_or_closed": kept & col("ended").isin(("closed", "resolved")),
        "any": kept,
    }[p.word("done")]
    at = "start" if p.word("done") == "any" else "completion"
    options = _bots(p)
    return Ratio(
        numerator=total("case_turns", col(p.word("count")), where=chosen, attribution=at, options=options),
        denominator=count("case_turns", where=chosen, attribution=at, options=options),
        excluded={
            "unresolved": count("case_turns", where=kept & ~chosen, attribution="start", options=options)
        },
    )


def _message_ratio(p: Settings) -> Statistic:
    at, options = p.word("attribution"), _bots(p)

    def written(side: str) -> Measure:
        return total("turns", col("messages"), where=col("side").is_(side), attribution=at, options=options)

    return Ratio(numerator=written("agent"), denominator=written("customer"))


def _reply_rate(p: Settings) -> Statistic:
    replied = col("messages") > 0
    return Ratio(
        numerator=distinct("attendances", col("customer_id"), where=replied),
        denominator=distinct("attendances", col("customer_id")),
        excluded={"customer_unknown": count("attendances", where=col("customer_id").is_null())},
    )


def _slow(p: Settings) -> Statistic:
    threshold = p.microseconds("threshold")
    slow = {
        "any": col("longest_wait") > threshold,
        "first": col("first_wait") > threshold,
        "mean": col("waits") > col("responses") * threshold,
    }[p.word("rule")]
    options = clock_options(p)
    customers = distinct("attendances", col("customer_id"), where=_WAITED & slow, options=options)
    received = distinct("attendances", col("customer_id"), options=options)
    if p.word("statistic") == "count":
        return Tally(measure=customers, n=received)
    return Ratio(numerator=customers, denominator=received, unit="ratio")


def _reception(p: Settings) -> Statistic:
    options: Options = (("max_wait", p.microseconds("max_wait")),)
    replied = (col("messages") > 0) & col("customer_id").not_null()
    return Ratio(
        numerator=total("attendances", col("reception"), where=replied, options=options),
        denominator=distinct("attendances", col("customer_id"), where=replied, options=options),
        scale=SECONDS,
    )


def _time_to_start(p: Settings) -> Statistic:
    began = col("began_at").not_null()
    return duration_statistic(
        p,
        "starts",
        elapsed(p, col("assigned_at"), col("began_at")),
        where=began,
        excluded={"never_began": ~began},
        excluded_at="start",
    )


METRICS = (
    Metric(
        name="interactions_per_case",
        en="Interactions per case",
        zh="单次工单交互次数",
        family="resolution",
        unit="interactions/ticket",
        direction=Direction.LOWER,
        definition="agents' turns until the case was resolved / cases resolved; a turn is one agent's "
        "messages in a row",
        definition_zh="工单解决前客服的交互轮数 / 已解决工单数；同一客服连续发出的消息算一轮",
        needs=("messages", "contacts"),
        parameters=(
            Choice(
                name="count",
                doc="what an interaction is: an agent's turn, or a message",
                values=("turns", "messages"),
                default="turns",
            ),
            Choice(
                name="done",
                doc="which cases count: those resolved, those closed without it as well, or any",
                values=("resolved", "resolved_or_closed", "any"),
                default="resolved",
            ),
            BOTS,
        ),
        build=_interactions,
        actions=(
            "ask better questions and find the root cause early",
            "tagged histories of similar cases at hand",
        ),
        source="customer-service metrics",
    ),
    Metric(
        name="message_ratio",
        en="Message ratio",
        zh="答问比",
        family="response",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="agent messages / customer messages",
        definition_zh="客服消息数 / 客户消息数",
        needs=("messages",),
        parameters=(BOTS, _AT),
        build=_message_ratio,
        causes=("initiative", "product knowledge", "reply technique"),
        actions=(
            "train product knowledge and service awareness",
            "answers split over several lines (this inflates the ratio, which the signs of gaming watch for)",
        ),
        source="e-commerce pre-sales; Qiyu documentation",
    ),
    Metric(
        name="reply_rate",
        en="Reply rate",
        zh="回复率",
        family="reachability",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="customers replied to / customers received in conversations in which they wrote",
        definition_zh="已回复的客户数 / 接待的客户数（客户有发言的会话）",
        needs=("messages", "contacts"),
        build=_reply_rate,
        causes=("reply technique", "service awareness"),
        actions=("train reply technique: answer before transferring, also to advertisers",),
        source="e-commerce pre-sales",
    ),
    Metric(
        name="slow_response_customers",
        en="Customers with slow responses",
        zh="慢响应人数",
        family="response",
        unit="customers",
        direction=Direction.LOWER,
        definition="customers received who waited longer than the threshold for a reply; statistic=share "
        "divides by the customers received",
        definition_zh="接待的客户中等待回复超过阈值的人数；statistic=share 时为其占接待客户的比例",
        needs=("messages", "contacts"),
        parameters=(
            Duration(name="threshold", doc="a wait longer than this is slow", default="60s"),
            Choice(
                name="rule",
                doc="which waits must be too long: any, the first, or their mean in one conversation",
                values=("any", "first", "mean"),
                default="any",
            ),
            _CUSTOMERS,
            *CLOCK_PARAMETERS,
        ),
        build=_slow,
        causes=("typing speed", "use of canned replies", "product knowledge"),
        source="e-commerce pre-sales",
    ),
    Metric(
        name="average_reception_duration",
        en="Average reception duration",
        zh="平均接待时长",
        family="handling",
        unit="s",
        direction=Direction.NEUTRAL,
        definition="time between the messages of conversations, stretches longer than max_wait left out / "
        "customers replied to",
        definition_zh="会话消息之间的时间之和（超过 max_wait 的间隔不计）/ 已回复的客户数",
        needs=("messages", "contacts"),
        parameters=(
            Duration(
                name="max_wait",
                doc="a stretch between two messages longer than this is no reception",
                default="30m",
            ),
        ),
        build=_reception,
        source="e-commerce pre-sales",
    ),
    Metric(
        name="time_to_start",
        en="Time to start",
        zh="响应时间(接到请求到开始处理)",
        family="response",
        unit="s",
        direction=Direction.LOWER,
        definition="mean of (the agent begins to handle the contact - it was assigned to him)",
        definition_zh="从分配给客服到其开始处理的时间的平均值",
        needs=("contact_events",),
        parameters=(*DURATION_PARAMETERS, *CLOCK_PARAMETERS, attribution("start", "event")),
        build=_time_to_start,
        source="choosing assessment indicators",
    ),
)
