"""Runs without a log: people, values and trends are drawn, scored by a real card, and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

import pyarrow as pa

from kpicore.analysis import SIGNS, definitions_table, exemplars_schema, trend_schema
from kpicore.metrics import parse_request
from kpicore.plugin.manager import load_plugins
from kpicore.runs import Definition, InputFile, Provenance, Run, keep
from kpicore.scoring import Mark, Measured, load_card, score
from kpicore.scoring.statistics import annotate_rates

__all__ = ["CARD", "Made", "make_run"]

CARD = """
id = "service_review"
version = "3"
owner = "operations"
label = { en = "Service review", zh = "客服考核" }
profile = "review"
subject = "agent"
period = "month"
zone = "Asia/Shanghai"
bonus_cap = 3

[[group]]
id = "quality"
label = { en = "Quality", zh = "质量" }
weight = 50
[[group.entry]]
id = "satisfaction"
label = { en = "Customer satisfaction", zh = "客户满意度" }
metric = "csat"
weight = 50
target = "80%"
min_n = 5
curve = { linear = { zero_at = "40%", full_at = "95%" } }
[[group.entry]]
id = "transfers"
label = { en = "Transfer rate", zh = "转接率" }
metric = "transfer_rate"
weight = 30
target = "6%"
curve = { linear = { zero_at = "15%", full_at = "3%" } }
[[group.entry]]
id = "coaching"
label = { en = "Coaching", zh = "辅导" }
manual = "coaching"
weight = 20
curve = { knots = [[0, 0], [10, 100]] }
[[group]]
id = "work"
label = { en = "Work", zh = "工作" }
weight = 50
[[group.entry]]
id = "handle_time"
label = { en = "Average handle time", zh = "平均处理时间" }
metric = "average_handle_time"
weight = 60
target = ["2m", "4m"]
curve = { target_range = { hard_lo = "60s", ideal_lo = "120s", ideal_hi = "240s", hard_hi = "480s" } }
[[group.entry]]
id = "calls"
label = { en = "Calls answered", zh = "接听电话" }
metric = "calls_answered"
weight = 40
target = 400
curve = { linear = { zero_at = 0, full_at = 600 } }
[[bonus]]
id = "busy"
label = { en = "Very busy", zh = "繁忙加分" }
metric = "calls_answered"
curve = { bands = [{ to = 650, points = 0 }, { from = 650, points = 3 }], closed = "left" }
[[gate]]
id = "satisfaction_floor"
label = { en = "Satisfaction far too low", zh = "满意度过低" }
metric = "csat"
when = "< 55%"
action = "cap_grade"
grade = "C"
[[grade]]
name = "A"
at_least = 85
[[grade]]
name = "B"
at_least = 70
[[grade]]
name = "C"
at_least = 55
[[grade]]
name = "D"
"""
_METRICS = {
    "csat": ("ratio", True),
    "transfer_rate": ("ratio", True),
    "average_handle_time": ("s", False),
    "calls_answered": ("calls", False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An agent of a made run."""

    id: str
    name: str
    team: str = "Hotline"


def make_run(
    root: Path,
    people: Sequence[Made],
    *,
    seed: int = 1,
    months: int = 12,
    card: str = CARD,
    older: bool = False,
) -> Run:
    """Keeps a run of ``people`` and ``months``; the values of the i-th depend on ``seed`` and i only.

    An ``older`` run has neither a roster nor what the analysis adds.
    """
    plugins = load_plugins(third_party=False)
    known = load_card(card)
    drawn = {
        one.id: [_month(Random(f"{seed} {i} {m}")) for m in range(months)] for i, one in enumerate(people)
    }
    measured = [row for one in people for row in _measured(one.id, drawn[one.id][-1])]
    marks = [
        Mark(
            subject=(one.id,), item="coaching", value=Fraction(i % 11), evaluator="lead", evidence=f"note {i}"
        )
        for i, one in enumerate(people)
    ]
    scores = score(known, annotate_rates(measured, ["csat", "transfer_rate"]), marks=marks)
    requests = [parse_request(text, plugins) for text in known.metrics]
    tables = {
        "values": _values(measured),
        "scores": scores.to_arrow(),
        "contributions": scores.contributions_to_arrow(),
        "ledger": _ledger(),
    }
    if not older:
        tables |= {
            "roster": pa.table(
                {key: [getattr(one, field) for one in people] for key, field in _ROSTER.items()}
            ),
            "trend": _trend(drawn),
            "exemplars": _exemplars(people),
            "signs": _signs(people),
            "definitions": definitions_table(requests, {text: _METRICS[text][0] for text in known.metrics}),
        }
    provenance = Provenance(
        inputs=(InputFile(name="calls-of-everyone.csv", size=4321, sha256="ab" * 32, adapter="files"),),
        definitions=tuple(
            Definition(
                request=r.text, metric=r.metric.name, parameters=dict(r.parameters), fingerprint="cd" * 32
            )
            for r in requests
        ),
        arguments={"zone": "Asia/Shanghai", "period": "2026-10", "start": _START, "end": _END},
        card_fingerprint=known.fingerprint,
    )
    return keep(root, provenance=provenance, tables=tables, card=card)


_ROSTER = {"agent": "id", "name": "name", "team": "team"}
_START, _END = "1790784000000000", "1793462400000000"  # October 2026 in Shanghai


def _month(random: Random) -> Mapping[str, tuple[int, int]]:
    """Returns per metric what is divided by what, or a count and 1."""
    calls = random.randint(150, 700)
    surveys = random.randint(8, 120)
    return {
        "csat": (sum(random.random() < 0.74 for _ in range(surveys)), surveys),
        "transfer_rate": (sum(random.random() < 0.07 for _ in range(calls)), calls),
        "average_handle_time": (calls * random.randint(150_000_000, 420_000_000), calls),
        "calls_answered": (calls, 1),
    }


def _measured(agent: str, month: Mapping[str, tuple[int, int]]) -> list[Measured]:
    found = []
    for metric, (above, below) in month.items():
        counted = metric == "calls_answered"
        scale = 1_000_000 if metric == "average_handle_time" else 1
        found.append(
            Measured(
                subject=(agent,),
                metric=metric,
                value=Fraction(above, below * scale),
                n=above if counted else below,
                numerator=None if counted else above,
                denominator=None if counted else below,
                provisional=metric == "csat",
            )
        )
    return found


def _values(measured: Sequence[Measured]) -> pa.Table:
    return pa.table(
        {
            "agent": [one.subject[0] for one in measured],
            "metric": [one.metric for one in measured],
            "part": pa.array([None] * len(measured), pa.string()),
            "value": [float(one.value or 0) for one in measured],
            "unit": [_METRICS[one.metric][0] for one in measured],
            "excluded": pa.array(
                [[("unanswered", 7)] if one.metric == "csat" else [] for one in measured],
                pa.map_(pa.string(), pa.int64()),
            ),
        }
    )


def _trend(drawn: Mapping[str, Sequence[Mapping[str, tuple[int, int]]]]) -> pa.Table:
    rows: list[dict[str, object]] = []
    months = len(next(iter(drawn.values())))
    for m in range(months):
        year, month = divmod(2026 * 12 + 9 - (months - 1 - m), 12)
        start = f"{year}-{month + 1:02}-01T00:00:00+08:00"
        for metric, (unit, rate) in _METRICS.items():
            scale = 1_000_000 if unit == "s" else 1
            everyone = [each[m][metric] for each in drawn.values()]
            pairs = [(None, (sum(a for a, _ in everyone), sum(b for _, b in everyone)))]
            pairs += [(agent, each[m][metric]) for agent, each in drawn.items()]
            for agent, (above, below) in pairs:
                counted = metric == "calls_answered"
                rows.append(
                    {
                        "agent": agent,
                        "scope": "all" if agent is None else "subject",
                        "grain": "month",
                        "period": start,
                        "complete": True,
                        "metric": metric,
                        "value": float(above) if counted else above / below / scale,
                        "numerator": None if counted else above,
                        "denominator": None if counted else below,
                        "n": below,
                        "unit": unit,
                        "provisional": False,
                        "low": 0.1 if rate else None,
                        "high": 0.9 if rate else None,
                    }
                )
    return pa.Table.from_pylist(rows, schema=trend_schema(("agent",)))


def _exemplars(people: Sequence[Made]) -> pa.Table:
    rows = [
        {
            "agent": one.id,
            "metric": metric,
            "kind": kind,
            "rank": rank,
            "contact_id": f"c{i:03}-{metric[0]}{kind[0]}{rank}",
            "value": 0.0 if metric == "csat" else 200.0 + rank,
            "unit": _METRICS[metric][0],
        }
        for i, one in enumerate(people)
        for metric in ("csat", "average_handle_time")
        for kind in ("best", "worst")
        for rank in (1, 2, 3)
    ]
    return pa.Table.from_pylist(rows, schema=exemplars_schema("agent"))


def _signs(people: Sequence[Made]) -> pa.Table:
    """The first has a sign, the others nothing that stands out."""
    rows = [
        {
            "agent": one.id,
            "sign": "short_contacts",
            "count": 40 if i == 0 else 3,
            "n": 200,
            "share": 0.2 if i == 0 else 0.015,
            "common": 0.034,
            "side": "alarm" if i == 0 else "inside",
            "suspect": i == 0,
        }
        for i, one in enumerate(people)
    ]
    return pa.Table.from_pylist(rows, schema=SIGNS)


def _ledger() -> pa.Table:
    return pa.table(
        {
            "source": ["calls-of-everyone.csv"] * 2,
            "table": ["contacts"] * 2,
            "status": ["used", "rejected"],
            "reason": ["", "no contact_id"],
            "rows": [4000, 3],
        }
    )
