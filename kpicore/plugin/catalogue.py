"""Names of one kind and their records: the built-in ones at hand, the others fetched when needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from .collecting import Entry
from .provenance import Provenance

__all__ = ["Catalogue", "Shelf"]

R = TypeVar("R")


class Shelf:
    """The entries of one kind by name, and the names that several plugins claim."""

    __slots__ = ("contested", "entries")

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.contested: dict[str, tuple[Provenance, ...]] = {}

    def put(self, entry: Entry, *, reserved: Shelf | None = None) -> tuple[Provenance, ...]:
        """Adds ``entry``; returns the other claimants of its name where there are any.

        A name in ``reserved`` stays with its holder. A name that two others claim belongs to neither.
        """
        name = entry.record.name
        if reserved is not None and name in reserved.entries:
            return (reserved.entries[name].provenance,)
        others = self.contested.get(name, ())
        if name in self.entries:
            others = (self.entries.pop(name).provenance,)
        if others:
            self.contested[name] = (*others, entry.provenance)
        else:
            self.entries[name] = entry
        return others


class Catalogue(Mapping[str, R], Generic[R]):
    """Records by name, sorted. A name that is not built in, or a listing, brings in third parties."""

    __slots__ = ("_builtin", "_kind", "_others")

    def __init__(self, kind: type[R], builtin: Callable[[], Shelf], others: Callable[[], Shelf]) -> None:
        self._kind, self._builtin, self._others = kind, builtin, others

    def __getitem__(self, name: str) -> R:
        record = self.entry(name).record
        assert isinstance(record, self._kind)
        return record

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({**self._others().entries, **self._builtin().entries}))

    def __len__(self) -> int:
        return len(self._others().entries) + len(self._builtin().entries)

    def entry(self, name: str) -> Entry:
        """Returns the record called ``name`` with its provenance; KeyError if nobody provides it."""
        builtin = self._builtin().entries
        return builtin[name] if name in builtin else self._others().entries[name]

    def contested(self, name: str) -> tuple[Provenance, ...]:
        """Returns the plugins that claim ``name`` against each other."""
        return self._others().contested.get(name, ())
