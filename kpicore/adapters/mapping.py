"""The records of a mapping: how the files of a platform's export become canonical tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

__all__ = [
    "Choice",
    "Condition",
    "Exclusion",
    "FeedRule",
    "FileRule",
    "Literal",
    "MappingFile",
    "Rule",
    "Test",
]

Literal = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A question to one column: ``operator`` is one of equals, in, null, below, above, at_least, at_most.

    The operand is in ``values``, or is the column ``other``. ``negated`` turns the answer round.
    """

    column: str
    operator: str
    values: tuple[Literal, ...] = ()
    other: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Holds where all tests of one of the alternatives hold."""

    alternatives: tuple[tuple[Test, ...], ...]

    def columns(self) -> Iterator[str]:
        """The columns that are asked."""
        for tests in self.alternatives:
            for test in tests:
                yield test.column
                if test.other:
                    yield test.other


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to a value; taken where ``when`` holds, or where there is a value if there is no ``when``.

    The value comes from ``columns`` (joined by ``separator`` where there are several), from ``date``
    and ``time`` together, or is ``constant``. ``nulls`` are words that mean nothing here; ``values``
    translates words, those not in it become ``otherwise`` where that is given. ``format`` and
    ``not_before`` concern times, ``unit`` durations, ``split`` lists.
    """

    key: str
    columns: tuple[str, ...] = ()
    separator: str = ""
    constant: str | None = None
    date: str = ""
    time: str = ""
    when: Condition | None = None
    nulls: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    otherwise: str | None = None
    format: str = ""
    not_before: str = ""
    unit: str = ""
    split: str = ""

    def sources(self) -> Iterator[str]:
        """The columns that it reads."""
        yield from (name for name in (*self.columns, self.date, self.time, self.not_before) if name)
        if self.when is not None:
            yield from self.when.columns()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A value by the first of some ways that applies."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Rows left out on purpose, with the reason that the ledger gives."""

    key: str
    reason: str
    where: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRule:
    """One table that rows of a file feed: its columns, and further ones kept as dimensions.

    Rows for which ``when`` does not hold count as excluded for ``reason``.
    """

    key: str
    table: str
    columns: Mapping[str, Rule] = field(hash=False)
    dimensions: Mapping[str, Rule] = field(default_factory=dict, hash=False)
    when: Condition | None = None
    reason: str = "not_applicable"
    exclude: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRule:
    """The files that ``match`` a pattern, how they are written, and what they feed.

    ``define`` names values that conditions and columns may use like columns of the file.
    """

    key: str
    match: tuple[str, ...]
    feeds: tuple[FeedRule, ...]
    format: str = ""
    delimiter: str = ""
    encoding: str = "utf-8"
    quote: str = '"'
    skip: int = 0
    header: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    zone: str | None = None
    define: Mapping[str, Rule] = field(default_factory=dict, hash=False)
    exclude: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """A whole mapping; ``name`` is its path, or its name where it comes with kpicore."""

    name: str
    files: tuple[FileRule, ...]
    doc: str = ""
    zone: str | None = None
