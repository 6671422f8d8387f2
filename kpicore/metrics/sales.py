"""What agents sell: amounts, items, buyers, and what they add to an order."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kpicore.facts.sales import BASIS, CREDIT, CURRENCY, LOOKBACK, OWNER, REFUNDS, directions
from kpicore.facts.schemas_sales import MILLION
from kpicore.plugin import (
    Choice,
    Direction,
    Expression,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Tally,
    col,
    count,
    distinct,
    total,
)
from kpicore.plugin.measure import Measure, Options

__all__ = ["METRICS"]

_SERVED = col("served")
_MONEY, _WHOLE = Fraction(1, 10_000), Fraction(1, MILLION)
_NEEDS = ("orders", "contacts")
_EVERYBODY = directions("inbound+outbound")
_CREDITS = (CREDIT, LOOKBACK, BASIS, OWNER)


def _options(p: Settings, *more: str) -> Options:
    names = ("attribution", "basis", "directions", "lookback", "owner", *more)
    return tuple((name, p[name]) for name in sorted(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paid:
    """The sum of a column over sales, how many orders and buyers these are, and what is left out."""

    sum: Measure
    orders: Measure
    buyers: Measure
    excluded: dict[str, Measure]


def _paid(p: Settings, fact: str, column: str, *more: str) -> _Paid:
    options, known = _options(p, *more), col(column).not_null()
    wanted: Expression = _SERVED
    excluded = {"nobody_served": count(fact, where=~_SERVED, attribution="event", options=options)}
    if "currency" in more and p["currency"] is not None:
        chosen = col("currency").is_(p.word("currency"))
        other = _SERVED & ~chosen
        excluded["other_currency"] = count(fact, where=other, attribution="event", options=options)
        wanted = wanted & chosen
    excluded[f"{column}_unknown"] = count(fact, where=wanted & ~known, attribution="event", options=options)
    wanted = wanted & known
    orders, buyers = (
        distinct(fact, col(name), where=wanted, attribution="event", options=options)
        for name in ("order_id", "customer_id")
    )
    added = total(fact, col(column), where=wanted, attribution="event", options=options)
    return _Paid(sum=added, orders=orders, buyers=buyers, excluded=excluded)


def _sales_amount(p: Settings) -> Statistic:
    paid = _paid(p, "sale_amounts", "amount", "currency", "refunds")
    return Tally(measure=paid.sum, scale=_MONEY, n=paid.orders, excluded=paid.excluded)


def _sales_quantity(p: Settings) -> Statistic:
    paid = _paid(p, "sale_items", "items")
    return Tally(measure=paid.sum, scale=_WHOLE, n=paid.orders, excluded=paid.excluded)


def _average_customer_spend(p: Settings) -> Statistic:
    paid = _paid(p, "sale_amounts", "amount", "currency", "refunds")
    return Ratio(numerator=paid.sum, denominator=paid.buyers, scale=_MONEY, excluded=paid.excluded)


def _items_per_customer(p: Settings) -> Statistic:
    paid = _paid(p, "sale_items", "items")
    return Ratio(numerator=paid.sum, denominator=paid.buyers, scale=_WHOLE, excluded=paid.excluded)


def _orders(p: Settings, fact: str, where: Expression) -> tuple[Measure, int]:
    """Returns the orders credited, and what one of them counts as."""
    if p.word("attribution") == "split":
        return total(fact, col("share"), where=where, attribution="event", options=_options(p)), MILLION
    return count(fact, where=where, attribution="event", options=_options(p)), 1


def _upsell_rate(p: Settings) -> Statistic:
    kinds = ("cross_sell", "upsell") if p.word("kind") == "both" else (p.word("kind"),)
    orders, one = _orders(p, "sales_by_kind", _SERVED & col("kind").isin(kinds))
    received = col("direction").isin(p.words("directions")) & ~col("filtered")
    unserved, unknown = ~_SERVED & col("kind").isin(kinds), _SERVED & col("kind").is_null()
    return Ratio(
        numerator=orders,
        denominator=distinct("receptions", col("contact_id"), where=received),
        scale=Fraction(1, one),
        excluded={
            "nobody_served": count("sales_by_kind", where=unserved, attribution="event", options=_options(p)),
            "kind_unknown": count("sales_by_kind", where=unknown, attribution="event", options=_options(p)),
        },
    )


def _calls_per_sale(p: Settings) -> Statistic:
    called = col("direction").is_("outbound") & ~col("filtered")
    if p.word("calls") == "answered":
        calls = distinct("receptions", col("contact_id"), where=called)
    else:
        calls = count("customer_contacts", where=called)
    orders, one = _orders(p, "sales", _SERVED)
    excluded = {"nobody_served": count("sales", where=~_SERVED, attribution="event", options=_options(p))}
    if p.word("statistic") == "conversion":
        return Ratio(
            numerator=orders, denominator=calls, scale=Fraction(1, one), unit="ratio", excluded=excluded
        )
    return Ratio(numerator=calls, denominator=orders, scale=Fraction(one), excluded=excluded)


_CAUSES = ("linking products", "initiative", "related recommendations", "bundles")
_TRAINING = (
    "regular product training and tests",
    "service awareness",
    "training in wording and selling technique",
)
_SOURCE = "e-commerce pre-sales"

METRICS = (
    Metric(
        name="sales_amount",
        en="Sales amount",
        zh="销售额",
        family="sales",
        unit="money",
        direction=Direction.HIGHER,
        attribution="event",
        definition="sum of the amounts paid in the period for orders of customers whom the agent received "
        "within `lookback` before; the last agent to do so is credited, unless `attribution` says otherwise",
        definition_zh="周期内付款金额之和：订单归属于下单前 `lookback` 时间内最后接待该客户的客服，"
        "`attribution` 可改为最先接待者或平均分摊",
        needs=_NEEDS,
        parameters=(*_CREDITS, REFUNDS, CURRENCY, _EVERYBODY),
        build=_sales_amount,
        causes=("product knowledge", "initiative", "wording and selling technique"),
        actions=_TRAINING,
        source=_SOURCE,
    ),
    Metric(
        name="sales_quantity",
        en="Sales quantity",
        zh="销售量",
        family="sales",
        unit="items",
        direction=Direction.HIGHER,
        attribution="event",
        definition="items paid for in the period, credited to agents as the sales amount is",
        definition_zh="周期内付款的商品件数，归属规则同销售额",
        needs=_NEEDS,
        parameters=(*_CREDITS, _EVERYBODY),
        build=_sales_quantity,
        source=_SOURCE,
    ),
    Metric(
        name="average_customer_spend",
        en="Average spend per customer",
        zh="客单价",
        family="sales",
        unit="money",
        direction=Direction.HIGHER,
        attribution="event",
        definition="sales amount / different customers who paid it",
        definition_zh="销售额 / 付款的不同客户数",
        needs=_NEEDS,
        parameters=(*_CREDITS, REFUNDS, CURRENCY, _EVERYBODY),
        build=_average_customer_spend,
        causes=_CAUSES,
        actions=_TRAINING,
        source=_SOURCE,
    ),
    Metric(
        name="items_per_customer",
        en="Items per customer",
        zh="客件数",
        family="sales",
        unit="items",
        direction=Direction.HIGHER,
        attribution="event",
        definition="sales quantity / different customers who paid for it",
        definition_zh="销售量 / 付款的不同客户数",
        needs=_NEEDS,
        parameters=(*_CREDITS, _EVERYBODY),
        build=_items_per_customer,
        causes=_CAUSES,
        actions=_TRAINING,
        source=_SOURCE,
    ),
    Metric(
        name="upsell_rate",
        en="Upsell and cross-sell rate",
        zh="追加销售和交叉销售频率",
        family="sales",
        unit="ratio",
        direction=Direction.HIGHER,
        attribution="event",
        definition="paid orders credited to the agent that add to or upgrade earlier ones / conversations "
        "handled",
        definition_zh="归属于客服的追加或交叉销售付款订单数 / 接待会话数",
        needs=_NEEDS,
        parameters=(
            Choice(
                name="kind",
                doc="which orders: upgrades, other products beside, or both",
                values=("both", "upsell", "cross_sell"),
                default="both",
            ),
            *_CREDITS,
            _EVERYBODY,
        ),
        build=_upsell_rate,
        actions=("offer only what serves the customer: contacts that feel like selling drive people away",),
        source="customer-service metrics",
    ),
    Metric(
        name="calls_per_sale",
        en="Calls per sale",
        zh="转化率(成交所需通话数)",
        family="sales",
        unit="calls/sale",
        direction=Direction.LOWER,
        attribution="event",
        definition="calls to customers / paid orders credited to the agent, directions=outbound only where "
        "the customer was called before; statistic=conversion gives sales per call",
        definition_zh="外呼通话数 / 归属于客服的付款订单数，directions=outbound 时仅计外呼后的订单；"
        "statistic=conversion 为其倒数",
        needs=_NEEDS,
        parameters=(
            Choice(
                name="statistic",
                doc="calls for one sale, or the sales from one call",
                values=("calls", "conversion"),
                default="calls",
            ),
            Choice(
                name="calls",
                doc="calls made, of the agent in charge; or those that an agent took part in",
                values=("made", "answered"),
                default="made",
            ),
            *_CREDITS,
            _EVERYBODY,
        ),
        build=_calls_per_sale,
        actions=("judge the methods with which the team approaches leads",),
        source="simple call-centre KPIs",
    ),
)
