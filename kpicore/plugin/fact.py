"""Facts: what happened, derived from tables.

A derivation turns one input into one or several facts. Built-in ones are streaming operators of the
core; a plugin may give a plain function of a partition that holds all rows of its keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import pyarrow as pa

from .expression import Business
from .parameters import Parameter, Settings
from .schema import TableSchema

__all__ = ["WORKED", "Derivation", "Fact", "Input", "Operator"]

WORKED = "worked"
"""The column in which rows come with the business time that their derivation asks for."""


@runtime_checkable
class Operator(Protocol):
    """A stream with a small state per key.

    ``push`` takes a batch whose rows are in order within each key and returns the facts that are
    complete by then, by fact name; it raises ``OutOfOrder`` (``kpicore._core``) where they are not.
    ``port`` is the position in the derivation's ``inputs``; one port is fed to its end before the next.
    ``finish`` closes what is open at ``until`` (microseconds). ``dump`` and ``load`` carry the state
    to the next batch of time; ``merge`` joins a state of other keys. ``notes`` counts oddities.
    """

    def push(self, batch: pa.RecordBatch, port: int = 0) -> Mapping[str, pa.RecordBatch]: ...

    def finish(self, until: int) -> Mapping[str, pa.RecordBatch]: ...

    def dump(self) -> bytes: ...

    def load(self, state: bytes) -> None: ...

    def merge(self, other: Operator) -> None: ...

    def notes(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What a derivation reads: the table or fact ``of``, some of its ``columns``.

    Rows of one key must be ordered by ``order``, then by the rest of ``columns`` in their order (ids
    by their value, nulls first); rows of different keys may interleave. Columns in ``optional`` may be
    absent from the source, the others may not. An input with ``when`` is read only under settings for
    which it holds; the derivation otherwise gets one table less.
    """

    of: str
    columns: tuple[str, ...]
    order: tuple[str, ...]
    optional: tuple[str, ...] = ()
    when: Callable[[Settings], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How facts come out of tables or other facts, per value of the column ``key`` of all inputs.

    ``start`` makes an operator for settings, the worker's part and the number of parts; the operator
    skips rows whose key belongs to another part. ``function`` instead gets, for some keys, a table
    per input with all their rows in order, and returns a table per output. One of both is given.
    ``worked`` tells which business time a function needs of each row of its first input, a derived one;
    the rows then come with it as the column ``WORKED``.
    """

    name: str
    inputs: tuple[Input, ...]
    key: str
    outputs: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    start: Callable[[Settings, int, int], Operator] | None = None
    function: Callable[[Settings, tuple[pa.Table, ...]], Mapping[str, pa.Table]] | None = None
    worked: Callable[[Settings], Business | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact: its schema, and the derivations that can make it, best first.

    An adapter may deliver a fact directly; it is then not derived.
    """

    schema: TableSchema
    derivations: tuple[Derivation, ...] = ()

    @property
    def name(self) -> str:
        """The name by which measures refer to it."""
        return self.schema.name
