"""What customers and employees answer: satisfaction, recommendation, effort."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, lcm

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.facts.ratings import USUAL_SCALES
from kpicore.facts.scale import FULL, Scale, ends
from kpicore.plugin import (
    Choice,
    Choices,
    Custom,
    Direction,
    Expression,
    Measure,
    Metric,
    Number,
    Outcome,
    Parameter,
    Ratio,
    Settings,
    State,
    Statistic,
    col,
    count,
    lit,
    total,
)
from kpicore.plugin.measure import Options

__all__ = ["CREDIT", "METRICS", "WHEN", "quotient", "ratings_of", "scale_options"]

_MILLION = 1_000_000

CREDIT = Choice(
    name="credit",
    doc="whom a rating is credited to: the agent whom the survey names, else the one in charge of the "
    "contact at its end; the one in charge when the contact was last resolved or closed before the rating, "
    "or when it was rated; the last to reply before it; or everybody who took part, each once (a rating then "
    "counts once per participant in totals over several agents)",
    values=("assignee", "assignee_at_solve", "assignee_at_rating", "last_replier", "all_participants"),
    default="assignee",
    used_by={
        "assignee": "Zendesk, Intercom",
        "assignee_at_solve": "HappyFox (assigned tickets)",
        "all_participants": "Easemob, Kaizo",
    },
)
WHEN = Choice(
    name="attribution",
    doc="the period that a rating belongs to: that of the answer (of the invitation, where there is none), "
    "of the invitation, or of the end of the contact",
    values=("event", "start", "contact"),
    default="event",
    used_by={"event": "Redo"},
)
_FACTS = {
    "assignee": "ratings",
    "assignee_at_solve": "ratings_of_assignee_at_solve",
    "assignee_at_rating": "ratings_of_assignee_at_rating",
    "last_replier": "ratings_of_last_replier",
    "all_participants": "ratings_of_participants",
}
_SCORED = col("share").not_null()
_OUT_OF_SCALE = col("score").not_null() & col("share").is_null()


def scale_options(p: Settings, kind: str) -> Options:
    """Returns the options of the fact for the scale that ``p`` asks for."""
    scale = p.words("scale")
    return () if "..".join(scale) == USUAL_SCALES[kind] else (("scale", scale),)


def ratings_of(p: Settings) -> str:
    """Returns the name of the fact that credits ratings as ``p`` asks."""
    return _FACTS[p.word("credit")]


def quotient(above: pa.Array, below: pa.Array) -> Outcome:
    """Returns ``above / below``, exact, null where ``below`` is 0."""
    below = pc.if_else(pc.equal(below, 0), pa.scalar(None, pa.int64()), below)
    value = pc.divide(above.cast(pa.float64(), safe=False), below.cast(pa.float64(), safe=False))
    return Outcome(value=value, exact=(above, below))


def _left_out(p: Settings, kind: str, options: Options, counted: Expression) -> dict[str, Measure]:
    asked = col("kind").is_(kind)
    reasons = {
        "unanswered": asked & ~col("answered"),
        "out_of_scale": asked & _OUT_OF_SCALE & ~counted,
        "unscored": asked & col("answered") & col("score").is_null() & ~counted,
    }
    at = p.word("attribution")
    return {
        reason: count(ratings_of(p), where=where, attribution=at, options=options)
        for reason, where in reasons.items()
    }


def _part(p: Settings, kind: str, met: Expression, counted: Expression) -> Statistic:
    """Returns the share of the ``counted`` answers that are ``met``."""
    options, asked, at = scale_options(p, kind), col("kind").is_(kind), p.word("attribution")
    return Ratio(
        numerator=count(ratings_of(p), where=asked & counted & met, attribution=at, options=options),
        denominator=count(ratings_of(p), where=asked & counted, attribution=at, options=options),
        excluded=_left_out(p, kind, options, counted),
        unit="ratio",
    )


def _response_rate(p: Settings, kind: str) -> Statistic:
    """Returns answered / all invitations of the period in which they were sent."""
    asked, options = col("kind").is_(kind), scale_options(p, kind)
    return Ratio(
        numerator=count(ratings_of(p), where=asked & col("answered"), attribution="start", options=options),
        denominator=count(ratings_of(p), where=asked, attribution="start", options=options),
        unit="ratio",
    )


def _mean(p: Settings, kind: str, *, unit: str, low: Fraction, high: Fraction) -> Statistic:
    """Returns the mean score, told on a scale whose ends are ``low`` (the lowest score) and ``high``."""
    options, at = scale_options(p, kind), p.word("attribution")
    counted = col("kind").is_(kind) & _SCORED
    whole = lcm(low.denominator, high.denominator)
    points: Expression = lit(int(low * whole * FULL)) + col("share") * int((high - low) * whole)
    if low == 0 and high == 1:
        points = col("share")
    return Ratio(
        numerator=total(ratings_of(p), points, where=counted, attribution=at, options=options),
        denominator=count(ratings_of(p), where=counted, attribution=at, options=options),
        scale=Fraction(1, whole * FULL),
        excluded=_left_out(p, kind, options, _SCORED),
        unit=unit,
    )


def _csat(p: Settings) -> Statistic:
    low, high = ends(p.words("scale"))
    if p.word("statistic") == "response_rate":
        return _response_rate(p, "csat")
    if p.word("statistic") == "mean":
        return _mean(p, "csat", unit="points", low=low, high=high)
    if p["answers"] is not None:
        return _part(p, "csat", col("answer").isin(p.words("answers")), col("answer").not_null())
    limit = Fraction(3, 4)
    if p["satisfied_from"] is not None:
        limit = (p.number("satisfied_from") - low) / (high - low)
    return _part(p, "csat", col("share") >= ceil(limit * FULL), _SCORED)


def _employee_satisfaction(p: Settings) -> Statistic:
    if p.word("statistic") == "response_rate":
        return _response_rate(p, "esat")
    if p.word("statistic") == "top2":
        return _part(p, "esat", col("below_top") <= _MILLION, _SCORED)
    return _mean(p, "esat", unit="ratio", low=Fraction(0), high=Fraction(1))


def _ces(p: Settings) -> Statistic:
    if p.word("statistic") == "response_rate":
        return _response_rate(p, "ces")
    low, high = ends(p.words("scale"))
    if p.word("high_means") == "ease":
        low, high = high, low
    return _mean(p, "ces", unit="points", low=low, high=high)


def _net_promoters(state: State) -> Outcome:
    net = pc.subtract(state["promoters"], state["detractors"])
    outcome = quotient(pc.multiply_checked(net, 100), state["answers"])
    return Outcome(
        value=outcome.value,
        numerator=net,
        denominator=state["answers"],
        n=state["answers"],
        exact=outcome.exact,
    )


def _nps(p: Settings) -> Statistic:
    if p.word("statistic") == "response_rate":
        return _response_rate(p, "nps")
    promoter = col("score") >= ceil(p.number("promoter_from") * _MILLION)
    detractor = col("score") <= int(p.number("detractor_to") * _MILLION)
    groups = {
        "promoters": promoter,
        "passives": ~promoter & ~detractor,
        "detractors": detractor & ~promoter,
    }
    if p.word("statistic") in groups:
        return _part(p, "nps", groups[p.word("statistic")], _SCORED)
    options, at, asked = scale_options(p, "nps"), p.word("attribution"), col("kind").is_("nps")

    def number(which: Expression) -> Measure:
        return count(ratings_of(p), where=asked & _SCORED & which, attribution=at, options=options)

    return Custom(
        measures={
            "promoters": number(groups["promoters"]),
            "detractors": number(groups["detractors"]),
            "answers": count(ratings_of(p), where=asked & _SCORED, attribution=at, options=options),
        },
        finalize=_net_promoters,
        excluded=_left_out(p, "nps", options, _SCORED),
    )


def _scale(kind: str) -> Parameter:
    return Scale(
        name="scale",
        doc="the scale of surveys that do not state their own, and of what is told in points",
        default=USUAL_SCALES[kind],
    )


METRICS = (
    Metric(
        name="csat",
        en="Customer satisfaction (CSAT)",
        zh="客户满意度(CSAT)",
        family="voice",
        unit="ratio",
        direction=Direction.HIGHER,
        attribution="event",
        settle_days=3,
        definition="satisfied answers / all answers; satisfied is 4 or 5 of 1 to 5, and what lies as high on "
        "another scale; statistic=mean gives the mean score, response_rate the answered invitations / "
        "all invitations sent in the period",
        definition_zh="满意的评价 / 全部评价；默认 1–5 分中 4、5 分为满意；参评率与平均分为其变体",
        needs=("surveys",),
        parameters=(
            Choice(
                name="statistic",
                doc="the share of the satisfied, the mean score, or the response rate",
                values=("share", "mean", "response_rate"),
                default="share",
            ),
            _scale("csat"),
            Number(
                name="satisfied_from",
                doc="the lowest satisfied score on `scale`; without it, three quarters up the scale: "
                "4 of 1..5",
                low=Fraction(-1000),
                high=Fraction(1000),
                used_by={"4": "top two of five boxes"},
            ),
            Choices(
                name="answers",
                doc="answers in words that are satisfied; where named, words count and scores do not",
                used_by={"good": "Zendesk"},
            ),
            CREDIT,
            WHEN,
        ),
        build=_csat,
        actions=("offer the channels that the customer is comfortable with",),
        source="customer-service metrics; documentation of Zendesk, Easemob",
    ),
    Metric(
        name="nps",
        en="Net promoter score (NPS)",
        zh="净推荐值(NPS)",
        family="voice",
        unit="points",
        direction=Direction.HIGHER,
        attribution="event",
        definition="100 x (share of answers 9 and 10 - share of answers 0 to 6), from -100 to 100",
        definition_zh="100 ×（9–10 分占比 − 0–6 分占比），取值 −100 至 100",
        needs=("surveys",),
        parameters=(
            Choice(
                name="statistic",
                doc="the score, the share of one of the three groups, or the response rate",
                values=("score", "promoters", "passives", "detractors", "response_rate"),
                default="score",
            ),
            _scale("nps"),
            Number(
                name="promoter_from", doc="the lowest answer of a promoter", default="9", high=Fraction(1000)
            ),
            Number(
                name="detractor_to",
                doc="the highest answer of a detractor",
                default="6",
                high=Fraction(1000),
            ),
            CREDIT,
            WHEN,
        ),
        build=_nps,
        actions=("contact detractors and passives personally, find the problem, solve it",),
        source="customer-service metrics; Reichheld, The One Number You Need to Grow",
    ),
    Metric(
        name="ces",
        en="Customer effort score (CES)",
        zh="客户费力度(CES)",
        family="voice",
        unit="points",
        direction=Direction.LOWER,
        attribution="event",
        definition="mean answer to the question how much effort it took, from 1 to 10",
        definition_zh="客户对“费力程度”问题回答的平均分，默认 1–10 分",
        needs=("surveys",),
        parameters=(
            Choice(
                name="statistic",
                doc="the mean score, or the response rate",
                values=("mean", "response_rate"),
                default="mean",
            ),
            _scale("ces"),
            Choice(
                name="high_means",
                doc="whether a high answer means effort, or ease: the scale is then turned round",
                values=("effort", "ease"),
                default="effort",
                used_by={"ease": "CES 2.0"},
            ),
            CREDIT,
            WHEN,
        ),
        build=_ces,
        actions=("foresee what customers will ask and solve it before they must",),
        source="customer-service metrics; Dixon, Stop Trying to Delight Your Customers",
    ),
    Metric(
        name="employee_satisfaction",
        en="Employee satisfaction",
        zh="员工满意度",
        family="voice",
        unit="ratio",
        direction=Direction.HIGHER,
        attribution="event",
        definition="mean score of the employees' surveys, from 0 for the lowest to 1 for the highest score; "
        "statistic=top2 gives the share of answers in the two highest boxes",
        definition_zh="员工满意度问卷得分换算为 0–1 后的平均值；top2 为最高两档的占比",
        needs=("surveys",),
        parameters=(
            Choice(
                name="statistic",
                doc="the mean, the share of the two highest boxes, or the response rate",
                values=("mean", "top2", "response_rate"),
                default="mean",
            ),
            _scale("esat"),
            CREDIT,
            WHEN,
        ),
        build=_employee_satisfaction,
        actions=("care for the agents' working conditions: morale moves every other KPI",),
        source="simple call-centre KPIs",
    ),
)
