"""Self-service: what customers find out without an agent."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc

from kpicore.facts.customer_contacts import DIRECTIONS
from kpicore.facts.site_traffic import KINDS, WITHIN
from kpicore.plugin import (
    Choice,
    Custom,
    Direction,
    Metric,
    Outcome,
    Settings,
    State,
    Statistic,
    Tally,
    col,
    count,
    total,
)

from .surveys import quotient

__all__ = ["METRICS"]


def _usage(p: Settings) -> Statistic:
    wanted = col("kind").isin(p.words("kinds"))
    return Tally(measure=total("site_events", col("count"), where=wanted, attribution="event"))


def _alone(state: State) -> Outcome:
    every = pc.add(state["alone"], state["contacts"])
    return replace(quotient(state["alone"], every), numerator=state["alone"], denominator=every, n=every)


def _share(p: Settings) -> Statistic:
    options = (("kinds", p.words("kinds")), ("within", p.microseconds("within")))
    anonymous = col("contacted").is_null()
    alone = col("contacted").is_(False)
    if p.word("anonymous") == "count":
        alone = alone | anonymous
    sides = {"contacted": col("contacted").is_(True)} | (
        {"customer_unknown": anonymous} if p.word("anonymous") == "exclude" else {}
    )
    return Custom(
        measures={
            "alone": count("self_service", where=alone, options=options),
            "contacts": count("customer_contacts", where=col("direction").isin(p.words("directions"))),
        },
        finalize=_alone,
        excluded={
            reason: count("self_service", where=where, options=options) for reason, where in sides.items()
        },
    )


METRICS = (
    Metric(
        name="self_service_usage",
        en="Use of self-service",
        zh="自助服务使用",
        family="demand",
        unit="searches",
        direction=Direction.HIGHER,
        attribution="event",
        definition="searches of the help centre in the period, or views, or other traffic",
        definition_zh="周期内帮助中心的搜索次数（或浏览等）",
        needs=("traffic",),
        parameters=(replace(KINDS, doc="what counts", default="search"),),
        build=_usage,
        actions=("forums where customers help each other, with a moderator",),
        source="customer-service metrics",
    ),
    Metric(
        name="self_service_share",
        en="Share of self-service",
        zh="自助服务占比",
        family="demand",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="sessions of self-service after which the customer did not get in contact / (those + "
        "contacts)",
        definition_zh="未转为联络的自助服务会话 /（该类会话 + 联络数）",
        needs=("traffic", "contacts"),
        parameters=(
            KINDS,
            WITHIN,
            Choice(
                name="anonymous",
                doc="sessions whose customer is not known: counted as without a contact, or left out",
                values=("count", "exclude"),
                default="count",
            ),
            DIRECTIONS,
        ),
        build=_share,
        settle_days=1,
        source="customer-service metrics",
    ),
)
