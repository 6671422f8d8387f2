"""The figures of one value, made again from what single rows add: the way back from evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import pyarrow as pa

from kpicore.metrics import Derived
from kpicore.plugin import Custom, Extremum, MeasureKind, Outcome, Quantile, Ratio, Statistic, Tally

from .finalize import named_measures
from .formulas import evaluate_formula

__all__ = ["Figures", "figures_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a row of a result holds; ``exact`` is its value, unless ``whole`` is false: see ``figures_of``."""

    numerator: int | None = None
    denominator: int | None = None
    n: int | None = None
    exact: Fraction | None = None
    whole: bool = True
    excluded: Mapping[str, int]


def figures_of(statistic: Statistic, added: Mapping[str, Sequence[int]]) -> Figures:
    """Returns the figures that rows make which add ``added``, by measure; see ``evidence``.

    A tally per day divides by days that no row tells: its value is left open (``whole`` is false), and
    so is that of a custom statistic which gives no exact value, or of a formula over one of them.
    """
    if isinstance(statistic, Derived):
        return _derived(statistic, added)
    made = {name: _combined(m.kind, added.get(name, ())) for name, m in named_measures(statistic)}
    excluded = {reason: made[f"excluded:{reason}"] or 0 for reason in sorted(statistic.excluded)}
    found = _figures(statistic, made, added)
    return Figures(
        numerator=found.numerator,
        denominator=found.denominator,
        n=made["n"] if statistic.n is not None else found.n,
        exact=found.exact,
        whole=found.whole,
        excluded={reason: rows for reason, rows in excluded.items() if rows},
    )


def _derived(statistic: Derived, added: Mapping[str, Sequence[int]]) -> Figures:
    """Returns the figures of a formula, made from those of its metrics."""
    operands: dict[str, Figures] = {}
    for name, own in statistic.operands:
        mark = f"{name}: "
        mine = {key.removeprefix(mark): rows for key, rows in added.items() if key.startswith(mark)}
        operands[name] = figures_of(own, mine)
    outcome, _ = evaluate_formula(statistic, [_outcome(found) for found in operands.values()], 1)
    excluded = {f"{name}: {why}": k for name, found in operands.items() for why, k in found.excluded.items()}
    whole = all(found.whole for found in operands.values())
    return replace(_of_outcome(outcome), whole=whole, excluded=dict(sorted(excluded.items())))


def _outcome(found: Figures) -> Outcome:
    exact = found.exact
    above, below = (None, None) if exact is None else (exact.numerator, exact.denominator)

    def one(value: int | None) -> pa.Array:
        return pa.array([value], pa.int64())

    return Outcome(
        value=pa.array([None if exact is None else float(exact)], pa.float64()),
        numerator=None if found.numerator is None else one(found.numerator),
        denominator=None if found.denominator is None else one(found.denominator),
        n=None if found.n is None else one(found.n),
        exact=(one(above), one(below)),
    )


def _combined(kind: MeasureKind, added: Sequence[int]) -> int | None:
    if kind is MeasureKind.MINIMUM or kind is MeasureKind.MAXIMUM:
        choose = min if kind is MeasureKind.MINIMUM else max
        return choose(added) if added else None
    return sum(added)


def _figures(
    statistic: Statistic, made: Mapping[str, int | None], added: Mapping[str, Sequence[int]]
) -> Figures:
    match statistic:
        case Tally():
            total = made["value"] or 0
            return Figures(n=total, exact=total * statistic.scale, whole=statistic.per is None, excluded={})
        case Ratio():
            above, below = made["numerator"] or 0, made["denominator"] or 0
            value = Fraction(above, below) * statistic.scale if below else None
            return Figures(numerator=above, denominator=below, n=below, exact=value, excluded={})
        case Extremum():
            best = made["value"]
            return Figures(exact=None if best is None else best * statistic.scale, excluded={})
        case Quantile():
            values = sorted(added.get("value", ()))
            place = _quantile(values, statistic.q)
            return Figures(
                n=len(values), exact=None if place is None else place * statistic.scale, excluded={}
            )
        case Custom():
            return _custom(statistic, made)
    raise TypeError(f"{type(statistic).__name__} is not a statistic that the engine knows")


def _quantile(ordered: Sequence[int], q: Fraction) -> Fraction | None:
    if not ordered:
        return None
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _custom(statistic: Custom, made: Mapping[str, int | None]) -> Figures:
    state = {name: pa.array([made[name]], pa.int64()) for name in statistic.measures}
    return _of_outcome(statistic.finalize(state))


def _of_outcome(outcome: Outcome) -> Figures:
    def one(column: pa.Array | None) -> int | None:
        value: int | None = None if column is None else column[0].as_py()
        return value

    above, below = (one(side) for side in outcome.exact or (None, None))
    return Figures(
        numerator=one(outcome.numerator),
        denominator=one(outcome.denominator),
        n=one(outcome.n),
        exact=Fraction(above, below) if above is not None and below else None,
        whole=outcome.exact is not None,
        excluded={},
    )
