"""How much a grade hangs on the weights: the smallest change that flips it, and the grades under random
weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from kpicore.scoring.card import Card, Grade
from kpicore.scoring.result import Score
from kpicore.scoring.statistics.precision import significant

__all__ = ["Flip", "grade_shares", "grade_threshold", "smallest_flip"]

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """The smallest change of weights that gives another grade.

    ``moved`` is the share of the weight that has to move, ``changes`` what each entry gains or loses, 0 in
    sum.
    """

    grade: str
    moved: Fraction
    changes: Mapping[str, Fraction]


def grade_threshold(card: Card, grade: Grade) -> Fraction | None:
    """Returns the exact total from which rounding leads to ``grade``; None for the last grade.

    With ``half_even`` the total exactly on it may fall to either side.
    """
    if grade.at_least is None:
        return None
    step = Fraction(1, 10**card.rounding.places)
    shown = ceil(grade.at_least / step) * step
    return shown if card.rounding.mode == "down" else shown - step / 2


def smallest_flip(card: Card, score: Score) -> Flip | None:
    """Returns the smallest move of weight between entries that brings ``score`` to the next grade above or
    below.

    Weight moves from the entries that help least to the one that helps most, so no smaller move can do it.
    None where no move is enough, where there is no grade, or where a gate acted (then the weights are not
    what decides).
    """
    if score.grade is None or score.exact is None or any(gate.fired for gate in score.gates):
        return None
    names = [grade.name for grade in card.grades]
    at = names.index(score.grade)
    flips = []
    if at > 0:
        above = grade_threshold(card, card.grades[at - 1])
        flips.append(_move(score, names[at - 1], (above or _ZERO) - score.exact, up=True))
    own = grade_threshold(card, card.grades[at])
    if own is not None:
        flips.append(_move(score, names[at + 1], score.exact - own, up=False))
    return min((flip for flip in flips if flip), key=lambda flip: flip.moved, default=None)


def _move(score: Score, grade: str, distance: Fraction, *, up: bool) -> Flip | None:
    lines = [
        (line.points if up else -line.points, line.effective_weight, line.entry)
        for line in score.contributions
        if line.points is not None and line.effective_weight is not None and line.status != "left_out"
    ]
    if not lines:
        return None
    best, _, taker = max(lines, key=lambda line: line[0])
    changes: dict[str, Fraction] = {}
    left = max(distance, _ZERO)
    for points, weight, name in sorted(lines, key=lambda line: line[0]):
        gain = best - points
        if left <= 0 or gain <= 0:
            break
        part = min(weight, left / gain)
        changes[name] = -part
        left -= part * gain
    if left > 0:
        return None
    moved = -sum(changes.values(), _ZERO)
    return Flip(grade=grade, moved=moved, changes={**changes, taker: moved} if moved else {})


def grade_shares(
    card: Card, score: Score, *, seed: int, spread: float = 0.2, draws: int = 2000
) -> dict[str, float]:
    """Returns how often each grade comes out where every weight varies by up to ``spread`` of itself,
    uniformly.

    The drawn weights are scaled back to 1 in sum; bonuses and penalties stay. Empty without a grade or
    where a gate acted.
    """
    if score.grade is None or score.exact is None or any(gate.fired for gate in score.gates):
        return {}
    import numpy as np

    lines = [(float(x.effective_weight or 0), float(x.points or 0)) for x in score.contributions]
    weights, points = np.array([w for w, _ in lines]), np.array([p for _, p in lines])
    random = np.random.RandomState(seed)
    drawn = weights * (1 + spread * (2 * random.random_sample((draws, len(lines))) - 1))
    totals = drawn @ points / drawn.sum(axis=1) + float(score.bonus - score.penalty)
    bounds = [(grade.name, grade_threshold(card, grade)) for grade in card.grades]
    counts = Counter(
        next(name for name, bound in bounds if bound is None or total >= float(bound) - 1e-12)
        for total in totals
    )
    return {name: significant(counts[name] / draws) for name, _ in bounds}
