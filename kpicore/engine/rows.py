"""Coded rows as expressions see them: a batch, or the pieces that its intervals were cut into."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["BatchRows", "Pieces"]


class BatchRows:
    """The rows of a batch."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch
        self.length = batch.num_rows

    def column(self, name: str) -> pa.Array:
        """Returns a column of the batch."""
        return self._batch.column(name)

    def whole(self) -> pa.RecordBatch:
        """Returns the batch."""
        return self._batch


class Pieces:
    """Pieces of intervals: the row each comes from, with its own start and end."""

    def __init__(self, rows: BatchRows, index: pa.Array, own: dict[str, pa.Array]) -> None:
        self._rows = rows
        self._index = index
        self._columns = dict(own)
        self.length = len(index)

    def column(self, name: str) -> pa.Array:
        """Returns a column, repeated for every piece of a row."""
        if name not in self._columns:
            self._columns[name] = self._rows.column(name).take(self._index)
        return self._columns[name]

    def whole(self) -> pa.RecordBatch:
        """Returns the row that each piece was cut from."""
        return self._rows.whole().take(self._index)

    def narrow(self, index: pa.Array, own: dict[str, pa.Array]) -> Pieces:
        """Returns pieces of these pieces; ``own`` columns replace the repeated ones."""
        kept = {name: values.take(index) for name, values in self._columns.items() if name not in own}
        return Pieces(self._rows, self._index.take(index), kept | own)
