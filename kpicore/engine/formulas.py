"""Formulas evaluated: exactly, all rows at once, and one by one where numbers grow beyond 64 bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.metrics.formula.nodes import (
    Absolute,
    Arithmetic,
    Case,
    Choose,
    Compare,
    Derived,
    Logic,
    Node,
    Not,
    NullIf,
    Number,
    Operand,
)
from kpicore.plugin import Outcome, Statistic, Tally

from .formula_rows import evaluate_row
from .rationals import NO_DATA, NOT_APPLICABLE, REASONS, Rationals, Truths, Worker, first_reason

__all__ = ["evaluate_formula"]

_EXACT_FLOAT = 1 << 53

_TESTS: Mapping[str, Callable[[pa.Array, pa.Array], pa.Array]] = {
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
    "==": pc.equal,
    "!=": pc.not_equal,
}


def evaluate_formula(derived: Derived, outcomes: Sequence[Outcome], size: int) -> tuple[Outcome, pa.Array]:
    """Returns the values of a formula from those of its operands, and why a value is null.

    Each value is the exact result, rounded once. ``exact`` is null in rows whose result does not fit a
    quotient of two int64. ``numerator`` and ``denominator`` are given for a quotient of counts.
    """
    evaluator = _Evaluator(derived, outcomes, size)
    found = evaluator.value(derived.expression)
    wide = evaluator.worker.wide
    defined = pc.and_(pc.equal(found.why, 0), pc.invert(wide))
    above, below = (pc.if_else(defined, side, None) for side in (found.above, found.below))
    value = pc.divide(above.cast(pa.float64(), safe=False), below.cast(pa.float64(), safe=False))
    large = pc.or_(pc.greater(pc.abs(found.above), _EXACT_FLOAT), pc.greater(found.below, _EXACT_FLOAT))
    large = pc.and_(large, defined)
    value = _put(value, large, _divided(above.filter(large), below.filter(large)))
    rows = [evaluate_row(derived.expression, evaluator.row(i)) for i in pc.indices_nonzero(wide).to_pylist()]
    value = _put(value, wide, [None if v is None else float(v) for v, _ in rows])
    for place in (0, 1):
        parts = [_parts(v)[place] for v, _ in rows]
        above, below = (_put(above, wide, parts), below) if place == 0 else (above, _put(below, wide, parts))
    why = _put(found.why, wide, [reason for _, reason in rows])
    numerator, denominator = evaluator.fraction(derived.expression)
    outcome = Outcome(
        value=value,
        numerator=numerator,
        denominator=denominator,
        n=evaluator.sample(derived.expression).n,
        exact=(above, below),
    )
    return outcome, pa.array(REASONS, pa.string()).take(why)


def _divided(above: pa.Array, below: pa.Array) -> list[float]:
    # Python divides integers of any size with one rounding; floats of them are rounded before.
    return [a / b for a, b in zip(above.to_pylist(), below.to_pylist(), strict=True)]


def _parts(value: Fraction | None) -> tuple[int | None, int | None]:
    if value is None or max(abs(value.numerator), value.denominator) >= 1 << 63:
        return None, None
    return value.numerator, value.denominator


def _put(column: pa.Array, mask: pa.Array, values: Sequence[object]) -> pa.Array:
    return pc.replace_with_mask(column, mask, pa.array(values, column.type)) if values else column


@dataclass(frozen=True, slots=True)
class _Sample:
    """How many observations a part of a formula rests on; ``counted`` where it is made of counts alone."""

    n: pa.Array | None
    counted: bool


class _Evaluator:
    """Evaluates the parts of one formula over all rows."""

    def __init__(self, derived: Derived, outcomes: Sequence[Outcome], size: int) -> None:
        self.worker = Worker(size)
        self._statistics: list[Statistic] = [statistic for _, statistic in derived.operands]
        self._outcomes = outcomes
        self._columns = [self._column(outcome) for outcome in outcomes]

    def _column(self, outcome: Outcome) -> Rationals:
        if outcome.exact is None:
            return self.worker.unknown(pc.is_valid(outcome.value))
        return self.worker.quotient(*outcome.exact)

    def row(self, i: int) -> list[Fraction | int]:
        """Returns the operands of a row exactly; in the place of an undefined one the reason."""
        found: list[Fraction | int] = []
        for outcome in self._outcomes:
            value = outcome.value[i].as_py()
            if outcome.exact is not None:
                above, below = (side[i].as_py() for side in outcome.exact)
                value = None if above is None or not below else Fraction(above, below)
            found.append(NO_DATA if value is None else Fraction(value))
        return found

    def value(self, node: Node) -> Rationals:
        """Returns the values of a part of the formula."""
        work = self.worker
        match node:
            case Number(value):
                return work.constant(value)
            case Operand(index):
                return self._columns[index]
            case Arithmetic("*", left, right):
                return work.multiply(self.value(left), self.value(right))
            case Arithmetic("/", left, right):
                return work.divide(self.value(left), self.value(right))
            case Arithmetic(operator, left, right):
                return work.add(self.value(left), self.value(right), subtract=operator == "-")
            case Absolute(operand):
                found = self.value(operand)
                return Rationals(above=pc.abs(found.above), below=found.below, why=found.why)
            case NullIf(value, other):
                return self._null_if(self.value(value), self.value(other))
            case Choose(which, options):
                return self._choose(which, [self.value(option) for option in options])
            case Case(branches, otherwise):
                last = work.undefined(NOT_APPLICABLE) if otherwise is None else self.value(otherwise)
                for when, then in reversed(branches):
                    last = self._branch(self._truth(when), self.value(then), last)
                return last
        raise TypeError(f"{type(node).__name__} is not a value of a formula")

    def _null_if(self, value: Rationals, other: Rationals) -> Rationals:
        same = self.worker.compare(pc.equal, value, other)
        equal = pc.and_(same.holds, pc.equal(same.why, 0))
        return self.worker.choose(equal, self.worker.undefined(NOT_APPLICABLE), value)

    def _choose(self, which: str, options: Sequence[Rationals]) -> Rationals:
        best, *others = options
        for other in others:
            if which == "coalesce":
                best = self.worker.choose(pc.equal(best.why, 0), best, other)
                continue
            better = self.worker.compare(pc.less_equal if which == "min" else pc.greater_equal, best, other)
            kept = self.worker.choose(better.holds, best, other)
            best = Rationals(above=kept.above, below=kept.below, why=better.why)
        return best

    def _branch(self, when: Truths, then: Rationals, last: Rationals) -> Rationals:
        found = self.worker.choose(when.holds, then, last)
        return Rationals(above=found.above, below=found.below, why=first_reason(when.why, found.why))

    def _truth(self, node: Node) -> Truths:
        match node:
            case Compare(operator, left, right):
                return self.worker.compare(_TESTS[operator], self.value(left), self.value(right))
            case Not(operand):
                found = self._truth(operand)
                return Truths(holds=pc.invert(found.holds), why=found.why)
            case Logic(operator, terms):
                first, *rest = (self._truth(term) for term in terms)
                for term in rest:
                    first = _joined(first, term, decisive=operator == "or")
                return first
        raise TypeError(f"{type(node).__name__} is not a condition of a formula")

    def fraction(self, node: Node) -> tuple[pa.Array | None, pa.Array | None]:
        """Returns both sides of a quotient of counts."""
        if not (isinstance(node, Arithmetic) and node.operator == "/"):
            return None, None
        if not (self._whole(node.left) and self._whole(node.right)):
            return None, None
        sides = self.value(node.left), self.value(node.right)
        fits = pc.invert(self.worker.wide)
        above, below = (pc.if_else(pc.and_(pc.equal(side.why, 0), fits), side.above, None) for side in sides)
        return above, below

    def _whole(self, node: Node) -> bool:
        match node:
            case Operand(index):
                statistic = self._statistics[index]
                return isinstance(statistic, Tally) and statistic.scale == 1 and statistic.per is None
            case Number(value):
                return value.denominator == 1
            case Arithmetic("+" | "-" | "*", left, right):
                return self._whole(left) and self._whole(right)
        return False

    def sample(self, node: Node) -> _Sample:
        """Returns the observations behind a part: of a quotient of counts the divisor's, of other counts
        their sum, otherwise the fewest of those that are no counts.
        """
        match node:
            case Operand(index):
                return _Sample(self._outcomes[index].n, isinstance(self._statistics[index], Tally))
            case Arithmetic("/", left, right):
                above, below = self.sample(left), self.sample(right)
                if above.counted:
                    return _Sample(above.n, True) if below.n is None else _Sample(below.n, False)
                return above if below.counted else _fewest([above, below])
            case Arithmetic(_, left, right) | NullIf(left, right):
                return _fewest([self.sample(left), self.sample(right)])
            case Choose(_, options):
                return _fewest([self.sample(option) for option in options])
            case Absolute(operand):
                return self.sample(operand)
            case Case(branches, otherwise):
                parts = [part for branch in branches for part in branch]
                return _fewest([self.sample(part) for part in (*parts, *([otherwise] if otherwise else []))])
            case Compare(_, left, right):
                return _fewest([self.sample(left), self.sample(right)])
            case Logic(_, terms):
                return _fewest([self.sample(term) for term in terms])
            case Not(operand):
                return self.sample(operand)
        return _Sample(None, True)


def _fewest(samples: Sequence[_Sample]) -> _Sample:
    known = [sample for sample in samples if sample.n is not None]
    drawn = [sample.n for sample in known if not sample.counted]
    if drawn:
        return _Sample(pc.min_element_wise(*drawn), False)
    total: pa.Array | None = None
    for sample in known:
        total = sample.n if total is None else pc.add(total, sample.n)
    return _Sample(total, True)


def _joined(left: Truths, right: Truths, *, decisive: bool) -> Truths:
    """Returns both conditions as one; a side that is ``decisive`` decides, whatever the other is."""
    decided = [pc.and_(pc.equal(side.why, 0), pc.equal(side.holds, decisive)) for side in (left, right)]
    holds = pc.or_(left.holds, right.holds) if decisive else pc.and_(left.holds, right.holds)
    settled = pc.or_(*decided)
    why = first_reason(left.why, right.why)
    return Truths(
        holds=pc.if_else(settled, decisive, holds),
        why=pc.if_else(settled, pa.scalar(0, pa.int8()), why),
    )
