"""The built-in weighting schemes and scorecards, through the same hooks as any plugin's."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.plugin import ScorecardFile, Weighting, hookimpl
from kpicore.scoring.ready import read_ready_card, ready_cards
from kpicore.scoring.schemes import WEIGHTINGS

__all__ = ["kpicore_scorecards", "kpicore_weightings"]


@hookimpl
def kpicore_weightings() -> Iterable[Weighting]:
    """Returns fixed and equal weights."""
    return WEIGHTINGS


@hookimpl
def kpicore_scorecards() -> Iterable[ScorecardFile]:
    """Returns the ready cards."""
    return tuple(ScorecardFile(name=name, text=read_ready_card(name)) for name in ready_cards())
