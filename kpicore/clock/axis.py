"""The period axis of a result: the cells to measure and the periods they add up to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from kpicore.errors import CalendarError, suggest

from .edges import CELL_LIMIT, GRAINS, SUB_DAY, Reckoning, edges_around
from .instants import DAY, HOUR, load_zone, local_time
from .periods import Timeline, labels_of, timeline
from .stretches import local_starts, stretches

__all__ = ["CYCLES", "Axis", "axis"]

_LENGTHS = {"weekday": 7, "hour_of_day": 24}
CYCLES = tuple(_LENGTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What the periods of a result are, and which cells of the timeline each is made of.

    ``periods`` holds at most one grain and the cycles asked for, in the order grain, weekday, hour.
    Cell i of ``timeline`` belongs to output period ``cell_to_period[i]``. The other tuples have one
    entry per output period, in order of time, then weekday, then hour; every weekday and every hour
    is there, whether the range touches it or not:

    - ``labels``: ISO local start for a grain, else the cycles' values (``10``, ``3/10``);
    - ``starts``, ``ends``: the period of the grain in microseconds since 1970 UTC, where the range
      cuts it as well; null for cycles alone;
    - ``hours`` (0 to 23) and ``weekdays`` (1 = Monday): null where not asked for;
    - ``days``: how many local days its cells touch, the divisor of a mean per day;
    - ``complete``: whether the range holds the whole period.
    """

    zone: str
    periods: tuple[str, ...]
    timeline: Timeline
    cell_to_period: tuple[int, ...]
    labels: tuple[str, ...]
    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]
    hours: tuple[int | None, ...]
    weekdays: tuple[int | None, ...]
    days: tuple[int, ...]
    complete: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.labels)


def axis(
    start: int,
    end: int,
    periods: Sequence[str],
    zone: str | ZoneInfo,
    *,
    day_start: int = 0,
    week_start: int = 1,
    fiscal_year_start: int = 1,
    align: bool = False,
) -> Axis:
    """Returns the axis of the ``periods`` asked for over [start, end): at most one grain, any cycles.

    Nothing asked for means ``all``. The weekday of a cell is that of the day it belongs to, so with a
    ``day_start`` of 6h the small hours of Tuesday count as Monday; its hour is that of the clock on
    the wall, and both passes of a repeated hour count. With ``align`` the range is first widened to
    whole periods of the grain (whole days for cycles alone). Raises CalendarError for an unknown or
    second grain, a repeated cycle, an empty range, and more than ``CELL_LIMIT`` cells or periods.
    """
    grain, cycles = _sort_out(periods)
    rules = Reckoning(
        zone=load_zone(zone), day_start=day_start, week_start=week_start, fiscal_year_start=fiscal_year_start
    )
    outer = edges_around(start, end, grain, rules)
    if align:
        widened = outer if grain != "all" or not cycles else edges_around(start, end, "day", rules)
        start, end = widened[0], widened[-1]
        outer = edges_around(start, end, grain, rules)
    cells = timeline(
        start,
        end,
        _base(grain, cycles, day_start),
        rules.zone,
        day_start=day_start,
        week_start=week_start,
        fiscal_year_start=fiscal_year_start,
    )
    size = 1
    for cycle in cycles:
        size *= _LENGTHS[cycle]
    if (len(outer) - 1) * size > CELL_LIMIT:
        raise CalendarError(
            f"{' x '.join(periods)} makes more than {CELL_LIMIT:,} periods",
            hint="take a shorter range or a longer grain",
        )
    return _assemble(cells, outer, (grain, *cycles), size, rules)


def _sort_out(periods: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    for period in periods:
        if period not in GRAINS and period not in CYCLES:
            raise CalendarError(f"there is no period {period!r}", hint=suggest(period, [*GRAINS, *CYCLES]))
    grains = [period for period in periods if period in GRAINS]
    if len(grains) > 1 or len(set(periods)) < len(periods):
        raise CalendarError(
            f"the periods {', '.join(periods)} do not go together",
            hint=f"take at most one of {', '.join(GRAINS)}, and each of {', '.join(CYCLES)} at most once",
        )
    return grains[0] if grains else "all", tuple(cycle for cycle in CYCLES if cycle in periods)


def _base(grain: str, cycles: tuple[str, ...], day_start: int) -> str:
    """Returns the coarsest grain from whose cells all that is asked for can be built."""
    if not cycles:
        return grain
    if grain not in SUB_DAY and "hour_of_day" not in cycles:
        return "day"
    most = SUB_DAY.get(grain, HOUR)
    fitting = (name for name, step in SUB_DAY.items() if step <= most and day_start % step == 0)
    return max(fitting, key=lambda name: SUB_DAY[name])


def _assemble(
    cells: Timeline, outer: list[int], periods: tuple[str, ...], size: int, rules: Reckoning
) -> Axis:
    grain, cycles = periods[0], periods[1:]
    start, end = cells.edges[0], cells.edges[-1]
    day_edges = edges_around(start, end, "day", rules)
    first_day = [bisect_right(day_edges, at) - 1 for at in cells.edges[:-1]]
    last_day = [bisect_left(day_edges, at) - 1 for at in cells.edges[1:]]
    inner = _inner(cells, [day_edges[day] for day in first_day], cycles, rules)
    owner = [(bisect_right(outer, at) - 1) * size + k for at, k in zip(cells.edges, inner, strict=False)]
    count = (len(outer) - 1) * size
    clipped = {owner[0]} if cells.first_start < start else set()
    clipped |= {owner[-1]} if cells.last_end > end else set()
    by_grain = grain != "all" or not cycles
    spread = [period for period in range(len(outer) - 1) for _ in range(size)]
    whole = [outer[i] >= start and outer[i + 1] <= end for i in range(len(outer) - 1)]
    weekdays = [1 + k // (size // 7) for k in range(size)] if "weekday" in cycles else None
    hours = [k % 24 for k in range(size)] if "hour_of_day" in cycles else None
    return Axis(
        zone=cells.zone,
        periods=tuple(period for period in periods if period != "all" or not cycles),
        timeline=cells,
        cell_to_period=tuple(owner),
        labels=_labels(outer, size, rules) if by_grain else _cyclic(weekdays, hours),
        starts=tuple(outer[p] if by_grain else None for p in spread),
        ends=tuple(outer[p + 1] if by_grain else None for p in spread),
        hours=tuple(hours * (len(outer) - 1) if hours else [None] * count),
        weekdays=tuple(weekdays * (len(outer) - 1) if weekdays else [None] * count),
        days=tuple(_count_days(owner, first_day, last_day, count)),
        complete=tuple(whole[p] if by_grain else i not in clipped for i, p in enumerate(spread)),
    )


def _inner(cells: Timeline, begun: Sequence[int], cycles: tuple[str, ...], rules: Reckoning) -> list[int]:
    """Returns the place of each cell within the cycles; ``begun`` is where its day begins."""
    inner = [0] * len(cells)
    if "weekday" in cycles:
        shift = timedelta(microseconds=rules.day_start)
        known: dict[int, int] = {}
        for i, at in enumerate(begun):
            if at not in known:
                known[at] = (local_time(at, rules.zone).replace(tzinfo=None) - shift).weekday()
            inner[i] = known[at]
    if "hour_of_day" in cycles:
        pieces = stretches(cells.first_start, cells.edges[-1], rules.zone)
        for i, (local, _) in enumerate(local_starts(cells.starts, pieces)):
            inner[i] = inner[i] * 24 + local % DAY // HOUR
    return inner


def _count_days(owner: list[int], first: list[int], last: list[int], count: int) -> list[int]:
    days, counted = [0] * count, [-1] * count
    for period, begin, end in zip(owner, first, last, strict=True):
        days[period] += end - max(begin - 1, counted[period])
        counted[period] = end
    return days


def _labels(outer: list[int], size: int, rules: Reckoning) -> tuple[str, ...]:
    return tuple(label for label in labels_of(outer[:-1], rules.zone) for _ in range(size))


def _cyclic(weekdays: list[int] | None, hours: list[int] | None) -> tuple[str, ...]:
    texts = [[str(day) for day in weekdays]] if weekdays else []
    texts += [[f"{hour:02d}" for hour in hours]] if hours else []
    return tuple("/".join(words) for words in zip(*texts, strict=True))
