"""Who asks before buying, and how many of them pay."""

from __future__ import annotations

from kpicore.facts.sales import BASIS, LOOKBACK, directions
from kpicore.plugin import (
    Direction,
    Duration,
    Expression,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Tally,
    col,
    count,
    distinct,
)
from kpicore.plugin.measure import Measure, Options

__all__ = ["METRICS"]

_CUSTOMER, _FIRST = col("customer_id"), col("first")
_PARAMETERS = (LOOKBACK, BASIS, directions("inbound"))
_NEEDS = ("contacts", "orders")


def _options(p: Settings) -> Options:
    return ("basis", p.word("basis")), ("directions", p.words("directions")), ("lookback", p["lookback"])


def _inquirers(p: Settings, where: Expression = _FIRST) -> Measure:
    return distinct("inquiries", _CUSTOMER, where=where, options=_options(p))


def _excluded(p: Settings) -> dict[str, Measure]:
    unknown = col("direction").isin(p.words("directions")) & ~col("filtered") & _CUSTOMER.is_null()
    return {
        "after_an_order": count("inquiries", where=~_FIRST, options=_options(p)),
        "customer_unknown": count("receptions", where=unknown),
    }


def _presale_inquirers(p: Settings) -> Statistic:
    return Tally(measure=_inquirers(p), excluded=_excluded(p))


def _next_day(p: Settings) -> Statistic:
    paid = _FIRST & (col("paid_days") <= 1)
    return Ratio(numerator=_inquirers(p, paid), denominator=_inquirers(p), excluded=_excluded(p))


def _final(p: Settings) -> Statistic:
    paid = _FIRST & (col("paid_at") - col("received_at") <= p.microseconds("within"))
    return Ratio(numerator=_inquirers(p, paid), denominator=_inquirers(p), excluded=_excluded(p))


_CAUSES = ("initiative", "product knowledge", "wording and timing of payment reminders")
_ACTIONS = (
    "regular product training and tests",
    "service awareness",
    "training in how and when to remind of payment",
)

METRICS = (
    Metric(
        name="presale_inquirers",
        en="Presale inquirers",
        zh="询单人数",
        family="sales",
        unit="customers",
        direction=Direction.NEUTRAL,
        definition="different customers received who had placed no order within `lookback` before",
        definition_zh="接待的客户中，接待前 `lookback` 时间内没有下单的不同客户数",
        needs=_NEEDS,
        parameters=_PARAMETERS,
        build=_presale_inquirers,
        settle_days=1,
        source="e-commerce pre-sales",
    ),
    Metric(
        name="inquiry_conversion_next_day",
        en="Inquiries paid by the next day",
        zh="询单->次日付款成功率",
        family="sales",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="presale inquirers who paid on the same or the next local day / presale inquirers",
        definition_zh="当日或次日付款的询单人数 / 询单人数",
        needs=_NEEDS,
        parameters=_PARAMETERS,
        build=_next_day,
        settle_days=1,
        causes=_CAUSES,
        actions=_ACTIONS,
        source="e-commerce pre-sales",
    ),
    Metric(
        name="inquiry_conversion_final",
        en="Inquiries paid at last",
        zh="询单->最终付款成功率",
        family="sales",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="presale inquirers who paid at most `within` after they were received / presale inquirers",
        definition_zh="接待后 `within` 时间内付款的询单人数 / 询单人数",
        needs=_NEEDS,
        parameters=(
            *_PARAMETERS,
            Duration(
                name="within", doc="until how long after the reception a payment counts", default="4d", low=1
            ),
        ),
        build=_final,
        settle_days=4,
        causes=_CAUSES,
        actions=_ACTIONS,
        source="e-commerce pre-sales",
    ),
)
