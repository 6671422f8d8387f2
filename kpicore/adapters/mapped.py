"""Files through a mapping: one feed per file and table, every row accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import SourceError
from kpicore.plugin import Feed, Kind, RowTally, TableSchema
from kpicore.tables import ROW, SAMPLES, cut

from .mapping import Condition, Exclusion, FeedRule, FileRule
from .sheet import Sheet, Value, as_text

__all__ = ["feed_rows", "map_rows"]


@dataclass(slots=True)
class _Kept:
    """Which rows are still in, and the account of those that are not."""

    mask: pa.ChunkedArray | None
    tally: RowTally

    def leave_out(
        self, where: pa.ChunkedArray, reason: str, column: str, shown: pa.ChunkedArray | None
    ) -> None:
        fresh = where if self.mask is None else pc.and_(where, self.mask)
        if count := pc.sum(fresh).as_py() or 0:
            self.tally.excluded[reason] += count
            self.tally.samples.extend(_samples(fresh, reason, column, shown))
        self.mask = pc.invert(where) if self.mask is None else pc.and_not(self.mask, where)


def _samples(
    mask: pa.ChunkedArray,
    reason: str,
    column: str,
    shown: pa.ChunkedArray | None,
    rows: pa.ChunkedArray | None = None,
) -> Iterator[tuple[int, str, str, str]]:
    for place in pc.indices_nonzero(mask)[:SAMPLES].to_pylist():
        number = place + 1 if rows is None else rows[place].as_py()
        yield number, reason, column, "" if shown is None else cut(shown[place].as_py())


def map_rows(
    table: pa.Table, rule: FileRule, schemas: Sequence[TableSchema], *, source: str, zone: str | None
) -> Iterator[Feed]:
    """Yields what ``rule`` makes of the rows of a file: a feed for each of its tables.

    ``schemas`` are the contracts of the rule's feeds, in their order. Row numbers count from 1. Raises
    SourceError where not one value of a column can be read as its mapping says.
    """
    sheet = Sheet(table, rule.define, source)
    common = _Kept(mask=None, tally=RowTally(rows_in=sheet.rows))
    _exclude(common, rule.exclude, sheet)
    for feed, schema in zip(rule.feeds, schemas, strict=True):
        tally = RowTally(
            rows_in=sheet.rows, excluded=common.tally.excluded.copy(), samples=list(common.tally.samples)
        )
        kept = _Kept(mask=common.mask, tally=tally)
        if feed.when is not None:
            column, shown = _asked(feed.when, sheet)
            kept.leave_out(pc.invert(sheet.holds(feed.when)), feed.reason, column, shown)
        _exclude(kept, feed.exclude, sheet)
        yield feed_rows(sheet, feed, schema, kept.mask, tally, zone)


def _exclude(kept: _Kept, exclusions: Sequence[Exclusion], sheet: Sheet) -> None:
    for exclusion in exclusions:
        column, shown = _asked(exclusion.where, sheet)
        kept.leave_out(sheet.holds(exclusion.where), exclusion.reason, column, shown)


def _asked(condition: Condition, sheet: Sheet) -> tuple[str, pa.ChunkedArray]:
    column = next(condition.columns())
    return column, sheet.text(column)


def feed_rows(
    sheet: Sheet,
    feed: FeedRule,
    schema: TableSchema,
    mask: pa.ChunkedArray | None,
    tally: RowTally,
    zone: str | None,
) -> Feed:
    """Returns the feed of one table: the rows of ``mask`` (all for None) whose values parse."""
    kinds = {name: schema.column(name).kind for name in feed.columns}
    values = {name: sheet.value(rule, kinds[name]) for name, rule in feed.columns.items()}
    values |= {name: sheet.value(rule, Kind.ID) for name, rule in feed.dimensions.items()}
    columns = {name: value.array for name, value in values.items()} | {ROW: sheet.row_numbers()}
    data = pa.table(columns)
    failed = {name: value.failed for name, value in values.items() if value.failed is not None}
    if mask is not None:
        data = data.filter(mask)
        failed = {name: where.filter(mask) for name, where in failed.items()}
    data = _without_failed(data, failed, values, mask, tally, sheet.source)
    return Feed(source=sheet.source, table=feed.table, data=data, tally=tally, zone=zone)


def _without_failed(
    data: pa.Table,
    failed: dict[str, pa.ChunkedArray],
    values: dict[str, Value],
    mask: pa.ChunkedArray | None,
    tally: RowTally,
    source: str,
) -> pa.Table:
    taken: pa.ChunkedArray | None = None
    for name, where in failed.items():
        if not pc.any(where).as_py():
            continue
        origin = values[name].origin
        assert origin is not None
        shown = as_text(origin if mask is None else origin.filter(mask))
        if pc.sum(where).as_py() == pc.sum(pc.or_(pc.is_valid(data.column(name)), where)).as_py():
            first = cut(shown[pc.indices_nonzero(where)[0].as_py()].as_py())
            raise SourceError(
                f"{source}: column {name!r}: not one of {pc.sum(where).as_py()} values is a "
                f"{values[name].wanted}; the first is {first!r}",
                hint="correct the mapping, or name the format that the file uses",
            )
        fresh = where if taken is None else pc.and_not(where, taken)
        if count := pc.sum(fresh).as_py() or 0:
            reason = f"unparsable:{name}"
            tally.rejected[reason] += count
            tally.samples.extend(_samples(fresh, reason, name, shown, data.column(ROW)))
        taken = where if taken is None else pc.or_(taken, where)
    return data if taken is None else data.filter(pc.invert(taken))
