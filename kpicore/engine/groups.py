"""Which group a row belongs to: its subject columns and its period as one dense number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core

__all__ = ["ChainedGroups", "CountedGroups", "Groups", "Members", "groups_for"]

COUNTED_LIMIT = 1 << 25
"""Groups up to which all possible ones are laid out beforehand, 8 or 16 bytes each for every measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The groups that occurred: their codes by column, and their periods (run-end encoded where in order)."""

    codes: tuple[pa.Array, ...]
    periods: pa.Array | pa.RunEndEncodedArray

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def period(self) -> pa.Array:
        """The period of each group, int32."""
        runs = isinstance(self.periods, pa.RunEndEncodedArray)
        return pc.run_end_decode(self.periods) if runs else self.periods

    def along(self, values: pa.Array) -> pa.Array:
        """Returns for each group what ``values`` has of its period."""
        if not isinstance(self.periods, pa.RunEndEncodedArray):
            return values.take(self.periods)
        ends, chosen = self.periods.run_ends, values.take(self.periods.values)
        return pc.run_end_decode(pa.RunEndEncodedArray.from_arrays(ends, chosen))


class Groups(Protocol):
    """Dense ids for combinations of codes and a period; a null code is a value of its own."""

    def locate(self, codes: Sequence[pa.Array], period: pa.Array) -> pa.Array:
        """Returns the int32 id of each row; -1 where ``period`` is -1."""
        ...

    def merge(self, other: Groups) -> pa.Array:
        """Adds the groups of ``other``; returns the id here for each id there."""
        ...

    def members(self) -> tuple[Members, pa.Array | None]:
        """Returns the groups that occurred, and their ids (None for 0, 1, 2, ...)."""
        ...

    def __len__(self) -> int: ...


def groups_for(sizes: Sequence[int | None], periods: int) -> Groups:
    """Returns groups for columns of so many codes each (None: not known) and so many periods."""
    known = [size for size in sizes if size is not None]
    if len(known) == len(sizes) and periods * prod(size + 1 for size in known) <= COUNTED_LIMIT:
        return CountedGroups(known, periods)
    return ChainedGroups(len(sizes))


class CountedGroups:
    """Groups that are few enough to be numbered beforehand."""

    def __init__(self, sizes: Sequence[int], periods: int) -> None:
        self._index = _core.DenseIndex(sizes, periods)

    def locate(self, codes: Sequence[pa.Array], period: pa.Array) -> pa.Array:
        return pa.array(self._index.locate(codes, period))

    def merge(self, other: Groups) -> pa.Array:
        assert isinstance(other, CountedGroups)
        self._index.merge(other._index)
        return pa.arange(0, len(self)).cast(pa.int32())

    def members(self) -> tuple[Members, pa.Array | None]:
        ids, period, *codes = pa.record_batch(self._index.groups()).columns
        return Members(codes=tuple(codes), periods=period), ids

    def __len__(self) -> int:
        return len(self._index)


class ChainedGroups:
    """Groups numbered in order of first appearance.

    A chain of pair indexes: codes are joined two by two, the period last, since a log's rows of one
    subject stay in a period for long.
    """

    def __init__(self, width: int) -> None:
        self._links = [_core.PairIndex() for _ in range(width)]

    def locate(self, codes: Sequence[pa.Array], period: pa.Array) -> pa.Array:
        joined, *others = codes
        for link, code in zip(self._links, (*others, period), strict=True):
            joined = pa.array(link.locate(joined, code))
        return joined

    def merge(self, other: Groups) -> pa.Array:
        assert isinstance(other, ChainedGroups)
        mapped: pa.Array | None = None
        for mine, theirs in zip(self._links, other._links, strict=True):
            pairs = pa.record_batch(theirs.pairs())
            first = pairs.column("first")
            first = first if mapped is None else mapped.take(first)
            mapped = pa.array(mine.locate(first, pairs.column("second")))
        return mapped

    def members(self) -> tuple[Members, pa.Array | None]:
        columns: list[pa.Array] = []
        rows: pa.Array | None = None
        for link in reversed(self._links):
            pairs = pa.record_batch(link.pairs())
            first, second = pairs.column("first"), pairs.column("second")
            columns.append(second if rows is None else second.take(rows))
            rows = first if rows is None else first.take(rows)
        period, *codes = columns
        return Members(codes=(rows, *reversed(codes)), periods=period), None

    def __len__(self) -> int:
        return len(self._links[-1])
