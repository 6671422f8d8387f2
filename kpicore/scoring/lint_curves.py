"""How steep a card's curves are: jumps, and what the noise of a value can move."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from kpicore.scoring.card import Card, Entry
from kpicore.scoring.curve import Curve, evaluate
from kpicore.scoring.findings import Finding
from kpicore.scoring.quantity import decimal_text

__all__ = ["CLIFF", "lint_curves", "steepest"]

CLIFF = Fraction(10)
"""More points than these within one standard error are decided by chance."""


def lint_curves(card: Card) -> Iterator[Finding]:
    """Yields the jumps of more than ``CLIFF`` points on the curves of ``card``."""
    for entry in card.entries:
        for curve in curves(entry):
            for x, jump in _jumps(curve):
                if jump > CLIFF:
                    yield Finding(
                        rule="cliff",
                        where=entry.id,
                        message=f"jumps by {decimal_text(jump)} points at {decimal_text(x)}",
                        hint="put a slope in the place of the jump, so that one contact does not decide",
                        zh=f"在 {decimal_text(x)} 处跳变 {decimal_text(jump)} 分",
                        hint_zh="用斜坡代替跳变，避免一次联络决定得分",
                    )


def curves(entry: Entry) -> list[Curve]:
    """Returns the curves of ``entry``, those of its variants included."""
    own = (entry.curve, *(variant.curve for variant in entry.variants))
    return list(dict.fromkeys(curve for curve in own if curve is not None))


def _jumps(curve: Curve) -> list[tuple[Fraction, Fraction]]:
    jumps = []
    for (x0, s0), (x1, s1) in pairwise(curve.knots):
        if x0 == x1 or curve.between != "linear":
            jumps.append((x1 if curve.between != "step_right" else x0, abs(s1 - s0)))
    ends = ((curve.below, curve.knots[0]), (curve.above, curve.knots[-1]))
    jumps += [(x, abs(points)) for rule, (x, points) in ends if rule == "zero"]
    largest: dict[Fraction, Fraction] = {}
    for x, jump in jumps:
        largest[x] = max(jump, largest.get(x, Fraction(0)))
    return sorted(largest.items())


def steepest(curve: Curve, width: Fraction) -> Fraction:
    """Returns the most points by which two values that are ``width`` apart can differ on ``curve``."""
    if curve.reciprocal_of is not None or width <= 0:
        return Fraction(0)
    near = width / 10**6
    starts = {
        x + shift for x, _ in curve.knots for shift in (-width, -width + near, -near, Fraction(0), near)
    }
    changes = [
        abs(after - before)
        for start in starts
        for before, after in [(evaluate(curve, start)[0], evaluate(curve, start + width)[0])]
        if before is not None and after is not None
    ]
    return max(changes, default=Fraction(0))
