"""Reading the rules of a mapping: conditions, and ways to a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .mapping import Choice, Condition, Literal, Rule, Test
from .mapping_reader import Problems, Section
from .parsing import UNITS, format_problem

__all__ = ["read_condition", "read_rule"]

_COMPARISONS = ("below", "above", "at_least", "at_most")
_OPERATORS = ("equals", "in", "not", "null", *_COMPARISONS)


def read_rule(value: object, key: str, problems: Problems) -> Rule:
    """Returns the rule that ``value`` writes: a column's name, a table, or a list of both."""
    items = value if isinstance(value, list) else [value]
    if not items:
        problems.at(key, "found an empty list, expected ways to a value")
    keys = [f"{key}[{number}]" for number in range(len(items))] if isinstance(value, list) else [key]
    return Rule(choices=tuple(_choice(item, at, problems) for item, at in zip(items, keys, strict=True)))


def _choice(item: object, key: str, problems: Problems) -> Choice:
    if isinstance(item, str):
        return Choice(key=key, columns=(item,))
    if not isinstance(item, dict):
        problems.at(key, f"found {item!r}, expected a column's name or a table")
        return Choice(key=key)
    section = Section(item, key, problems)
    when = section.raw("when")
    choice = Choice(
        key=key,
        columns=section.texts("column") + section.texts("join"),
        separator=section.text("separator"),
        constant=_scalar(section, "constant"),
        date=section.text("date"),
        time=section.text("time"),
        when=None if when is None else read_condition(when, section.path("when"), problems),
        nulls=section.texts("null"),
        values=_translations(section),
        otherwise=_scalar(section, "otherwise"),
        format=section.text("format"),
        not_before=section.text("not_before"),
        unit=section.word("unit", (*UNITS, "clock")),
        split=section.text("split"),
    )
    section.close()
    _check_choice(choice, section)
    return choice


def _check_choice(choice: Choice, section: Section) -> None:
    problems, given = (
        section.problems,
        [name for name in ("column", "join", "constant", "date") if section.has(name)],
    )
    if len(given) != 1:
        found = " and ".join(given) or "none"
        problems.at(section.key, f"found {found} of column, join, constant and date, expected one of them")
    if bool(choice.date) != bool(choice.time):
        problems.at(section.key, "date and time name two columns that belong together; give both or column")
    if choice.separator and not section.has("join"):
        problems.at(section.path("separator"), "only join has a separator")
    if choice.otherwise is not None and not choice.values:
        problems.at(
            section.path("otherwise"), "only values has an otherwise; constant gives one value to all"
        )
    if choice.format and (problem := format_problem(choice.format)):
        problems.at(section.path("format"), problem)
    if choice.not_before and not choice.date:
        problems.at(section.path("not_before"), "only a time made of date and time can lie on the next day")


def _text(value: Literal) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scalar(section: Section, name: str) -> str | None:
    value = section.raw(name)
    if value is None:
        return None
    if not isinstance(value, str | int | float):
        section.wrong(name, value, "text or a number")
        return None
    return _text(value)


def _translations(section: Section) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, key, value in section.items("values"):
        if isinstance(value, str | int | float):
            found[word] = _text(value)
        else:
            section.problems.at(key, f"found {value!r}, expected text or a number")
    return found


def read_condition(value: object, key: str, problems: Problems) -> Condition:
    """Returns the condition that ``value`` writes: a table of tests, or a list of such alternatives."""
    items = value if isinstance(value, list) else [value]
    alternatives: list[tuple[Test, ...]] = []
    for number, item in enumerate(items):
        place = f"{key}[{number}]" if isinstance(value, list) else key
        if not isinstance(item, dict) or not item:
            problems.at(place, f"found {item!r}, expected columns with what they must be")
            continue
        section = Section(item, place, problems)
        tests = [test for name, spec in item.items() for test in _tests(name, spec, section)]
        alternatives.append(tuple(tests))
    return Condition(alternatives=tuple(alternatives))


def _tests(column: str, spec: object, section: Section) -> Iterator[Test]:
    if isinstance(spec, str | int | float):
        yield Test(column=column, operator="equals", values=(spec,))
    elif isinstance(spec, list) and _plain(spec):
        yield Test(column=column, operator="in", values=tuple(spec))
    elif isinstance(spec, dict) and spec:
        inner = Section(spec, section.path(column), section.problems)
        for operator in _OPERATORS:
            if (operand := inner.raw(operator)) is not None:
                yield from _test(column, operator, operand, inner)
        inner.close()
    else:
        section.wrong(column, spec, "a value, a list of values, or a table such as { below = 0 }")


def _plain(items: list[object]) -> bool:
    return bool(items) and all(isinstance(item, str | int | float) for item in items)


def _test(column: str, operator: str, operand: object, section: Section) -> Iterator[Test]:
    negated = operator == "not"
    if operator == "null":
        if isinstance(operand, bool):
            yield Test(column=column, operator="null", negated=not operand)
        else:
            section.wrong(operator, operand, "true or false")
    elif isinstance(operand, Mapping):
        other = Section(dict(operand), section.path(operator), section.problems)
        name = other.text("column", required=True)
        other.close()
        yield Test(column=column, operator="equals" if negated else operator, other=name, negated=negated)
    elif isinstance(operand, list) and operator in ("in", "not") and _plain(operand):
        yield Test(column=column, operator="in", values=tuple(operand), negated=negated)
    elif operator in _COMPARISONS:
        if isinstance(operand, int | float) and not isinstance(operand, bool):
            yield Test(column=column, operator=operator, values=(operand,))
        else:
            section.wrong(operator, operand, "a number, or { column = ... }")
    elif operator != "in" and isinstance(operand, str | int | float):
        yield Test(column=column, operator="equals", values=(operand,), negated=negated)
    else:
        section.wrong(operator, operand, "a list of values" if operator == "in" else "a value")
