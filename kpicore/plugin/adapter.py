"""Adapters: how the log of a source becomes canonical tables, every row accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .parameters import Parameter, Settings

__all__ = ["Adapter", "ArrowStream", "Feed", "Source", "RowTally"]


class ArrowStream(Protocol):
    """Anything that offers its rows through the Arrow C stream interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the user named: files or folders, the zone for naive times, and the adapter's options."""

    paths: tuple[Path, ...]
    zone: str | None = None
    options: Settings = field(default_factory=Settings)


@dataclass(slots=True)
class RowTally:
    """The account of one source's rows for one table: ``rows_in = used + excluded + rejected``.

    An adapter counts what it leaves out; where it makes rows out of several of the source's, it counts
    all three itself, and a row that validation rejects afterwards takes one of ``used`` with it.
    ``samples`` keeps (row, reason, column, value) of rows that were not used, row numbers counted
    from 1 in the source's data rows.
    """

    rows_in: int = 0
    used: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[int, str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Rows of one source for one canonical table or fact.

    ``table`` is a name of ``TABLES`` or of a fact; ``data`` has its columns. ``tally`` is complete
    when ``data`` has been read to its end; rows that validation rejects are added by the reader.
    ``zone`` gives naive times their meaning where it is not the source's. With ``text``, columns that
    are strings are read by the kinds of the schema (ISO 8601 times, plain numbers).
    """

    source: str
    table: str
    data: ArrowStream
    tally: RowTally = field(default_factory=RowTally)
    zone: str | None = None
    text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A reader of one system's logs.

    ``open`` returns the feeds, lazily where it can; ``recognises`` tells from names and first bytes
    whether a path is of this system (used only where the user names no adapter).
    """

    name: str
    doc: str
    open: Callable[[Source], Iterable[Feed]]
    recognises: Callable[[Path], bool] = field(default=lambda path: False)
    options: tuple[Parameter, ...] = ()
    tables: tuple[str, ...] = ()
    source: str = ""
