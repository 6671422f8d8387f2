"""Abandoning: customers who give up before anybody answers them."""

from __future__ import annotations

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
    col,
    count,
)

from .durations import attribution
from .stays import ANSWERED, HANDED_OFF, OUTCOMES, SHORT_CLOCK, UNIT, Stays, stays_of, tally

__all__ = ["METRICS"]

_WAIT = col("wait")
_WITH_MENUS = Stays(of="menu_visits", start=col("entered_at"), wait=_WAIT, short_wait=_WAIT)


def _abandon_rate(p: Settings) -> Statistic:
    stays, gone = _stays(p), col("outcome").isin(p.words("outcomes"))
    if "unknown" in p.words("outcomes"):
        gone = gone & col("left_at").not_null()
    brief = gone & (stays.short_wait < p.microseconds("short"))
    base = {
        "offered": gone | ~col("outcome").isin(p.words("closed")),
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
    escalated, menus = p.word("denominator") == "escalated", p.word("menus") == "include"
    if not (escalated or menus):
        return stays_of(p)
    if escalated and menus:
        raise ParameterError(
            "a contact that a bot handed off has left its menu", hint="leave menus at exclude"
        )
    if p.word("short_clock") != "queue":
        raise ParameterError(
            "short_clock=contact is that of stays in queues",
            hint="leave short_clock at queue: waits then begin at the hand-off, or in the menu",
        )
    return HANDED_OFF if escalated else _WITH_MENUS


METRICS = (
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
            Choices(
                name="outcomes",
                doc="the outcomes that count as abandoned: that the customer gave up; that the system ended "
                "the contact while it waited (unknown); that nobody answered in time (timeout)",
                values=OUTCOMES,
                default="abandoned",
                used_by={
                    "abandoned": "Amazon Connect",
                    "abandoned+unknown": "Genesys, Dynamics 365",
                    "abandoned+timeout+unknown": "icsoc",
                },
            ),
            Duration(name="short", doc="an abandoned wait shorter than this is left out", default="0s"),
            SHORT_CLOCK,
            Choice(
                name="menus",
                doc="whether customers count, as offered and abandoned, who give up in a menu before any "
                "queue",
                values=("exclude", "include"),
                default="exclude",
                used_by={"exclude": "Genesys, Amazon Connect"},
            ),
            Choice(
                name="denominator",
                doc="what is divided by: what was offered, what was answered or abandoned, or what a bot "
                "handed off to people, whether it came to a queue or not",
                values=("offered", "answered_and_abandoned", "escalated"),
                default="offered",
                used_by={"offered": "Genesys, Amazon Connect", "escalated": "Dynamics 365"},
            ),
            Choices(
                name="closed",
                doc="with denominator=offered, the outcomes that are no offer: that the queue did not let "
                "the contact in; or, with callback among them, that it is to be called back",
                values=OUTCOMES,
                default="closed+diverted+empty+full",
            ),
            UNIT,
            attribution("start", "event"),
        ),
        build=_abandon_rate,
        source="documentation of Genesys, Amazon Connect",
    ),
)
