"""A metric whose parameters differ by group: one statistic that takes every row by the rules of its group."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import reduce
from operator import and_, or_

from kpicore.errors import ParameterError
from kpicore.plugin import Expression, Measure, Settings, Statistic
from kpicore.plugin.expression import Belongs, Choose

from .request import Request
from .request_text import When, write_when

__all__ = ["grouped"]


@dataclass(frozen=True, slots=True)
class _Case:
    """The rows of a group, as a condition, and what their settings make of the metric."""

    name: str
    holds: Expression
    statistic: Statistic


def grouped(request: Request, make: Callable[[Settings], Statistic]) -> Statistic:
    """Returns the statistic of ``request``, in which a row counts as its own group's settings have it.

    Measures are joined that read the same rows of the same table or fact and count them alike: a row is in
    if the condition of its own group holds for it. Raises ParameterError where a group asks for another
    kind of figure, or other rows, so that nothing could be joined.
    """
    cases: list[_Case] = []
    before: list[Expression] = []
    for group in request.groups:
        belongs = _belongs(group.when)
        holds = reduce(and_, (belongs, *(~other for other in before)))
        cases.append(_Case(write_when(group.when), holds, make(group.settings)))
        before.append(belongs)
    others = reduce(and_, (~belongs for belongs in before))
    whole = make(request.settings)
    for group, case in zip(request.groups, cases, strict=True):
        if (what := _apart(whole, case.statistic)) is not None:
            given = ",".join(f"{name}={value}" for name, value in group.given.items())
            raise ParameterError(
                f"{request.text}: {given} {what} for {case.name} than for the others, so one figure "
                "cannot hold both",
                hint=f"measure {case.name} by itself, with --where",
            )
    return _joined((_Case("", others, whole), *cases))


def _belongs(when: When) -> Expression:
    return reduce(and_, (Belongs(subject, values) for subject, values in when))


def _apart(one: Statistic, other: Statistic) -> str | None:
    """Returns what keeps two statistics from being joined; None where nothing does."""
    if type(one) is not type(other):
        return "makes another kind of figure"
    for name in (field.name for field in fields(one)):
        here, there = getattr(one, name), getattr(other, name)
        if isinstance(here, Measure) and isinstance(there, Measure):
            if _frame(here) != _frame(there):
                return "reads other rows"
        elif isinstance(here, Mapping) and isinstance(there, Mapping):
            if name != "excluded" and here.keys() != there.keys():
                return "makes another kind of figure"
            if any(_frame(here[key]) != _frame(there[key]) for key in here.keys() & there.keys()):
                return "reads other rows"
        elif here != there:
            return "makes another kind of figure"
    return None


def _frame(measure: Measure) -> Measure:
    """Returns what measures must share that are joined."""
    return replace(measure, where=None, value=None)


def _joined(cases: Sequence[_Case]) -> Statistic:
    first = cases[0].statistic
    joined: dict[str, object] = {}
    for name in (field.name for field in fields(first)):
        parts = [getattr(case.statistic, name) for case in cases]
        if isinstance(parts[0], Measure):
            joined[name] = _measure(list(zip(cases, parts, strict=True)), whole=True)
        elif isinstance(parts[0], Mapping):
            keys = dict.fromkeys(key for part in parts for key in part)
            joined[name] = {key: _among(cases, parts, key) for key in keys}
    return replace(first, **joined)  # type: ignore[arg-type]


def _among(cases: Sequence[_Case], parts: Sequence[Mapping[str, Measure]], key: str) -> Measure:
    """Returns the measure called ``key``, of those cases that have it."""
    having = [(case, part[key]) for case, part in zip(cases, parts, strict=True) if key in part]
    return _measure(having, whole=len(having) == len(cases))


def _measure(parts: Sequence[tuple[_Case, Measure]], *, whole: bool) -> Measure:
    """Returns the measure that counts the rows of each case by its own; ``whole``: these are all cases."""
    first = parts[0][1]
    value = first.value
    for case, measure in parts[1:]:
        if measure.value is not None and value is not None and measure.value != first.value:
            value = Choose(case.holds, measure.value, value)
    if whole and len({measure.where for _, measure in parts}) == 1:
        return replace(first, value=value)
    own = [case.holds if m.where is None else case.holds & m.where for case, m in parts]
    return replace(first, where=reduce(or_, own), value=value)
