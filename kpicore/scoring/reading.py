"""From the text of a card to its checked document: every fault at once, each with its key and the way out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kpicore.errors import CardError, SourceNotFoundError, suggest
from kpicore.scoring.schema import CardDocument
from kpicore.scoring.schema_values import CONDITION, NAME

__all__ = ["card_error", "read_document"]

_WRITTEN = {
    NAME: "lower-case letters, digits and underscores, beginning with a letter, such as 'handle_time'",
    CONDITION: "a comparison with a number, such as '> 0' or '<= 85%'",
}
_WANTED = {
    "string_type": "a text in quotes",
    "string_too_short": "at least {min_length} character",
    "string_too_long": "at most {max_length} characters",
    "model_type": "a table: {{ key = value, ... }}",
    "dict_type": "a table: {{ key = value, ... }}",
    "tuple_type": "a list: [ ... ]",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
}
_HINT = "mend the card and run again; `kpicore scorecards` shows cards to start from"


def read_document(source: Path | str) -> tuple[CardDocument, str]:
    """Returns the document of a card and the name to call it by in messages.

    A Path, or a string of one line, is a file; any other string is the TOML itself. CardError lists every
    unknown key, wrong type and missing key; SourceNotFoundError where there is no such file.
    """
    name, text = _text(source)
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise CardError(f"{name}: not valid TOML: {error}", hint=_HINT) from error
    try:
        return CardDocument.model_validate(data), name
    except ValidationError as error:
        details = [detail for detail in error.errors() if not _follows(detail)]
        problems = dict.fromkeys(_problem(detail, data) for detail in details)
        raise card_error(name, tuple(problems)) from error


def card_error(name: str, problems: Sequence[str]) -> CardError:
    """Returns the error that lists ``problems`` of the card called ``name``."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return CardError(f"{name}: {count} in the card", hint=_HINT, problems=tuple(problems))


def _text(source: Path | str) -> tuple[str, str]:
    if isinstance(source, str) and "\n" in source:
        return "card", source
    path = Path(source)
    try:
        return str(path), path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CardError(f"{path}: not UTF-8 at byte {error.start}", hint="save the card as UTF-8") from error
    except FileNotFoundError as error:
        raise SourceNotFoundError(
            f"{path}: no such card", hint="`kpicore scorecards` lists the ready ones"
        ) from error


def _follows(detail: ErrorDetails) -> bool:
    # pydantic counts only the valid items of a tuple, so one bad item also reports "too short"
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails, data: Mapping[str, object]) -> str:
    kind, location = detail["type"], detail["loc"]
    path = _path(location, data)
    if kind == "extra_forbidden":
        known = _known_keys(location[:-1])
        return f"{path}: unknown key; {suggest(str(location[-1]), known)}"
    if kind == "missing":
        return f"{path}: missing; write it"
    found = detail["input"]
    if kind == "value_error":
        return f"{path}: {detail['msg'].removeprefix('Value error, ')}"
    if kind == "literal_error":
        expected = detail["ctx"]["expected"]
        return f"{path}: found {found!r}; write one of {expected}"
    if kind == "string_pattern_mismatch":
        return f"{path}: found {found!r}; write {_WRITTEN[detail['ctx']['pattern']]}"
    shown = _shown(found)
    if kind in _WANTED:
        return f"{path}: found {shown}; write {_WANTED[kind].format(**detail.get('ctx', {}))}"
    return f"{path}: found {shown}; {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _shown(found: object) -> str:
    if isinstance(found, Mapping | list):
        return "a table" if isinstance(found, Mapping) else "a list"
    return str(found) if isinstance(found, Decimal) else repr(found)


def _path(location: Sequence[int | str], data: object) -> str:
    parts: list[str] = []
    for part in location:
        if isinstance(part, int):
            data = data[part] if isinstance(data, list) and part < len(data) else None
            name = (
                data.get("id") or data.get("name") or data.get("metric") if isinstance(data, dict) else None
            )
            parts[-1] += f"[{name or part + 1}]"
            continue
        inside = isinstance(data, dict) and part in data
        if not inside and not isinstance(data, dict):
            continue  # a branch of a union that pydantic tried, not a key of the card
        parts.append(part)
        data = data[part] if isinstance(data, dict) and part in data else None
    return ".".join(parts)


def _known_keys(location: Sequence[int | str]) -> list[str]:
    model: type[BaseModel] = CardDocument
    for part in location:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if isinstance(part, str) and part in fields:
            model = _model_in(fields[part].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model_in(inner))), None)
