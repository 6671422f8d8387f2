"""How values are written on a card: exact numbers, quantities, shares, names, and what selects subjects."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from kpicore.scoring.quantity import Quantity, decimal_text, exact, parse_quantity, parse_share

__all__ = [
    "CONDITION",
    "NAME",
    "Amount",
    "Cutoff",
    "Document",
    "Exact",
    "Filter",
    "Label",
    "Name",
    "SettingText",
    "Share",
    "Target",
    "Text",
    "Version",
    "Weight",
]

_NUMBER = {"type": ["number", "string"], "pattern": r"^[+-]?\d+(\.\d+)?$"}
_QUANTITY = {"type": ["number", "string"], "examples": [0.85, "85%", "20s", "1h30m"]}
_WEIGHT = {"type": ["number", "string"], "examples": [40, 0.4, "40%"]}


def _shown(value: Fraction | Quantity) -> str:
    return decimal_text(value.value if isinstance(value, Quantity) else value)


_TEXT = PlainSerializer(_shown, return_type=str)
Exact = Annotated[Fraction, PlainValidator(exact), _TEXT, WithJsonSchema(_NUMBER)]
Share = Annotated[Fraction, PlainValidator(parse_share), _TEXT, WithJsonSchema(_WEIGHT)]
Amount = Annotated[Quantity, PlainValidator(parse_quantity), _TEXT, WithJsonSchema(_QUANTITY)]
Weight = Annotated[Quantity, PlainValidator(parse_quantity), _TEXT, WithJsonSchema(_WEIGHT)]


def _target(raw: object) -> Quantity | tuple[Quantity, Quantity] | Literal["required"]:
    if raw == "required":
        return "required"
    if not isinstance(raw, list | tuple):
        return parse_quantity(raw)
    if len(raw) != 2:
        raise ValueError(f"found {len(raw)} values; write one target, a range [low, high], or 'required'")
    return parse_quantity(raw[0]), parse_quantity(raw[1])


def _target_shown(value: Quantity | tuple[Quantity, Quantity] | Literal["required"]) -> object:
    if isinstance(value, tuple):
        return [_shown(end) for end in value]
    return _shown(value) if isinstance(value, Quantity) else value


def _cutoff(raw: object) -> Quantity | Literal["none"]:
    return "none" if raw == "none" else parse_quantity(raw)


def _cutoff_shown(value: Quantity | Literal["none"]) -> str:
    return _shown(value) if isinstance(value, Quantity) else value


Target = Annotated[
    Quantity | tuple[Quantity, Quantity] | Literal["required"],
    PlainValidator(_target),
    PlainSerializer(_target_shown),
    WithJsonSchema(
        {"anyOf": [_QUANTITY, {"type": "array", "items": _QUANTITY, "minItems": 2, "maxItems": 2}]}
    ),
]
Cutoff = Annotated[
    Quantity | Literal["none"],
    PlainValidator(_cutoff),
    PlainSerializer(_cutoff_shown),
    WithJsonSchema(_QUANTITY),
]


def _listed(raw: object) -> object:
    values = raw if isinstance(raw, list | tuple) else [raw]
    return [str(value).lower() if isinstance(value, bool) else value for value in values]


NAME = r"^[a-z][a-z0-9_]*$"
CONDITION = r"^\s*(<=|>=|==|!=|<|>)\s*\S+\s*$"
Name = Annotated[str, Field(pattern=NAME, max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=400)]
SettingText = Annotated[
    str,
    BeforeValidator(lambda raw: raw if isinstance(raw, str) else str(raw).lower()),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
Values = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    WithJsonSchema(
        {"type": ["string", "boolean", "array"], "items": {"type": ["string", "boolean"]}, "minItems": 1}
    ),
]
Version = Annotated[
    str,
    BeforeValidator(lambda raw: str(raw) if type(raw) is int else raw),
    Field(min_length=1, max_length=40),
    WithJsonSchema({"type": ["string", "integer"]}),
]
Filter: TypeAlias = dict[str, Values]


class Document(BaseModel):
    """A table of the card: immutable, and unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Label(Document):
    """What people read, in both languages."""

    en: str
    zh: str = ""
