"""Customers who come back: first-contact resolution, and the next question avoided."""

from __future__ import annotations

from fractions import Fraction

import pyarrow.compute as pc

from kpicore.errors import ParameterError
from kpicore.facts.scale import FULL
from kpicore.plugin import (
    Choice,
    Custom,
    Direction,
    Duration,
    Expression,
    Measure,
    Metric,
    Outcome,
    Ratio,
    Settings,
    State,
    Statistic,
    Switch,
    Target,
    col,
    count,
    distinct,
)
from kpicore.plugin.measure import Options

from .net import quotient

__all__ = ["METRICS", "share_without"]

_COMPARABLE = col("comparable")
_WINDOW_DOC = "how long after a contact the next one counts as coming back"
_MATURITY = Choice(
    name="maturity",
    doc="which contacts count: any, or only those after which the log goes on for the whole window, so that "
    "a next one would be seen",
    values=("any", "mature"),
    default="any",
)


def share_without(state: State) -> Outcome:
    """Returns (``all`` less ``some``) / ``all``; null where there is none."""
    rest = pc.subtract_checked(state["all"], state["some"])
    return quotient(rest, state["all"])


def _within(time: str, window: int) -> Expression:
    gap = col("next_at") - col("opened_at") if time == "next" else col("opened_at") - col("previous_at")
    return gap <= window


def _mature(p: Settings) -> Expression:
    """Returns which comparable contacts count, by how long the log goes on after them."""
    if p.word("maturity") == "any":
        return _COMPARABLE
    return _COMPARABLE & (col("followed_for") >= p.microseconds("window"))


def _left_out(p: Settings, fact: str, options: Options) -> dict[str, Measure]:
    left_out = {"unknown": count(fact, where=~_COMPARABLE, options=options)}
    if p.word("maturity") == "mature":
        left_out["immature"] = count(fact, where=_COMPARABLE & ~_mature(p), options=options)
    return left_out


def _without_look_ahead(p: Settings) -> Statistic | None:
    """Returns the rules that look at one contact alone; None for the others."""
    rule = p.word("rule")
    if rule not in ("one_agent", "one_touch", "survey"):
        return None
    if p.word("maturity") != "any" or not p.flag("include_transfers"):
        raise ParameterError(
            f"rule={rule} looks neither for a next contact nor for transfers",
            hint="leave maturity and include_transfers alone, or choose another rule",
        )
    if rule == "survey":
        answered = col("kind").is_("fcr") & col("share").not_null()
        return Ratio(
            numerator=count("ratings", where=answered & (col("share") * 2 > FULL), attribution="event"),
            denominator=count("ratings", where=answered, attribution="event"),
        )
    done = ~col("filtered") & col("ended").is_("resolved")
    good = col("messages").is_(1)
    if rule == "one_agent":
        done = ~col("filtered") & col("ended").isin(("closed", "resolved"))
        good = col("agents").is_(1) & (col("first_ended_at") >= col("ended_at"))
    return Ratio(
        numerator=count("case_turns", where=done & good, attribution="completion"),
        denominator=count("case_turns", where=done, attribution="completion"),
    )


def _first_contact(p: Settings) -> Statistic:
    if (alone := _without_look_ahead(p)) is not None:
        return alone
    same = "topic" if p.flag("same_topic") else "customer"
    followers = ("inbound", "outbound") if p.flag("callbacks") else ("inbound",)
    options: Options = (("followers", followers), ("same", same))
    before = p.microseconds("window" if p["lookback"] is None else "lookback")
    came_before, came_back = _within("previous", before), _within("next", p.microseconds("window"))
    fact = "flagged_contacts" if p.word("rule") == "flagged" else "repeats"
    counted = _mature(p)
    if not p.flag("include_transfers"):
        fact, came_back = f"{fact}_with_transfers", came_back | col("transferred")
    left_out = _left_out(p, fact, options)
    if p.word("rule") == "single_contact":
        repeated = counted & (came_before | came_back)
        measures = {
            "all": distinct(fact, col("customer_id"), where=counted, options=options),
            "some": distinct(fact, col("customer_id"), where=repeated, options=options),
        }
        return Custom(measures=measures, finalize=share_without, excluded=left_out)
    good = ~came_back
    if p.word("rule") == "flagged":
        good = col("resolved_for_good")
        good = good if p.flag("include_transfers") else good & ~col("transferred")
        left_out["later_contact"] = count(fact, where=counted & came_before, options=options)
        counted = counted & ~came_before
    return Ratio(
        numerator=count(fact, where=counted & good, options=options),
        denominator=count(fact, where=counted, options=options),
        excluded=left_out,
    )


def _next_issue(p: Settings) -> Statistic:
    options: Options = (("followers", ("inbound",)), ("same", p.word("same")))
    counted = _mature(p)
    again = counted & _within("next", p.microseconds("window"))
    if p.word("of") == "contacts":
        measures = {
            "all": count("repeats", where=counted, options=options),
            "some": count("repeats", where=again, options=options),
        }
    else:
        measures = {
            "all": distinct("repeats", col("customer_id"), where=counted, options=options),
            "some": distinct("repeats", col("customer_id"), where=again, options=options),
        }
    return Custom(measures=measures, finalize=share_without, excluded=_left_out(p, "repeats", options))


METRICS = (
    Metric(
        name="first_contact_resolution",
        en="First-contact resolution (FCR)",
        zh="一次性解决率(FCR)",
        family="resolution",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="customers none of whose contacts in the period had another one within `window` before or "
        "after / customers who contacted; other rules count contacts without a repeat, contacts flagged as "
        "resolved, or answers of customers",
        definition_zh="周期内联络过且窗口期内没有其他联络的客户 / 联络过的客户；"
        "也可按无重复联络、标记为已解决或客户调查计算",
        needs=("contacts",),
        parameters=(
            Choice(
                name="rule",
                doc="customers with a single contact; contacts with none after them; first contacts resolved "
                "and never reopened; resolved contacts with exactly one reply of an agent (what the customer "
                "writes to it, such as thanks, changes nothing); contacts resolved or closed once, by the "
                "one agent who wrote in them; or answers to the survey question (kind fcr)",
                values=("single_contact", "no_repeat", "flagged", "one_touch", "one_agent", "survey"),
                default="single_contact",
                used_by={
                    "no_repeat": "Easemob",
                    "flagged": "Freshdesk, Zendesk Messaging",
                    "one_touch": "Zendesk Support, Zoho",
                    "one_agent": "Intercom (closed on first contact)",
                },
            ),
            Duration(name="window", doc=_WINDOW_DOC, default="7d", low=1),
            Duration(
                name="lookback",
                doc="how long before a contact another one counts; none: as long as the window",
                default="none",
                optional=True,
            ),
            Switch(
                name="same_topic", doc="only contacts that share a topic belong together", default="false"
            ),
            Switch(name="callbacks", doc="a call to the customer is another contact as well", default="true"),
            Switch(
                name="include_transfers",
                doc="a contact that an agent transferred can still be resolved at first contact",
                default="true",
            ),
            _MATURITY,
        ),
        build=_first_contact,
        settle_days=7,
        target=Target(industry=Fraction(85, 100)),
        actions=(
            "on a drop analyse at once; weigh what a callback gains against the satisfaction it costs",
            "train each agent's weak points",
            "study second and later contacts and mend the process",
            "let agents take part in the analysis",
        ),
        source="norms for online customer service; simple call-centre KPIs",
    ),
    Metric(
        name="next_issue_avoidance",
        en="Next-issue avoidance (NIA)",
        zh="后续问题规避率(NIA)",
        family="resolution",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="1 - customers who came back about the same issue or product within `window` / customers",
        definition_zh="1 - 窗口期内就同一问题或产品再次联络的客户 / 客户数",
        needs=("contacts",),
        parameters=(
            Duration(name="window", doc=_WINDOW_DOC, default="30d", low=1),
            Choice(
                name="same",
                doc="what must be the same: a topic, the product, one of both (of what the source has), or "
                "the customer only",
                values=("topic_or_product", "topic", "product", "customer"),
                default="topic_or_product",
            ),
            Choice(
                name="of",
                doc="whether customers or contacts are counted",
                values=("customers", "contacts"),
                default="customers",
            ),
            _MATURITY,
        ),
        build=_next_issue,
        settle_days=30,
        actions=("histories of the customer at hand so that the agent foresees the next question",),
        source="customer-service metrics",
    ),
)
