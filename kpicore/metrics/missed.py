"""Missed calls: what became of contacts that nobody answered."""

from __future__ import annotations

from kpicore.plugin import Choice, Choices, Direction, Metric, Ratio, Settings, Statistic, col, count

from .clocks import CLOCK_PARAMETERS, elapsed
from .durations import DURATION_PARAMETERS, attribution, duration_statistic
from .stays import OUTCOMES

__all__ = ["METRICS"]

MISSED = Choices(
    name="outcomes",
    doc="the outcomes of a stay in a queue that count as missed",
    values=OUTCOMES,
    default="abandoned+timeout+voicemail",
)


def _voicemail_rate(p: Settings) -> Statistic:
    at, missed = p.word("attribution"), col("outcome").isin(p.words("outcomes"))
    return Ratio(
        numerator=count("visits", where=missed & col("outcome").is_("voicemail"), attribution=at),
        denominator=count("visits", where=missed, attribution=at),
    )


def _callback_time(p: Settings) -> Statistic:
    missed = col("outcome").isin(p.words("outcomes"))
    until = col("ended_at") if p.word("customer_return") == "ends" else col("called_back_at")
    at = p.word("attribution")
    if at == "event" and p.word("customer_return") == "ends":
        at = "completion"
    return duration_statistic(
        p,
        "callbacks",
        elapsed(p, col("missed_at"), until),
        where=missed & until.not_null(),
        excluded={
            "never_called_back": missed & until.is_null() & col("customer_id").not_null(),
            "customer_unknown": missed & col("customer_id").is_null(),
        },
        at=at,
        excluded_at="start",
    )


METRICS = (
    Metric(
        name="average_callback_time",
        en="Average callback time",
        zh="回拨未接来电的平均时间",
        family="reachability",
        unit="s",
        direction=Direction.LOWER,
        definition="mean over missed contacts of (the first outbound contact to that customer - the end of "
        "the missed one); a later contact that is answered ends the wait as well",
        definition_zh="未接来电结束到首次回拨该客户的时间的平均值；客户再次来电并被接听也视为等待结束",
        needs=("contacts", "visits"),
        parameters=(
            Choice(
                name="customer_return",
                doc="whether a customer who comes back and is answered waits no longer",
                values=("ends", "ignore"),
                default="ends",
            ),
            *DURATION_PARAMETERS,
            *CLOCK_PARAMETERS,
            MISSED,
            attribution("start", "event"),
        ),
        build=_callback_time,
        settle_days=1,
        actions=("call back before the customer calls again",),
        source="simple call-centre KPIs",
    ),
    Metric(
        name="voicemail_rate",
        en="Voicemail rate",
        zh="导致语音邮件的未接来电百分比",
        family="reachability",
        unit="ratio",
        direction=Direction.LOWER,
        definition="missed calls that ended in voicemail / missed calls",
        definition_zh="转入语音信箱的未接来电 / 未接来电",
        needs=("visits",),
        parameters=(MISSED, attribution("start", "event")),
        build=_voicemail_rate,
        actions=("plan staff more simply and use agents better, so that fewer calls are missed",),
        source="simple call-centre KPIs",
    ),
)
