"""From the text of a formula to its parts: only what is listed here is let in, and units are checked."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from kpicore.errors import FormulaError, KpicoreError, ParameterError, suggest
from kpicore.plugin.parameters import parse_duration

from . import nodes
from .text import Formula, Word, parse_formula, pointed, pointed_as
from .units import RATIO, SECONDS, Unit, join_units, show_unit

__all__ = ["FUNCTIONS", "Compiler", "Typed"]

DEEPEST = 80
"""Levels of nesting beyond which nobody can check a formula."""

LARGEST = 1_000
"""Parts of a formula, those of the formulas it names included."""

FUNCTIONS: Final = ("abs", "case", "coalesce", "max", "min", "nullif", "number")

_ARITHMETIC: Final[Mapping[type, str]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE: Final[Mapping[type, str]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_REFUSED: Final[Mapping[type, str]] = {
    ast.Constant: "a word such as None or True",
    ast.Tuple: "a list of values",
    ast.GeneratorExp: "a loop",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Starred: "an unpacked argument",
    ast.Pow: "a power",
    ast.FloorDiv: "a division that rounds",
}
_PER_CENT: Final = 10
"""A bare number beyond this beside a ratio was meant as per cent, as on a card."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A part of a formula, its unit (None: a bare number), and the column where it begins."""

    node: nodes.Node
    unit: Unit | None
    at: int


class Compiler:
    """Compiles one formula; ``metric`` gives the number and unit of a metric asked for."""

    def __init__(self, metric: Callable[[str], tuple[int, Unit]], formulas: Mapping[str, Formula]) -> None:
        self._metric = metric
        self._formulas = formulas
        self._within: list[Formula] = []
        self._words: list[Mapping[int, Word]] = []
        self._depth = self._size = 0

    def compile(self, formula: Formula) -> Typed:
        """Returns the formula as a value; FormulaError points at what is wrong with it."""
        tree, words = parse_formula(formula)
        self._within.append(formula)
        self._words.append(words)
        value = self._value(tree)
        self._words.pop()
        self._within.pop()
        return value

    def _wrong(self, at: int, message: str, hint: str = "") -> FormulaError:
        return pointed(self._within[-1], at, message, hint)

    def _enter(self, tree: ast.expr) -> None:
        self._depth += 1
        self._size += 1
        if self._depth > DEEPEST:
            raise self._wrong(
                tree.col_offset, f"more than {DEEPEST} levels of nesting", "give parts names of their own"
            )
        if self._size > LARGEST:
            raise self._wrong(tree.col_offset, f"more than {LARGEST} parts", "measure fewer things at once")

    def _value(self, tree: ast.expr) -> Typed:
        self._enter(tree)
        match tree:
            case ast.Name():
                value = self._named(tree)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                value = self._arithmetic(tree, _ARITHMETIC[type(op)], self._value(left), self._value(right))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op, operand=operand):
                value = self._value(operand)
                if isinstance(op, ast.USub):
                    zero = nodes.Number(Fraction(0))
                    value = Typed(nodes.Arithmetic("-", zero, value.node), value.unit, tree.col_offset)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                value = self._case(tree, [(test, body)], orelse)
            case ast.Call(func=ast.Name() as function, args=arguments, keywords=[]):
                value = self._call(tree, function, arguments)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                raise self._wrong(tree.col_offset, "a condition is no value", "write case(condition, 1, 0)")
            case _:
                raise self._refused(tree)
        self._depth -= 1
        return value

    def _refused(self, tree: ast.expr) -> FormulaError:
        kind = type(tree.op) if isinstance(tree, ast.BinOp) else type(tree)
        what = _REFUSED.get(kind, f"{kind.__name__.lower()}")
        hint = f"there are metrics, numbers, + - * /, comparisons and {', '.join(FUNCTIONS)}"
        return self._wrong(tree.col_offset, f"{what} has no place in a formula", hint)

    def _named(self, tree: ast.Name) -> Typed:
        at = tree.col_offset
        word = self._words[-1].get(at, Word(kind="metric", text=tree.id))
        if word.kind == "number":
            return self._number(word.text, at)
        if word.text in self._formulas:
            return self._formula(self._formulas[word.text], at)
        if word.text in FUNCTIONS:
            raise self._wrong(at, f"{word.text} is a function", f"write {word.text}(...)")
        try:
            index, unit = self._metric(word.text)
        except KpicoreError as error:
            raise pointed_as(error, self._within[-1], at) from None
        return Typed(nodes.Operand(index), unit, at)

    def _formula(self, formula: Formula, at: int) -> Typed:
        if formula in self._within:
            names = [each.name for each in self._within[self._within.index(formula) :]]
            raise self._wrong(
                at,
                f"{formula.name} is defined by itself: {' -> '.join([*names, formula.name])}",
                "a formula may name others, but none that names it",
            )
        inner = self.compile(formula)
        return Typed(inner.node, inner.unit, at)

    def _number(self, text: str, at: int) -> Typed:
        digits = text.rstrip("%")
        if sum(letter.isdigit() for letter in text) > 30:
            raise self._wrong(at, "a number of more than 30 digits", "write a shorter one")
        if text.endswith("%"):
            return Typed(nodes.Number(Fraction(digits) / 100), RATIO, at)
        if text[-1].isdigit() and text.replace(".", "", 1).isdecimal():
            return Typed(nodes.Number(Fraction(text)), None, at)
        try:
            microseconds = parse_duration(text)
        except ParameterError:
            hint = "write a number, per cent such as 85%, or a duration such as 20s, 5m or 1h30m"
            raise self._wrong(at, f"{text!r} is no number", hint) from None
        return Typed(nodes.Number(Fraction(microseconds, 1_000_000)), SECONDS, at)

    def _arithmetic(self, tree: ast.expr, operator: str, left: Typed, right: Typed) -> Typed:
        node = nodes.Arithmetic(operator, left.node, right.node)  # type: ignore[arg-type]
        if operator in "+-":
            return Typed(node, self._same((left, right), "adds" if operator == "+" else "subtracts"), left.at)
        if left.unit is None and right.unit is None:
            return Typed(node, None, left.at)
        unit = join_units(left.unit or RATIO, right.unit or RATIO, divide=operator == "/")
        return Typed(node, unit, left.at)

    def _same(self, values: Sequence[Typed], verb: str) -> Unit | None:
        """Returns the unit that all have; bare numbers take it, unless it is seconds."""
        first = next((value for value in values if value.unit is not None), None)
        if first is None or first.unit is None:
            return None
        measured = first.unit if isinstance(first.node, nodes.Operand) else None
        for value in values:
            bare = value.node.value if isinstance(value.node, nodes.Number) and value.unit is None else None
            if value.unit is None and first.unit == SECONDS and bare != 0:
                raise self._wrong(
                    value.at,
                    f"the formula {verb} a bare number and seconds",
                    "write the number with its unit, such as 30s or 5m",
                )
            if bare is not None and measured == RATIO and verb == "compares" and abs(bare) > _PER_CENT:
                raise self._wrong(
                    value.at, f"the formula {verb} a ratio and {bare}", f"write {bare}%, or a share of one"
                )
            if value.unit is not None and value.unit != first.unit:
                one, other = show_unit(first.unit), show_unit(value.unit)
                raise self._wrong(
                    value.at,
                    f"the formula {verb} {one} and {other}",
                    "divide one of them first, or take units away with number(...)",
                )
        return first.unit

    def _call(self, tree: ast.Call, function: ast.Name, arguments: Sequence[ast.expr]) -> Typed:
        name, count = function.id, len(arguments)
        if name not in FUNCTIONS:
            raise self._wrong(
                function.col_offset, f"there is no function {name}", suggest(name, list(FUNCTIONS))
            )
        exact = {"abs": 1, "number": 1, "nullif": 2}
        fewest = exact.get(name, 2)
        if count < fewest or count > exact.get(name, count):
            takes = f"{fewest}" if name in exact else f"{fewest} or more"
            raise self._wrong(function.col_offset, f"{name} takes {takes} values, not {count}")
        if name == "case":
            pairs = list(zip(arguments[0::2], arguments[1::2], strict=False))
            return self._case(tree, pairs, arguments[-1] if count % 2 else None)
        values = [self._value(argument) for argument in arguments]
        found = tuple(value.node for value in values)
        if name == "number":
            return Typed(values[0].node, None, tree.col_offset)
        if name == "abs":
            return Typed(nodes.Absolute(found[0]), values[0].unit, tree.col_offset)
        if name == "nullif":
            self._same(values, "compares")
            return Typed(nodes.NullIf(*found), values[0].unit, tree.col_offset)
        unit = self._same(values, "compares" if name != "coalesce" else "mixes")
        return Typed(nodes.Choose(name, found), unit, tree.col_offset)  # type: ignore[arg-type]

    def _case(
        self, tree: ast.expr, pairs: Sequence[tuple[ast.expr, ast.expr]], otherwise: ast.expr | None
    ) -> Typed:
        branches = [(self._condition(when), self._value(then)) for when, then in pairs]
        last = [] if otherwise is None else [self._value(otherwise)]
        unit = self._same([*(then for _, then in branches), *last], "mixes")
        node = nodes.Case(tuple((when, then.node) for when, then in branches), last[0].node if last else None)
        return Typed(node, unit, tree.col_offset)

    def _condition(self, tree: ast.expr) -> nodes.Node:
        self._enter(tree)
        found: nodes.Node
        match tree:
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self._value(side) for side in (left, *others)]
                tests = [self._test(tree, op, sides[i], sides[i + 1]) for i, op in enumerate(ops)]
                found = tests[0] if len(tests) == 1 else nodes.Logic("and", tuple(tests))
            case ast.BoolOp(op=op, values=values):
                word = "and" if isinstance(op, ast.And) else "or"
                found = nodes.Logic(word, tuple(self._condition(value) for value in values))  # type: ignore[arg-type]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                found = nodes.Not(self._condition(operand))
            case _:
                self._value(tree)
                raise self._wrong(tree.col_offset, "a value is no condition", "compare it, such as a > 0")
        self._depth -= 1
        return found

    def _test(self, tree: ast.expr, op: ast.cmpop, left: Typed, right: Typed) -> nodes.Node:
        if type(op) not in _COMPARE:
            raise self._wrong(tree.col_offset, "a comparison of this kind has no place in a formula")
        self._same((left, right), "compares")
        return nodes.Compare(_COMPARE[type(op)], left.node, right.node)  # type: ignore[arg-type]
