"""Expressions evaluated on coded rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import CalendarError, ParameterError, suggest
from kpicore.plugin import Kind, TableSchema
from kpicore.plugin.expression import (
    And,
    Arithmetic,
    Belongs,
    Business,
    Choose,
    Compare,
    Equal,
    Expression,
    Field,
    IsNull,
    Least,
    Literal,
    Not,
    OneOfValues,
    Open,
    Or,
)

from .coding import Domain, column_of

__all__ = ["CALENDAR_HINT", "Evaluator", "Known", "Rows", "belongings_of", "businesses_of", "columns_of"]


class Rows(Protocol):
    """Coded rows: columns by name, all of one length."""

    @property
    def length(self) -> int: ...

    def column(self, name: str) -> pa.Array: ...


Known = dict[Expression, pa.Array | pa.Scalar]


class BusinessClock(Protocol):
    """Tells business time: of intervals in microseconds, of instants whether business is open (1 or 0)."""

    def between(self, wanted: Business, rows: Rows, start: pa.Array, end: pa.Array) -> pa.Array: ...

    def is_open(self, wanted: Open, rows: Rows, at: pa.Array) -> pa.Array: ...


CALENDAR_HINT = "give a calendar file: --calendar FILE, or calendar= in Python"

_ARITHMETIC = {"+": pc.add_checked, "-": pc.subtract_checked, "*": pc.multiply_checked}
_COMPARE = {"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}


def columns_of(expression: Expression | None) -> frozenset[str]:
    """Returns the names of the columns that ``expression`` reads."""
    return frozenset(part.name for part in _parts(expression) if isinstance(part, Field))


def businesses_of(expression: Expression | None) -> frozenset[Business | Open]:
    """Returns what ``expression`` asks of business calendars."""
    return frozenset(part for part in _parts(expression) if isinstance(part, Business | Open))


def belongings_of(expression: Expression | None) -> frozenset[Belongs]:
    """Returns what ``expression`` asks of the subjects of rows."""
    return frozenset(part for part in _parts(expression) if isinstance(part, Belongs))


def _parts(expression: Expression | None) -> Iterator[Expression]:
    """Yields the expression and all that it is made of."""
    if expression is None:
        return
    yield expression
    match expression:
        case Arithmetic(_, left, right) | Compare(_, left, right) | And(left, right) | Or(left, right):
            operands: tuple[Expression, ...] = (left, right)
        case Equal(left, _) | OneOfValues(left, _) | IsNull(left) | Not(left):
            operands = (left,)
        case Business(start, end, _, _) | Least(start, end):
            operands = (start, end)
        case Open(at, _):
            operands = (at,)
        case Choose(condition, left, right):
            operands = (condition, left, right)
        case _:
            operands = ()
    for operand in operands:
        yield from _parts(operand)


class Evaluator:
    """Evaluates expressions over rows of one schema; words are looked up in its domains once."""

    def __init__(
        self, schema: TableSchema, domains: Mapping[str, Domain], business: BusinessClock | None = None
    ) -> None:
        self._schema = schema
        self._domains = domains
        self._business = business

    @property
    def _clock(self) -> BusinessClock:
        if self._business is None:
            raise CalendarError("business time needs a calendar", hint=CALENDAR_HINT)
        return self._business

    def value(self, expression: Expression, rows: Rows, known: Known) -> pa.Array:
        """Returns the value of every row: int64, int32 codes, or bool; null where undefined.

        ``known`` holds what was computed of the same rows, and takes what is computed now; to which
        subjects they belong must be known.
        """
        return _spread(self._value(expression, rows, known), rows)

    def mask(self, expression: Expression, rows: Rows, known: Known) -> pa.Array:
        """Returns the condition of every row, never null."""
        return _spread(self._mask(expression, rows, known), rows)

    def _mask(self, expression: Expression, rows: Rows, known: Known) -> pa.Array | pa.Scalar:
        return _decided(self._value(expression, rows, known))

    def _value(self, expression: Expression, rows: Rows, known: Known) -> pa.Array | pa.Scalar:
        match expression:
            case Field(name):
                return rows.column(name)
            case Literal(value):
                return pa.scalar(value)
        if expression not in known:
            known[expression] = self._computed(expression, rows, known)
        return known[expression]

    def _computed(self, expression: Expression, rows: Rows, known: Known) -> pa.Array | pa.Scalar:
        match expression:
            case Arithmetic(operator, left, right):
                return _ARITHMETIC[operator](self._value(left, rows, known), self._value(right, rows, known))
            case Business(start, end, _, _):
                spans = self.value(start, rows, known), self.value(end, rows, known)
                return self._clock.between(expression, rows, *spans)
            case Open(at, _):
                return self._clock.is_open(expression, rows, self.value(at, rows, known))
            case Choose(condition, left, right):
                chosen = self._mask(condition, rows, known)
                return pc.if_else(chosen, self._value(left, rows, known), self._value(right, rows, known))
            case Least(left, right):
                return pc.min_element_wise(self._value(left, rows, known), self._value(right, rows, known))
            case And(left, right):
                return pc.and_(self._mask(left, rows, known), self._mask(right, rows, known))
            case Or(left, right):
                return pc.or_(self._mask(left, rows, known), self._mask(right, rows, known))
            case Not(operand):
                return pc.invert(self._mask(operand, rows, known))
            case IsNull(operand):
                return pc.is_null(self._value(operand, rows, known))
            case Compare(operator, left, right):
                sides = self._value(left, rows, known), self._value(right, rows, known)
                return _decided(_COMPARE[operator](*sides))
            case Equal(left, word):
                return self._equal(left, (word,), self._value(left, rows, known))
            case OneOfValues(left, words):
                return self._equal(left, words, self._value(left, rows, known))
        raise TypeError(f"{type(expression).__name__} is not an expression that the engine knows")

    def _equal(
        self, operand: Expression, words: tuple[str | int | bool, ...], values: pa.Array | pa.Scalar
    ) -> pa.Array | pa.Scalar:
        codes = [self._code(operand, word) for word in words]
        known = [code for code in codes if code is not None]
        if len(known) == 1:
            return _decided(pc.equal(values, pa.scalar(known[0], values.type)))
        return pc.is_in(values, value_set=pa.array(known, values.type), skip_nulls=True)

    def _code(self, operand: Expression, word: str | int | bool) -> int | bool | None:
        column = column_of(self._schema, operand.name) if isinstance(operand, Field) else None
        if column is not None and column.kind in (Kind.ID, Kind.KEY):
            return self._domains[column.domain].code(str(word))
        if column is None or not isinstance(word, str):
            return word if not isinstance(word, str) else int(word)
        if column.kind is Kind.ENUM:
            if word not in column.values:
                raise ParameterError(
                    f"{self._schema.name}.{column.name} has no value {word!r}",
                    hint=suggest(word, list(column.values)),
                )
            return column.values.index(word)
        if column.kind is Kind.FLAG:
            return word.lower() in ("true", "yes", "1")
        return int(word)


def _decided(condition: pa.Array | pa.Scalar) -> pa.Array | pa.Scalar:
    if isinstance(condition, pa.Scalar):
        return pa.scalar(bool(condition.as_py()))
    return condition.fill_null(False) if condition.null_count else condition


def _spread(values: pa.Array | pa.Scalar, rows: Rows) -> pa.Array:
    return pa.repeat(values, rows.length) if isinstance(values, pa.Scalar) else values
