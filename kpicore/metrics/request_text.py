"""A request in text, taken apart and written again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kpicore.errors import UsageError

__all__ = ["BRACKETED", "When", "Written", "WrittenGroup", "read_request", "write_request", "write_when"]

When = tuple[tuple[str, tuple[str, ...]], ...]
"""What rows of a group have: a subject and its possible values, and of all these subjects one each."""

BRACKETED = r'\[(?:"[^"]*"|\[[^\]"]*\]|[^\[\]"])*\]'
"""What matches the parameters of a metric with their brackets: words in quotes, and brackets within."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LIST = re.compile(BRACKETED)
_MARKS = re.compile(r'"[^"]*"|\[[^\]"]*\]|[,;:+]')
_PLAIN = re.compile(r'[^\s,;:+"\[\]][^,;:+"\[\]]*')
_GROUP_HINT = "a group is written queue=vip+gold: within=10s, with words that hold , ; : + in quotes"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenGroup:
    """The parameters that differ for the rows of a group."""

    when: When
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A request as it was written: everything is text."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[WrittenGroup, ...] = ()
    dialect: str | None = None


def read_request(text: str) -> Written:
    """Returns the parts of ``name[parameter=value,...; subject=value+value: parameter=value,...]@dialect``.

    Raises UsageError for a text of another form, and for a group that is written twice: a row counts by the
    first one that it belongs to, so that nothing could come of the second.

    >>> read_request("service_level[within=20s; queue=vip: within=10s]@genesys").groups[0].when
    (('queue', ('vip',)),)
    """
    rest = text.strip()
    found = _NAME.match(rest)
    if found is None:
        raise _malformed(text)
    name, rest = found.group(), rest[found.end() :]
    dialect: str | None = None
    inside: str | None = None
    while rest:
        if rest[0] == "@" and dialect is None and (found := _NAME.match(rest, 1)):
            dialect = found.group()
        elif inside is None and (found := _LIST.match(rest)):
            inside = found.group()[1:-1]
        else:
            raise _malformed(text)
        rest = rest[found.end() :]
    parameters, *groups = _split(inside or "", ";")
    told = tuple(_group(group, text) for group in groups)
    _check_different(told, text)
    return Written(name=name, parameters=_parameters(parameters, text), groups=told, dialect=dialect)


def write_request(written: Written) -> str:
    """Returns the text that ``read_request`` takes apart into ``written``."""
    groups = (f"{write_when(group.when)}: {_write(group.parameters)}" for group in written.groups)
    lists = [_write(written.parameters), *groups]
    bracketed = f"[{'; '.join(lists)}]" if any(lists) else ""
    return f"{written.name}{bracketed}" + (f"@{written.dialect}" if written.dialect else "")


def write_when(when: When) -> str:
    """Returns a group's conditions as they are written."""
    return ", ".join(f"{subject}={'+'.join(map(_quoted, words))}" for subject, words in when)


def _write(parameters: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in parameters.items())


def _quoted(word: str) -> str:
    return word if _PLAIN.fullmatch(word) and word == word.strip() else '"' + word.replace('"', '""') + '"'


def _unquoted(word: str) -> str:
    quoted = len(word) > 1 and word[0] == word[-1] == '"'
    return word[1:-1].replace('""', '"') if quoted else word


def _split(text: str, mark: str, most: int = -1) -> list[str]:
    """Returns the parts of ``text`` between marks that are neither in quotes nor in brackets."""
    parts: list[str] = []
    begin = 0
    for found in _MARKS.finditer(text):
        if found.group() == mark and len(parts) != most:
            parts.append(text[begin : found.start()])
            begin = found.end()
    return [part.strip() for part in (*parts, text[begin:])]


def _parameters(inside: str, text: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for item in filter(None, _split(inside, ",")):
        key, equals, value = (part.strip() for part in item.partition("="))
        if not equals or key in parameters:
            raise _malformed(text)
        parameters[key] = value
    return parameters


def _group(group: str, text: str) -> WrittenGroup:
    conditions, *parameters = _split(group, ":", 1)
    when: dict[str, tuple[str, ...]] = {}
    for item in _split(conditions, ","):
        subject, equals, words = (part.strip() for part in item.partition("="))
        values = tuple(sorted({_unquoted(word) for word in _split(words, "+")} - {""}))
        if not equals or not subject or not values or subject in when:
            raise _malformed(text, _GROUP_HINT)
        when[subject] = values
    found = _parameters(parameters[0], text) if parameters else {}
    if not found:
        raise _malformed(text, _GROUP_HINT)
    return WrittenGroup(when=tuple(when.items()), parameters=found)


def _check_different(groups: Sequence[WrittenGroup], text: str) -> None:
    seen: list[Mapping[str, tuple[str, ...]]] = []
    for group in groups:
        if dict(group.when) in seen:
            raise UsageError(
                f"{text!r} names the group {write_when(group.when)} twice",
                hint="write all parameters of a group behind one colon",
            )
        seen.append(dict(group.when))


def _malformed(text: str, hint: str = "") -> UsageError:
    return UsageError(
        f"{text!r} does not name a metric",
        hint=hint or "write name, name[parameter=value,...], name@dialect, or both; a formula begins with =",
    )
