"""Missed calls: what became of contacts that nobody answered."""

from __future__ import annotations

from kpicore.plugin import Choice, Direction, Metric, Ratio, Settings, Statistic, Tally, col, count

from .clocks import CLOCK_PARAMETERS, elapsed
from .durations import DURATION_PARAMETERS, attribution, duration_statistic
from .stays import BLOCKED, UNIT, outcomes, tally

__all__ = ["METRICS"]

_AT = attribution("start", "event")
_OUTCOMES = outcomes("abandoned+timeout+voicemail", "the outcomes of a stay in a queue that count as missed")


def _missed(p: Settings) -> Statistic:
    if p.word("unit") == "offer":
        return _missed_offers(p)
    missed = tally(col("outcome").isin(p.words("outcomes")), p)
    if p.word("statistic") == "count":
        return Tally(measure=missed)
    return Ratio(numerator=missed, denominator=tally(~BLOCKED, p), unit="ratio")


def _missed_offers(p: Settings) -> Statistic:
    at, taken = p.word("attribution"), col("outcome").is_("taken")
    gone = col("outcome").is_("abandoned")
    excluded = {"answered_by_another": count("offers", where=taken, attribution=at)}
    missed = col("outcome").is_("no_answer")
    if p.word("hang_ups") == "include":
        missed = missed | gone
    else:
        excluded["customer_hung_up"] = count("offers", where=gone, attribution=at)
    number = count("offers", where=missed, attribution=at)
    if p.word("statistic") == "count":
        return Tally(measure=number, excluded=excluded)
    counted = missed | col("outcome").is_("answered")
    offered = count("offers", where=counted, attribution=at)
    return Ratio(numerator=number, denominator=offered, excluded=excluded, unit="ratio")


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
            _OUTCOMES,
            Choice(
                name="unit",
                doc="what is counted: every stay in a queue, every contact once, or every time that a "
                "contact rang at an agent who did not answer (outcomes then mean nothing)",
                values=(*UNIT.values, "offer"),
                default="queue_leg",
                used_by={"queue_leg": "Genesys", "interaction": "Aircall", "offer": "Amazon Connect"},
            ),
            Choice(
                name="hang_ups",
                doc="with unit=offer, whether a contact is missed whose customer hung up while it rang",
                values=("include", "exclude"),
                default="include",
                used_by={
                    "include": "Amazon Connect (agent non-response)",
                    "exclude": "Amazon Connect (agent non-response without customer abandons)",
                },
            ),
            _AT,
        ),
        build=_missed,
        actions=("call back quickly; a missed first contact is remembered",),
        source="simple call-centre KPIs",
    ),
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
            _OUTCOMES,
            _AT,
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
        parameters=(_OUTCOMES, _AT),
        build=_voicemail_rate,
        actions=("plan staff more simply and use agents better, so that fewer calls are missed",),
        source="simple call-centre KPIs",
    ),
)
