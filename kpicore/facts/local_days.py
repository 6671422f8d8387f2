"""Local days: which one an instant falls on."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kpicore._core import Cells
from kpicore.clock import axis
from kpicore.plugin import Integer, Settings, Text

__all__ = ["DAY", "local_days"]

DAY = (
    Text(name="zone", doc="whose days are meant; the query's, where none is named"),
    Integer(name="day_start", doc="when days begin, as the query has it, where not told"),
)


def local_days(settings: Settings, *columns: pa.Array) -> tuple[pa.Array, ...]:
    """Returns the number of the local day of every instant, counted alike in all ``columns``.

    ``settings`` have the parameters ``DAY``. Instants are microseconds; null stays null.
    """
    bounds = [pc.min_max(column) for column in columns]
    lows = [b["min"].as_py() for b in bounds if b["min"].is_valid]
    highs = [b["max"].as_py() for b in bounds if b["max"].is_valid]
    if not lows:
        return tuple(pa.nulls(len(column), pa.int64()) for column in columns)
    zone = str(settings["zone"] or "UTC")
    day_start = settings.integer("day_start") if settings["day_start"] is not None else 0
    days = axis(min(lows), max(highs) + 1, ("day",), zone, day_start=day_start, align=True)
    cells = Cells(pa.array(days.timeline.edges, pa.int64()))
    none = pa.scalar(None, pa.int64())
    found = (pa.array(cells.of(column)).cast(pa.int64()) for column in columns)
    return tuple(
        pc.if_else(pc.is_valid(column), day, none) for column, day in zip(columns, found, strict=True)
    )
