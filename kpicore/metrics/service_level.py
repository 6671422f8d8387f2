"""The service level: which contacts are answered in time."""

from __future__ import annotations

from collections.abc import Mapping

from kpicore.plugin import (
    Choice,
    Direction,
    Duration,
    Expression,
    Metric,
    Ratio,
    Settings,
    Shorthand,
    Statistic,
    col,
    count,
)

from .clocks import CALENDAR, HOURS_COUNTED, in_hours
from .stays import ABANDONED, ANSWERED, BLOCKED, CLOCK_START, JUDGED_AT, SHORT_CLOCK, UNIT, stays_of, tally

__all__ = ["METRICS"]

_FLOW_OUTS = ("flow_out", "timeout", "transferred", "voicemail")


def _service_level(p: Settings) -> Statistic:
    within, short = p.microseconds("within"), p.microseconds("short")
    stays = stays_of(p)
    inside = stays.wait <= within if p.word("op") == "le" else stays.wait < within
    brief = ABANDONED & (stays.short_wait < short)
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
        "abandoned": ABANDONED & ~counted,
        **{reason: left for reason, (left, rule) in leaving.items() if rule == "exclude"},
        "blocked": BLOCKED,
        "unknown": col("outcome").is_("unknown"),
    }
    at = p.word("attribution")
    if (open_ := in_hours(p, stays.start)) is not None:
        excluded = {reason: left & open_ for reason, left in excluded.items()} | {"out_of_hours": ~open_}
        counted = counted & open_
    return Ratio(
        numerator=tally(met & counted, p, stays),
        denominator=tally(counted, p, stays),
        excluded={
            reason: count(stays.of, where=condition, attribution=at, options=stays.options)
            for reason, condition in excluded.items()
        },
    )


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
            UNIT,
            JUDGED_AT,
            HOURS_COUNTED,
            CALENDAR,
        ),
        build=_service_level,
        source="ICMI; documentation of Genesys, Cisco, Amazon Connect",
    ),
)
