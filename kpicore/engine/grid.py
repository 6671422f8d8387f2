"""Measured frames laid out dense: every subject in every period, aligned over all measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core
from kpicore.plugin import Column, Kind, Measure, MeasureKind

from .coding import Domain, column_of
from .frame import FrameRunner
from .groups import Members
from .plan import Frame
from .subjects import Access

__all__ = ["Grid", "Layout", "Subject", "first_of_each", "lay_frames", "words_of"]

Subject = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the groups of one frame lie: position of the subject (null: none), period, part."""

    subject: pa.Array
    period: pa.Array
    part: pa.Array | None
    runner: FrameRunner


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Subjects (sorted) by periods; ``measured`` finds the frame that holds a measure."""

    subjects: tuple[Subject, ...]
    periods: int
    measured: Mapping[Measure, Layout]

    def parts_of(self, measures: Sequence[Measure]) -> tuple[str | None, ...]:
        """Returns the categories into which ``measures`` are broken down, (None,) for none."""
        words: set[str] = set()
        broken = [m for m in measures if m.part is not None]
        for measure in broken:
            layout = self.measured[measure]
            happened = pc.not_equal(layout.runner.result(measure), 0)
            happened = pc.and_(happened, pc.is_valid(layout.subject))
            if layout.part is not None:
                words.update(pc.unique(layout.part.filter(happened)).drop_null().to_pylist())
        return tuple(sorted(words)) if broken else (None,)

    def dense(self, measure: Measure, parts: Sequence[str | None]) -> pa.Array:
        """Returns the measure per subject, period and part, in this order; see ``MeasureKind``."""
        layout = self.measured[measure]
        spread = layout.runner.result(measure).take(self._rows(measure, parts))
        return spread if measure.kind in _NULL_WHERE_NONE else spread.fill_null(0)

    def quantile(
        self, measure: Measure, q: Fraction, parts: Sequence[str | None]
    ) -> tuple[pa.Array, pa.Array]:
        """Returns the quantile times ``q.denominator`` (null where there is no value), and n."""
        layout = self.measured[measure]
        scaled, n = layout.runner.quantile(measure, q)
        rows = self._rows(measure, parts)
        return scaled.take(rows), n.take(rows).fill_null(0)

    def _rows(self, measure: Measure, parts: Sequence[str | None]) -> pa.Array:
        """Returns the group of every position of the grid, null where there is none."""
        layout, width = self.measured[measure], len(parts)
        position = pc.add(pc.multiply(layout.subject, self.periods), layout.period)
        size = len(self.subjects) * self.periods
        if measure.part is not None:
            code = pc.index_in(layout.part, value_set=pa.array(parts, pa.string())).cast(pa.int64())
            position = pc.add(pc.multiply(position, width), code)
            size *= width
        wanted = pa.arange(0, size)
        rows = pa.array(_core.Lookup(position.fill_null(-1)).rows(wanted))
        if measure.part is None and width != 1:
            rows = rows.take(pc.divide(pa.arange(0, size * width), max(width, 1)))
        return rows


_NULL_WHERE_NONE = (MeasureKind.MINIMUM, MeasureKind.MAXIMUM)


def lay_frames(
    runners: Mapping[Frame, FrameRunner],
    accesses: Mapping[Frame, Sequence[Access]],
    domains: Mapping[str, Domain],
    periods: int,
) -> Grid:
    """Returns the grid of all frames; rows without a subject have no place in it."""
    found = {frame: _members(runner, accesses[frame], frame, domains) for frame, runner in runners.items()}
    subjects: list[Subject] = sorted({key for keys, *_ in found.values() for key in keys if _complete(key)})
    place: dict[tuple[str | None, ...], int] = {key: i for i, key in enumerate(subjects)}
    measured: dict[Measure, Layout] = {}
    for frame, (keys, subject, part, members) in found.items():
        ranks = pa.array([place.get(key) for key in keys], pa.int64())
        layout = Layout(
            subject=ranks.take(subject),
            period=members.period.cast(pa.int64()),
            part=part,
            runner=runners[frame],
        )
        measured.update(dict.fromkeys(frame.measures, layout))
    return Grid(subjects=tuple(subjects), periods=periods, measured=measured)


def _complete(key: tuple[str | None, ...]) -> TypeGuard[Subject]:
    return None not in key


def _members(
    runner: FrameRunner, accesses: Sequence[Access], frame: Frame, domains: Mapping[str, Domain]
) -> tuple[list[tuple[str | None, ...]], pa.Array, pa.Array | None, Members]:
    """Returns the subjects of a frame, and per group its subject's position, its part, its ids."""
    members = runner.members()
    codes = list(members.codes)
    part: pa.Array | None = None
    if frame.part is not None:
        part = _strings(codes.pop(), column_of(frame.relation.schema, frame.part), domains)
    if not codes:
        return [()], pa.repeat(pa.scalar(0, pa.int64()), len(members)), part, members
    subject, firsts = first_of_each(codes)
    columns = [_strings(c.take(firsts), a.contract, domains) for c, a in zip(codes, accesses, strict=True)]
    keys = list(zip(*(column.to_pylist() for column in columns), strict=True))
    return keys, subject, part, members


def first_of_each(codes: Sequence[pa.Array]) -> tuple[pa.Array, pa.Array]:
    """Returns the position of each row's combination of codes, and the first row of each."""
    joined, *others = codes
    joined = joined.dictionary_encode(null_encoding="encode").indices
    for other in others:
        joined = pa.array(_core.PairIndex().locate(joined, other))
    count = (pc.max(joined).as_py() or 0) + 1 if len(joined) else 0
    return joined, pa.array(_core.Lookup(joined).rows(pa.arange(0, count).cast(pa.int32())))


def words_of(codes: pa.Array, contract: Column, domains: Mapping[str, Domain]) -> pa.Array:
    """Returns what codes stand for: a dictionary of strings, or strings; null stays null."""
    if contract.kind is Kind.ENUM:
        return pa.DictionaryArray.from_arrays(codes.cast(pa.int32()), pa.array(contract.values))
    if contract.kind is Kind.FLAG:
        return pa.DictionaryArray.from_arrays(codes.cast(pa.int32()), pa.array(["false", "true"]))
    domain = domains[contract.domain] if contract.kind is not Kind.INTEGER else Domain(None)
    if domain.values is None:
        return codes.cast(pa.string())
    return pa.DictionaryArray.from_arrays(codes.cast(pa.int32()), domain.values)


def _strings(codes: pa.Array, contract: Column, domains: Mapping[str, Domain]) -> pa.Array:
    return words_of(codes, contract, domains).cast(pa.string())
