"""Typed parameters of metrics and facts: named, documented, parsed from text, checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from kpicore.errors import ParameterError, suggest

__all__ = [
    "Choice",
    "Choices",
    "Duration",
    "Integer",
    "Parameter",
    "Number",
    "Settings",
    "Shorthand",
    "Switch",
    "Text",
    "Value",
    "format_duration",
    "parse_duration",
]

Value = str | int | bool | Fraction | tuple[str, ...] | None

_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "min": 60_000_000, "h": 3_600_000_000}
_UNITS |= {"d": 86_400_000_000, "w": 604_800_000_000}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(us|ms|min|s|m|h|d|w)?\s*")


def parse_duration(text: str) -> int:
    """Returns ``text`` in microseconds: ``20s``, ``5m``, ``1h30m``, ``7d``; a bare number is seconds.

    Raises ParameterError for anything else.

    >>> parse_duration("1h30m")
    5400000000
    """
    bare, total, position = text.strip().lower(), Fraction(0), 0
    while match := _PART.match(bare, position):
        number, unit = match.groups()
        if unit is None and (position or match.end() != len(bare)):
            break
        total += Fraction(number) * _UNITS[unit or "s"]
        position = match.end()
    if position != len(bare) or not bare or total.denominator != 1:
        raise ParameterError(f"{text!r} is not a duration", hint="write 20s, 5m, 1h30m or 7d")
    return int(total)


def format_duration(microseconds: int) -> str:
    """Returns the shortest text that ``parse_duration`` reads back.

    >>> format_duration(5_400_000_000)
    '1h30m'
    """
    rest, parts = microseconds, []
    for unit in ("d", "h", "m", "s", "ms", "us"):
        whole, rest = divmod(rest, _UNITS[unit])
        if whole:
            parts.append(f"{whole}{unit}")
    return "".join(parts) or "0s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One way in which definitions of a metric differ.

    ``used_by`` maps a value (as text) to who uses it. ``read`` turns text into the value and raises
    ParameterError; ``show`` is its inverse.
    """

    name: str
    doc: str
    default: str | None = None
    used_by: Mapping[str, str] = field(default_factory=dict, hash=False)

    def read(self, text: str) -> Value:
        raise NotImplementedError

    def show(self, value: Value) -> str | None:
        return None if value is None else str(value)

    @property
    def domain(self) -> str:
        """What the parameter takes, in words."""
        raise NotImplementedError

    def refuse(self, text: str, hint: str = "") -> ParameterError:
        return ParameterError(f"{self.name}={text}: not {self.domain}", hint=hint or self.doc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration(Parameter):
    """A duration in microseconds, from ``low`` to ``high``; ``none`` where ``optional``."""

    low: int = 0
    high: int = 3_660 * 86_400_000_000
    optional: bool = False

    def read(self, text: str) -> int | None:
        if self.optional and text == "none":
            return None
        try:
            value = parse_duration(text)
        except ParameterError as error:
            raise self.refuse(text, error.hint) from None
        if not self.low <= value <= self.high:
            raise self.refuse(text)
        return value

    def show(self, value: Value) -> str | None:
        return "none" if value is None else format_duration(int(value))  # type: ignore[arg-type]

    @property
    def domain(self) -> str:
        none = ", or none" if self.optional else ""
        return f"a duration from {format_duration(self.low)} to {format_duration(self.high)}{none}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Parameter):
    """One of ``values``."""

    values: tuple[str, ...]

    def read(self, text: str) -> str:
        if text not in self.values:
            raise self.refuse(text, suggest(text, list(self.values)))
        return text

    @property
    def domain(self) -> str:
        return "one of " + ", ".join(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices(Parameter):
    """Some of ``values``, joined by ``+``; any words where ``values`` is empty. Sorted when read."""

    values: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[str, ...]:
        words = tuple(sorted({word.strip() for word in text.split("+") if word.strip()}))
        for word in words:
            if self.values and word not in self.values:
                raise self.refuse(text, suggest(word, list(self.values)))
        return words

    def show(self, value: Value) -> str | None:
        return "+".join(value) if isinstance(value, tuple) else None

    @property
    def domain(self) -> str:
        return "words joined by +" + (", out of " + ", ".join(self.values) if self.values else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer(Parameter):
    """A whole number from ``low`` to ``high``."""

    low: int = 0
    high: int = 2**31

    def read(self, text: str) -> int:
        if not re.fullmatch(r"-?\d+", text.strip()) or not self.low <= int(text) <= self.high:
            raise self.refuse(text)
        return int(text)

    @property
    def domain(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Parameter):
    """An exact decimal number from ``low`` to ``high``."""

    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)

    def read(self, text: str) -> Fraction:
        if not re.fullmatch(r"-?\d+(\.\d+)?", text.strip()) or not self.low <= Fraction(text) <= self.high:
            raise self.refuse(text)
        return Fraction(text)

    def show(self, value: Value) -> str | None:
        return f"{float(value):.12g}" if isinstance(value, Fraction) else None

    @property
    def domain(self) -> str:
        return f"a number from {float(self.low):g} to {float(self.high):g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Parameter):
    """Yes or no."""

    def read(self, text: str) -> bool:
        words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        if text.lower() not in words:
            raise self.refuse(text)
        return words[text.lower()]

    def show(self, value: Value) -> str | None:
        return "true" if value else "false"

    @property
    def domain(self) -> str:
        return "true or false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Parameter):
    """A word that is looked up later, such as the name of a calendar."""

    def read(self, text: str) -> str | None:
        return None if text == "none" else text

    def show(self, value: Value) -> str | None:
        return "none" if value is None else str(value)

    @property
    def domain(self) -> str:
        return "a name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shorthand(Parameter):
    """A word that stands for values of other parameters; those given beside it win.

    ``meanings`` maps the word to the text of other parameters. It is not itself a setting.
    """

    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    def read(self, text: str) -> str:
        if text not in self.meanings:
            raise self.refuse(text, suggest(text, list(self.meanings)))
        return text

    @property
    def domain(self) -> str:
        return "one of " + ", ".join(self.meanings)


class Settings(Mapping[str, Value]):
    """The resolved values of a metric's or fact's parameters, by name; hashable, equal by content.

    The typed readers (``microseconds``, ``word``, ...) are what definitions use.
    """

    __slots__ = ("items_",)

    def __init__(self, values: Mapping[str, Value] | tuple[tuple[str, Value], ...] = ()) -> None:
        self.items_: tuple[tuple[str, Value], ...] = tuple(sorted(dict(values).items()))

    def __getitem__(self, name: str) -> Value:
        for key, value in self.items_:
            if key == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(key for key, _ in self.items_)

    def __len__(self) -> int:
        return len(self.items_)

    def __hash__(self) -> int:
        return hash(self.items_)

    def __repr__(self) -> str:
        return f"Settings({dict(self.items_)!r})"

    def microseconds(self, name: str) -> int:
        """The duration called ``name``."""
        return _expect(self[name], int)

    def integer(self, name: str) -> int:
        """The whole number called ``name``."""
        return _expect(self[name], int)

    def word(self, name: str) -> str:
        """The choice called ``name``."""
        return _expect(self[name], str)

    def words(self, name: str) -> tuple[str, ...]:
        """The set of choices called ``name``."""
        value = self[name]
        return _expect(value, tuple)

    def flag(self, name: str) -> bool:
        """The switch called ``name``."""
        return _expect(self[name], bool)

    def number(self, name: str) -> Fraction:
        """The number called ``name``."""
        return _expect(self[name], Fraction)


T = TypeVar("T")


def _expect(value: Value, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, the parameter holds {value!r}")
    return value
