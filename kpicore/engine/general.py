"""The general runner: rows are brought to groups and added up measure by measure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core
from kpicore.plugin import Expression, Measure, MeasureKind

from .directories import codes_of
from .frame import Filter, FrameRunner, FrameSetup, both
from .groups import Members, groups_for
from .rows import BatchRows, Pieces
from .subjects import Access

__all__ = ["INSTANT", "GeneralRunner"]

INSTANT = "instant"
"""The column by which snapshots tell the instant at which a row is open."""


class GeneralRunner:
    """Brings rows, or pieces of them, to groups and adds them up measure by measure."""

    def __init__(self, setup: FrameSetup) -> None:
        self._setup = setup
        self._cut = {"prorated": self._cut_at_edges, "snapshot": self._open_at_ends}.get(
            setup.frame.attribution
        )
        if setup.frame.attribution == "snapshot":
            self._instants = setup.span.instants(setup.frame.snapshot_at)
        self.groups = groups_for(setup.sizes, len(setup.span))
        self._quantiles: dict[tuple[Measure, Fraction], tuple[pa.Array, pa.Array]] = {}
        self.accumulators = {m: _core.Accumulator(m.kind.value) for m in setup.frame.measures}

    def push(self, batch: pa.RecordBatch) -> None:
        """Adds the rows of a coded batch."""
        if not batch.num_rows:
            return
        rows = BatchRows(batch)
        if self._cut is None:
            self._place(rows)
        else:
            self._add(*self._spread(*self._cut(rows)))

    def sink(self, columns: Sequence[str]) -> object | None:
        """Returns None: rows are pushed in batches."""
        return None

    def merge(self, other: FrameRunner) -> None:
        """Adds the state of ``other``."""
        assert isinstance(other, GeneralRunner)
        mapped = self.groups.merge(other.groups)
        for measure, accumulator in self.accumulators.items():
            accumulator.merge(other.accumulators[measure], mapped)

    def members(self) -> Members:
        """Returns the groups that occurred."""
        return self.groups.members()[0]

    def result(self, measure: Measure) -> pa.Array:
        """Returns a measure by member."""
        return self._chosen(pa.array(self.accumulators[measure].result(len(self.groups))))

    def quantile(self, measure: Measure, q: Fraction) -> tuple[pa.Array, pa.Array]:
        """Returns by member the quantile of a multiset times ``q.denominator``, and n."""
        if (measure, q) not in self._quantiles:
            found = self.accumulators[measure].quantile(q.numerator, q.denominator, len(self.groups))
            scaled, n = (self._chosen(column) for column in pa.record_batch(found).columns)
            self._quantiles[measure, q] = scaled, n
        return self._quantiles[measure, q]

    def sorted_values(self, measure: Measure) -> tuple[pa.Array, pa.Array]:
        """Returns the values of a multiset and the member of each, sorted within."""
        ids, values = pa.record_batch(self.accumulators[measure].sorted(len(self.groups))).columns
        chosen = self.groups.members()[1]
        return values, ids if chosen is None else pc.index_in(ids, value_set=chosen.cast(ids.type))

    def _chosen(self, by_id: pa.Array) -> pa.Array:
        ids = self.groups.members()[1]
        return by_id if ids is None else by_id.take(ids)

    def _place(self, rows: BatchRows) -> None:
        setup = self._setup
        at = rows.column(setup.frame.relation.schema.times[setup.frame.attribution])
        codes = [self._codes(access, rows, at) for access in setup.accesses]
        mask: pa.Array | None = None
        for wanted in setup.filters:
            mask = both(mask, self._wanted(wanted, rows, at))
        self._add(*self._spread(rows, codes, pa.array(setup.span.cells.of(at, mask))))

    def _open_at_ends(self, rows: BatchRows) -> tuple[Pieces, list[pa.Array], pa.Array]:
        """Takes the rows that are open at the end of a cell, or at a time of its last day, once per cell."""
        setup = self._setup
        start, end = (rows.column(name) for name in setup.frame.relation.schema.interval or ())
        found = pa.record_batch(_core.open_at(self._instants, start, end))
        at = found.column("instant")
        pieces = Pieces(rows, found.column("row"), {INSTANT: at})
        cells = found.column("cell")
        for wanted in setup.filters:
            kept = self._wanted(wanted, pieces, at)
            cells = pc.if_else(kept, cells, pa.scalar(-1, pa.int32()))
        return pieces, [self._codes(access, pieces, at) for access in setup.accesses], cells

    def _cut_at_edges(self, rows: BatchRows) -> tuple[Pieces, list[pa.Array], pa.Array]:
        """Cuts intervals where an agent's membership changes, then at the edges of cells."""
        setup = self._setup
        start_name, end_name = setup.frame.relation.schema.interval or ("", "")
        start, end = rows.column(start_name), rows.column(end_name)
        pieces: Pieces | BatchRows = rows
        members: set[str] = set()
        for access in (*setup.accesses, *(f.access for f in setup.conditions)):
            if access.via == "agent" and access.subject not in members and setup.agents is not None:
                cut = setup.agents.cut(pieces.column("agent_id"), start, end, access)
                start, end = cut.column("start"), cut.column("end")
                own = {start_name: start, end_name: end, f"member {access.subject}": cut.column("value")}
                index = cut.column("row")
                pieces = pieces.narrow(index, own) if isinstance(pieces, Pieces) else Pieces(rows, index, own)
                members.add(access.subject)
        mask: pa.Array | None = None
        for wanted in setup.filters:
            mask = both(mask, self._wanted(wanted, pieces, None))
        cut = pa.record_batch(setup.span.cells.cut(start, end, mask))
        own = {start_name: cut.column("start"), end_name: cut.column("end")}
        index = cut.column("row")
        pieces = pieces.narrow(index, own) if isinstance(pieces, Pieces) else Pieces(rows, index, own)
        return pieces, [self._codes(a, pieces, None) for a in setup.accesses], cut.column("cell")

    def _codes(self, access: Access, rows: BatchRows | Pieces, at: pa.Array | None) -> pa.Array:
        return codes_of(access, rows, at, self._setup.contacts, self._setup.agents)

    def _wanted(self, wanted: Filter, rows: BatchRows | Pieces, at: pa.Array | None) -> pa.Array:
        codes = self._codes(wanted.access, rows, at)
        if not wanted.access.many:
            return wanted.keeps(codes)
        met = self._setup.sets(wanted.access).meet(codes, wanted.codes)
        return pc.invert(met) if wanted.unless else met

    def _spread(
        self, rows: BatchRows | Pieces, codes: Sequence[pa.Array], cells: pa.Array
    ) -> tuple[BatchRows | Pieces, list[pa.Array], pa.Array]:
        """Repeats rows for each value of subjects that have many; of those only what is wanted."""
        setup, spread = self._setup, list(codes)
        for position, access in enumerate(setup.accesses):
            if not access.many:
                continue
            index, own = setup.sets(access).spread(spread[position])
            for wanted in setup.filters:
                if wanted.access == access:
                    kept = wanted.keeps(own)
                    index, own = index.filter(kept), own.filter(kept)
            rows = rows.narrow(index, {}) if isinstance(rows, Pieces) else Pieces(rows, index, {})
            spread = [column.take(index) for column in spread]
            spread[position] = own
            cells = cells.take(index)
        return rows, spread, cells

    def _add(self, rows: BatchRows | Pieces, codes: Sequence[pa.Array], cells: pa.Array) -> None:
        frame = self._setup.frame
        keys = list(codes)
        if frame.part is not None:
            keys.append(rows.column(frame.part))
        ids = self.groups.locate(keys, self._setup.span.periods_of(cells))
        known = self._belongings(rows)
        for measure, accumulator in self.accumulators.items():
            accumulator.add(ids, *self._seen(measure, rows, known))

    def _belongings(self, rows: BatchRows | Pieces) -> dict[Expression, pa.Array]:
        """Returns to which of the subjects asked for each row belongs."""
        asked = self._setup.belongings
        at = self._counted_at(rows) if asked else None
        return {belongs: self._wanted(wanted, rows, at) for belongs, wanted in asked.items()}

    def _counted_at(self, rows: BatchRows | Pieces) -> pa.Array | None:
        """Returns the instant as of which each row counts; None where rows were cut at memberships."""
        frame = self._setup.frame
        if frame.attribution == "prorated":
            return None
        return rows.column(
            INSTANT if frame.attribution == "snapshot" else frame.relation.schema.times[frame.attribution]
        )

    def _seen(
        self, measure: Measure, rows: BatchRows | Pieces, known: dict[Expression, pa.Array]
    ) -> tuple[pa.Array | None, pa.Array | None]:
        """Returns the value of each row (None where rows are counted), and where it holds (None: always)."""
        evaluator = self._setup.evaluator
        mask = None if measure.where is None else evaluator.mask(measure.where, rows, known)
        value = None
        if measure.kind is not MeasureKind.COUNT and measure.value is not None:
            value = _integers(evaluator.value(measure.value, rows, known))
        return value, mask


def _integers(values: pa.Array) -> pa.Array:
    return values.cast(pa.int64()) if pa.types.is_boolean(values.type) else values
