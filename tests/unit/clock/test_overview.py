"""What a calendar file holds, on a day that is given."""

from __future__ import annotations

from datetime import date

from kpicore.clock import overview_of, read_calendars

TEXT = """
zone = "Asia/Shanghai"
week.mon-fri = "09:00-18:00"
holidays.country = "CN"
[special_days]
2026-02-20 = "10:00-12:00"
2026-03-01 = []
"""


def test_the_year_ahead_of_china_in_2026() -> None:
    """The notice of the State Council for 2026: 14 and 28 February and 9 May are worked."""
    (one,) = overview_of(read_calendars(TEXT), date(2026, 2, 10))
    assert (one.week, one.known_through) == ("mon-fri 09:00-18:00", date(2026, 12, 31))
    days = {kind: [d for d in one.coming if d.reason == kind] for kind in ("holiday", "make_up", "special")}
    assert [day.day for day in days["make_up"]][:3] == [
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
    ]
    assert [day.day for day in days["holiday"]][:2] == [date(2026, 2, 16), date(2026, 2, 17)]
    assert [(day.day, len(day.shifts)) for day in days["special"]] == [
        (date(2026, 2, 20), 1),
        (date(2026, 3, 1), 0),
    ]
    assert [day.day for day in one.coming] == sorted(day.day for day in one.coming)
    assert all(len(found) <= 5 for found in days.values())
