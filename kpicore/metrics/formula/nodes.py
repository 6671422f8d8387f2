"""Formulas as data: numbers and metrics, and what is done with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from kpicore.plugin import Settings, Statistic

__all__ = [
    "Absolute",
    "Arithmetic",
    "Case",
    "Choose",
    "Compare",
    "Derived",
    "FormulaBuild",
    "Logic",
    "Node",
    "Not",
    "NullIf",
    "Number",
    "Operand",
]


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all parts of a formula: of values, and of the conditions within ``Case``."""


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A constant; durations in seconds, per cent as a share of one."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Operand(Node):
    """The value of one of the formula's metrics."""

    index: int


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """A sum, difference, product or quotient; undefined where a side is, or the divisor is 0."""

    operator: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Absolute(Node):
    """The value without its sign."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Choose(Node):
    """The smallest, the largest (undefined where one of them is), or the first that is defined."""

    which: Literal["min", "max", "coalesce"]
    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NullIf(Node):
    """The value; not applicable where it equals the other."""

    value: Node
    other: Node


@dataclass(frozen=True, slots=True)
class Case(Node):
    """The value of the first condition that holds, else the last; not applicable where there is none.

    Undefined where a condition is that comes before the first that holds.
    """

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """A comparison; undefined where a side is."""

    operator: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """All of the conditions, or one; undefined where those that are undefined decide."""

    operator: Literal["and", "or"]
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The contrary."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Statistic):
    """What a formula computes from other statistics; ``operands`` are named as they were asked for."""

    operands: tuple[tuple[str, Statistic], ...]
    expression: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaBuild:
    """The ``build`` of a metric that is a formula: it has no settings of its own."""

    statistic: Derived = field(hash=False)

    def __call__(self, settings: Settings) -> Statistic:
        return self.statistic
