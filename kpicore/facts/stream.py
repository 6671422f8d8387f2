"""What turns a kernel of the core into an operator: batches in and out, states, pickling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol, Self

import pyarrow as pa

from kpicore.plugin import Operator, Settings

__all__ = ["DirectKernel", "DirectStream", "Kernel", "Stream"]


class Kernel(Protocol):
    """The stream of one fact in the core; ``push`` and ``finish`` return Arrow capsules."""

    def push(self, batch: pa.RecordBatch, port: int) -> object: ...

    def finish(self, until: int) -> object: ...

    def dump(self) -> bytes: ...

    def load(self, state: bytes) -> None: ...

    def merge(self, other: object) -> None: ...

    def notes(self) -> dict[str, int]: ...


class DirectKernel(Kernel, Protocol):
    """A kernel that can also give its rows to a sink of the core, with ``columns`` in this order."""

    columns: tuple[str, ...]

    def push_into(self, batch: pa.RecordBatch, sink: object, port: int) -> None: ...

    def finish_into(self, until: int, sink: object) -> None: ...


class Stream:
    """An operator of one fact around a kernel; a subclass names the ``fact`` and makes its kernel."""

    fact: ClassVar[str]

    def __init__(self, settings: Settings, part: int = 0, parts: int = 1) -> None:
        self.settings, self.part, self.parts = settings, part, parts
        self.kernel = self.make_kernel()

    def make_kernel(self) -> Kernel:
        """Returns a kernel without rows, for the settings and the part."""
        raise NotImplementedError

    def push(self, batch: pa.RecordBatch, port: int = 0) -> Mapping[str, pa.RecordBatch]:
        """Returns the rows of the fact that are complete after ``batch``; see ``Operator``."""
        return {self.fact: pa.record_batch(self.kernel.push(batch, port))}

    def finish(self, until: int) -> Mapping[str, pa.RecordBatch]:
        """Returns the rows that were open, closed at ``until``; the operator is empty afterwards."""
        return {self.fact: pa.record_batch(self.kernel.finish(until))}

    def dump(self) -> bytes:
        """Returns the state as bytes."""
        return self.kernel.dump()

    def load(self, state: bytes) -> None:
        """Replaces the state by a dumped one; ValueError where it is of other settings or damaged."""
        self.kernel.load(state)

    def merge(self, other: Operator) -> None:
        """Adds the state of other keys; ValueError where both hold a key or the settings differ."""
        if not isinstance(other, type(self)) or other.settings != self.settings:
            raise ValueError(f"only states of {self.fact} under equal settings merge")
        self.kernel.merge(other.kernel)

    def notes(self) -> Mapping[str, int]:
        """Returns how often each oddity was met, by reason; reasons that were not met are left out."""
        return self.kernel.notes()

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.settings, self.part, self.parts, self.dump())

    @classmethod
    def restore(cls, settings: Settings, part: int, parts: int, state: bytes) -> Self:
        """Returns an operator that goes on from a dumped state."""
        stream = cls(settings, part, parts)
        stream.load(state)
        return stream


class DirectStream(Stream):
    """An operator whose rows can go to measures of the core without a batch in between."""

    kernel: DirectKernel

    def make_kernel(self) -> DirectKernel:
        """Returns a kernel without rows, for the settings and the part."""
        raise NotImplementedError

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the fact in the order in which a sink gets them."""
        return self.kernel.columns

    def goes_on(self, table: pa.Table) -> bool:
        """Returns whether, to rows of ``table``, only the last row of each key matters of those before them.

        Then one operator may go on where another stopped, once it was given these.
        """
        return False

    def push_into(self, batch: pa.RecordBatch, sink: object, port: int = 0) -> None:
        """Gives ``sink`` what ``push`` returns."""
        self.kernel.push_into(batch, sink, port)

    def finish_into(self, until: int, sink: object) -> None:
        """Gives ``sink`` what ``finish`` returns."""
        self.kernel.finish_into(until, sink)


def _restore(kind: type[Stream], settings: Settings, part: int, parts: int, state: bytes) -> Stream:
    return kind.restore(settings, part, parts, state)
