"""Weighting schemes that look at the data: entropy, CRITIC, standard deviation, Gini; and TOPSIS."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.plugin import Weighting, hookimpl

from .schemes import WEIGHTINGS

__all__ = ["KPICORE_API", "kpicore_weightings"]

KPICORE_API = 1


@hookimpl
def kpicore_weightings() -> Iterable[Weighting]:
    """Returns the weighting schemes of this plugin."""
    return WEIGHTINGS
