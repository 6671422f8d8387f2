"""What calendar files may say, and what is said of those that cannot be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kpicore.clock import Calendar, Shift, load_calendars, read_calendars
from kpicore.errors import CalendarError, SourceNotFoundError

HOUR = 3_600_000_000
BOOK = """
zone = "Asia/Shanghai"
default = "office"

[holidays]
dates = [2026-10-01, "2026-10-02"]
yearly = ["12-25"]

[calendars.office.week]
mon-fri = ["09:00-12:00", "13:00-18:00"]
Saturday = "10:00-12:00"

[calendars.night]
day_start = "06:00"
holidays = {}

[calendars.night.week]
sat-mon = "22:00-06:00"

[[assign]]
team = ["n1", "n2"]
queue = "vip"
calendar = "night"

[[assign]]
queue = "night"
calendar = "night"
"""


def shift(first: float, last: float) -> Shift:
    return Shift(start=int(first * HOUR), end=int(last * HOUR))


def test_a_file_may_hold_several_calendars() -> None:
    book = read_calendars(BOOK)
    office, night = book.named("office"), book.named("night")
    assert office.week[0] == (shift(9, 12), shift(13, 18))
    assert (office.week[5], office.week[6]) == ((shift(10, 12),), ())
    assert [bool(day) for day in night.week] == [True, False, False, False, False, True, True]
    assert night.week[0] == (shift(22, 30),)
    assert (night.zone, night.day_start) == ("Asia/Shanghai", 6 * HOUR)
    assert office.holidays.dates == (date(2026, 10, 1), date(2026, 10, 2))
    assert (office.holidays.yearly, night.holidays.dates) == (((12, 25),), ())


def test_calendars_go_to_teams_and_queues() -> None:
    book = read_calendars(BOOK)
    given = {
        (team, queue): book.of(team=team, queue=queue).name
        for team in ("n1", "day", None)
        for queue in ("vip", "night", None)
    }
    assert [key for key, name in given.items() if name == "night"] == [
        ("n1", "vip"),
        ("n1", "night"),
        ("day", "night"),
        (None, "night"),
    ]


def test_24x7_is_always_there() -> None:
    always = read_calendars(BOOK).named("24x7")
    assert (always.zone, set(always.week)) == ("Asia/Shanghai", {(shift(0, 24),)})
    with pytest.raises(CalendarError, match="did you mean 'night'"):
        read_calendars(BOOK).named("nigth")


def test_a_calendar_is_called_like_its_file(tmp_path: Path) -> None:
    path = tmp_path / "support.toml"
    path.write_text("zone = 'UTC'\nweek.daily = '00:00-24:00'", encoding="utf-8")
    book = load_calendars(path)
    assert (book.default, book.of().name, list(book.calendars)) == ("support", "support", ["support"])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"nothing\.toml"):
        load_calendars(tmp_path / "nothing.toml")
    (tmp_path / "gb.toml").write_bytes("name = '客服'".encode("gb18030"))
    with pytest.raises(CalendarError, match=r"gb\.toml: byte 8 is not UTF-8"):
        load_calendars(tmp_path / "gb.toml")
    (tmp_path / "bad.toml").write_text("zone = UTC", encoding="utf-8")
    with pytest.raises(CalendarError, match=r"bad\.toml: this is not TOML: .*line 1"):
        load_calendars(tmp_path / "bad.toml")


GOOD = "zone = 'UTC'\nweek.mon-fri = '09:00-17:00'\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("week.mon = '9:00-17:00'", "zone: is missing"),
        ("zone = 'UTC'", "week: is missing"),
        ("zone = 'UTC'\nweek.mon = []", "week: has no working hours"),
        ("zone = 'Asia/Shangai'\nweek.mon = '9:00-17:00'", "did you mean 'Asia/Shanghai'"),
        (GOOD + "hollidays.country = 'CN'", "hollidays: there is no such key; did you mean 'holidays'"),
        (GOOD + "holidays.contry = 'CN'", r"holidays\.contry: there is no such key; did you mean 'country'"),
        (GOOD + "week.wed = '10:00-12:00'", r"week\.wed: wed is given twice"),
        (GOOD + "week.saturnday = '10:00-12:00'", "did you mean 'saturday'"),
        (GOOD + "week.sat-sun-mon = '10:00-12:00'", "not a span of days"),
        (GOOD + "week.sat = '10-12'", r"week\.sat: '10-12' are not hours"),
        (GOOD + "week.sat = '10:00-10:00'", "are not hours"),
        (GOOD + "week.sat = '10:00-24:30'", "are not hours"),
        (GOOD + "week.sat = '24:00-25:00'", "are not hours"),
        (GOOD + "week.sat = '10:60-12:00'", "are not hours"),
        (GOOD + "week.sat = 10", "10 is not text"),
        (GOOD + "week.sat = ['10:00-14:00', '13:00-15:00']", "shifts overlap at 13:00"),
        (GOOD + "week.sun = '22:00-09:30'", "the last shift of sun overlaps the first of mon"),
        (GOOD + "breaks.mon = '18:00-19:00'", "a break of mon lies outside its hours"),
        (GOOD + "day_start = '6am'", "day_start: '6am' is not a time of day"),
        (GOOD + "day_start = '06:10'", "not a multiple of 15 minutes"),
        (GOOD + "day_start = '12:00'", "runs past the start of the next day"),
        (GOOD + "count = 'elapse'", "did you mean 'elapsed'"),
        (GOOD + "known_through = '31.12.2026'", "known_through: '31.12.2026' is not a date"),
        (GOOD + "known_through = 2026-12-31T00:00:00", "is not a date"),
        (GOOD + "special_days.2026-02-30 = []", r"special_days\.2026-02-30: '2026-02-30' is not a date"),
        (GOOD + "special_days.2026-10-01 = []\nspecial_days.20261001 = []", "2026-10-01 is given twice"),
        (GOOD + "holidays.yearly = ['25.12.']", "is not a day of every year"),
        (GOOD + "holidays.yearly = ['02-30']", "is not a day of every year"),
        (GOOD + "holidays.dates = '2026-10-01'", "is not a list"),
        (GOOD + "holidays.country = 'CHINA'", "knows no country 'CHINA'"),
        (GOOD + "holidays.country = 'DE'\nholidays.subdivision = 'BAY'", "knows no subdivision 'BAY' of DE"),
        (GOOD + "holidays.country = 'DE'\nholidays.categories = ['moon']", "holidays of DE: Category"),
        (GOOD + "holidays.make_up_days = 1", "neither true nor false"),
        (GOOD + "holidays.make_up_like = 'x'", "not a day of the week"),
        (GOOD + "holidays = 'CN'", "'CN' is not a table"),
        (GOOD + "calendars = {}", "holds no calendar"),
        (GOOD + "calendars.a.wek = 1", r"calendars\.a\.wek: there is no such key; did you mean 'week'"),
        (GOOD + "calendars.a = {}\ndefault = 'b'", "default: there is no calendar 'b'; known: a"),
        (GOOD + "assign = 1", r"write \[\[assign\]\]"),
        (GOOD + "assign = [{calendar = 'calendar'}]", "assign 1: names neither team, queue nor dates"),
        (GOOD + "assign = [{team = 'a', calendar = 'x'}]", "assign 1: calendar: there is no calendar 'x'"),
        (GOOD + "assign = [{teem = 'a', queue = 'q', calendar = 'calendar'}]", "did you mean 'team'"),
        (GOOD + "name = 7", "name: 7 is not text"),
    ],
)
def test_faults_are_named_with_their_place(text: str, problem: str) -> None:
    with pytest.raises(CalendarError, match=problem) as caught:
        read_calendars(text, source="support.toml")
    assert caught.value.message == "support.toml: the calendar cannot be used"


def test_all_faults_are_found_at_once() -> None:
    with pytest.raises(CalendarError) as caught:
        read_calendars("zone = 'X/Y'\ncount = 'never'\nweek.mon = '9-5'\nwek = 1")
    assert len(caught.value.problems) == 4


def test_toml_may_write_times_and_dates_of_its_own() -> None:
    one = read_calendars(GOOD + "day_start = 06:00:00\nknown_through = 2026-12-31").of()
    assert (one.day_start, one.known_through) == (6 * HOUR, date(2026, 12, 31))


def test_a_whole_day_can_be_written_from_its_start() -> None:
    one: Calendar = read_calendars("zone = 'UTC'\nday_start = '06:00'\nweek.mon = '06:00-06:00'").of()
    assert one.week[0] == (shift(6, 30),)
