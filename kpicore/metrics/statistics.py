"""What metrics compute: the statistic of a request, and the measures that it reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kpicore.errors import KpicoreError, PluginError
from kpicore.plugin import Custom, Extremum, Measure, MeasureKind, Quantile, Ratio, Settings, Statistic, Tally

from .formula.nodes import Derived
from .grouped import grouped
from .request import Request

__all__ = ["build", "leaves", "measures_of", "named_measures"]


def build(request: Request) -> Statistic:
    """Returns the statistic of a request; PluginError names a metric whose definition fails."""
    metric = request.metric

    def make(settings: Settings) -> Statistic:
        try:
            statistic = metric.build(settings)
        except KpicoreError:
            raise
        except Exception as error:
            message = f"metric {metric.name} failed: {type(error).__name__}: {error}"
            raise PluginError(message, hint="this is a fault of the plugin that provides it") from error
        if not isinstance(statistic, Statistic):
            raise PluginError(f"metric {metric.name} gave {type(statistic).__name__}, no statistic")
        return statistic

    return _counted(grouped(request, make) if request.groups else make(request.settings))


def _counted(statistic: Statistic) -> Statistic:
    """Returns ``statistic`` with the number of rows as n where the default would be what they sum to."""
    if statistic.n is not None or not isinstance(statistic, Ratio | Tally):
        return statistic
    base = statistic.denominator if isinstance(statistic, Ratio) else statistic.measure
    if base.kind is not MeasureKind.SUM:
        return statistic
    return replace(statistic, n=replace(base, kind=MeasureKind.COUNT, value=None))


def leaves(statistic: Statistic) -> tuple[Statistic, ...]:
    """Returns the statistics of a formula's metrics; any other statistic is its own."""
    if isinstance(statistic, Derived):
        return tuple(operand for _, operand in statistic.operands)
    return (statistic,)


def measures_of(statistic: Statistic) -> tuple[Measure, ...]:
    """Returns every measure that ``statistic`` reads."""
    return tuple(measure for _, measure in named_measures(statistic))


def named_measures(statistic: Statistic) -> tuple[tuple[str, Measure], ...]:
    """Returns the measures of ``statistic`` by what they are in it.

    The names: ``numerator`` and ``denominator`` of a ratio, ``value`` of whatever has one measure, those
    that a custom statistic gives; then ``n``, and ``excluded:`` with the reason. Those of a formula stand
    behind the metric that they belong to.
    """
    own: Iterable[tuple[str, Measure]]
    match statistic:
        case Tally() | Extremum() | Quantile():
            own = [("value", statistic.measure)]
        case Ratio():
            own = [("numerator", statistic.numerator), ("denominator", statistic.denominator)]
        case Custom():
            own = statistic.measures.items()
        case Derived():
            own = [
                (f"{name}: {part}", measure)
                for name, operand in statistic.operands
                for part, measure in named_measures(operand)
            ]
        case _:
            raise PluginError(f"{type(statistic).__name__} is not a statistic that the engine knows")
    counted = [("n", statistic.n)] if statistic.n else []
    return (*own, *counted, *((f"excluded:{reason}", m) for reason, m in statistic.excluded.items()))
