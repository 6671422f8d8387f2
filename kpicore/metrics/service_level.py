"""The service level: which contacts are answered in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow.compute as pc

from kpicore.plugin import (
    Choice,
    Custom,
    Direction,
    Duration,
    Expression,
    Metric,
    Outcome,
    Ratio,
    Settings,
    Shorthand,
    State,
    Statistic,
    col,
    count,
)

from .clocks import CALENDAR, HOURS_COUNTED, in_hours
from .net import quotient
from .stays import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CLOCK_START,
    JUDGED_AT,
    SHORT_CLOCK,
    TRANSFER_WAIT,
    UNIT,
    Stays,
    stays_of,
    tally,
)

__all__ = ["METRICS"]

_CLOSED = col("outcome").is_("closed")
_FLOW_OUTS = ("flow_out", "timeout", "transferred", "voicemail")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """Which stays are met, out of those counted, and which are left out, by reason."""

    met: Expression
    counted: Expression
    excluded: Mapping[str, Expression]


def _inside(p: Settings, wait: Expression, limit: str) -> Expression:
    return wait <= p.microseconds(limit) if p.word("op") == "le" else wait < p.microseconds(limit)


def _judge(p: Settings, stays: Stays) -> _Judged:
    inside = _inside(p, stays.wait, "within")
    brief = ABANDONED & (stays.short_wait < p.microseconds("short"))
    late = ABANDONED & ~inside
    met = {
        "none": ANSWERED & inside,
        "within_threshold": (ANSWERED | ABANDONED) & inside,
        "short_only": (ANSWERED & inside) | brief,
    }[p.word("numerator_abandons")]
    counted = {
        "all": ANSWERED | ABANDONED,
        "after_threshold": ANSWERED | late,
        "exclude_short": ANSWERED | (ABANDONED & ~brief),
        "none": ANSWERED,
    }[p.word("denominator_abandons")]
    excluded = {"abandoned": ABANDONED & ~counted}
    for reason, left, rule in (
        ("flow_out", col("outcome").isin(_FLOW_OUTS), p.word("flow_outs")),
        ("callback", col("outcome").is_("callback"), p.word("callbacks")),
    ):
        if rule == "own_clock":
            unknown = left & col("called_back_at").is_null() & col("customer_id").is_null()
            excluded["customer_unknown"] = unknown
            left, inside = left & ~unknown, _inside(p, col("callback_wait"), "callback_within")
        if rule == "exclude":
            excluded[reason] = left
        else:
            counted = counted | left
        if rule in ("by_threshold", "own_clock"):
            met = met | (left & inside)
    excluded |= {"blocked": BLOCKED, "unknown": col("outcome").is_("unknown")}
    return _Judged(met=met, counted=counted, excluded=excluded)


def _service_level(p: Settings) -> Statistic:
    stays = stays_of(p)
    judged = _judge(p, stays)
    counted, excluded, closed, other = judged.counted, judged.excluded, _CLOSED, ~_CLOSED
    if (open_ := in_hours(p, stays.start)) is not None:
        counted, closed, other = counted & open_, closed & open_, other & open_
        excluded = {reason: left & open_ for reason, left in excluded.items()} | {"out_of_hours": ~open_}
    at = p.word("attribution")
    left_out = {
        reason: count(stays.of, where=condition, attribution=at, options=stays.options)
        for reason, condition in excluded.items()
    }
    measures = {"met": tally(judged.met & counted, p, stays), "counted": tally(counted, p, stays)}
    if p.word("closed_queue_value") == "null":
        return Ratio(numerator=measures["met"], denominator=measures["counted"], excluded=left_out)
    measures |= {"closed": tally(closed, p, stays), "other": tally(other, p, stays)}
    return Custom(measures=measures, finalize=_or_closed, excluded=left_out)


def _or_closed(state: State) -> Outcome:
    """Returns the share met; where all who came found the queue closed, they count as met."""
    shut = pc.and_(pc.greater(state["closed"], 0), pc.equal(state["other"], 0))
    above, below = (pc.if_else(shut, state["closed"], state[name]) for name in ("met", "counted"))
    return quotient(above, below)


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
            TRANSFER_WAIT,
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
                "never met, met where they left in time, or met where they were called within "
                "`callback_within`",
                values=("exclude", "denominator", "by_threshold", "own_clock"),
                default="exclude",
                used_by={
                    "denominator": "Genesys (as flow-outs)",
                    "by_threshold": "Amazon Connect",
                    "own_clock": "Genesys (callbacks over their target), Amazon Connect (callback metrics)",
                },
            ),
            Duration(
                name="callback_within",
                doc="with callbacks=own_clock, how soon after the request an agent must call the customer or "
                "take the contact again",
                default="1h",
            ),
            UNIT,
            JUDGED_AT,
            HOURS_COUNTED,
            CALENDAR,
            Choice(
                name="closed_queue_value",
                doc="what a period is worth in which contacts came and every one found the queue closed: "
                "undefined (null), or in time in full",
                values=("null", "full"),
                default="null",
                used_by={"full": "Glia"},
            ),
        ),
        build=_service_level,
        source="ICMI; documentation of Genesys, Cisco, Amazon Connect",
    ),
)
