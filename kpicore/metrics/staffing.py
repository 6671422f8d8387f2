"""Whether agents stay."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

import pyarrow.compute as pc

from kpicore.plugin import (
    Choice,
    Custom,
    Direction,
    Metric,
    Outcome,
    Settings,
    State,
    Statistic,
    Switch,
    Target,
    col,
    count,
    total,
)

from .surveys import quotient

__all__ = ["METRICS"]

_YEAR = 31_556_952_000_000
"""Microseconds of a mean year of the calendar: 365.2425 days."""

_FULL_TIME = col("full_time")
_FLOWS = {
    "at end": count("employments", where=_FULL_TIME, attribution="snapshot"),
    "came": count("employments", where=_FULL_TIME, attribution="start"),
    "went": count("employments", where=_FULL_TIME, attribution="completion"),
}
_TIME = {
    "time": total("employments", col("end") - col("start"), where=_FULL_TIME, attribution="prorated"),
    "came": _FLOWS["came"],
    "went": _FLOWS["went"],
}


def _turnover(state: State, *, headcount: str) -> Outcome:
    end = state["at end"]
    start = pc.add(pc.subtract(end, state["came"]), state["went"])
    people = {"start": start, "end": end, "average": pc.add(start, end)}[headcount]
    times = 2 if headcount == "average" else 1
    outcome = quotient(pc.multiply(state["left"], times), people)
    return replace(outcome, numerator=pc.multiply(state["left"], times), denominator=people, n=state["left"])


def _per_year(state: State) -> Outcome:
    """Returns those who left / years of employment: the mean headcount, over time, times the years."""
    # Employments lie a microsecond late, so that an edge takes one from who comes and gives one to who goes.
    time = pc.subtract(pc.add(state["time"], state["came"]), state["went"])
    outcome = quotient(pc.multiply_checked(state["left"], _YEAR), time)
    return replace(outcome, numerator=state["left"], denominator=time, n=state["left"])


def _agent_turnover(p: Settings) -> Statistic:
    gone = _FULL_TIME if p.word("leavers") == "full_time" else col("left_on").not_null()
    left = {"left": count("employments", where=gone, attribution="left")}
    if p.flag("annualise"):
        return Custom(measures=_TIME | left, finalize=_per_year)
    finalize = partial(_turnover, headcount=p.word("headcount"))
    return Custom(measures=_FLOWS | left, finalize=finalize)


METRICS = (
    Metric(
        name="agent_turnover_rate",
        en="Agent turnover",
        zh="客服流动率",
        family="staffing",
        unit="ratio",
        direction=Direction.RANGE,
        attribution="left",
        definition="agents who left in the period / agents employed full time, at its start, its end, or the "
        "mean of both; annualise=true divides by the years that full-time agents were employed instead",
        definition_zh="周期内离职人数 / 全职人数（期初、期末或两者平均）；annualise=true 时折算为年度比率",
        needs=("agents",),
        parameters=(
            Choice(
                name="headcount",
                doc="when the full-time agents are counted; without meaning where annualise=true, which "
                "takes their mean number over time",
                values=("average", "start", "end"),
                default="average",
            ),
            Switch(
                name="annualise",
                doc="whether the rate of another period is told as that of a year",
                default="false",
            ),
            Choice(
                name="leavers",
                doc="who counts as having left: everybody, or full-time agents",
                values=("all", "full_time"),
                default="all",
            ),
        ),
        build=_agent_turnover,
        target=Target(
            industry=Fraction(25, 100), target=(Fraction(15, 100), Fraction(30, 100)), basis="year"
        ),
        causes=("supervision", "work environment", "workload and stress", "pay (named least often)"),
        actions=(
            "exit interviews by people from outside the centre",
            "price the loss: what recruiting and training a successor costs",
        ),
        source="norms for online customer service",
    ),
)
