"""Demand: how many customers ask for service, how often, where, and about what."""

from __future__ import annotations

from kpicore.facts.customer_contacts import DIRECTIONS
from kpicore.plugin import (
    Choice,
    Direction,
    Integer,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Tally,
    Target,
    col,
    count,
    distinct,
    total,
)

from .durations import attribution

__all__ = ["METRICS"]

_CUSTOMER = col("customer_id")
_RECEIVED = ~col("filtered")


def _consultation_rate(p: Settings) -> Statistic:
    who = col("direction").isin(p.words("directions"))
    visits = col("kind").is_("visit")
    if p.word("visitors") == "distinct":
        visitors = distinct("traffic", col("visitor_id"), where=visits, attribution="event")
    else:
        visitors = total("site_events", col("count"), where=visits, attribution="event")
    return Ratio(
        numerator=distinct("customer_contacts", _CUSTOMER, where=who),
        denominator=visitors,
        excluded={"customer_unknown": count("customer_contacts", where=who & _CUSTOMER.is_null())},
    )


def _inquirers(p: Settings) -> Statistic:
    return Tally(
        measure=distinct("receptions", _CUSTOMER),
        excluded={"customer_unknown": count("receptions", where=_CUSTOMER.is_null())},
    )


def _customers_received(p: Settings) -> Statistic:
    unknown = _RECEIVED & _CUSTOMER.is_null()
    return Tally(
        measure=distinct("receptions", _CUSTOMER, where=_RECEIVED),
        excluded={
            "customer_unknown": count("receptions", where=unknown),
            "filtered": count("receptions", where=col("filtered")),
        },
    )


def _channel_share(p: Settings) -> Statistic:
    if p.word("source") == "survey":
        answered = col("kind").is_("channel") & col("answer").not_null()
        each = count("ratings", where=answered, attribution="event", part="answer")
        every = count("ratings", where=answered, attribution="event")
    else:
        each = count("contacts", where=col("channel").not_null(), part="channel")
        every = count("contacts")
    if p.word("statistic") == "count":
        return Tally(measure=each, unit="conversations")
    return Ratio(numerator=each, denominator=every)


def _cases_by_topic(p: Settings) -> Statistic:
    at = p.word("attribution")
    each = count("contact_topics", attribution=at, part="topic")
    if p.word("statistic") == "count":
        return Tally(measure=each)
    return Ratio(numerator=each, denominator=count("contacts", attribution=at), unit="ratio")


def _contact_frequency(p: Settings) -> Statistic:
    who = col("direction").isin(p.words("directions"))
    known = who & _CUSTOMER.not_null()
    unknown = count("customer_contacts", where=who & _CUSTOMER.is_null())
    if p.word("statistic") == "customers":
        # A streak that a period's edge cuts has contacts outside of the period.
        whole = col("end") - col("start") >= col("length")
        often = distinct(
            "contact_streaks",
            _CUSTOMER,
            where=whole,
            attribution="prorated",
            options=(("directions", p.words("directions")), ("k", p.integer("k"))),
        )
        return Tally(measure=often, unit="customers", excluded={"customer_unknown": unknown})
    return Ratio(
        numerator=count("customer_contacts", where=known),
        denominator=distinct("customer_contacts", _CUSTOMER, where=known),
        excluded={"customer_unknown": unknown},
    )


METRICS = (
    Metric(
        name="consultation_rate",
        en="Consultation rate",
        zh="咨询率",
        family="demand",
        unit="ratio",
        direction=Direction.HIGHER,
        definition="different customers who got in contact / different visitors in the period",
        definition_zh="周期内咨询的不同客户数 / 不同访客数",
        needs=("contacts", "traffic"),
        parameters=(
            Choice(
                name="visitors",
                doc="different visitors, or the sum of the counted visits where the source has totals only",
                values=("distinct", "counted"),
                default="distinct",
            ),
            DIRECTIONS,
        ),
        build=_consultation_rate,
        target=Target(industry=None),
        actions=(
            "an entry point wherever a question arises",
            "floating entry points rather than embedded ones",
            "clear categories",
            "proactive invitations that do not disturb",
        ),
        source="norms for online customer service",
    ),
    Metric(
        name="inquirers",
        en="Inquirers",
        zh="咨询人数",
        family="demand",
        unit="customers",
        direction=Direction.NEUTRAL,
        definition="different customers who inquired of the agent: those received, and those filtered out "
        "before (spam, or closed before reception)",
        definition_zh="向该客服咨询的不同客户数：接待人数加上接待前被过滤的客户",
        needs=("contacts",),
        build=_inquirers,
        causes=("no traffic",),
        actions=("more channels and campaigns", "offers to returning customers"),
        source="e-commerce pre-sales",
    ),
    Metric(
        name="customers_received",
        en="Customers received",
        zh="接待人数",
        family="demand",
        unit="customers",
        direction=Direction.NEUTRAL,
        definition="different customers whom the agent received; those filtered out are not",
        definition_zh="客服接待的不同客户数（不含被过滤的客户）",
        needs=("contacts", "legs"),
        build=_customers_received,
        source="e-commerce pre-sales",
    ),
    Metric(
        name="channel_share",
        en="Share of channels",
        zh="首选沟通渠道",
        family="demand",
        unit="ratio",
        direction=Direction.NEUTRAL,
        definition="conversations in a channel / all conversations, a row per channel; the preferred channel "
        "is the one with the largest share",
        definition_zh="各渠道会话数 / 全部会话数，每个渠道一行；占比最大者为首选渠道",
        needs=("contacts",),
        parameters=(
            Choice(
                name="source",
                doc="where preference shows: in the contacts, or in answers to surveys that ask for it",
                values=("contacts", "survey"),
                default="contacts",
            ),
            Choice(
                name="statistic", doc="the share, or the number", values=("share", "count"), default="share"
            ),
        ),
        build=_channel_share,
        actions=("staff channels by preference, personalise in each",),
        source="customer-service metrics",
    ),
    Metric(
        name="cases_by_topic",
        en="Cases by topic",
        zh="主题案例",
        family="demand",
        unit="conversations",
        direction=Direction.NEUTRAL,
        definition="conversations per topic; one with several topics counts once under each, one without is "
        "untagged; statistic=share divides by all conversations",
        definition_zh="各主题的会话数；多主题会话在每个主题下各计一次，无主题的单列为 untagged",
        needs=("contacts",),
        parameters=(
            Choice(
                name="statistic", doc="the number, or the share", values=("count", "share"), default="count"
            ),
            attribution("start", "completion"),
        ),
        build=_cases_by_topic,
        actions=("agents in charge of topics, who grow expert in them",),
        source="customer-service metrics",
    ),
    Metric(
        name="customer_contact_frequency",
        en="Contacts per customer",
        zh="客户来电频率",
        family="demand",
        unit="contacts/customer",
        direction=Direction.LOWER,
        definition="contacts / different customers in the period; statistic=customers counts the customers "
        "with at least k contacts in it",
        definition_zh="周期内联络数 / 不同客户数；statistic=customers 为联络至少 k 次的客户数",
        needs=("contacts",),
        parameters=(
            Choice(
                name="statistic",
                doc="the mean, or the number of customers with at least k contacts (by agent or queue: those "
                "whose k-th or later contact it was)",
                values=("mean", "customers"),
                default="mean",
            ),
            Integer(
                name="k", doc="how many contacts make a frequent customer", default="2", low=1, high=1_000_000
            ),
            DIRECTIONS,
        ),
        build=_contact_frequency,
        actions=("escalate repeated contacts to another service level",),
        source="simple call-centre KPIs",
    ),
)
