"""The ledger: what became of every row of every source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from kpicore.errors import KpicoreError
from kpicore.plugin import RowTally

from .faults import CUT, SAMPLES

__all__ = ["LEDGER_SCHEMA", "SAMPLE_SCHEMA", "Ledger"]

LEDGER_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("table", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
    ]
)
SAMPLE_SCHEMA = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("table", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("column", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
    ]
)


class Ledger:
    """Exact counts of rows per source and table, with some sample rows per reason.

    For each pair, rows in = used + excluded (by reason) + rejected (by reason); ``check`` asserts it.
    Notes count oddities that cost no row. Not thread-safe; ledgers of workers are merged.
    """

    __slots__ = ("_notes", "_tallies")

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], RowTally] = {}
        self._notes: Counter[tuple[str, str, str]] = Counter()

    def add(self, source: str, table: str, tally: RowTally) -> None:
        """Enters the account of one source's rows for one table; a further one of the pair is added to it."""
        own = self._tallies.setdefault((source, table), RowTally())
        own.rows_in += tally.rows_in
        own.used += tally.used
        own.excluded.update(tally.excluded)
        own.rejected.update(tally.rejected)
        held = Counter(reason for _, reason, _, _ in own.samples)
        for row, reason, column, value in tally.samples:
            if held[reason] < SAMPLES:
                held[reason] += 1
                own.samples.append((row, reason, column, value[:CUT]))

    def note(self, subject: str, reason: str, rows: int = 1, *, source: str = "") -> None:
        """Counts an oddity of a table or fact that cost no row; ``source`` is empty for what is derived."""
        self._notes[source, subject, reason] += rows

    def merge(self, other: Ledger) -> None:
        """Adds all that ``other`` counted."""
        for (source, table), tally in other._tallies.items():
            self.add(source, table, tally)
        self._notes.update(other._notes)

    def check(self) -> None:
        """Raises KpicoreError where the rows of a source and table do not add up."""
        wrong = [
            f"{source}, table {table!r}: {tally.rows_in} rows in, {tally.used} used, "
            f"{tally.excluded.total()} excluded, {tally.rejected.total()} rejected"
            for (source, table), tally in sorted(self._tallies.items())
            if tally.rows_in != tally.used + tally.excluded.total() + tally.rejected.total()
        ]
        if wrong:
            raise KpicoreError("the account of rows does not add up", problems=tuple(wrong))

    @property
    def tallies(self) -> Mapping[tuple[str, str], RowTally]:
        """The accounts by source and table."""
        return self._tallies

    def rows(self, status: str, *, table: str | None = None) -> dict[str, int]:
        """Returns the counts of a status (used, excluded, rejected, note) by reason, over all sources."""
        counts: Counter[str] = Counter()
        for _, of, kind, reason, number in self._lines():
            if kind == status and table in (None, of):
                counts[reason] += number
        return dict(counts)

    def _lines(self) -> Iterator[tuple[str, str, str, str, int]]:
        for (source, table), tally in sorted(self._tallies.items()):
            yield source, table, "used", "", tally.used
            for status, counts in (("excluded", tally.excluded), ("rejected", tally.rejected)):
                for reason, rows in sorted(counts.items()):
                    yield source, table, status, reason, rows
        for (source, subject, reason), rows in sorted(self._notes.items()):
            yield source, subject, "note", reason, rows

    def to_arrow(self) -> pa.Table:
        """Returns the counts: source, table, status, reason, rows; sorted."""
        return _table(self._lines(), LEDGER_SCHEMA)

    def samples(self) -> pa.Table:
        """Returns some rows that were not used: source, table, row (from 1), reason, column, value."""
        lines = (
            (source, table, *sample)
            for (source, table), tally in sorted(self._tallies.items())
            for sample in tally.samples
        )
        return _table(lines, SAMPLE_SCHEMA)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ledger):
            return NotImplemented
        return self._tallies == other._tallies and self._notes == other._notes

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> tuple[dict[tuple[str, str], RowTally], Counter[tuple[str, str, str]]]:
        return self._tallies, self._notes

    def __setstate__(
        self, state: tuple[dict[tuple[str, str], RowTally], Counter[tuple[str, str, str]]]
    ) -> None:
        self._tallies, self._notes = state


def _table(lines: Iterable[tuple[str | int, ...]], schema: pa.Schema) -> pa.Table:
    rows = [dict(zip(schema.names, line, strict=True)) for line in lines]
    return pa.Table.from_pylist(rows, schema=schema)
