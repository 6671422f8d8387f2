"""How a metric is asked for in text: ``service_level[within=30s,op=lt]``, ``occupancy@genesys``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpicore.errors import ParameterError, suggest
from kpicore.plugin import Metric, Settings, Shorthand
from kpicore.plugin.manager import Plugins
from kpicore.plugin.parameters import Value

from .request_text import When, WrittenGroup, read_request, write_when

__all__ = ["Group", "Request", "parse_request", "resolve_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows for which some settings differ: those that have one of the values of each subject of ``when``.

    ``given`` are the parameters that were written for the group.
    """

    when: When
    settings: Settings
    given: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A metric with resolved settings; ``parameters`` are all of them as text.

    A row counts by the settings of the first of ``groups`` that it belongs to, whose parameters stand in
    ``parameters`` behind the group. ``operands`` are the metrics of a formula.
    """

    text: str
    metric: Metric
    settings: Settings
    dialect: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)
    groups: tuple[Group, ...] = ()
    operands: tuple[Request, ...] = ()


def parse_request(text: str, plugins: Plugins) -> Request:
    """Returns the request written as ``name``, with ``[parameter=value,...]`` and ``@dialect``.

    Behind the parameters may follow those of groups of rows: ``; queue=vip+gold: within=10s``. Explicit
    parameters win over the dialect's, those of the first group that a row belongs to over all others.
    Raises UsageError for a text of another form, UnknownNameError for a metric or dialect that nobody
    provides, ParameterError for a parameter that the metric does not have or a value out of its range.
    """
    written = read_request(text)
    metric = plugins.metric(written.name)
    values: dict[str, str] = {}
    if written.dialect is not None:
        bundle = plugins.dialect(written.dialect)
        if metric.name not in bundle.metrics:
            raise ParameterError(
                f"{text}: the dialect {bundle.name} says nothing about {metric.name}",
                hint=f"it defines {', '.join(sorted(bundle.metrics))}",
            )
        values |= _spelt_out(metric, bundle.metrics[metric.name])
    values |= _spelt_out(metric, written.parameters)
    settings = resolve_settings(metric, values, text)
    groups = tuple(_group(metric, values, group, text) for group in written.groups)
    parameters = _shown(metric, settings)
    for group in groups:
        own = _shown(metric, group.settings)
        parameters |= {f"{write_when(group.when)}: {name}": own[name] for name in group.given}
    return Request(
        text=text,
        metric=metric,
        settings=settings,
        dialect=written.dialect,
        parameters=parameters,
        groups=groups,
    )


def _group(metric: Metric, values: Mapping[str, str], written: WrittenGroup, text: str) -> Group:
    spelt = _spelt_out(metric, written.parameters)
    settings = resolve_settings(metric, {**values, **spelt}, f"{text}: {write_when(written.when)}")
    return Group(when=written.when, settings=settings, given=spelt)


def _shown(metric: Metric, settings: Settings) -> dict[str, str]:
    shown = {p.name: p.show(settings[p.name]) for p in metric.parameters if p.name in settings}
    return {name: "none" if value is None else value for name, value in shown.items()}


def resolve_settings(metric: Metric, values: Mapping[str, str], text: str) -> Settings:
    """Returns the metric's settings for ``values``, defaults filled in; lists every fault at once."""
    shorthands = _shorthands(metric)
    known = {p.name: p for p in metric.parameters if p.name not in shorthands}
    values, problems = _expanded(values, shorthands)
    problems += [
        f"there is no parameter {name!r}; {suggest(name, list(known))}"
        for name in values
        if name not in known
    ]
    resolved: dict[str, Value] = {}
    for name, parameter in known.items():
        word = values.get(name, parameter.default)
        try:
            resolved[name] = None if word is None else parameter.read(word)
        except ParameterError as error:
            problems.append(f"{error.message}" + (f" ({error.hint})" if error.hint else ""))
    if problems:
        raise ParameterError(
            f"{text}: {metric.name} cannot be computed so",
            problems=tuple(problems),
            hint=f"kpicore metrics {metric.name} lists its parameters",
        )
    return Settings(resolved)


def _spelt_out(metric: Metric, values: Mapping[str, str]) -> dict[str, str]:
    """Returns the values without those shorthands that mean something, so that later values win over them."""
    meant: dict[str, str] = {}
    rest = dict(values)
    for name, shorthand in _shorthands(metric).items():
        if values.get(name) in shorthand.meanings:
            meant |= shorthand.meanings[rest.pop(name)]
    return meant | rest


def _shorthands(metric: Metric) -> dict[str, Shorthand]:
    return {p.name: p for p in metric.parameters if isinstance(p, Shorthand)}


def _expanded(
    values: Mapping[str, str], shorthands: Mapping[str, Shorthand]
) -> tuple[dict[str, str], list[str]]:
    """Returns the values with shorthands replaced by what they mean; explicit values win."""
    meant: dict[str, str] = {}
    problems: list[str] = []
    for name in values.keys() & shorthands.keys():
        try:
            meant |= shorthands[name].meanings[shorthands[name].read(values[name])]
        except ParameterError as error:
            problems.append(f"{error.message} ({error.hint})")
    return meant | {name: word for name, word in values.items() if name not in shorthands}, problems
