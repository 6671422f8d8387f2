"""Missed calls: what became of contacts that nobody answered."""

from __future__ import annotations

from kpicore.plugin import Choices, Direction, Metric, Ratio, Settings, Statistic, col, count

from .durations import attribution
from .visits import OUTCOMES

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


METRICS = (
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
