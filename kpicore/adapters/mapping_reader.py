"""Reading TOML tables key by key: what is unknown, missing or of the wrong type is collected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from kpicore.errors import suggest

__all__ = ["Problems", "Section"]

T = TypeVar("T")

_WORDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}


class Problems(list[str]):
    """All that is wrong with a file, each with the path of its key."""

    def at(self, key: str, text: str) -> None:
        """Adds a problem."""
        self.append(f"{key}: {text}")


class Section:
    """One table of a TOML file; ``close`` reports the keys that nobody asked for."""

    def __init__(self, content: Mapping[str, object], key: str, problems: Problems) -> None:
        self.content = content
        self.key = key
        self.problems = problems
        self._asked: list[str] = []

    def path(self, name: str) -> str:
        """The full path of a key."""
        shown = name if name.replace("_", "").isalnum() and name.isascii() else f'"{name}"'
        return f"{self.key}.{shown}" if self.key else shown

    def take(self, name: str, kind: type[T], default: T) -> T:
        """Returns the value of a key, ``default`` where it is absent or of another type (a problem)."""
        self._asked.append(name)
        if name not in self.content:
            return default
        value = self.content[name]
        if type(value) is not kind:
            self.wrong(name, value, _WORDS[kind])
            return default
        return value

    def wrong(self, name: str, value: object, expected: str) -> None:
        """Reports a value of the wrong type."""
        self.problems.at(self.path(name), f"found {value!r}, expected {expected}")

    def has(self, name: str) -> bool:
        """Whether the key is there."""
        return name in self.content

    def raw(self, name: str) -> object:
        """Returns what stands there, None where nothing does."""
        self._asked.append(name)
        return self.content.get(name)

    def text(self, name: str, *, required: bool = False) -> str:
        """Returns text, empty where there is none."""
        if required and name not in self.content:
            self._asked.append(name)
            self.problems.at(self.path(name), "is missing")
        return self.take(name, str, "")

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """Returns a list of texts; a single text counts as a list of one."""
        self._asked.append(name)
        value = self.content.get(name, [])
        if required and not value:
            self.problems.at(self.path(name), "is missing")
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.wrong(name, value, "text or a list of texts")
            return ()
        return tuple(items)

    def word(self, name: str, known: tuple[str, ...]) -> str:
        """Returns one of ``known``, empty where the key is absent or says something else (a problem)."""
        value = self.text(name)
        if value and value not in known:
            self.problems.at(self.path(name), f"found {value!r}; {suggest(value, list(known))}")
            return ""
        return value

    def tables(self, name: str, *, required: bool = False) -> Iterator[Section]:
        """Yields the sections of an array of tables."""
        items = self.take(name, list, [])
        if required and not items:
            self.problems.at(self.path(name), f"is missing; write [[{self.path(name)}]]")
        for number, item in enumerate(items):
            place = f"{self.path(name)}[{number}]"
            if isinstance(item, dict):
                yield Section(item, place, self.problems)
            else:
                self.problems.at(place, f"found {item!r}, expected a table")

    def items(self, name: str) -> Iterator[tuple[str, str, object]]:
        """Yields name, path and value of each entry of a table."""
        inner = Section(self.take(name, dict, {}), self.path(name), self.problems)
        for key, value in inner.content.items():
            yield key, inner.path(key), value

    def close(self) -> None:
        """Reports unknown keys, with the nearest known one."""
        known = sorted(set(self._asked))
        for name in self.content:
            if name not in known:
                self.problems.at(self.path(name), f"unknown key; {suggest(name, known)}")
