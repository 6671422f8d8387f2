"""Results in long form: one row per subject, period and metric, with all that made the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.clock import Namer, naming
from kpicore.metrics import Request
from kpicore.tables import Ledger

from .finalize import Finalized
from .grid import Grid
from .maps import map_column
from .span import Span

__all__ = ["Result", "tabulate"]

DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Measured values and the account of the rows behind them.

    Columns: the subjects (string); ``period`` (ISO local start, or the cycle's value), with
    ``hour_of_day`` and ``weekday`` (1 = Monday) where asked for; ``metric`` (as asked for), ``name``,
    ``parameters`` (all of them, resolved), ``part`` (a category within the metric, else null),
    ``value`` (float64, null where undefined), ``numerator``, ``denominator`` (int64, durations in
    microseconds; null where there is no fraction), ``n``, ``unit``, ``excluded`` (rows left out, by
    reason), ``provisional``, ``reason`` (why the value is null).

    ``exact`` holds, per request, the values as quotients of two int64 arrays; where they are null a value
    that is there has no such quotient and counts as the float it is. ``remarks`` say what may make
    values wrong although nothing failed, such as a calendar that ends within the range. ``grain`` is that of
    the periods (``all`` where there are only cycles); ``week_start`` and ``fiscal_year_start`` say where
    weeks and years begin.
    """

    table: pa.Table
    exact: tuple[tuple[pa.Array, pa.Array] | None, ...]
    by: tuple[str, ...]
    requests: tuple[Request, ...]
    ledger: Ledger
    zone: str
    start: int
    end: int
    remarks: tuple[str, ...] = ()
    grain: str = "all"
    week_start: int = 1
    fiscal_year_start: int = 1

    @property
    def name(self) -> Namer:
        """Gives the name of a period of the result, such as ``2026-W09``, from its ISO start."""
        return naming(self.grain, week_start=self.week_start, fiscal_year_start=self.fiscal_year_start)

    def to_arrow(self) -> pa.Table:
        """Returns the rows as a table."""
        return self.table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)

    def fractions(self) -> list[Fraction | None]:
        """Returns every row's value exactly; None where it is undefined."""
        values: list[Fraction | None] = []
        column = self.table.column("value")
        for pair, request in zip(self.exact, self.requests, strict=True):
            own = pc.filter(column, pc.equal(self.table.column("metric"), request.text))
            if pair is None:
                values += [None if v is None else Fraction(v) for v in own.to_pylist()]
                continue
            above, below = (side.to_pylist() for side in pair)
            values += [
                None if v is None else Fraction(v) if a is None or b is None else Fraction(a, b)
                for v, a, b in zip(own.to_pylist(), above, below, strict=True)
            ]
        return values

    def rows(self) -> list[dict[str, object]]:
        """Returns the rows as dictionaries; maps become dictionaries as well."""
        listed: list[dict[str, object]] = self.table.to_pylist(maps_as_pydicts="strict")
        return listed


def tabulate(
    request: Request, finalized: Finalized, grid: Grid, by: Sequence[str], span: Span, as_of: int
) -> pa.Table:
    """Returns the rows of one metric."""
    width = len(finalized.parts)
    size = len(grid.subjects) * len(span) * width
    outcome = finalized.outcome
    cell = pc.divide(pa.arange(0, size), max(width, 1))
    subject = pc.divide(cell, max(len(span), 1))
    period = pc.subtract(cell, pc.multiply(subject, len(span)))
    part = pc.subtract(pa.arange(0, size), pc.multiply(cell, width))
    columns: dict[str, pa.Array] = {}
    for i, name in enumerate(by):
        columns[name] = pa.array([key[i] for key in grid.subjects], pa.string()).take(subject)
    columns["period"] = pa.array(span.labels, pa.string()).take(period)
    for cycle, values in span.cycles.items():
        columns[cycle] = pa.array(values, pa.int64()).take(period)
    columns["metric"] = _constant(request.text, pa.string(), size)
    columns["name"] = _constant(request.metric.name, pa.string(), size)
    parameters = list(request.parameters.items())
    columns["parameters"] = _constant(parameters, pa.map_(pa.string(), pa.string()), size)
    columns["part"] = pa.array(finalized.parts, pa.string()).take(part)
    value = outcome.value
    columns["value"] = value
    for name, numbers in (
        ("numerator", outcome.numerator),
        ("denominator", outcome.denominator),
        ("n", outcome.n),
    ):
        columns[name] = pa.nulls(size, pa.int64()) if numbers is None else numbers.cast(pa.int64())
    columns["unit"] = _constant(finalized.unit or request.metric.unit, pa.string(), size)
    columns["excluded"] = _maps(finalized.excluded, size)
    columns["provisional"] = pa.array(_provisional(request, span, as_of), pa.bool_()).take(period)
    why = pa.scalar("no_data") if finalized.why is None else finalized.why
    columns["reason"] = pc.if_else(value.is_null(), why, pa.scalar(None, pa.string()))
    return pa.table(columns)


def _constant(value: object, kind: pa.DataType, size: int) -> pa.Array:
    return pa.array([value], kind).take(pa.repeat(pa.scalar(0, pa.int64()), size))


def _provisional(request: Request, span: Span, as_of: int) -> list[bool]:
    settle = request.metric.settle_days * DAY
    return [
        not complete or (span.end if end is None else end) + settle > as_of
        for complete, end in zip(span.complete, span.ends, strict=True)
    ]


def _maps(excluded: Mapping[str, pa.Array], size: int) -> pa.Array:
    """Returns a map per row of the reasons that apply to it."""
    none = pa.scalar(None, pa.int64())
    counts = {reason: excluded[reason].cast(pa.int64()) for reason in sorted(excluded)}
    happened = {reason: pc.if_else(pc.greater(rows, 0), rows, none) for reason, rows in counts.items()}
    return map_column(happened, size, pa.int64())
