"""The fast runner of prorated frames: cut, grouped and added up in one pass of the core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import pyarrow as pa

from kpicore import _core
from kpicore.plugin import Expression, Measure, MeasureKind, TableSchema
from kpicore.plugin.expression import Arithmetic, Field

from .evaluate import columns_of
from .frame import FrameRunner, FrameSetup, both
from .groups import COUNTED_LIMIT, Members
from .rows import BatchRows
from .subjects import Access

__all__ = ["ProratedRunner", "Task", "tasks_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a measure needs of each piece: ``name`` is one of the core's tasks, ``value`` a column."""

    name: str
    value: str | None = None


def tasks_of(setup: FrameSetup) -> tuple[Task, ...] | None:
    """Returns a task per measure of the frame; None where one of them, or a group, needs more."""
    schema, ways = setup.frame.relation.schema, [*setup.accesses, *(f.access for f in setup.conditions)]
    if setup.frame.attribution != "prorated" or any(way.via == "agent" or way.many for way in ways):
        return None
    known = [size for size in setup.sizes if size is not None]
    if len(known) < len(setup.sizes) or len(setup.span) * prod(size + 1 for size in known) > COUNTED_LIMIT:
        return None
    tasks = [_task(measure, schema) for measure in setup.frame.measures]
    found = tuple(task for task in tasks if task is not None)
    return found if len(found) == len(tasks) else None


def _task(measure: Measure, schema: TableSchema) -> Task | None:
    start, end = schema.interval or ("", "")
    length = Arithmetic("-", Field(end), Field(start))
    if columns_of(measure.where) & {start, end}:
        return None
    value = measure.value
    if measure.kind is MeasureKind.COUNT:
        return Task(name="pieces")
    if measure.kind is MeasureKind.SUM and value == length:
        return Task(name="length")
    if measure.kind is MeasureKind.SUM and isinstance(value, Arithmetic) and value.operator == "*":
        factors = [side for side in (value.left, value.right) if side != length]
        if len(factors) == 1 and (name := _column(factors[0], start, end)):
            return Task(name="weighted", value=name)
    names = {
        MeasureKind.SUM: "column",
        MeasureKind.MAXIMUM: "largest",
        MeasureKind.MINIMUM: "smallest",
    }
    if measure.kind in names and value is not None and (name := _column(value, start, end)):
        return Task(name=names[measure.kind], value=name)
    return None


def _column(value: Expression, start: str, end: str) -> str | None:
    return value.name if isinstance(value, Field) and value.name not in (start, end) else None


class ProratedRunner:
    """Measures intervals over groups that are counted out beforehand."""

    def __init__(self, setup: FrameSetup, tasks: Sequence[Task]) -> None:
        self._setup = setup
        self._tasks = tasks
        self._state = _core.Prorated(
            setup.span.edges,
            [size for size in setup.sizes if size is not None],
            [task.name for task in tasks],
            len(setup.span),
            setup.span.mapping,
        )

    def push(self, batch: pa.RecordBatch) -> None:
        """Adds the rows of a coded batch."""
        if not batch.num_rows:
            return
        setup, rows = self._setup, BatchRows(batch)
        start, end = (rows.column(name) for name in setup.frame.relation.schema.interval or ())
        mask: pa.Array | None = None
        for wanted in setup.filters:
            mask = both(mask, wanted.keeps(self._codes(wanted.access, rows)))
        codes = [self._codes(way, rows) for way in setup.accesses]
        if setup.frame.part is not None:
            codes.append(rows.column(setup.frame.part))
        known: dict[Expression, pa.Array] = {
            asked: wanted.keeps(self._codes(wanted.access, rows))
            for asked, wanted in setup.belongings.items()
        }
        wheres = [
            None if measure.where is None else setup.evaluator.mask(measure.where, rows, known)
            for measure in setup.frame.measures
        ]
        values = [None if task.value is None else rows.column(task.value) for task in self._tasks]
        self._state.add(codes, start, end, wheres, values, mask)

    def sink(self, columns: Sequence[str]) -> object | None:
        """Returns what adds a stream with these ``columns``; None where a measure needs batches."""
        setup, frame = self._setup, self._setup.frame
        simple = all(task.name in ("pieces", "length") for task in self._tasks)
        if not simple or setup.filters or any(measure.where is not None for measure in frame.measures):
            return None
        names = [way.column for way in setup.accesses] + ([frame.part] if frame.part is not None else [])
        if any(way.via != "row" for way in setup.accesses) or not set(names) <= set(columns):
            return None
        start, end = (columns.index(name) for name in frame.relation.schema.interval or ())
        sink: object = self._state.sink([columns.index(name) for name in names], start, end)
        return sink

    def merge(self, other: FrameRunner) -> None:
        """Adds the state of ``other``."""
        assert isinstance(other, ProratedRunner)
        self._state.merge(other._state)

    def members(self) -> Members:
        """Returns the groups that occurred."""
        runs = pa.record_batch(self._state.runs())
        periods = pa.RunEndEncodedArray.from_arrays(runs.column("end"), runs.column("period"))
        return Members(codes=tuple(pa.record_batch(self._state.members()).columns), periods=periods)

    def result(self, measure: Measure) -> pa.Array:
        """Returns a measure by member."""
        return pa.array(self._state.result(self._setup.frame.measures.index(measure)))

    def quantile(self, measure: Measure, q: Fraction) -> tuple[pa.Array, pa.Array]:
        """Raises TypeError: a multiset is not measured here."""
        raise TypeError("a prorated frame with a multiset has the general runner")

    def sorted_values(self, measure: Measure) -> tuple[pa.Array, pa.Array]:
        """Raises TypeError: a multiset is not measured here."""
        raise TypeError("a prorated frame with a multiset has the general runner")

    def _codes(self, access: Access, rows: BatchRows) -> pa.Array:
        if access.via == "contact" and self._setup.contacts is not None:
            codes = self._setup.contacts.find(rows.column("contact_id"), access)
        else:
            codes = rows.column(access.column)
        return codes.cast(pa.int32()) if pa.types.is_boolean(codes.type) else codes
