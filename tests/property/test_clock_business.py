"""Business durations against oracles that walk the local clock minute by minute."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.clock import Calendar, DurationRule, Shift, load_zone, work_days, working_time

MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
EPOCH = datetime(1970, 1, 1)
ZONES = {
    # zone: seconds of clock changes, to look at closely
    "UTC": [1_000_000_000],
    "Europe/Berlin": [1774746000, 1792890000],
    "America/New_York": [1772953200, 1793512800],
    "Australia/Lord_Howe": [1775314800, 1791041400],
    "Asia/Hong_Kong": [295385400, 309292200],
    "America/Sao_Paulo": [1541300400, 1518919200],
    "Pacific/Apia": [1325239200],
    "America/St_Johns": [1289097060],
}


class Wall:
    """The local clock at every minute of a range."""

    def __init__(self, zone: str, start: int, end: int) -> None:
        home = load_zone(zone)
        self.instants = list(range(start, end, MINUTE))
        self.shown = [
            (datetime.fromtimestamp(us // 1_000_000, UTC).astimezone(home).replace(tzinfo=None) - EPOCH)
            // timedelta(microseconds=1)
            for us in self.instants
        ]
        self.furthest = list(accumulate(self.shown, max))
        # what the clock has moved past by each minute, that of a repeated hour's first pass included
        ended = [self.shown[0], *(wall + MINUTE for wall in self.shown)]
        self.passed = list(map(max, self.furthest, accumulate(ended, max)))

    def first(self, wall: int) -> int:
        """When the clock first shows ``wall`` or jumps past it."""
        return self.instants[bisect_left(self.furthest, wall)]

    def moved_past(self, us: int) -> int:
        """How far the clock had ever moved by the instant ``us``."""
        return self.passed[(us - self.instants[0]) // MINUTE]


@cache
def wall_around(zone: str, change: int) -> Wall:
    """So far around the change that every span near it is seen."""
    return Wall(zone, change - 10 * DAY, change + 10 * DAY)


def spans(calendar: Calendar, at: int) -> list[tuple[int, int]]:
    """Open spans of the local clock in the week around ``at``."""
    day = (EPOCH + timedelta(microseconds=at)).date()
    found = []
    for one in work_days(calendar, day - timedelta(days=6), day + timedelta(days=6)):
        midnight = (datetime.combine(one.day, datetime.min.time()) - EPOCH) // timedelta(microseconds=1)
        found += [(midnight + shift.start, midnight + shift.end) for shift in one.shifts]
    return found


def oracle(calendar: Calendar, wall: Wall, start: int, end: int) -> int:
    total = 0
    for opens, closes in spans(calendar, start):
        if calendar.count == "elapsed":
            opens, closes, first, last = wall.first(opens), wall.first(closes), start, end
        else:
            first, last = map(wall.moved_past, (start, end))
        total += max(0, min(closes, last) - max(opens, first))
    return total


@st.composite
def hours(draw: st.DrawFn) -> tuple[Shift, ...]:
    edges = sorted(draw(st.sets(st.integers(0, 24 * 12), min_size=0, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Shift(start=a * 5 * MINUTE, end=b * 5 * MINUTE) for a, b in pairs)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    round_the_clock = (Shift(start=0, end=DAY),)
    week = tuple(draw(st.one_of(st.just(round_the_clock), hours())) for _ in range(7))
    return Calendar(
        name="drawn",
        zone=draw(st.sampled_from(sorted(ZONES))),
        week=week,
        count=draw(st.sampled_from(["elapsed", "wall"])),
    )


@settings(max_examples=120, deadline=None, derandomize=True)
@given(calendar=calendars(), data=st.data())
def test_durations_are_those_of_the_clock_on_the_wall(calendar: Calendar, data: st.DataObject) -> None:
    change = data.draw(st.sampled_from(ZONES[calendar.zone])) // 60 * MINUTE
    wall = wall_around(calendar.zone, change)
    minutes = st.integers(-1800, 1800).map(lambda minute: change + minute * MINUTE)
    pairs = data.draw(st.lists(st.tuples(minutes, minutes).map(sorted), min_size=1, max_size=8))
    clock = working_time(calendar, change - 2 * DAY, change + 2 * DAY)
    start, end = (pa.array([pair[k] for pair in pairs], pa.int64()) for k in (0, 1))
    found = clock.between(start, end).to_pylist()
    assert found == [oracle(calendar, wall, *pair) for pair in pairs]
    # the long way round: with nulls, with a calendar per row, through the cumulated time
    which = pa.array([0] * len(pairs), pa.int32())
    assert clock.between(start, end, which=which).to_pylist() == found
    before, after = (clock.worked(at).to_pylist() for at in (start, end))
    assert [b - a for a, b in zip(before, after, strict=True)] == found
    # turned around: the negative, or nothing
    assert clock.between(end, start, rule=DurationRule(reversed="negative")).to_pylist() == [
        -d for d in found
    ]
    assert set(clock.between(end, start, rule=DurationRule(reversed="zero")).to_pylist()) == {0}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    calendar=calendars(),
    cuts=st.lists(st.integers(0, 400 * DAY), min_size=3, max_size=30).map(sorted),
    shift=st.integers(0, 100 * DAY),
)
def test_durations_add_up_and_do_not_depend_on_the_range(
    calendar: Calendar, cuts: list[int], shift: int
) -> None:
    base = 1_700_000_000_000_000
    points = pa.array([base + cut for cut in cuts], pa.int64())
    clock = working_time(calendar, base, base + 400 * DAY)
    wider = working_time(calendar, base - shift, base + 400 * DAY + shift)
    parts = clock.between(points[:-1], points[1:])
    whole = clock.between(points[:1], points[-1:])
    assert sum(parts.to_pylist()) == whole[0].as_py()
    assert wider.between(points[:-1], points[1:]) == parts
    # elapsed working time never exceeds elapsed time
    if calendar.count == "elapsed":
        lengths = [b - a for a, b in pairwise(cuts)]
        assert all(0 <= part <= length for part, length in zip(parts.to_pylist(), lengths, strict=True))
    always = replace(calendar, week=((Shift(start=0, end=DAY),),) * 7, count="elapsed")
    plain = working_time(always, base, base + 400 * DAY).between(points[:1], points[-1:])
    assert plain[0].as_py() == cuts[-1] - cuts[0]
