"""What an opened source is: its tables in canonical types, and the account of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from .ledger import Ledger

__all__ = ["Log", "Origin", "SourceFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One input file, or one table in memory (which has neither size nor ``sha256``)."""

    name: str
    size: int | None
    sha256: str
    adapter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How files were opened, so that they can be opened again.

    ``paths`` are those that the user named, ``absolute`` where they lay; ``adapter`` is the reader, or
    ``mapping`` the name of a mapping and ``mapping_text`` its text; ``options`` are the adapter's.
    ``key_file`` is the file with the key of pseudonyms, if there were any, and ``key_mark`` tells that key
    from others.
    """

    paths: tuple[str, ...]
    absolute: tuple[str, ...]
    adapter: str | None = None
    mapping: str | None = None
    mapping_text: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    key_file: str | None = None
    key_mark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The canonical tables and delivered facts of a source by name, normalised; read-only.

    ``ledger`` accounts for every row that came in; ``zone`` is the zone that the source's local times
    were read in, if one was named; ``origin`` is None for tables in memory.
    """

    tables: Mapping[str, pa.Table]
    ledger: Ledger
    zone: str | None = None
    sources: tuple[SourceFile, ...] = field(default=())
    origin: Origin | None = None
