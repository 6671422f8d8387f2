"""What agents do with their days: contacts received per day, and the share of time they talk."""

from __future__ import annotations

from fractions import Fraction

from kpicore.plugin import (
    Choice,
    Direction,
    Integer,
    Metric,
    Ratio,
    Settings,
    Statistic,
    Target,
    col,
    count,
    total,
)

from .presence import HOURS, ON_DUTY, ONLINE

__all__ = ["METRICS"]

_LENGTH = col("end") - col("start")


def _daily_sessions(p: Settings) -> Statistic:
    received = count("legs", attribution="start")
    if p["per_hours"] is None:
        return Ratio(numerator=received, denominator=count("agent_days", attribution="start"), n=received)
    online = total("duty", _LENGTH, where=ONLINE, attribution="prorated")
    return Ratio(numerator=received, denominator=online, scale=HOURS * p.integer("per_hours"), n=received)


def _talk_share(p: Settings) -> Statistic:
    kinds = ("hold", "talk") if p.word("hold") == "include" else ("talk",)
    online = ONLINE if p.word("hours") == "logged_in" else ON_DUTY
    return Ratio(
        numerator=total("segments", _LENGTH, where=col("kind").isin(kinds), attribution="prorated"),
        denominator=total("duty", _LENGTH, where=online, attribution="prorated"),
    )


METRICS = (
    Metric(
        name="average_daily_sessions",
        en="Average daily sessions",
        zh="平均日接待量",
        family="time_use",
        unit="sessions/day",
        direction=Direction.RANGE,
        definition="contacts received / days on which the agent was logged in at all; per_hours counts "
        "standard days of that many hours logged in instead",
        definition_zh="接待会话数 / 客服有登录的天数；给出 per_hours 时按该小时数折算为标准工作日",
        needs=("legs", "agent_states"),
        parameters=(Integer(name="per_hours", doc="the hours of a standard day, such as 8", low=1, high=24),),
        build=_daily_sessions,
        target=Target(industry=Fraction(200), target=(Fraction(160), Fraction(240))),
        causes=(
            "business knowledge",
            "support from the business system (the same skill can differ by more than a factor of two)",
        ),
        actions=(
            "roster by expected volume",
            "business and tool training, tested",
            "tie workload to pay",
            "let agents see their own progress live",
        ),
        source="norms for online customer service",
    ),
    Metric(
        name="talk_time_share",
        en="Share of time talking",
        zh="通话时长占比",
        family="time_use",
        unit="ratio",
        direction=Direction.RANGE,
        attribution="prorated",
        definition="talk time / time logged in; contacts talked to at once count each in full",
        definition_zh="通话时长 / 登录时长；同时进行的多个会话分别全额计入",
        needs=("segments", "agent_states"),
        parameters=(
            Choice(
                name="hold",
                doc="whether time on hold counts as talking",
                values=("exclude", "include"),
                default="exclude",
            ),
            Choice(
                name="hours",
                doc="which time: logged in, or productive (without breaks, training and other absence)",
                values=("logged_in", "productive"),
                default="logged_in",
            ),
        ),
        build=_talk_share,
        actions=("guide agents whose calls take too long",),
        source="simple call-centre KPIs",
    ),
)
