"""The one division at the end: from measured integers to values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import KpicoreError, PluginError
from kpicore.metrics import Derived, measures_of, named_measures
from kpicore.plugin import Custom, Extremum, Outcome, Quantile, Ratio, Statistic, Tally

from .formulas import evaluate_formula
from .grid import Grid

Days = Mapping[str, Sequence[int]]
"""Days of each period, by what a tally calls them."""

__all__ = ["Days", "Finalized", "finalize", "measures_of", "named_measures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalized:
    """A metric's outcome per subject, period and part, and what it left out by reason.

    ``why`` says why a value is null, where that is not for lack of data.
    """

    parts: tuple[str | None, ...]
    outcome: Outcome
    excluded: dict[str, pa.Array]
    unit: str | None
    why: pa.Array | None = None


def finalize(metric: str, statistic: Statistic, grid: Grid, days: Days) -> Finalized:
    """Returns the values of a metric's ``statistic``; ``days`` holds the local days of each period, and the
    working days where a calendar is given.

    Raises PluginError, naming the metric, for a custom statistic that fails or does not fit the grid.
    """
    return _finalized(metric, statistic, grid, days, grid.parts_of(measures_of(statistic)))


def _finalized(
    metric: str, statistic: Statistic, grid: Grid, days: Days, parts: tuple[str | None, ...]
) -> Finalized:
    size = len(grid.subjects) * grid.periods * len(parts)
    if isinstance(statistic, Derived):
        return _derived(statistic, grid, days, parts, size)
    if isinstance(statistic, Custom):
        outcome = _custom(metric, statistic, grid, parts, size)
    else:
        outcome = _outcome(statistic, grid, parts, days)
    if statistic.n is not None:
        outcome = replace(outcome, n=grid.dense(statistic.n, parts))
    excluded = {reason: grid.dense(measure, parts) for reason, measure in statistic.excluded.items()}
    return Finalized(parts=parts, outcome=outcome, excluded=excluded, unit=statistic.unit)


def _derived(
    statistic: Derived, grid: Grid, days: Days, parts: tuple[str | None, ...], size: int
) -> Finalized:
    """Returns the values of a formula; what its metrics left out stands behind their names."""
    operands = {name: _finalized(name, own, grid, days, parts) for name, own in statistic.operands}
    outcome, why = evaluate_formula(statistic, [found.outcome for found in operands.values()], size)
    excluded = {
        f"{name}: {reason}": rows
        for name, found in operands.items()
        for reason, rows in found.excluded.items()
    }
    return Finalized(parts=parts, outcome=outcome, excluded=excluded, unit=statistic.unit, why=why)


def _outcome(statistic: Statistic, grid: Grid, parts: tuple[str | None, ...], days: Days) -> Outcome:
    match statistic:
        case Tally():
            total = grid.dense(statistic.measure, parts)
            if statistic.per is None:
                return _single(total, statistic.scale, n=total)
            own = days[statistic.per]
            divisor = pa.array(own, pa.int64()).take(_period_of(len(total), len(own), len(parts)))
            return _quotient(total, divisor, statistic.scale, n=total)
        case Ratio():
            numerator = grid.dense(statistic.numerator, parts)
            denominator = grid.dense(statistic.denominator, parts)
            return _quotient(numerator, denominator, statistic.scale, n=denominator)
        case Extremum():
            return _single(grid.dense(statistic.measure, parts), statistic.scale, n=None)
        case Quantile():
            scaled, n = grid.quantile(statistic.measure, statistic.q, parts)
            return _single(scaled, statistic.scale / statistic.q.denominator, n=n)
    raise PluginError(f"{type(statistic).__name__} is not a statistic that the engine knows")


def _custom(metric: str, statistic: Custom, grid: Grid, parts: tuple[str | None, ...], size: int) -> Outcome:
    """Returns what a definition's own function makes of its measures, checked."""
    state = {name: grid.dense(measure, parts) for name, measure in statistic.measures.items()}
    try:
        outcome: object = statistic.finalize(state)
    except KpicoreError:
        raise
    except Exception as error:
        message = f"metric {metric} failed: {type(error).__name__}: {error}"
        raise PluginError(message, hint="this is a fault of the plugin that provides it") from error
    if not isinstance(outcome, Outcome):
        raise PluginError(f"metric {metric} gave {type(outcome).__name__}, no Outcome")
    _check_column(metric, "value", outcome.value, pa.float64(), size)
    exact = dict(zip(("exact[0]", "exact[1]"), outcome.exact or (), strict=False))
    numbers = {"numerator": outcome.numerator, "denominator": outcome.denominator, "n": outcome.n} | exact
    for name, values in numbers.items():
        if values is not None:
            _check_column(metric, name, values, pa.int64(), size)
    if pc.any(pc.invert(pc.is_finite(outcome.value))).as_py():
        raise PluginError(
            f"metric {metric} gave a value that is not finite",
            hint="undefined must be null: divide with a null denominator",
        )
    return outcome


def _check_column(metric: str, name: str, values: object, kind: pa.DataType, size: int) -> None:
    if not isinstance(values, pa.Array):
        raise PluginError(f"metric {metric}: {name} is a {type(values).__name__}, no Arrow array")
    if values.type != kind:
        raise PluginError(f"metric {metric}: {name} of type {values.type} instead of {kind}")
    if len(values) != size:
        raise PluginError(f"metric {metric}: {name} has {len(values)} values for {size} rows")


def _period_of(size: int, periods: int, width: int) -> pa.Array:
    cell = pc.divide(pa.arange(0, size), width)
    return pc.subtract(cell, pc.multiply(pc.divide(cell, periods), periods))


def _quotient(numerator: pa.Array, denominator: pa.Array, scale: Fraction, *, n: pa.Array) -> Outcome:
    """Returns ``scale * numerator / denominator``, divided once; null where the denominator is 0."""
    above = pc.multiply_checked(numerator, scale.numerator)
    below = pc.multiply_checked(denominator, scale.denominator)
    below = pc.if_else(pc.equal(below, 0), pa.scalar(None, pa.int64()), below)
    return Outcome(
        value=_divide(above, below), numerator=numerator, denominator=denominator, n=n, exact=(above, below)
    )


def _single(values: pa.Array, scale: Fraction, *, n: pa.Array | None) -> Outcome:
    above = pc.multiply_checked(values, scale.numerator)
    below = pa.repeat(pa.scalar(scale.denominator, pa.int64()), len(values))
    return Outcome(value=_divide(above, below), n=n, exact=(above, below))


def _divide(above: pa.Array, below: pa.Array) -> pa.Array:
    return pc.divide(above.cast(pa.float64(), safe=False), below.cast(pa.float64(), safe=False))
