"""Which measures are lengths of time."""

from __future__ import annotations

from kpicore.plugin import Kind, Measure, MeasureKind, TableSchema
from kpicore.plugin.expression import Arithmetic, Business, Expression, Field, Least

__all__ = ["is_duration"]


def is_duration(measure: Measure, schema: TableSchema) -> bool:
    """Returns whether ``measure`` is in microseconds; ``schema`` is that of the fact it reads."""
    counted = (MeasureKind.COUNT, MeasureKind.DISTINCT)
    return measure.kind not in counted and _kind(measure.value, schema) is Kind.DURATION


def _kind(value: Expression | None, schema: TableSchema) -> Kind | None:
    """Returns the kind of what an expression gives, as far as time is concerned."""
    match value:
        case Field(name):
            return schema.column(name).kind if name in schema else Kind.TIME if name == "instant" else None
        case Business():
            return Kind.DURATION
        case Least(left, right):
            return Kind.DURATION if Kind.DURATION in (_kind(left, schema), _kind(right, schema)) else None
        case Arithmetic(operator, left, right):
            kinds = _kind(left, schema), _kind(right, schema)
            if operator == "-" and kinds == (Kind.TIME, Kind.TIME):
                return Kind.DURATION
            return Kind.DURATION if Kind.DURATION in kinds else None
    return None
