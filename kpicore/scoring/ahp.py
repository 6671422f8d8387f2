"""Weights from pairwise comparisons (analytic hierarchy process): a help for the design of a card.

What it gives are fixed weights to be written on the card; scoring itself never compares pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from kpicore.errors import UsageError

__all__ = ["Ahp", "ahp_weights", "apportion"]

# Saaty's mean consistency index of random matrices, by size
_RANDOM_INDEX: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
_CONSISTENT: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahp:
    """Weights in per cent, exactly 100 in sum, and how consistent the comparisons were.

    ``ratio`` is the consistency ratio (0: perfectly consistent); Saaty asks for at most 0.1, which
    ``consistent`` says.
    """

    weights: Mapping[str, Decimal]
    ratio: float
    consistent: bool

    def to_toml(self) -> str:
        """Returns one line per entry, to be copied into a card."""
        return "\n".join(f"# {name}\nweight = {weight}" for name, weight in self.weights.items())


def ahp_weights(comparisons: Mapping[tuple[str, str], Fraction], *, places: int = 2) -> Ahp:
    """Returns the weights behind ``comparisons``: how many times the first of each pair matters more than
    the second.

    Each pair is compared once, in either order, with a number from 1/9 to 9; two to ten names. The weights
    are the principal eigenvector, brought to ``places`` decimals of per cent by largest remainders.
    UsageError lists the pairs that are missing, repeated or out of range.
    """
    names = tuple(dict.fromkeys(name for pair in comparisons for name in pair))
    _check(names, comparisons)
    import numpy as np

    matrix = np.ones((len(names), len(names)))
    for (first, second), times in comparisons.items():
        i, j = names.index(first), names.index(second)
        matrix[i, j], matrix[j, i] = float(times), float(1 / times)
    values, vectors = np.linalg.eig(matrix)
    top = int(np.argmax(values.real))
    vector = np.abs(vectors[:, top].real)
    size = len(names)
    index = (float(values[top].real) - size) / (size - 1)
    ratio = 0.0 if size < 3 else float(f"{max(index, 0.0) / _RANDOM_INDEX[size]:.12g}")
    if ratio < 1e-9:
        ratio = 0.0
    shares = {name: Fraction(f"{part:.12g}") for name, part in zip(names, vector / vector.sum(), strict=True)}
    return Ahp(weights=apportion(shares, places=places), ratio=ratio, consistent=ratio <= _CONSISTENT)


def apportion(shares: Mapping[str, Fraction], *, places: int = 2) -> dict[str, Decimal]:
    """Returns ``shares`` in per cent with ``places`` decimals, exactly 100 in sum.

    What is left after cutting goes to the largest remainders; of equal ones to the first name.
    """
    units = 100 * 10**places
    whole = sum(shares.values(), Fraction(0))
    exact = {name: share / whole * units for name, share in shares.items()}
    cut = {name: int(value) for name, value in exact.items()}
    left = units - sum(cut.values())
    order = sorted(exact, key=lambda name: cut[name] - exact[name])
    for name in order[:left]:
        cut[name] += 1
    return {name: Decimal(value).scaleb(-places) for name, value in cut.items()}


def _check(names: tuple[str, ...], comparisons: Mapping[tuple[str, str], Fraction]) -> None:
    problems = [] if 2 <= len(names) <= 10 else [f"found {len(names)} names; compare two to ten"]
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            count = ((first, second) in comparisons) + ((second, first) in comparisons)
            if count != 1:
                problems.append(f"{first} and {second}: compared {count} times; compare each pair once")
    for (first, second), times in comparisons.items():
        if first == second or not Fraction(1, 9) <= times <= 9:
            problems.append(f"{first} and {second}: found {times}; write 1/9 to 9 for two names")
    if problems:
        raise UsageError(
            "the comparisons give no weights", hint="mend the comparisons", problems=tuple(problems)
        )
