"""The periods of a result: from instants to cells, from cells to output periods."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core
from kpicore.clock import Axis, axis

__all__ = ["CYCLES", "Span", "lay_out"]

CYCLES = ("weekday", "hour_of_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The axis of a result, with the mapping that puts a cell into its output period.

    ``mapping`` is None where every cell is a period of its own; cells outside the cycles asked for
    map to -1. The tuples have an entry per output period.
    """

    zone: str
    start: int
    end: int
    edges: pa.Array
    cells: _core.Cells
    mapping: pa.Array | None
    labels: tuple[str, ...]
    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]
    cycles: Mapping[str, tuple[int | None, ...]]
    days: tuple[int, ...]
    complete: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def instants(self, at: int | None) -> pa.Array:
        """Returns the last instant of each cell at ``at`` after local midnight, else the end of the cell."""
        ends = self.edges.slice(1)
        if at is None:
            return ends
        days = axis(self.start, self.end, ("day",), self.zone, day_start=at, align=True).timeline.edges
        starts = self.edges.slice(0, len(ends)).to_pylist()
        found = []
        for start, end in zip(starts, ends.to_pylist(), strict=True):
            last = days[bisect_right(days, end) - 1]
            found.append(last if last > start else end)
        return pa.array(found, pa.int64())

    def periods_of(self, cells: pa.Array) -> pa.Array:
        """Returns the output period of each cell, -1 for none; -1 is the cell of what lies outside."""
        if self.mapping is None:
            return cells
        inside = pc.if_else(pc.greater_equal(cells, 0), cells, pa.scalar(None, pa.int32()))
        return pa.array(_core.remap(inside, self.mapping)).fill_null(-1)


def lay_out(
    start: int,
    end: int,
    periods: tuple[str, ...],
    zone: str,
    *,
    where: Mapping[str, tuple[int, ...]],
    day_start: int = 0,
    week_start: int = 1,
    fiscal_year_start: int = 1,
    align_start: bool,
    align_end: bool,
) -> Span:
    """Returns the periods over [start, end), only cells of the weekdays and hours in ``where``.

    A period of a grain that none of them touches is left out; of cycles and of all, none is.

    An end that is to be aligned is first moved outward to the edge of a period (of a day, where the
    period is a cycle or all).
    """
    cut = partial(
        axis, zone=zone, day_start=day_start, week_start=week_start, fiscal_year_start=fiscal_year_start
    )
    asked = tuple(p for p in periods if p != "all" or len(periods) == 1)
    extra = tuple(cycle for cycle in CYCLES if cycle in where and cycle not in asked)
    full: Axis | None = None
    if align_start or align_end:
        grain = next((p for p in periods if p not in CYCLES and p != "all"), "day")
        aligned = cut(start, end, (grain,), align=True)
        start = aligned.timeline.edges[0] if align_start else start
        end = aligned.timeline.edges[-1] if align_end else end
        full = aligned if align_start and align_end and asked + extra == (grain,) else None
    full = full or cut(start, end, asked + extra)
    keys: dict[tuple[object, ...], int] = {}
    chosen: list[list[int]] = []
    target: list[int] = []
    wanted = [all(_cycle(full, cycle)[i] in where[cycle] for cycle in where) for i in range(len(full))]
    touched = {full.starts[i] for i in set(full.cell_to_period) if wanted[i]}
    for i in range(len(full)):
        if not wanted[i] or (full.starts[i] is not None and full.starts[i] not in touched):
            target.append(-1)
            continue
        shown = tuple(_cycle(full, cycle)[i] for cycle in CYCLES if cycle in asked)
        key = (full.starts[i], *shown)
        if key not in keys:
            keys[key] = len(chosen)
            chosen.append([])
        chosen[keys[key]].append(i)
        target.append(keys[key])
    mapping = [target[period] for period in full.cell_to_period]
    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]
    if asked == ("all",):
        labels, starts, ends = (cut(start, end, asked).labels, (start,), (end,))
    else:
        labels = tuple(_label(full, members[0], asked) for members in chosen)
        starts = tuple(full.starts[members[0]] for members in chosen)
        ends = tuple(full.ends[members[0]] for members in chosen)
    same = mapping == list(range(len(labels)))
    return Span(
        zone=zone,
        start=full.timeline.edges[0],
        end=full.timeline.edges[-1],
        edges=pa.array(full.timeline.edges, pa.int64()),
        cells=_core.Cells(pa.array(full.timeline.edges, pa.int64())),
        mapping=None if same else pa.array(mapping, pa.int32()),
        labels=labels,
        starts=starts,
        ends=ends,
        cycles={c: tuple(_cycle(full, c)[m[0]] for m in chosen) for c in CYCLES if c in asked},
        days=tuple(_days(full, members, extra) for members in chosen),
        complete=tuple(all(full.complete[i] for i in members) for members in chosen),
    )


def _cycle(full: Axis, cycle: str) -> tuple[int | None, ...]:
    return full.hours if cycle == "hour_of_day" else full.weekdays


def _days(full: Axis, members: list[int], extra: tuple[str, ...]) -> int:
    """Days of different weekdays add up; hours of the same days do not."""
    if not extra:
        return full.days[members[0]]
    by_weekday: dict[int | None, int] = {}
    for i in members:
        by_weekday[full.weekdays[i]] = max(by_weekday.get(full.weekdays[i], 0), full.days[i])
    return sum(by_weekday.values())


def _label(full: Axis, i: int, asked: tuple[str, ...]) -> str:
    if full.starts[i] is not None:
        return full.labels[i]
    parts = []
    if "weekday" in asked:
        parts.append(str(full.weekdays[i]))
    if "hour_of_day" in asked:
        parts.append(f"{full.hours[i]:02d}")
    return "/".join(parts)
