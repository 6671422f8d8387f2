"""Sessions that came to something: those in which somebody wrote."""

from __future__ import annotations

import pyarrow.compute as pc

from kpicore.facts.session_turns import GRACE, IDLE
from kpicore.facts.turns import BOTS
from kpicore.plugin import (
    Choice,
    Custom,
    Direction,
    Measure,
    Metric,
    Outcome,
    Settings,
    State,
    Statistic,
    Tally,
    col,
    distinct,
)
from kpicore.plugin.measure import Options

from .durations import attribution

__all__ = ["METRICS"]


_BOUNDARY = Choice(
    name="boundary",
    doc="what a session is: a contact; what of a contact lies between long silences; or contacts of one "
    "customer of which each begins soon after the one before ended",
    values=("contact", "idle", "merged"),
    default="contact",
    used_by={"contact": "Qiyu, Tencent", "idle": "V5", "merged": "JD"},
)


def _both(state: State) -> Outcome:
    """Returns the sessions on both sides: those of each side together, less those of either."""
    both = pc.subtract(pc.add(state["customer"], state["agent"]), state["either"])
    return Outcome(value=both.cast("float64"), numerator=both, n=both)


def _effective(p: Settings) -> Statistic:
    options: Options = (("bots", p.word("bots")),)
    fact, session = "turns", col("contact_id")
    if p.word("boundary") != "contact":
        idle = p.word("boundary") == "idle"
        fact, limit = f"{p.word('boundary')}_session_turns", "idle" if idle else "grace"
        session = col("session" if idle else "session_id")
        options = tuple(sorted((*options, (limit, p.microseconds(limit)))))

    def written_by(*sides: str) -> Measure:
        return distinct(
            fact,
            session,
            where=col("side").isin(sides),
            attribution=p.word("attribution"),
            options=options,
        )

    measures = {
        "customer": written_by("customer"),
        "agent": written_by("agent"),
        "either": written_by("agent", "customer"),
    }
    if p.word("effective") == "both":
        return Custom(measures=measures, finalize=_both)
    return Tally(measure=measures[p.word("effective")])


METRICS = (
    Metric(
        name="effective_sessions",
        en="Effective sessions",
        zh="有效会话量",
        family="volume",
        unit="sessions",
        direction=Direction.NEUTRAL,
        definition="sessions in which, in the period, the customer wrote; or the agent, both, or either",
        definition_zh="周期内客户发过消息的会话数；也可要求客服发过、双方都发过，或任一方发过",
        needs=("messages",),
        parameters=(
            Choice(
                name="effective",
                doc="who must have written in a session for it to count",
                values=("customer", "both", "agent", "either"),
                default="customer",
                used_by={"customer": "Qiyu", "both": "Tencent", "agent": "V5", "either": "QuickCEP"},
            ),
            BOTS,
            _BOUNDARY,
            IDLE,
            GRACE,
            attribution("start"),
        ),
        build=_effective,
        source="documentation of Qiyu, Tencent, V5, QuickCEP",
    ),
)
