"""The definitions behind a run, as a table: what each KPI of its card means and what can move it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from kpicore.metrics import Request
from kpicore.plugin import Metric, Target

from .advice import advice_for

__all__ = ["DEFINITIONS", "definitions_table"]

_TEXTS = pa.list_(pa.string())

DEFINITIONS = pa.schema(
    [
        ("metric", pa.string()),
        ("name", pa.string()),
        ("en", pa.string()),
        ("zh", pa.string()),
        ("family", pa.string()),
        ("unit", pa.string()),
        ("direction", pa.string()),
        ("definition", pa.string()),
        ("definition_zh", pa.string()),
        ("dialect", pa.string()),
        ("parameters", pa.map_(pa.string(), pa.string())),
        ("attribution", pa.string()),
        ("settle_days", pa.int64()),
        ("industry", pa.float64()),
        ("target", pa.list_(pa.float64())),
        ("target_basis", pa.string()),
        ("causes", _TEXTS),
        ("causes_zh", _TEXTS),
        ("actions", _TEXTS),
        ("actions_zh", _TEXTS),
        ("source", pa.string()),
    ]
)
"""``metric`` is the request as the card writes it; ``unit`` that of its values. ``industry`` and ``target``
are what the metric's source calls usual and recommends, absent where the parameters ask for another unit; the
target that a card sets stands on the card.
``causes`` and ``actions`` are only those that matter for these parameters."""


def definitions_table(requests: Sequence[Request], units: Mapping[str, str]) -> pa.Table:
    """Returns one row per request, as ``DEFINITIONS``; ``units`` are those of the values, by request."""
    rows = [_row(request, units[request.text]) for request in requests]
    return pa.Table.from_pylist(rows, schema=DEFINITIONS)


def _row(request: Request, unit: str) -> dict[str, object]:
    metric = request.metric
    causes, actions = (
        [advice for text in texts if (advice := advice_for(text, request.parameters)) is not None]
        for texts in (metric.causes, metric.actions)
    )
    named = metric.target if unit == metric.unit else Target()
    return {
        "metric": request.text,
        "name": metric.name,
        "en": metric.en or metric.name.replace("_", " ").capitalize(),
        "zh": metric.zh,
        "family": metric.family,
        "unit": unit,
        "direction": metric.direction.value,
        "definition": metric.definition,
        "definition_zh": metric.definition_zh or metric.definition,
        "dialect": request.dialect,
        "parameters": list(request.parameters.items()),
        "attribution": _attribution(metric, request.parameters),
        "settle_days": metric.settle_days,
        "industry": None if named.industry is None else float(named.industry),
        "target": [float(end) for end in named.target],
        "target_basis": named.basis or None,
        "causes": [cause.en for cause in causes],
        "causes_zh": [cause.zh for cause in causes],
        "actions": [action.en for action in actions],
        "actions_zh": [action.zh for action in actions],
        "source": metric.source,
    }


def _attribution(metric: Metric, parameters: Mapping[str, str]) -> str:
    """Returns the policy in force; a parameter of that name may mean the attribution of sales instead."""
    known = ("start", "completion", "disconnect", "event", "prorated", "snapshot", "contact")
    chosen = parameters.get("attribution", "")
    return chosen if chosen in known else metric.attribution
