"""How fast customers get replies in a conversation."""

from __future__ import annotations

from fractions import Fraction

from kpicore.plugin import Choice, Direction, Expression, Metric, Settings, Statistic, Target, col
from kpicore.plugin.measure import Options

from .durations import DURATION_PARAMETERS, attribution, duration_statistic

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


def _options(p: Settings) -> Options:
    return (("actor", p.word("actor")), ("start", p.word("start")))


def _responses(p: Settings, which: Expression) -> Statistic:
    return duration_statistic(
        p,
        "responses",
        col("answered_at") - col("asked_at"),
        where=which & col("answered_at").not_null(),
        excluded={"unanswered": which & col("answered_at").is_null()},
        options=_options(p),
    )


def _first(p: Settings) -> Statistic:
    return _responses(p, col("ordinal").is_(1))


def _every(p: Settings) -> Statistic:
    return _responses(p, col("ordinal") >= 1)


_PARAMETERS = (*DURATION_PARAMETERS, _ACTOR, _START, attribution("start", "event"))

METRICS = (
    Metric(
        name="first_response_time",
        en="First response time",
        zh="首次响应时间",
        family="response",
        unit="s",
        direction=Direction.LOWER,
        definition="mean over conversations of: first agent message after the customer's first message, "
        "minus that customer message",
        definition_zh="各会话中客户首条消息到客服首次回复的时间的平均值",
        needs=("messages",),
        parameters=_PARAMETERS,
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
        parameters=_PARAMETERS,
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
