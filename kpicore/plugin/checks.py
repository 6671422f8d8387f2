"""What a record must satisfy before anybody relies on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields

from kpicore.errors import ParameterError

from .adapter import Adapter
from .dialect import Dialect, ScorecardFile
from .fact import Derivation, Fact
from .metric import Direction, Metric
from .parameters import Parameter
from .schema import TableSchema
from .weighting import Weighting

__all__ = ["Record", "find_faults"]

Record = Adapter | Dialect | Fact | Metric | ScorecardFile | Weighting

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HYPHENATED = re.compile(r"[a-z][a-z0-9_]*(-[a-z0-9_]+)*")


def find_faults(record: Record) -> list[str]:
    """Returns what is wrong with a record that has the right type; nothing where all is well."""
    if isinstance(record, Fact) and not isinstance(record.schema, TableSchema):
        return [f"schema is {type(record.schema).__name__}, not TableSchema"]
    form = _NAME if isinstance(record, Dialect | Fact | Metric) else _HYPHENATED
    faults = [] if isinstance(record.name, str) and form.fullmatch(record.name) else [_bad_name(record)]
    match record:
        case Metric():
            faults += _wrong_types(record, {"direction": Direction, "needs": tuple, "settle_days": int})
            faults += _not_callable(record, "build") + _parameter_faults(record.parameters)
        case Adapter():
            faults += _not_callable(record, "open", "recognises") + _parameter_faults(record.options)
        case Weighting():
            faults += _wrong_types(record, {"data_driven": bool, "peer_relative": bool})
            faults += _not_callable(record, "weigh") + _parameter_faults(record.parameters)
        case Dialect():
            faults += _dialect_faults(record)
        case Fact():
            for derivation in record.derivations:
                faults += _derivation_faults(derivation)
    texts = {field.name: getattr(record, field.name) for field in fields(record) if field.type == "str"}
    return faults + [
        f"{name} is {type(text).__name__}, not str"
        for name, text in texts.items()
        if name != "name" and not isinstance(text, str)
    ]


def _bad_name(record: Record) -> str:
    hyphen = "" if isinstance(record, Dialect | Fact | Metric) else ", -"
    return f"the name {record.name!r} is not made of lower-case letters, digits, _{hyphen}"


def _wrong_types(record: object, wanted: Mapping[str, type]) -> list[str]:
    return [
        f"{name} is {type(getattr(record, name)).__name__}, not {kind.__name__}"
        for name, kind in wanted.items()
        if not isinstance(getattr(record, name), kind)
    ]


def _not_callable(record: object, *names: str) -> list[str]:
    values: dict[str, Callable[..., object]] = {name: getattr(record, name) for name in names}
    return [f"{name} cannot be called" for name, value in values.items() if not callable(value)]


def _parameter_faults(parameters: Iterable[Parameter]) -> list[str]:
    faults, seen = [], set()
    for parameter in parameters:
        if not isinstance(parameter, Parameter):
            faults.append(f"{parameter!r} is not a Parameter")
            continue
        if parameter.name in seen:
            faults.append(f"two parameters are called {parameter.name}")
        seen.add(parameter.name)
        if parameter.default is None:
            continue
        try:
            parameter.read(parameter.default)
        except ParameterError as error:
            faults.append(f"the default is refused: {error.message}")
    return faults


def _dialect_faults(dialect: Dialect) -> list[str]:
    return [
        f"the values for {metric!r} are not a mapping of text to text"
        for metric, values in dict(dialect.metrics).items()
        if not isinstance(values, Mapping)
        or not all(isinstance(word, str) for pair in values.items() for word in pair)
    ]


def _derivation_faults(derivation: Derivation) -> list[str]:
    if not isinstance(derivation, Derivation):
        return [f"{derivation!r} is not a Derivation"]
    if (derivation.start is None) == (derivation.function is None):
        return [f"the derivation {derivation.name!r} must give one of start and function"]
    return _parameter_faults(derivation.parameters)
