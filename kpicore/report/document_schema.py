"""The JSON Schema of a report's document, read off the records that it holds."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Union, get_args, get_origin, get_type_hints

from .document import FORMAT, VERSION
from .model import Report

__all__ = ["report_schema"]

_SIMPLE: Mapping[object, dict[str, object]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    Fraction: {"type": "string", "pattern": r"^-?\d+(/\d+)?$"},
}


def report_schema() -> dict[str, object]:
    """Returns the JSON Schema of what ``render_document`` writes; ``docs/report.schema.json`` holds it."""
    known: dict[str, dict[str, object]] = {}
    report = _of(Report, known)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "kpicore report",
        "type": "object",
        "properties": {"format": {"const": FORMAT}, "version": {"const": VERSION}, "report": report},
        "required": ["format", "version", "report"],
        "additionalProperties": False,
        "$defs": dict(sorted(known.items())),
    }


def _of(kind: object, known: dict[str, dict[str, object]]) -> dict[str, object]:
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    if is_dataclass(kind):
        assert isinstance(kind, type)
        return _record(kind, known)
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(inside)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_of(each, known) for each in inside]}
    if origin is tuple:
        if inside[1:] == (...,):
            return {"type": "array", "items": _of(inside[0], known)}
        return {"type": "array", "prefixItems": [_of(each, known) for each in inside], "items": False}
    assert origin is Mapping, kind
    return {"type": "object", "additionalProperties": _of(inside[1], known)}


def _record(kind: type, known: dict[str, dict[str, object]]) -> dict[str, object]:
    name = kind.__name__
    if name not in known:
        known[name] = {}  # a record may hold others of its kind
        hints = get_type_hints(kind)
        names = [field.name for field in fields(kind)]
        known[name] = {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split("\n\n")[0].split()),
            "properties": {each: _of(hints[each], known) for each in names},
            "required": names,
        }
    return {"$ref": f"#/$defs/{name}"}
