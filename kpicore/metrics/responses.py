"""How fast customers get replies in a conversation."""

from __future__ import annotations

from fractions import Fraction

from kpicore.errors import ParameterError
from kpicore.facts.response_times import CAP, UNANSWERED
from kpicore.plugin import (
    Choice,
    Direction,
    Expression,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Target,
    col,
    count,
    total,
)
from kpicore.plugin.measure import Options

from .durations import DURATION_PARAMETERS, SECONDS, attribution, duration_statistic

__all__ = ["METRICS"]

_ACTOR = Choice(
    name="actor",
    doc="whose message stops the clock: a human's (one written with a bot's help included), or any, "
    "automatic replies and greetings as well",
    values=("human", "any"),
    default="human",
    used_by={"human": "Zendesk, Intercom, Wangwang", "any": "PDD"},
)
_START = Choice(
    name="start",
    doc="which message of several unanswered ones starts the clock",
    values=("first_unanswered", "last_unanswered"),
    default="first_unanswered",
    used_by={"first_unanswered": "Wangwang, Zammad"},
)


_REOPENED = Choice(
    name="reopened",
    doc="what a reopening between the question and its reply does: nothing, or it starts the clock anew",
    values=("ignore", "restart"),
    default="ignore",
    used_by={"restart": "Chatwoot"},
)
_POOLING = Choice(
    name="pooling",
    doc="whether every response counts alike, or every agent's part of a conversation with its mean (shares "
    "and quantiles are then of these means)",
    values=("pooled_rounds", "mean_of_session_means"),
    default="pooled_rounds",
    used_by={"pooled_rounds": "Qiyu, Dynamics 365, Wangwang", "mean_of_session_means": "Tencent, QuickCEP"},
)
_DENOMINATOR = Choice(
    name="denominator",
    doc="what the mean divides by: the conversations replied to, or the cases resolved in the period",
    values=("responded", "resolved"),
    default="responded",
)


def _options(p: Settings) -> Options:
    return (("actor", p.word("actor")), ("start", p.word("start")))


def _counting(p: Settings) -> tuple[str, Expression, Options]:
    """Returns the fact, the wait, and the options that count responses as ``p`` asks."""
    capped = p.word("unanswered") == "cap"
    options = _options(p)
    if capped:
        options = (options[0], ("cap", p.microseconds("cap")), options[1], ("unanswered", "cap"))
    if p.word("reopened") == "restart":
        return "restarted_response_times", col("wait"), options
    if capped:
        return "response_times", col("wait"), options
    return "responses", col("answered_at") - col("asked_at"), options


def _responses(p: Settings, which: Expression) -> Statistic:
    fact, wait, options = _counting(p)
    unanswered = which & col("answered_at").is_null()
    return duration_statistic(
        p,
        fact,
        wait,
        where=which if p.word("unanswered") == "cap" else which & ~unanswered,
        excluded={} if p.word("unanswered") == "cap" else {"unanswered": unanswered},
        options=options,
    )


def _first(p: Settings) -> Statistic:
    first = col("ordinal").is_(1)
    if p.word("denominator") == "responded":
        return _responses(p, first)
    if p.word("statistic") != "mean":
        raise ParameterError(
            f"denominator=resolved has no statistic {p.word('statistic')}",
            hint="it divides a sum: a mean only",
        )
    fact, wait, options = _counting(p)
    waits = total(fact, wait, where=first, attribution=p.word("attribution"), options=options)
    resolved = ~col("filtered") & col("ended").is_("resolved")
    cases = count("cases", where=resolved, attribution="completion")
    return Ratio(numerator=waits, denominator=cases, scale=SECONDS)


def _every(p: Settings) -> Statistic:
    if p.word("pooling") == "pooled_rounds":
        return _responses(p, col("ordinal") >= 1)
    fact = "session_response_times"
    if p.word("reopened") == "restart":
        fact = "restarted_session_response_times"
    options = _counting(p)[2]
    return duration_statistic(p, fact, col("wait"), where=col("wait").not_null(), options=options)


_PARAMETERS = (
    *DURATION_PARAMETERS,
    _ACTOR,
    _START,
    _REOPENED,
    UNANSWERED,
    CAP,
    attribution("start", "event"),
)

METRICS = (
    Metric(
        name="first_response_time",
        en="First response time",
        zh="首次响应时间",
        family="response",
        unit="s",
        direction=Direction.LOWER,
        definition="mean over conversations of: first agent message after the customer's first message, "
        "minus that customer message; denominator=resolved divides their sum by the cases resolved",
        definition_zh="各会话中客户首条消息到客服首次回复的时间的平均值；"
        "denominator=resolved 时以已解决工单数为分母",
        needs=("messages",),
        parameters=(*_PARAMETERS, _DENOMINATOR),
        build=_first,
        target=Target(target=(Fraction(300),), basis="an e-commerce example"),
        causes=("reply technique", "set-up of automatic replies"),
        actions=(
            "train reply technique, such as a greeting at once",
            "keep automatic replies current and in step on every device (moves the KPI with actor=any only)",
            "one channel at a time instead of many chats and calls at once",
        ),
        source="norms for online customer service; Zendesk, Intercom and Zoho documentation",
    ),
    Metric(
        name="average_response_time",
        en="Average response time",
        zh="平均响应时间",
        family="response",
        unit="s",
        direction=Direction.LOWER,
        definition="sum of every response time / number of responses; a response time runs from the first "
        "unanswered customer message to the next agent message",
        definition_zh="所有响应时间之和 / 响应次数；响应时间从客户首条未回复消息起，到客服下一条消息止",
        needs=("messages",),
        parameters=(*_PARAMETERS, _POOLING),
        build=_every,
        causes=("typing speed", "use of canned replies", "product knowledge"),
        actions=(
            "typing practice",
            "canned-reply technique",
            "regular product training and tests",
            "acknowledge at once and say what happens next",
        ),
        source="norms for e-commerce customer service; Wangwang and Qiyu documentation",
    ),
)
