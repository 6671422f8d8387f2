"""Timelines and axes against oracles that walk the local clock minute by minute."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.clock import axis, load_zone, timeline
from kpicore.clock.stretches import _STEP, stretches

MINUTE, DAY = 60_000_000, 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = (
    *("UTC", "Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Europe/Berlin", "Africa/Casablanca"),
    *("Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "America/St_Johns"),
    *("Pacific/Apia", "Asia/Pyongyang", "Pacific/Chatham", "Asia/Hong_Kong", "Antarctica/Troll"),
)


def changes(name: str) -> list[tuple[int, int]]:
    """The zone's changes as (second, new offset), straight from the compiled database."""
    resource = files("tzdata.zoneinfo").joinpath(*name.split("/"))
    raw = resource.read_bytes()

    def counts(at: int) -> tuple[int, ...]:
        return struct.unpack(">6l", raw[at + 20 : at + 44])

    isut, isstd, leap, times, kinds, letters = counts(0)
    at = 44 + times * 5 + kinds * 6 + letters + leap * 8 + isstd + isut
    _, _, _, times, kinds, _ = counts(at)
    at += 44
    when = struct.unpack(f">{times}q", raw[at : at + 8 * times])
    which = raw[at + 8 * times : at + 9 * times]
    offsets = [
        struct.unpack(">l", raw[p : p + 4])[0] for p in range(at + 9 * times, at + 9 * times + 6 * kinds, 6)
    ]
    return [(second, offsets[kind]) for second, kind in zip(when, which, strict=True)]


def test_no_zone_changes_twice_within_one_probing_step() -> None:
    gaps = []
    for name in sorted(available_timezones() - {"localtime"}):
        seconds = [second for second, _ in changes(name)]
        gaps += [b - a for a, b in pairwise(seconds)]
    assert len(gaps) > 10_000
    assert min(gaps) * 1_000_000 > _STEP


@pytest.mark.parametrize("zone", ZONES)
def test_stretches_are_those_of_the_database(zone: str) -> None:
    # from the last change listed on, the database holds a rule instead
    first, last = -2_000_000_000, max([2, *(second + 1 for second, _ in changes(zone))])
    database = [change for change in changes(zone) if first < change[0] < last]
    found = stretches(first * 1_000_000, last * 1_000_000, load_zone(zone))
    seen = [(piece.start // 1_000_000, piece.offset // 1_000_000) for piece in found[1:]]
    before = found[0].offset // 1_000_000
    expected = []
    for second, offset in database:
        if offset != before:
            expected.append((second, offset))
        before = offset
    assert seen == expected
    assert all(a.end == b.start for a, b in pairwise(found))


def wall(us: int, zone: ZoneInfo) -> datetime:
    return (EPOCH + timedelta(microseconds=us)).astimezone(zone)


def key_of(day: date, grain: str) -> tuple[int, ...]:
    if grain == "week":
        return day.isocalendar()[:2]
    return {"day": (day.toordinal(),), "month": (day.year, day.month), "year": (day.year,)}.get(
        grain, (day.year, (day.month - 1) // 3)
    )


def oracle(start: int, end: int, grain: str, zone: ZoneInfo, day_start: int) -> list[int]:
    """Edges within [start, end], by walking the clock; ``start`` must be a whole minute.

    A short period ends where its clock time or the offset changes. A long one begins when a date is
    seen for the first time that no earlier moment has reached.
    """
    edges: list[int] = []
    last: tuple[object, ...] | None = None
    furthest = date.min
    short = {"15min": 15, "30min": 30, "hour": 60}.get(grain)
    for us in range(start - (0 if short else 3 * DAY), end, MINUTE if short else 15 * MINUTE):
        local = wall(us, zone)
        now: tuple[object, ...]
        if short:
            now = local.date(), (local.hour * 60 + local.minute) // short, local.utcoffset()
        else:
            furthest = max(furthest, (local.replace(tzinfo=None) - timedelta(microseconds=day_start)).date())
            now = key_of(furthest, grain)
        if now != last and us >= start:
            edges.append(us)
        last = now
    return edges


moments = st.one_of(
    st.sampled_from([second for zone in ZONES for second, _ in changes(zone) if 0 < second < 2_000_000_000]),
    st.integers(0, 2_000_000_000),
).map(lambda second: second // 900 * 900_000_000)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    zone=st.sampled_from(ZONES),
    middle=moments,
    grain=st.sampled_from(["15min", "30min", "hour"]),
    before=st.integers(0, 300),
    after=st.integers(1, 300),
)
def test_short_periods_are_those_of_the_clock_on_the_wall(
    zone: str, middle: int, grain: str, before: int, after: int
) -> None:
    start, end = middle - before * MINUTE, middle + after * MINUTE
    cells = timeline(start, end, grain, zone)
    assert list(cells.edges[1:-1]) == [
        at for at in oracle(start, end, grain, load_zone(zone), 0) if at > start
    ]
    assert (cells.edges[0], cells.edges[-1]) == (start, end)
    shown = [datetime.fromisoformat(label) for label in cells.labels]
    assert [(moment - EPOCH) // timedelta(microseconds=1) for moment in shown] == list(cells.starts)
    assert list(cells.labels) == [wall(at, load_zone(zone)).isoformat() for at in cells.starts]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    # St John's changed clocks at a minute past midnight, which steps of a quarter hour do not see
    zone=st.sampled_from([zone for zone in ZONES if zone != "America/St_Johns"]),
    middle=moments,
    grain=st.sampled_from(["day", "week", "month", "quarter", "year"]),
    length=st.integers(1, 40),
    day_start=st.sampled_from([0, 0, 6 * 60 * MINUTE, 75 * MINUTE]),
)
def test_long_periods_begin_when_their_date_is_first_seen(
    zone: str, middle: int, grain: str, length: int, day_start: int
) -> None:
    start, end = middle - DAY, middle + length * DAY
    cells = timeline(start, end, grain, zone, day_start=day_start)
    expected = oracle(start, end, grain, load_zone(zone), day_start)
    assert list(cells.edges[1:-1]) == [at for at in expected if at > start]
    widened = timeline(start, end, grain, zone, day_start=day_start, align=True)
    assert widened.edges[0] == cells.first_start <= start
    assert widened.edges[-1] == cells.last_end >= end
    assert widened.edges[1:-1] == cells.edges[1:-1]
    assert widened == timeline(widened.edges[0], widened.edges[-1], grain, zone, day_start=day_start)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    zone=st.sampled_from(ZONES),
    start=moments,
    length=st.integers(1, 20 * 96),
    cycles=st.sampled_from([("weekday",), ("hour_of_day",), ("weekday", "hour_of_day")]),
    grain=st.sampled_from(["all", "month", "week", "day", "hour"]),
    day_start=st.sampled_from([0, 45 * MINUTE, 6 * 60 * MINUTE]),
)
def test_every_quarter_hour_is_counted_in_the_period_the_wall_shows(
    zone: str, start: int, length: int, cycles: tuple[str, ...], grain: str, day_start: int
) -> None:
    end = start + length * 15 * MINUTE
    found = axis(start, end, (grain, *cycles), zone, day_start=day_start)
    home = load_zone(zone)
    days = timeline(start, end, "day", zone, day_start=day_start)
    fine = timeline(start, end, "15min", zone)
    spent, expected = [0] * len(found), dict.fromkeys(range(len(found)), 0)
    touched: dict[int, set[int]] = {period: set() for period in range(len(found))}
    places = {place: i for i, place in enumerate(zip(found.starts, found.weekdays, found.hours, strict=True))}
    grains = timeline(start, end, grain, zone, day_start=day_start)
    for a, b in zip(fine.edges, fine.edges[1:], strict=False):
        day = max(at for at in days.starts if at <= a)
        weekday = (wall(day, home).replace(tzinfo=None) - timedelta(microseconds=day_start)).isoweekday()
        begun = max(at for at in grains.starts if at <= a) if grain != "all" else None
        place = (
            begun,
            weekday if "weekday" in cycles else None,
            wall(a, home).hour if "hour_of_day" in cycles else None,
        )
        expected[places[place]] += b - a
        touched[places[place]].add(day)
    for period, a, b in zip(
        found.cell_to_period, found.timeline.edges, found.timeline.edges[1:], strict=False
    ):
        spent[period] += b - a
    assert spent == list(expected.values())
    assert list(found.days) == [len(seen) for seen in touched.values()]
