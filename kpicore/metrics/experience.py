"""The customer experience score: what several kinds of surveys say together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.facts.scale import FULL
from kpicore.plugin import (
    Custom,
    Direction,
    Measure,
    Metric,
    Outcome,
    Parameter,
    Settings,
    State,
    Statistic,
    col,
    count,
    total,
)
from kpicore.plugin.parameters import Value

from .surveys import CREDIT, WHEN, ratings_of

__all__ = ["METRICS", "Weights"]

_KINDS = ("ces", "csat", "cx", "fcr", "nps")
_LOW_IS_GOOD = ("ces",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights(Parameter):
    """Weights of ``words``, written ``csat:2+nps:1``; the value holds the pairs as texts, sorted."""

    words: tuple[str, ...]

    def read(self, text: str) -> tuple[str, ...]:
        pairs = [pair.strip() for pair in text.split("+")]
        known = "|".join(self.words)
        names = [pair.split(":")[0] for pair in pairs]
        if len(set(names)) < len(names):
            raise self.refuse(text, "every name may come once")
        for pair in pairs:
            found = re.fullmatch(rf"({known}):(\d{{1,4}}(?:\.\d{{1,4}})?)", pair)
            if found is None or not Fraction(found[2]):
                raise self.refuse(text)
        return tuple(sorted(pairs))

    def show(self, value: Value) -> str | None:
        return "+".join(value) if isinstance(value, tuple) else None

    @property
    def domain(self) -> str:
        return f"weights above 0 such as {self.words[0]}:2+{self.words[1]}:1, of {', '.join(self.words)}"


def _experience(state: State, *, weights: tuple[tuple[str, Fraction], ...]) -> Outcome:
    """Returns the weighted mean of the means of the kinds that have answers."""
    zero = pa.repeat(pa.scalar(0.0), len(state[f"{weights[0][0]} answers"]))
    above, below, n = zero, zero, zero.cast(pa.int64())
    for kind, weight in weights:
        answers = state[f"{kind} answers"]
        whole = pc.multiply(answers.cast(pa.float64(), safe=False), float(FULL))
        present = pc.greater(answers, 0)
        mean = pc.divide(state[f"{kind} sum"].cast(pa.float64(), safe=False), whole)
        above = pc.add(above, pc.if_else(present, pc.multiply(mean, float(weight)), 0.0))
        below = pc.add(below, pc.if_else(present, float(weight), 0.0))
        n = pc.add(n, answers)
    return Outcome(value=pc.divide(above, pc.if_else(pc.greater(below, 0.0), below, None)), n=n)


def _cx_score(p: Settings) -> Statistic:
    weights = tuple((pair.split(":")[0], Fraction(pair.split(":")[1])) for pair in p.words("weights"))
    measures: dict[str, Measure] = {}
    known, at = col("share").not_null(), p.word("attribution")
    for kind, _ in weights:
        asked = col("kind").is_(kind) & known
        good = (col("share") * -1) + FULL if kind in _LOW_IS_GOOD else col("share")
        measures[f"{kind} sum"] = total(ratings_of(p), good, where=asked, attribution=at)
        measures[f"{kind} answers"] = count(ratings_of(p), where=asked, attribution=at)
    wanted = col("kind").isin(tuple(kind for kind, _ in weights))
    left_out = {
        "unanswered": wanted & ~col("answered"),
        "out_of_scale": wanted & col("score").not_null() & ~known,
    }
    return Custom(
        measures=measures,
        finalize=partial(_experience, weights=weights),
        excluded={
            reason: count(ratings_of(p), where=where, attribution=at) for reason, where in left_out.items()
        },
    )


METRICS = (
    Metric(
        name="cx_score",
        en="Customer experience score",
        zh="客户体验评分",
        family="voice",
        unit="ratio",
        direction=Direction.HIGHER,
        attribution="event",
        definition="weighted mean over the kinds of surveys answered: each kind's mean score, from 0 for the "
        "worst to 1 for the best (effort turned round)",
        definition_zh="各类问卷平均分换算为 0–1（越高越好）后的加权平均；没有回答的类别不计",
        needs=("surveys",),
        parameters=(
            Weights(
                name="weights",
                doc="how much each kind of survey counts; a kind without answers does not",
                default="ces:1+csat:1+cx:1+nps:1",
                words=_KINDS,
            ),
            CREDIT,
            WHEN,
        ),
        build=_cx_score,
        actions=("conversational tools: live chat, bots, sentiment analysis",),
        source="customer-service metrics",
    ),
)
