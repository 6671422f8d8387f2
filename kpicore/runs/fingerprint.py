"""Fingerprints of definitions: equal for equal records, whatever process or machine made them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from kpicore.metrics import Request, build

__all__ = ["definition_fingerprint", "fingerprint"]


def fingerprint(record: object) -> str:
    """Returns the SHA-256, in hexadecimal, of a record's canonical JSON.

    Records are dataclasses, mappings, sequences, sets, enumeration members, functions (which count by
    module and name) and plain values. Raises TypeError for anything else.

    >>> fingerprint({"b": 1, "a": Fraction(1, 2)}) == fingerprint({"a": Fraction(2, 4), "b": 1})
    True
    """
    text = json.dumps(_plain(record), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def definition_fingerprint(request: Request) -> str:
    """Returns the fingerprint of what ``request`` computes.

    It covers the statistic, the parameters, the unit and the direction, not the wording, so a better
    sentence in the documentation does not look like another definition.
    """
    metric = request.metric
    computed = (metric.name, metric.unit, metric.direction, dict(request.settings), build(request))
    return fingerprint(computed)


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | str():
            return value
        case Fraction() | Decimal():
            return {type(value).__name__: str(value)}
        case Enum():
            return {type(value).__qualname__: _plain(value.value)}
        case Mapping():
            return {"mapping": sorted(([_plain(k), _plain(v)] for k, v in value.items()), key=json.dumps)}
        case set() | frozenset():
            return {"set": sorted((_plain(v) for v in value), key=json.dumps)}
        case list() | tuple():
            return [_plain(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value).__qualname__: {f.name: _plain(getattr(value, f.name)) for f in fields(value)}}
    if callable(value) and hasattr(value, "__qualname__"):
        return {"function": f"{value.__module__}:{value.__qualname__}"}
    raise TypeError(f"a {type(value).__qualname__} has no fingerprint")
