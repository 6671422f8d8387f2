"""Peers as a distribution without names: where the others lie, and nobody's value by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa

from kpicore.scoring import Card

from .small_groups import is_small

__all__ = ["Peers", "peers"]

_SHARES = (Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(9, 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """How many subjects have a value for an entry, and their quantiles (Hyndman and Fan's type 7), exact.

    The quantiles are None where so few subjects have a value that ``is_small`` says so: a quartile would be
    somebody's value.
    """

    entry: str
    count: int
    p10: Fraction | None
    p25: Fraction | None
    median: Fraction | None
    p75: Fraction | None
    p90: Fraction | None


def peers(card: Card, contributions: pa.Table) -> dict[str, Peers]:
    """Returns the distribution of the values of a run by entry, in the card's order."""
    values: dict[str, list[Fraction]] = {}
    for row in contributions.select(["kind", "entry", "value"]).to_pylist():
        if row["kind"] == "entry":
            own = values.setdefault(row["entry"], [])
            own += [] if row["value"] is None else [Fraction(row["value"])]
    return {entry: _distribution(card, entry, sorted(own)) for entry, own in values.items()}


def _distribution(card: Card, entry: str, ordered: Sequence[Fraction]) -> Peers:
    known: Mapping[Fraction, Fraction] = {}
    if ordered and not is_small(card, len(ordered)):
        known = {share: _quantile(ordered, share) for share in _SHARES}
    p10, p25, middle, p75, p90 = (known.get(share) for share in _SHARES)
    return Peers(entry=entry, count=len(ordered), p10=p10, p25=p25, median=middle, p75=p75, p90=p90)


def _quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    place = share * (len(ordered) - 1)
    below = int(place)
    if below == place:
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)
