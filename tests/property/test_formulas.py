"""Formulas against fractions: whatever the numbers, the nulls and the nesting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.engine.formulas import evaluate_formula
from kpicore.metrics.formula.compile import Compiler
from kpicore.metrics.formula.nodes import Derived
from kpicore.metrics.formula.text import read_formula
from kpicore.metrics.formula.units import RATIO, Unit
from kpicore.plugin import Outcome, Ratio, count

NAMES = ("a", "b", "c")
Row = Sequence[Fraction | None]
Told = Fraction | str
"""A value, or why there is none."""


@dataclass(frozen=True)
class Oracle:
    """The text of an expression, and what it is for the values of a row."""

    text: str
    of: Callable[[Row], Told]


def operand(i: int) -> Oracle:
    def of(row: Row) -> Told:
        value = row[i]
        return "no_data" if value is None else value

    return Oracle(f"number({NAMES[i]})", of)


def number(text: str) -> Oracle:
    return Oracle(text, lambda row: Fraction(text.rstrip("%")) / (100 if text.endswith("%") else 1))


def binary(operator: str, left: Oracle, right: Oracle) -> Oracle:
    def of(row: Row) -> Told:
        x, y = left.of(row), right.of(row)
        if isinstance(x, str) or isinstance(y, str):
            return x if isinstance(x, str) else y
        if operator == "/":
            return x / y if y else "division_by_zero"
        return x + y if operator == "+" else x - y if operator == "-" else x * y

    return Oracle(f"({left.text} {operator} {right.text})", of)


def negative(inner: Oracle, *, absolute: bool) -> Oracle:
    def of(row: Row) -> Told:
        x = inner.of(row)
        return x if isinstance(x, str) else abs(x) if absolute else -x

    return Oracle(f"abs({inner.text})" if absolute else f"(-{inner.text})", of)


def several(function: str, options: Sequence[Oracle]) -> Oracle:
    def of(row: Row) -> Told:
        found = [option.of(row) for option in options]
        known = [x for x in found if not isinstance(x, str)]
        why = [x for x in found if isinstance(x, str)]
        if function == "coalesce":
            return known[0] if known else why[-1]
        if function == "nullif":
            x, y = found
            return "not_applicable" if not isinstance(x, str) and x == y else x
        return why[0] if why else (min if function == "min" else max)(known)

    return Oracle(f"{function}({', '.join(option.text for option in options)})", of)


@dataclass(frozen=True)
class Condition:
    """The text of a condition, and whether it holds; a word says why that is not known."""

    text: str
    of: Callable[[Row], bool | str]


def comparison(operator: str, left: Oracle, right: Oracle) -> Condition:
    def of(row: Row) -> bool | str:
        x, y = left.of(row), right.of(row)
        if isinstance(x, str) or isinstance(y, str):
            return x if isinstance(x, str) else str(y)
        less, equal = x < y, x == y
        return {
            "<": less,
            "<=": less or equal,
            ">": not (less or equal),
            ">=": not less,
            "==": equal,
            "!=": not equal,
        }[operator]

    return Condition(f"{left.text} {operator} {right.text}", of)


def logic(operator: str, terms: Sequence[Condition]) -> Condition:
    def of(row: Row) -> bool | str:
        found = [term.of(row) for term in terms]
        if operator == "not":
            return found[0] if isinstance(found[0], str) else not found[0]
        if (operator == "or") in found:
            return operator == "or"
        return next((x for x in found if isinstance(x, str)), operator == "and")

    joined = f" {operator} ".join(f"({term.text})" for term in terms)
    return Condition(f"not ({terms[0].text})" if operator == "not" else joined, of)


def case(branches: Sequence[tuple[Condition, Oracle]], last: Oracle | None) -> Oracle:
    def of(row: Row) -> Told:
        for when, then in branches:
            holds = when.of(row)
            if isinstance(holds, str):
                return holds
            if holds:
                return then.of(row)
        return "not_applicable" if last is None else last.of(row)

    words = [word for when, then in branches for word in (when.text, then.text)]
    return Oracle(f"case({', '.join([*words, *([last.text] if last else [])])})", of)


LEAVES = st.one_of(
    st.sampled_from([operand(0), operand(1), operand(2)]),
    st.sampled_from(
        [number(text) for text in ("0", "1", "2", "0.25", "7.125", "33%", "1000000", "3000000000")]
    ),
)


def deeper(inner: st.SearchStrategy[Oracle]) -> st.SearchStrategy[Oracle]:
    some = st.lists(inner, min_size=2, max_size=3)
    tests = st.builds(comparison, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), inner, inner)
    conditions = tests | st.builds(
        logic, st.sampled_from(("and", "or", "not")), st.lists(tests, min_size=2, max_size=3)
    )
    return st.one_of(
        st.builds(binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(negative, inner, absolute=st.booleans()),
        st.builds(several, st.sampled_from(("min", "max", "coalesce")), some),
        st.builds(several, st.just("nullif"), st.lists(inner, min_size=2, max_size=2)),
        st.builds(
            case,
            st.lists(st.tuples(conditions, inner), min_size=1, max_size=2),
            st.none() | inner,
        ),
    )


EXPRESSIONS = st.recursive(LEAVES, deeper, max_leaves=10)
SIDES = st.one_of(
    st.integers(-5, 5), st.integers(-(10**6), 10**6), st.integers(-(2**63) + 1, 2**63 - 1), st.none()
)
CELLS = st.tuples(SIDES, SIDES)
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6)


def metric(name: str) -> tuple[int, Unit]:
    return NAMES.index(name), RATIO


def outcome_of(cells: Sequence[tuple[int | None, int | None]], *, exact: bool) -> Outcome:
    above = pa.array([a for a, _ in cells], pa.int64())
    below = pa.array([None if b == 0 else b for _, b in cells], pa.int64())
    values = [None if a is None or not b else a / b for a, b in cells]
    return Outcome(value=pa.array(values, pa.float64()), exact=(above, below) if exact else None)


def derived_of(text: str) -> Derived:
    formula = read_formula("= " + text)
    assert formula is not None
    rows = count("visits")
    some = Ratio(numerator=rows, denominator=rows)
    node = Compiler(metric, {}).compile(formula).node
    return Derived(operands=tuple((name, some) for name in NAMES), expression=node)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(oracle=EXPRESSIONS, table=TABLES, floats=st.sampled_from((None, 0, 2)))
def test_values_are_those_of_fractions(
    oracle: Oracle, table: list[tuple[tuple[int | None, int | None], ...]], floats: int | None
) -> None:
    columns = [[row[i] for row in table] for i in range(3)]
    outcomes = [outcome_of(column, exact=i != floats) for i, column in enumerate(columns)]
    outcome, why = evaluate_formula(derived_of(oracle.text), outcomes, len(table))
    assert outcome.exact is not None
    above, below = (side.to_pylist() for side in outcome.exact)
    for i, cells in enumerate(table):
        row = [None if a is None or not b else Fraction(a, b) for a, b in cells]
        if floats is not None and row[floats] is not None:
            row[floats] = Fraction(float(row[floats]))
        expected = oracle.of(row)
        value = outcome.value[i].as_py()
        if isinstance(expected, str):
            assert (value, above[i], below[i], why[i].as_py()) == (None, None, None, expected)
            continue
        assert why[i].as_py() is None
        assert value == float(expected)
        fits = max(abs(expected.numerator), expected.denominator) < 1 << 63
        if above[i] is None or below[i] is None:
            assert not fits
        else:
            assert Fraction(above[i], below[i]) == expected


@settings(max_examples=100, deadline=None, derandomize=True)
@given(oracle=EXPRESSIONS, table=TABLES)
def test_a_row_is_the_same_alone_and_beside_others(
    oracle: Oracle, table: list[tuple[tuple[int | None, int | None], ...]]
) -> None:
    derived = derived_of(oracle.text)

    def values(rows: Sequence[tuple[tuple[int | None, int | None], ...]]) -> list[object]:
        outcomes = [outcome_of([row[i] for row in rows], exact=True) for i in range(3)]
        return list(evaluate_formula(derived, outcomes, len(rows))[0].value.to_pylist())

    assert values(table) == [value for row in table for value in values([row])]
