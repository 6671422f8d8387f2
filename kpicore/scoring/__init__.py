"""From KPI values to a review: cards, curves, weights, gates and one exact, explained total per subject."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpicore.scoring.ahp import Ahp, ahp_weights
    from kpicore.scoring.card import Card, Entry, Gate, Grade, Group, Variant
    from kpicore.scoring.card_units import check_units
    from kpicore.scoring.compare import Change, backtest, compare_scores
    from kpicore.scoring.curve import Curve, Segment, evaluate, make_curve
    from kpicore.scoring.findings import Finding
    from kpicore.scoring.linter import lint
    from kpicore.scoring.measured import Decision, Mark, Measured
    from kpicore.scoring.ready import read_ready_card, ready_cards
    from kpicore.scoring.resolve import load_card
    from kpicore.scoring.result import Contribution, GateEffect, Score, Scores
    from kpicore.scoring.schema import card_schema
    from kpicore.scoring.scorer import score

__all__ = [
    "Ahp",
    "Card",
    "Change",
    "Contribution",
    "Curve",
    "Decision",
    "Entry",
    "Finding",
    "Gate",
    "GateEffect",
    "Grade",
    "Group",
    "Mark",
    "Measured",
    "Score",
    "Scores",
    "Segment",
    "Variant",
    "ahp_weights",
    "backtest",
    "card_schema",
    "check_units",
    "compare_scores",
    "evaluate",
    "lint",
    "load_card",
    "make_curve",
    "read_ready_card",
    "ready_cards",
    "score",
]

# Listing the ready cards must not import pydantic and pyarrow: a name is imported when it is asked for.
_HOMES = {
    "ahp": ("Ahp", "ahp_weights"),
    "card": ("Card", "Entry", "Gate", "Grade", "Group", "Variant"),
    "card_units": ("check_units",),
    "compare": ("Change", "backtest", "compare_scores"),
    "curve": ("Curve", "Segment", "evaluate", "make_curve"),
    "findings": ("Finding",),
    "linter": ("lint",),
    "measured": ("Decision", "Mark", "Measured"),
    "ready": ("read_ready_card", "ready_cards"),
    "resolve": ("load_card",),
    "result": ("Contribution", "GateEffect", "Score", "Scores"),
    "schema": ("card_schema",),
    "scorer": ("score",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
