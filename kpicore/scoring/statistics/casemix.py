"""Case mix: what a value would be on a common mix, and how much of a change comes from the mix. Exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["MixChange", "Standardised", "Stratum", "decompose_change", "standardise"]

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One kind of case: how many there were and their total, so that total / n is the kind's rate or mean."""

    n: int
    total: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardised:
    """A value on the reference mix; ``covered`` is the share of that mix for which there were cases."""

    crude: Fraction | None
    value: Fraction | None
    covered: Fraction


def standardise(strata: Mapping[str, Stratum], reference: Mapping[str, Fraction]) -> Standardised:
    """Returns the directly standardised value: each kind's rate, weighted by the frozen ``reference`` mix.

    Kinds without cases are left out and the rest of the mix is scaled up; kinds outside the reference do
    not count. ValueError where the reference's shares are negative or do not sum to exactly 1.
    """
    if sum(reference.values(), _ZERO) != 1 or min(reference.values()) < 0:
        raise ValueError("the reference mix must hold shares that sum to exactly 1")
    seen = {kind: share for kind, share in reference.items() if kind in strata and strata[kind].n > 0}
    covered = sum(seen.values(), _ZERO)
    n = sum(stratum.n for stratum in strata.values())
    crude = sum((stratum.total for stratum in strata.values()), _ZERO) / n if n else None
    if not covered:
        return Standardised(crude=crude, value=None, covered=_ZERO)
    value = (
        sum((share * strata[kind].total / strata[kind].n for kind, share in seen.items()), _ZERO) / covered
    )
    return Standardised(crude=crude, value=value, covered=covered)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixChange:
    """A change between two periods or groups, split exactly: ``change`` = ``mix`` + ``rate``.

    ``simpson``: the whole moved one way while the rates, the mix held still, moved the other way.
    ``parts`` holds (mix, rate) per kind.
    """

    change: Fraction
    mix: Fraction
    rate: Fraction
    simpson: bool
    parts: Mapping[str, tuple[Fraction, Fraction]]


def decompose_change(before: Mapping[str, Stratum], after: Mapping[str, Stratum]) -> MixChange | None:
    """Returns how much of the change of the crude value comes from the mix and how much from the rates
    (Kitagawa 1955).

    A kind that has cases on one side only has no change of rate; all of its part is mix. None where a side
    is empty.
    """
    n_before, n_after = (sum(stratum.n for stratum in side.values()) for side in (before, after))
    if not n_before or not n_after:
        return None
    parts: dict[str, tuple[Fraction, Fraction]] = {}
    for kind in dict.fromkeys((*before, *after)):
        old, new = before.get(kind), after.get(kind)
        share_old, share_new = (
            Fraction(side.n, n) if side else _ZERO for side, n in ((old, n_before), (new, n_after))
        )
        rate_old, rate_new = (side.total / side.n if side and side.n else None for side in (old, new))
        if rate_old is None and rate_new is None:
            continue
        first = rate_old if rate_old is not None else rate_new or _ZERO
        second = rate_new if rate_new is not None else first
        mix = (share_new - share_old) * (first + second) / 2
        parts[kind] = (mix, (second - first) * (share_old + share_new) / 2)
    mix, rate = (sum((part[i] for part in parts.values()), _ZERO) for i in (0, 1))
    return MixChange(change=mix + rate, mix=mix, rate=rate, simpson=(mix + rate) * rate < 0, parts=parts)
