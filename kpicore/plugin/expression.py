"""Conditions and values over the columns of a table or fact, as plain data.

An expression is a frozen record: it can be compared, hashed and pickled, so two metrics that ask for
the same thing share the work. ``==`` compares expressions; ``is_`` builds a condition.

>>> col("outcome").is_("answered") & (col("answered_at") - col("entered_at") <= 20_000_000)
And(left=Equal(left=Field(name='outcome'), value='answered'), right=...)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

__all__ = [
    "And",
    "Arithmetic",
    "Belongs",
    "Business",
    "Choose",
    "Compare",
    "Equal",
    "Expression",
    "Field",
    "IsNull",
    "Least",
    "Literal",
    "Not",
    "OneOfValues",
    "Open",
    "Or",
    "col",
    "lit",
]

Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Expression:
    """Base of all expressions."""

    def __and__(self, other: Expression) -> Expression:
        return And(self, other)

    def __or__(self, other: Expression) -> Expression:
        return Or(self, other)

    def __invert__(self) -> Expression:
        return Not(self)

    def __add__(self, other: Expression | int) -> Expression:
        return Arithmetic("+", self, lit(other))

    def __sub__(self, other: Expression | int) -> Expression:
        return Arithmetic("-", self, lit(other))

    def __mul__(self, other: Expression | int) -> Expression:
        return Arithmetic("*", self, lit(other))

    def __lt__(self, other: Expression | int) -> Expression:
        return Compare("<", self, lit(other))

    def __le__(self, other: Expression | int) -> Expression:
        return Compare("<=", self, lit(other))

    def __gt__(self, other: Expression | int) -> Expression:
        return Compare(">", self, lit(other))

    def __ge__(self, other: Expression | int) -> Expression:
        return Compare(">=", self, lit(other))

    def is_(self, value: Scalar) -> Expression:
        """True where this equals ``value``; false where it is null."""
        return Equal(self, value)

    def isin(self, values: tuple[Scalar, ...]) -> Expression:
        """True where this is one of ``values``; false where it is null."""
        return OneOfValues(self, tuple(values))

    def is_null(self) -> Expression:
        """True where this is null."""
        return IsNull(self)

    def not_null(self) -> Expression:
        """True where this is not null."""
        return Not(IsNull(self))


@dataclass(frozen=True, slots=True)
class Field(Expression):
    """The values of a column."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A constant."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Arithmetic(Expression):
    """Checked integer arithmetic; null where either side is null."""

    operator: OneOf["+", "-", "*"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare(Expression):
    """An ordering comparison of numbers or times; false where either side is null."""

    operator: OneOf["<", "<=", ">", ">="]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Equal(Expression):
    """Equality with a constant, which for ids and enumerations is the word, not the code."""

    left: Expression
    value: Scalar


@dataclass(frozen=True, slots=True)
class OneOfValues(Expression):
    """Membership in a set of constants."""

    left: Expression
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class IsNull(Expression):
    """True where the operand is null."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class And(Expression):
    """Both."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Or(Expression):
    """Either."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Not(Expression):
    """The contrary."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Business(Expression):
    """Microseconds of business time from ``start`` to ``end``; null where either is null.

    It counts under the calendar called ``calendar``; without a name, under the one that the calendar
    file gives to the row's team and queue. Where that changes on the way, ``schedule`` says which
    counts: the one ``at_start``, the one ``at_end_event``, or each for its own part (``piecewise``).
    """

    start: Expression
    end: Expression
    calendar: str = ""
    schedule: str = "at_start"


@dataclass(frozen=True, slots=True)
class Open(Expression):
    """1 where business is open at the instant ``at``, else 0; null where it is null.

    ``calendar`` is as for ``Business``.
    """

    at: Expression
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Belongs(Expression):
    """True where one of the row's ``values`` of ``subject`` is among these; false where it has none.

    The subject is found as when results are asked for by it: in the row, through its contact, or through
    its agent as of the instant at which the row counts.
    """

    subject: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choose(Expression):
    """``left`` where the condition holds, else ``right``."""

    condition: Expression
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Least(Expression):
    """The smaller of two numbers; the one that is there where the other is null."""

    left: Expression
    right: Expression


def col(name: str) -> Field:
    """Returns the column called ``name`` of the table or fact that a measure reads."""
    return Field(name)


def lit(value: Expression | Scalar) -> Expression:
    """Returns ``value`` as an expression."""
    return value if isinstance(value, Expression) else Literal(value)
