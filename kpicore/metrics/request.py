"""How a metric is asked for in text: ``service_level[within=30s,op=lt]``, ``occupancy@genesys``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kpicore.errors import ParameterError, UsageError, suggest
from kpicore.plugin import Metric, Settings, Shorthand
from kpicore.plugin.manager import Plugins
from kpicore.plugin.parameters import Value

__all__ = ["Request", "parse_request", "resolve_settings"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A metric with resolved settings; ``parameters`` are all of them as text.

    ``operands`` are the metrics of a formula.
    """

    text: str
    metric: Metric
    settings: Settings
    dialect: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)
    operands: tuple[Request, ...] = ()


def parse_request(text: str, plugins: Plugins) -> Request:
    """Returns the request written as ``name``, with ``[parameter=value,...]`` and ``@dialect``.

    Explicit parameters win over the dialect's. Raises UsageError for a text of another form,
    UnknownNameError for a metric or dialect that nobody provides, ParameterError for a parameter
    that the metric does not have or a value out of its range.
    """
    name, explicit, dialect = _split(text)
    metric = plugins.metric(name)
    values: dict[str, str] = {}
    if dialect is not None:
        bundle = plugins.dialect(dialect)
        if name not in bundle.metrics:
            raise ParameterError(
                f"{text}: the dialect {dialect} says nothing about {name}",
                hint=f"it defines {', '.join(sorted(bundle.metrics))}",
            )
        values |= _spelt_out(metric, bundle.metrics[name])
    values |= _spelt_out(metric, explicit)
    settings = resolve_settings(metric, values, text)
    shown = {p.name: p.show(settings[p.name]) for p in metric.parameters if p.name in settings}
    parameters = {name: "none" if value is None else value for name, value in shown.items()}
    return Request(text=text, metric=metric, settings=settings, dialect=dialect, parameters=parameters)


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


def _split(text: str) -> tuple[str, dict[str, str], str | None]:
    """Returns the parts of a request: name, parameters as text, dialect."""
    rest = text.strip()
    found = _NAME.match(rest)
    if found is None:
        raise _malformed(text)
    name, rest = found.group(), rest[found.end() :]
    dialect: str | None = None
    explicit: dict[str, str] = {}
    seen_list = False
    while rest:
        if rest[0] == "@" and dialect is None and (found := _NAME.match(rest, 1)):
            dialect, rest = found.group(), rest[found.end() :]
        elif rest[0] == "[" and not seen_list and "]" in rest:
            inside, rest = rest[1:].split("]", 1)
            explicit, seen_list = _parameters(inside, text), True
        else:
            raise _malformed(text)
    return name, explicit, dialect


def _parameters(inside: str, text: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for item in filter(None, (item.strip() for item in inside.split(","))):
        key, equals, value = item.partition("=")
        if not equals or key.strip() in parameters:
            raise _malformed(text)
        parameters[key.strip()] = value.strip()
    return parameters


def _malformed(text: str) -> UsageError:
    return UsageError(
        f"{text!r} does not name a metric",
        hint="write name, name[parameter=value,...], name@dialect, or both; a formula begins with =",
    )
