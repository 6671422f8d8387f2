"""The period axis: grains, cycles and both."""

from __future__ import annotations

import pytest

from kpicore.clock import Axis, axis, parse_instant
from kpicore.errors import CalendarError

HOUR = 3_600_000_000


def over(
    first: str, last: str, *periods: str, zone: str = "UTC", day_start: int = 0, align: bool = False
) -> Axis:
    start, end = (parse_instant(text, zone, what="edge") for text in (first, last))
    return axis(start, end, periods, zone, day_start=day_start, align=align)


def time_in(found: Axis) -> list[int]:
    """Hours of each period, to see that the cells are shared out."""
    total = [0] * len(found)
    edges = found.timeline.edges
    for period, a, b in zip(found.cell_to_period, edges, edges[1:], strict=False):
        total[period] += b - a
    return [part // HOUR for part in total]


def test_a_grain_alone_is_its_own_timeline() -> None:
    found = over("2026-10-01", "2026-10-03", "day")
    assert found.cell_to_period == (0, 1)
    assert found.labels == found.timeline.labels == ("2026-10-01T00:00:00+00:00", "2026-10-02T00:00:00+00:00")
    assert (found.days, found.complete, found.hours) == ((1, 1), (True, True), (None, None))
    assert found.ends == found.timeline.edges[1:]


def test_nothing_asked_for_is_all() -> None:
    found = over("2026-10-01", "2026-10-15T12:00")
    assert (found.periods, found.days, found.complete, found.cell_to_period) == (
        ("all",),
        (15,),
        (True,),
        (0,),
    )


def test_hours_of_the_day_are_dense() -> None:
    found = over("2026-10-01T08:00", "2026-10-03T10:00", "hour_of_day")
    assert found.labels == tuple(f"{hour:02d}" for hour in range(24))
    assert found.days[7:11] == (2, 3, 3, 2)
    assert time_in(found)[7:11] == [2, 3, 3, 2]
    assert set(found.starts) == {None}


def test_the_wednesdays_of_a_february_are_four() -> None:
    found = over("1999-02-01", "1999-03-01", "weekday", "hour_of_day", zone="Asia/Jerusalem")
    wednesday = found.labels.index("3/10")
    assert (found.days[wednesday], found.weekdays[wednesday], found.hours[wednesday]) == (4, 3, 10)
    assert len(found) == 168
    assert set(found.days) == {4}


def test_the_order_in_which_cycles_are_named_does_not_matter() -> None:
    assert over("2026-10-01", "2026-10-03", "hour_of_day", "weekday") == over(
        "2026-10-01", "2026-10-03", "weekday", "hour_of_day"
    )


def test_a_grain_and_a_cycle_make_a_grid() -> None:
    found = over("2026-10-30", "2026-11-03", "month", "hour_of_day")
    assert (found.periods, len(found)) == (("month", "hour_of_day"), 48)
    assert found.labels[23:25] == ("2026-10-01T00:00:00+00:00", "2026-11-01T00:00:00+00:00")
    assert found.hours[23:25] == (23, 0)
    assert set(found.days) == {2}
    assert not any(found.complete)


def test_clock_changes_lengthen_and_shorten_hours_of_the_day() -> None:
    autumn = over("2026-10-24", "2026-10-27", "hour_of_day", zone="Europe/Berlin")
    spring = over("2026-03-28", "2026-03-31", "hour_of_day", zone="Europe/Berlin")
    assert (time_in(autumn)[1:4], autumn.days[1:4]) == ([3, 4, 3], (3, 3, 3))
    assert (time_in(spring)[1:4], spring.days[1:4]) == ([3, 2, 3], (3, 2, 3))


def test_the_small_hours_belong_to_the_day_before_where_days_start_late() -> None:
    # Tuesday 2026-10-06, 02:00 to 10:00
    found = over("2026-10-06T02:00", "2026-10-06T10:00", "weekday", day_start=HOUR * 13 // 2)
    assert dict(zip(found.labels, found.days, strict=True))["1"] == 1
    assert time_in(found)[:2] == [4, 3]
    assert found.timeline.grain == "day"
    both = over("2026-10-06T02:00", "2026-10-06T10:00", "weekday", "hour_of_day", day_start=HOUR * 13 // 2)
    assert both.timeline.grain == "30min"
    assert [both.labels[p] for p in sorted(set(both.cell_to_period))] == [
        *["1/02", "1/03", "1/04", "1/05", "1/06"],
        *["2/06", "2/07", "2/08", "2/09"],
    ]


@pytest.mark.parametrize(
    ("periods", "grain"),
    [
        (("15min", "hour_of_day"), "15min"),
        (("hour", "weekday"), "hour"),
        (("week", "weekday"), "day"),
        (("all", "weekday"), "day"),
        (("year", "hour_of_day"), "hour"),
    ],
)
def test_the_timeline_is_as_coarse_as_can_be(periods: tuple[str, ...], grain: str) -> None:
    assert over("2026-10-01", "2026-10-02", *periods).timeline.grain == grain


def test_align_widens_to_the_grain_or_to_whole_days() -> None:
    month = over("2026-10-10T07:00", "2026-10-11", "month", align=True)
    assert (month.complete, month.days) == ((True,), (31,))
    cyclic = over("2026-10-10T07:10", "2026-10-11T01:00", "hour_of_day", align=True)
    assert (set(cyclic.days), set(cyclic.complete)) == ({2}, {True})


def test_what_the_range_cuts_is_not_complete() -> None:
    days = over("2026-10-01T07:10", "2026-10-03", "day")
    assert days.complete == (False, True)
    assert days.labels[0] == "2026-10-01T00:00:00+00:00"
    hours = over("2026-10-01T07:10", "2026-10-03", "hour_of_day")
    assert [hour for hour, whole in zip(hours.hours, hours.complete, strict=True) if not whole] == [7]


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        (("day", "month"), "do not go together"),
        (("weekday", "weekday"), "do not go together"),
        (("weekdays",), "did you mean 'weekday'"),
        (("hour", "weekday", "hour_of_day"), "more than 5,000,000"),
    ],
)
def test_what_does_not_go_together_is_refused(periods: tuple[str, ...], message: str) -> None:
    with pytest.raises(CalendarError, match=message):
        over("2020-01-01", "2026-01-01", *periods)
