"""What became of every row, for one of the tables that are made of them."""

from __future__ import annotations

from collections import Counter

from kpicore.plugin import RowTally

from .rows import Reader, Row

__all__ = ["Account"]

_SAMPLES = 5


class Account:
    """Counts rows that went into a table, and those that did not, by reason."""

    def __init__(self) -> None:
        self.used = 0
        self.excluded: Counter[str] = Counter()
        self.samples: list[tuple[int, str, str, str]] = []

    def use(self, *rows: Row | None) -> None:
        """Counts rows that contributed."""
        self.used += len(rows) - rows.count(None)

    def leave(self, reason: str, *rows: Row | None) -> None:
        """Counts rows that were left out."""
        for row in rows:
            if row is not None:
                self.excluded[reason] += 1
                if self.excluded[reason] <= _SAMPLES:
                    self.samples.append((row.number, reason, "event", f"{row.event} {row.callid}".strip()))

    def close(self, reader: Reader) -> RowTally:
        """Returns the tally over all rows; those not mentioned are of no concern to the table."""
        silent = reader.rows_in - reader.rejected.total() - self.used - self.excluded.total()
        excluded = self.excluded + Counter({"other_event": silent})
        return RowTally(
            rows_in=reader.rows_in,
            used=self.used,
            excluded=excluded,
            rejected=Counter(reader.rejected),
            samples=[*self.samples, *reader.samples],
        )
