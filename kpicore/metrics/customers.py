"""Whether customers stay."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pyarrow.compute as pc

from kpicore.plugin import (
    Choice,
    Custom,
    Direction,
    Metric,
    Outcome,
    Ratio,
    Settings,
    State,
    Statistic,
    col,
    count,
    distinct,
)

from .surveys import quotient

__all__ = ["METRICS"]

_CUSTOMER = col("customer_id")
_WHOLE = col("end") - col("start") >= col("length")
_FLOWS = {
    "at end": count("tenures", attribution="snapshot"),
    "came": count("tenures", attribution="start"),
    "left": count("tenures", attribution="completion"),
}
_BRIEF = {"brief": count("brief_tenures", where=_WHOLE, attribution="prorated")}


def _of_start(state: State, *, rule: str) -> Outcome:
    """Returns what ``rule`` counts, divided by the customers at the start of the period."""
    start = pc.add(pc.subtract(state["at end"], state["came"]), state["left"])
    match rule:
        case "net loss":
            counted = pc.subtract(start, state["at end"])
        case "gross loss":
            counted = pc.subtract(state["left"], state["brief"])
        case "end without all new":
            counted = pc.subtract(state["at end"], state["came"])
        case _:
            counted = pc.subtract(start, pc.subtract(state["left"], state["brief"]))
    return replace(quotient(counted, start), numerator=counted, denominator=start, n=start)


def _churn(p: Settings) -> Statistic:
    if p.word("new") == "net":
        return Custom(measures=_FLOWS, finalize=partial(_of_start, rule="net loss"))
    return Custom(measures=_FLOWS | _BRIEF, finalize=partial(_of_start, rule="gross loss"))


def _retention(p: Settings) -> Statistic:
    if p.word("by") != "tenure":
        options = (("orders", "renewal" if p.word("by") == "renewal" else "all"),)
        bought = distinct("repurchases", _CUSTOMER, where=_WHOLE, attribution="prorated", options=options)
        unknown = count("customer_contacts", where=_CUSTOMER.is_null())
        return Ratio(
            numerator=bought,
            denominator=distinct("customer_contacts", _CUSTOMER),
            excluded={"customer_unknown": unknown},
        )
    if p.word("new") == "acquired":
        return Custom(measures=_FLOWS, finalize=partial(_of_start, rule="end without all new"))
    return Custom(measures=_FLOWS | _BRIEF, finalize=partial(_of_start, rule="those who stayed"))


METRICS = (
    Metric(
        name="customer_churn_rate",
        en="Customer churn rate",
        zh="客户流失率",
        family="customers",
        unit="ratio",
        direction=Direction.LOWER,
        attribution="snapshot",
        definition="(customers at the start of the period - customers at its end) / customers at the start; "
        "new=gross counts the customers of the start who left",
        definition_zh="（期初客户数 − 期末客户数）/ 期初客户数；new=gross 时为期初客户中流失者的占比",
        needs=("customers",),
        parameters=(
            Choice(
                name="new",
                doc="whether new customers make up for those who left",
                values=("net", "gross"),
                default="net",
            ),
        ),
        build=_churn,
        actions=("watch habits: long absence, rare or unusually short sessions; reach out to them",),
        source="customer-service metrics",
    ),
    Metric(
        name="customer_retention_rate",
        en="Customer retention rate",
        zh="客户保留率",
        family="customers",
        unit="ratio",
        direction=Direction.HIGHER,
        attribution="snapshot",
        definition="(customers at the end of the period - customers new in it) / customers at its start; "
        "by=repurchase or renewal: customers who ordered after a contact / customers who got in contact",
        definition_zh="（期末客户数 − 期内新增客户数）/ 期初客户数；亦可按期内联络后复购或续约的客户占比计算",
        needs=("customers",),
        parameters=(
            Choice(
                name="by",
                doc="what shows that customers stay: their relation, or an order (or renewal) in the period "
                "after a contact in it",
                values=("tenure", "repurchase", "renewal"),
                default="tenure",
            ),
            Choice(
                name="new",
                doc="which new customers are taken from the end: all that came in the period, or those who "
                "came and are still here, which leaves exactly the customers of the start who stayed",
                values=("acquired", "staying"),
                default="acquired",
            ),
        ),
        build=_retention,
        actions=("loyalty programmes, thanks, rewards for staying",),
        source="customer-service metrics; indicators for assessing customer service",
    ),
)
