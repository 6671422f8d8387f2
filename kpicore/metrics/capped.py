"""Ratios that are told as 1 where they are more."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc

from kpicore.plugin import Custom, MeasureKind, Outcome, Ratio, State

from .surveys import quotient

__all__ = ["capped"]


def capped(ratio: Ratio) -> Custom:
    """Returns the ratio of two sums, at most 1; its numerator and denominator are left as they are."""
    return Custom(
        measures={"numerator": ratio.numerator, "denominator": ratio.denominator},
        finalize=_at_most_one,
        n=replace(ratio.denominator, kind=MeasureKind.COUNT, value=None),
        excluded=ratio.excluded,
    )


def _at_most_one(state: State) -> Outcome:
    numerator, denominator = state["numerator"], state["denominator"]
    outcome = quotient(pc.min_element_wise(numerator, denominator), denominator)
    return replace(outcome, numerator=numerator, denominator=denominator)
