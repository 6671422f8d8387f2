"""Metrics and formulas, asked for together: formulas may name each other."""

from __future__ import annotations

from collections.abc import Sequence

from kpicore.errors import UnknownNameError, suggest
from kpicore.plugin import Direction, Metric, Settings
from kpicore.plugin.manager import Plugins

from .formula.compile import FUNCTIONS, Compiler
from .formula.nodes import Derived, FormulaBuild
from .formula.text import Formula, pointed, read_formula
from .formula.units import RATIO, Unit, parse_unit, show_unit
from .request import Request, parse_request
from .statistics import build, measures_of

__all__ = ["parse_requests"]


def parse_requests(
    texts: Sequence[str], plugins: Plugins, formulas: Sequence[Formula] = ()
) -> tuple[Request, ...]:
    """Returns the requests written as ``parse_request`` takes them, or as formulas.

    A formula is ``name = expression``, ``name: unit = expression`` or ``= expression``, or the name of one
    of ``formulas`` or of another text. Raises as ``parse_request`` does; FormulaError for a formula that
    cannot be used, pointing at the column.
    """
    read = [read_formula(text) for text in texts]
    known: dict[str, Formula] = {}
    for formula in (*formulas, *(found for found in read if found is not None)):
        _check_name(formula, known, plugins)
        if formula.name:
            known[formula.name] = formula
    return tuple(
        parse_request(text, plugins) if own is None else _request(own, found is None, text, known, plugins)
        for text, found in zip(texts, read, strict=True)
        for own in [found or known.get(text.strip())]
    )


def _check_name(formula: Formula, known: dict[str, Formula], plugins: Plugins) -> None:
    name = formula.name
    if name in FUNCTIONS or name in plugins.metrics:
        what = "a function" if name in FUNCTIONS else "a metric"
        raise pointed(formula, 0, f"{name} is {what} already", "give the formula a name of its own")
    if known.get(name, formula) != formula:
        raise pointed(formula, 0, f"two formulas are called {name}", "give each a name of its own")


def _request(
    formula: Formula, named: bool, text: str, known: dict[str, Formula], plugins: Plugins
) -> Request:
    requests: list[Request] = []

    def metric(text: str) -> tuple[int, Unit]:
        try:
            request = parse_request(text, plugins)
        except UnknownNameError as error:
            near = suggest(text, [*known, *FUNCTIONS, *plugins.metrics])
            hint = (
                near
                if near.startswith("did you mean") and "[" not in text and "@" not in text
                else error.hint
            )
            raise type(error)(error.message, hint=hint, problems=error.problems) from None
        if request not in requests:
            requests.append(request)
        return requests.index(request), parse_unit(build(request).unit or request.metric.unit)

    value = Compiler(metric, known).compile(formula)
    if not requests:
        raise pointed(formula, formula.start, "the formula names no metric", "kpicore metrics lists them")
    unit = _unit(formula, value.unit)
    operands = tuple((request.text.strip(), build(request)) for request in requests)
    parts = {m.part for _, statistic in operands for m in measures_of(statistic) if m.part is not None}
    if len(parts) > 1:
        listed = " and ".join(sorted(parts))
        raise pointed(formula, formula.start, f"the formula mixes categories of {listed}")
    derived = Derived(unit=unit, operands=operands, expression=value.node)
    return Request(
        text=text if named else formula.name or text,
        metric=_metric(formula, unit, derived, requests),
        settings=Settings(),
        parameters={"formula": formula.expression} | _parameters(requests),
        operands=tuple(requests),
    )


def _unit(formula: Formula, found: Unit | None) -> str:
    """Returns the unit of a formula: the one it declares, which must be the one found."""
    if not formula.unit:
        return show_unit(found or RATIO)
    if found is not None and parse_unit(formula.unit) != found:
        raise pointed(
            formula,
            formula.start,
            f"the formula yields {show_unit(found)}, not {formula.unit}",
            "mend the formula or its unit; number(...) takes a unit away",
        )
    return formula.unit


def _metric(formula: Formula, unit: str, derived: Derived, requests: Sequence[Request]) -> Metric:
    metrics = [request.metric for request in requests]
    return Metric(
        name=formula.name or "formula",
        zh=formula.label.get("zh") or formula.label.get("en") or formula.name or formula.expression,
        en=formula.label.get("en") or formula.name or formula.expression,
        unit=unit,
        direction=Direction(formula.direction),
        definition=formula.expression,
        needs=tuple(dict.fromkeys(table for metric in metrics for table in metric.needs)),
        build=FormulaBuild(statistic=derived),
        settle_days=max(metric.settle_days for metric in metrics),
        family="formula",
    )


def _parameters(requests: Sequence[Request]) -> dict[str, str]:
    """Returns the resolved parameters of all metrics, each behind the metric it belongs to."""
    return {
        f"{request.text.strip()}: {name}": value
        for request in requests
        for name, value in request.parameters.items()
    }
