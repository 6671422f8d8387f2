"""The laws of streams of facts: what must not change what comes out."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from kpicore._core import OutOfOrder
from kpicore.plugin import Derivation, Operator, Settings

Cell = Any
Row = tuple[Cell, ...]
Facts = dict[int, list[Row]]
UNTIL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a stream gave: rows of the fact in order by key, and its notes."""

    facts: Facts
    notes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laws:
    """Runs an operator in every way that must give the same outcome.

    ``columns`` has for each port the names and Arrow types of the columns, the key first; ``orders`` for
    each port the names in the order by which rows compare.
    """

    derivation: Derivation
    columns: tuple[dict[str, pa.DataType], ...]
    orders: tuple[tuple[str, ...], ...]
    out_key: str

    def start(self, settings: Settings, part: int = 0, parts: int = 1) -> Operator:
        assert self.derivation.start is not None
        return self.derivation.start(settings, part, parts)

    def batch(self, rows: Sequence[Row], port: int = 0) -> pa.RecordBatch:
        arrays = [
            pa.array([row[i] for row in rows], kind) for i, kind in enumerate(self.columns[port].values())
        ]
        return pa.record_batch(arrays, names=list(self.columns[port]))

    def sort_key(self, port: int) -> Callable[[Row], tuple[tuple[bool, int], ...]]:
        places = [list(self.columns[port]).index(name) for name in self.orders[port]]
        return lambda row: tuple((row[i] is not None, row[i] or 0) for i in places)

    def arrange(self, rows: Sequence[Row], port: int, rng: random.Random) -> list[Row]:
        """Rows in order within each key, the keys interleaved at random."""
        by_key: dict[Cell, list[Row]] = {}
        for row in rows:
            by_key.setdefault(row[0], []).append(row)
        queues = {key: iter(sorted(some, key=self.sort_key(port))) for key, some in by_key.items()}
        keys = [row[0] for row in rows]
        rng.shuffle(keys)
        return [next(queues[key]) for key in keys]

    def collect(self, batches: Iterable[pa.RecordBatch]) -> Facts:
        facts: Facts = {}
        for batch in batches:
            batch.validate(full=True)
            names = batch.schema.names
            for cells in batch.to_pylist():
                key = cells[self.out_key]
                facts.setdefault(key, []).append(tuple(cells[n] for n in names if n != self.out_key))
        return facts

    def feed(
        self, stream: Operator, ports: Sequence[Sequence[Row]], cuts: random.Random | None = None
    ) -> Iterator[pa.RecordBatch]:
        for port, rows in enumerate(ports):
            for some in split(rows, cuts):
                yield from stream.push(self.batch(some, port), port).values()

    def outcome(self, settings: Settings, ports: Sequence[Sequence[Row]]) -> Outcome:
        """The outcome of one batch a port."""
        stream = self.start(settings)
        batches = [*self.feed(stream, ports), *stream.finish(UNTIL).values()]
        return Outcome(facts=self.collect(batches), notes=dict(stream.notes()))

    def check(self, settings: Settings, ports: Sequence[Sequence[Row]], expected: Outcome, seed: int) -> None:
        """Asserts the expected outcome for any batches, interleaving, parts and dumps."""
        rng = random.Random(seed)
        arranged = [self.arrange(rows, port, rng) for port, rows in enumerate(ports)]
        assert self.outcome(settings, arranged) == expected
        self._check_batches(settings, arranged, expected, rng)
        self._check_dumps(settings, arranged, expected, rng)
        for parts in (2, 3):
            self._check_parts(settings, arranged, expected, parts, rng)

    def _check_batches(
        self, settings: Settings, ports: Sequence[Sequence[Row]], expected: Outcome, rng: random.Random
    ) -> None:
        stream = self.start(settings)
        batches = [*self.feed(stream, ports, rng), *stream.finish(UNTIL).values()]
        assert Outcome(facts=self.collect(batches), notes=dict(stream.notes())) == expected
        assert self.collect(stream.finish(UNTIL).values()) == {}, "nothing is left after the end"

    def _check_dumps(
        self, settings: Settings, ports: Sequence[Sequence[Row]], expected: Outcome, rng: random.Random
    ) -> None:
        stream = self.start(settings)
        batches: list[pa.RecordBatch] = []
        for port, rows in enumerate(ports):
            for some in split(rows, rng):
                batches += stream.push(self.batch(some, port), port).values()
                state = stream.dump()
                if rng.random() < 0.5:
                    stream = pickle.loads(pickle.dumps(stream))
                else:
                    stream = self.start(settings)
                    stream.load(state)
                assert stream.dump() == state
        batches += stream.finish(UNTIL).values()
        assert Outcome(facts=self.collect(batches), notes=dict(stream.notes())) == expected

    def _check_parts(
        self,
        settings: Settings,
        ports: Sequence[Sequence[Row]],
        expected: Outcome,
        parts: int,
        rng: random.Random,
    ) -> None:
        streams = [self.start(settings, part, parts) for part in range(parts)]
        batches = [batch for stream in streams for batch in self.feed(stream, ports, rng)]
        for stream in streams[1:]:
            streams[0].merge(pickle.loads(pickle.dumps(stream)))
        batches += streams[0].finish(UNTIL).values()
        assert Outcome(facts=self.collect(batches), notes=dict(streams[0].notes())) == expected

    def check_order(
        self,
        settings: Settings,
        ports: Sequence[Sequence[Row]],
        broken: tuple[int, str, int] | None,
        rng: random.Random,
    ) -> None:
        """Asserts that OutOfOrder is raised at ``broken`` (port, column, row of all rows) or not at all."""
        stream, seen = self.start(settings), None
        for port, rows in enumerate(ports):
            before = 0
            for some in split(rows, rng):
                try:
                    stream.push(self.batch(some, port), port)
                except OutOfOrder as error:
                    seen = port, error.column, before + error.row
                    break
                before += len(some)
            if seen:
                break
        assert seen == broken

    def first_broken(
        self, rows: Sequence[Row], port: int = 0, key: Callable[[Row], object] = lambda row: row[0]
    ) -> tuple[int, str, int] | None:
        """The first row that is less than the row before it of the same key."""
        order, names = self.sort_key(port), self.orders[port]
        last: dict[object, tuple[tuple[bool, int], ...]] = {}
        for number, row in enumerate(rows):
            new, old = order(row), last.get(key(row))
            if old is not None and new < old:
                return port, next(n for n, a, b in zip(names, new, old, strict=True) if a != b), number
            last[key(row)] = new
        return None


def split(rows: Sequence[Row], cuts: random.Random | None) -> Iterator[Sequence[Row]]:
    """The rows in batches of any sizes, empty ones among them; at least one batch."""
    sizes = (0, 1, 1, 2, 5, 600) if len(rows) < 1000 else (0, 300, 999)
    start = 0
    while True:
        size = cuts.choice(sizes) if cuts else len(rows)
        yield rows[start : start + size]
        start += size
        if start >= len(rows):
            return


@pytest.fixture(scope="session")
def laws() -> type[Laws]:
    return Laws


@pytest.fixture(scope="session")
def outcome() -> type[Outcome]:
    return Outcome
