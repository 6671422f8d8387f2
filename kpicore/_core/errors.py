"""What a stream of the core raises when its input is not in the order that it needs."""

from __future__ import annotations

__all__ = ["OutOfOrder"]


class OutOfOrder(Exception):
    """Rows of one key are not in order: ``row`` of the batch goes back in ``column``.

    Columns are compared in the input's order; ``column`` is the first that differs. Whoever feeds the
    operator sorts the input and starts over with a fresh operator.
    """

    def __init__(self, column: str, row: int) -> None:
        super().__init__(column, row)
        self.column = column
        self.row = row

    def __str__(self) -> str:
        return f"column {self.column!r}, row {self.row}: not in order within its key"
