"""A formula evaluated for one row in fractions, where numbers are too large for columns."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpicore.metrics.formula.nodes import (
    Absolute,
    Arithmetic,
    Case,
    Choose,
    Compare,
    Logic,
    Node,
    Not,
    NullIf,
    Number,
    Operand,
)

from .rationals import DIVISION_BY_ZERO, NOT_APPLICABLE

__all__ = ["evaluate_row"]

Found = Fraction | int
"""A value, or the reason why there is none."""


def evaluate_row(node: Node, operands: Sequence[Found]) -> tuple[Fraction | None, int]:
    """Returns the value of a formula for operands (or the reasons why they are undefined), and the reason."""
    found = _value(node, operands)
    return (found, 0) if isinstance(found, Fraction) else (None, found)


def _value(node: Node, operands: Sequence[Found]) -> Found:
    match node:
        case Number(value):
            return value
        case Operand(index):
            return operands[index]
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, _value(left, operands), _value(right, operands))
        case Absolute(operand):
            found = _value(operand, operands)
            return abs(found) if isinstance(found, Fraction) else found
        case NullIf(value, other):
            found, barred = _value(value, operands), _value(other, operands)
            same = isinstance(found, Fraction) and isinstance(barred, Fraction) and found == barred
            return NOT_APPLICABLE if same else found
        case Choose(which, options):
            return _choose(which, [_value(option, operands) for option in options])
        case Case(branches, otherwise):
            for when, then in branches:
                holds = _truth(when, operands)
                if not isinstance(holds, bool):
                    return holds
                if holds:
                    return _value(then, operands)
            return NOT_APPLICABLE if otherwise is None else _value(otherwise, operands)
    raise TypeError(f"{type(node).__name__} is not a value of a formula")


def _arithmetic(operator: str, left: Found, right: Found) -> Found:
    if not isinstance(left, Fraction):
        return left
    if not isinstance(right, Fraction):
        return right
    if operator == "/":
        return left / right if right else DIVISION_BY_ZERO
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def _choose(which: str, options: Sequence[Found]) -> Found:
    known = [option for option in options if isinstance(option, Fraction)]
    reasons = [option for option in options if not isinstance(option, Fraction)]
    if which == "coalesce":
        return known[0] if known else reasons[-1]
    return reasons[0] if reasons else (min(known) if which == "min" else max(known))


def _truth(node: Node, operands: Sequence[Found]) -> bool | int:
    match node:
        case Compare(operator, left, right):
            sides = _value(left, operands), _value(right, operands)
            reason = next((side for side in sides if not isinstance(side, Fraction)), None)
            return _compare(operator, *sides) if reason is None else reason
        case Not(operand):
            holds = _truth(operand, operands)
            return not holds if isinstance(holds, bool) else holds
        case Logic(operator, terms):
            found = [_truth(term, operands) for term in terms]
            decisive = operator == "or"
            if any(truth is decisive for truth in found):
                return decisive
            return next((truth for truth in found if not isinstance(truth, bool)), not decisive)
    raise TypeError(f"{type(node).__name__} is not a condition of a formula")


def _compare(operator: str, left: Found, right: Found) -> bool:
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[operator]
