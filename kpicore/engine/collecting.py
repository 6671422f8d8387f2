"""The runner that also keeps the rows it measures, with what each of them adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from .frame import FrameRunner, FrameSetup
from .general import INSTANT, GeneralRunner
from .rows import BatchRows, Pieces

__all__ = ["CollectingRunner"]


class CollectingRunner(GeneralRunner):
    """Measures as the general runner does and keeps every row, or piece, that adds to some measure."""

    def __init__(self, setup: FrameSetup) -> None:
        super().__init__(setup)
        self._batches: list[pa.RecordBatch] = []

    @property
    def kept(self) -> pa.Table | None:
        """The rows in coded form, in no particular order; None where there are none.

        Columns: ``subject 0`` and so on, ``part``, ``position`` of the period, ``at`` and ``until`` (of a
        piece, else null), ``adds 0`` and so on per measure of the frame (null where the row adds nothing),
        and those of the fact after ``row ``.
        """
        return pa.Table.from_batches(self._batches) if self._batches else None

    def merge(self, other: FrameRunner) -> None:
        """Adds the state and the rows of ``other``."""
        assert isinstance(other, CollectingRunner)
        super().merge(other)
        self._batches += other._batches

    def _add(self, rows: BatchRows | Pieces, codes: Sequence[pa.Array], cells: pa.Array) -> None:
        super()._add(rows, codes, cells)
        setup, frame = self._setup, self._setup.frame
        columns = {f"subject {i}": values for i, values in enumerate(codes)}
        if frame.part is not None:
            columns["part"] = rows.column(frame.part)
        columns["position"] = setup.span.periods_of(cells)
        columns["at"], columns["until"] = self._when(rows)
        known = self._belongings(rows)
        for i, measure in enumerate(frame.measures):
            columns[f"adds {i}"] = _added(*self._seen(measure, rows, known), rows.length)
        inside = pc.greater_equal(columns["position"], 0)
        for name in (*(f"subject {i}" for i in range(len(codes))), "part"):
            if name in columns:
                inside = pc.and_(inside, columns[name].is_valid())
        adding = _any(columns[f"adds {i}"].is_valid() for i in range(len(frame.measures)))
        whole = rows.whole()
        plain = [field.name for field in whole.schema if not pa.types.is_nested(field.type)]
        columns |= {f"row {name}": whole.column(name) for name in plain}
        batch = pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
        self._batches.append(batch.filter(pc.and_(inside, adding)))

    def _when(self, rows: BatchRows | Pieces) -> tuple[pa.Array, pa.Array]:
        frame = self._setup.frame
        schema, none = frame.relation.schema, pa.nulls(rows.length, pa.int64())
        if frame.attribution == "snapshot":
            return rows.column(INSTANT), none
        if frame.attribution == "prorated" and schema.interval is not None:
            start, end = schema.interval
            return rows.column(start), rows.column(end)
        return rows.column(schema.times[frame.attribution]), none


def _added(value: pa.Array | None, mask: pa.Array | None, size: int) -> pa.Array:
    """Returns what each row adds, null where it adds nothing: 1 where rows are counted, else its value."""
    added = pa.repeat(pa.scalar(1, pa.int64()), size) if value is None else value.cast(pa.int64())
    return added if mask is None else pc.if_else(mask, added, pa.scalar(None, pa.int64()))


def _any(conditions: Iterable[pa.Array]) -> pa.Array:
    first, *others = conditions
    for other in others:
        first = pc.or_(first, other)
    return first
