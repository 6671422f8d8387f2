"""The one division at the end: from measured integers to values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import PluginError
from kpicore.plugin import Custom, Extremum, Measure, Outcome, Quantile, Ratio, Statistic, Tally

from .grid import Grid

__all__ = ["Finalized", "finalize", "measures_of"]


def measures_of(statistic: Statistic) -> tuple[Measure, ...]:
    """Returns every measure that ``statistic`` reads."""
    extra = [*([statistic.n] if statistic.n else []), *statistic.excluded.values()]
    match statistic:
        case Tally() | Extremum() | Quantile():
            return (statistic.measure, *extra)
        case Ratio():
            return (statistic.numerator, statistic.denominator, *extra)
        case Custom():
            return (*statistic.measures.values(), *extra)
    raise PluginError(f"{type(statistic).__name__} is not a statistic that the engine knows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalized:
    """A metric's outcome per subject, period and part, and what it left out by reason."""

    parts: tuple[str | None, ...]
    outcome: Outcome
    excluded: dict[str, pa.Array]
    unit: str | None


def finalize(statistic: Statistic, grid: Grid, days: Sequence[int]) -> Finalized:
    """Returns the values of ``statistic``; ``days`` are the local days of each period."""
    parts = grid.parts_of(measures_of(statistic))
    outcome = _outcome(statistic, grid, parts, days)
    if statistic.n is not None:
        n = grid.dense(statistic.n, parts)
        outcome = Outcome(
            value=outcome.value, numerator=outcome.numerator, denominator=outcome.denominator, n=n
        )
    excluded = {reason: grid.dense(measure, parts) for reason, measure in statistic.excluded.items()}
    return Finalized(parts=parts, outcome=outcome, excluded=excluded, unit=statistic.unit)


def _outcome(statistic: Statistic, grid: Grid, parts: tuple[str | None, ...], days: Sequence[int]) -> Outcome:
    match statistic:
        case Tally():
            total = grid.dense(statistic.measure, parts)
            if statistic.per is None:
                return Outcome(value=_scaled(total, statistic.scale), n=total)
            width = len(parts)
            divisor = pa.array(days, pa.int64()).take(_period_of(len(total), len(days), width))
            value = divide(total, divisor, statistic.scale)
            return Outcome(value=value, numerator=total, denominator=divisor, n=total)
        case Ratio():
            numerator = grid.dense(statistic.numerator, parts)
            denominator = grid.dense(statistic.denominator, parts)
            value = divide(numerator, denominator, statistic.scale)
            return Outcome(value=value, numerator=numerator, denominator=denominator, n=denominator)
        case Extremum():
            return Outcome(value=_scaled(grid.dense(statistic.measure, parts), statistic.scale))
        case Quantile():
            scaled, n = grid.quantile(statistic.measure, statistic.q, parts)
            return Outcome(value=_scaled(scaled, statistic.scale / statistic.q.denominator), n=n)
        case Custom():
            state = {name: grid.dense(measure, parts) for name, measure in statistic.measures.items()}
            return statistic.finalize(state)
    raise PluginError(f"{type(statistic).__name__} is not a statistic that the engine knows")


def _period_of(size: int, periods: int, width: int) -> pa.Array:
    cell = pc.divide(pa.arange(0, size), width)
    return pc.subtract(cell, pc.multiply(pc.divide(cell, periods), periods))


def divide(numerator: pa.Array, denominator: pa.Array, scale: Fraction) -> pa.Array:
    """Returns ``scale * numerator / denominator``, rounded once; null where the denominator is 0."""
    above = pc.multiply_checked(numerator, scale.numerator)
    below = pc.multiply_checked(denominator, scale.denominator)
    below = pc.if_else(pc.equal(below, 0), pa.scalar(None, pa.int64()), below)
    return pc.divide(above.cast(pa.float64(), safe=False), below.cast(pa.float64(), safe=False))


def _scaled(values: pa.Array, scale: Fraction) -> pa.Array:
    above = pc.multiply_checked(values, scale.numerator).cast(pa.float64(), safe=False)
    return pc.divide(above, float(scale.denominator))
