"""Weights from an order of importance alone."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from kpicore.plugin import Weighting, WeightingInput

__all__ = ["RANK_ORDER"]


def _centroid(given: WeightingInput) -> Mapping[str, Fraction]:
    """Returns the mean of all weights that keep the card's order: 1/n of the sum of 1/k, k from i to n."""
    n = len(given.entries)
    return {
        entry: sum((Fraction(1, k) for k in range(place, n + 1)), Fraction(0)) / n
        for place, entry in enumerate(given.entries, 1)
    }


RANK_ORDER = Weighting(
    name="rank-order",
    zh="排序质心权重",
    doc="weights that follow from the order of the card's entries, the most important first",
    data_driven=False,
    peer_relative=False,
    weigh=_centroid,
    source="Barron & Barrett (1996), rank order centroid weights",
)
