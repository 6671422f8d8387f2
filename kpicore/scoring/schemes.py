"""The built-in weighting schemes: fixed and equal weights."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from kpicore.plugin.weighting import Weighting, WeightingInput

__all__ = ["EQUAL", "FIXED", "WEIGHTINGS"]


def _stated(given: WeightingInput) -> Mapping[str, Fraction]:
    return {entry: given.stated[entry] for entry in given.entries}


def _equal(given: WeightingInput) -> Mapping[str, Fraction]:
    return {entry: Fraction(1, len(given.entries)) for entry in given.entries}


FIXED = Weighting(
    name="fixed",
    zh="固定权重",
    doc="the weights that the card states",
    data_driven=False,
    peer_relative=False,
    weigh=_stated,
)
EQUAL = Weighting(
    name="equal",
    zh="等权重",
    doc="every entry weighs the same",
    data_driven=False,
    peer_relative=False,
    weigh=_equal,
)
WEIGHTINGS: tuple[Weighting, ...] = (FIXED, EQUAL)
