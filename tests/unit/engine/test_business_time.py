"""Durations in business hours, from a log to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pytest

import kpicore
from kpicore.clock import CalendarWarning, parse_instant, read_calendars
from kpicore.errors import CalendarError, DataError, MissingDataError, UsageError

STAMP = pa.timestamp("us", "UTC")
HOUR = 3600.0
BUSINESS = "average_resolution_time[clock=business]"
OFFICE = "zone = 'Asia/Shanghai'\nweek.mon-fri = ['09:00-12:00', '13:00-18:00']\n"
SEASONS = (
    OFFICE.replace("week", "[calendars.office]\nweek")
    + """
[calendars.late]
week.daily = "12:00-21:00"

[[assign]]
team = "night"
calendar = "late"
"""
)


def instants(texts: Sequence[str | None], zone: str = "Asia/Shanghai") -> pa.Array:
    return pa.array([None if t is None else parse_instant(t, zone, what="at") for t in texts], STAMP)


def cases(*spans: tuple[str, str | None], zone: str = "Asia/Shanghai", **more: Sequence[object]) -> pa.Table:
    """Cases opened and resolved at these local times."""
    ended = instants([end for _, end in spans], zone)
    opened = instants([start for start, _ in spans], zone)
    return pa.table(
        {"contact_id": [f"c{i}" for i in range(len(spans))], "opened_at": opened, "closed_at": ended}
        | {"resolved_at": ended}
        | {name: pa.array(values) for name, values in more.items()}
    )


def hours(
    tables: Mapping[str, pa.Table], calendar: str, metric: str = BUSINESS, by: Sequence[str] = ()
) -> list[object]:
    """The metric in hours, by subject."""
    result = kpicore.measure(kpicore.open(dict(tables)), [metric], by, calendar=read_calendars(calendar))
    values = [row["value"] for row in result.rows()]
    return [None if value is None else value / HOUR for value in values]  # type: ignore[operator]


def test_only_the_hours_of_the_calendar_count() -> None:
    log = {
        "contacts": cases(("2026-10-16T17:00", "2026-10-19T10:00"), ("2026-10-19T11:00", "2026-10-19T14:00"))
    }
    assert hours(log, OFFICE) == [2.0]
    assert hours(log, OFFICE, "average_resolution_time") == [34.0]


def test_a_reply_outside_all_hours_ends_a_wait_at_closing_time() -> None:
    log = {"contacts": cases(("2026-10-16T17:00", "2026-10-17T03:00"))}
    assert hours(log, OFFICE) == [1.0]
    assert hours({"contacts": cases(("2026-10-17T02:00", "2026-10-17T03:00"))}, OFFICE) == [0.0]


def test_a_holiday_ends_exactly_at_midnight() -> None:
    round_the_clock = "zone = 'Asia/Shanghai'\nweek.daily = '00:00-24:00'\nholidays.dates = [2026-10-14]"
    ends = ("2026-10-14T00:00", "2026-10-14T23:59:59", "2026-10-15T00:00", "2026-10-15T01:00")
    found = [hours({"contacts": cases(("2026-10-13T23:00", end))}, round_the_clock) for end in ends]
    assert found == [[1.0], [1.0], [1.0], [2.0]]


def test_hong_kong_had_summer_time_until_1979() -> None:
    always = "zone = 'Asia/Hong_Kong'\nweek.daily = '00:00-24:00'\n"
    longer = {"contacts": cases(("1979-10-21T00:00", "1979-10-22T00:00"), zone="Asia/Hong_Kong")}
    shorter = {"contacts": cases(("1979-05-13T00:00", "1979-05-14T00:00"), zone="Asia/Hong_Kong")}
    later = {"contacts": cases(("1980-10-19T00:00", "1980-10-20T00:00"), zone="Asia/Hong_Kong")}
    assert [hours(log, always) for log in (shorter, longer, later)] == [[23.0], [25.0], [24.0]]
    assert [hours(log, always + "count = 'wall'") for log in (shorter, longer, later)] == [[24.0]] * 3


@pytest.mark.parametrize(
    ("zone", "spring", "autumn"),
    [("America/New_York", "2026-03-08", "2026-11-01"), ("Europe/Berlin", "2026-03-29", "2026-10-25")],
)
def test_new_york_and_berlin_change_their_clocks(zone: str, spring: str, autumn: str) -> None:
    night = f"zone = '{zone}'\nweek.daily = '00:00-06:00'\n"
    for day, elapsed in ((spring, 5.0), (autumn, 7.0)):
        log = {"contacts": cases((f"{day}T00:00", f"{day}T23:00"), zone=zone)}
        assert hours(log, night) == [elapsed]
        assert hours(log, night + "count = 'wall'") == [6.0]


def test_a_month_of_china_with_make_up_saturdays() -> None:
    pytest.importorskip("holidays")
    book = OFFICE + "holidays.country = 'CN'\n"
    # In February 2024 two Sundays, the 4th and the 18th, were worked, and the 10th to the 17th were off.
    whole = hours({"contacts": cases(("2024-02-01T00:00", "2024-03-01T00:00"))}, book)
    weekdays = 21
    worked = weekdays + 2 - len({"12", "13", "14", "15", "16"})
    assert whole == [8.0 * worked]


def test_cases_resolved_per_working_day_of_china() -> None:
    pytest.importorskip("holidays")
    book = read_calendars(OFFICE + "holidays.country = 'CN'\n")
    days = ("2024-02-05", "2024-02-09", "2024-02-20", "2024-03-05", "2024-03-09")
    spans = [(f"{day}T09:00", f"{day}T10:00") for day in days]
    log = kpicore.open({"contacts": cases(*spans)}, zone="Asia/Shanghai")
    text = "tickets_resolved[per=working_day]"
    result = kpicore.measure(log, [text], period="month", zone="Asia/Shanghai", calendar=book)
    rows = [(row["value"], row["numerator"], row["denominator"], row["unit"]) for row in result.rows()]
    # 21 weekdays and two make-up Sundays less five days of the holiday; March 2024 has 21 weekdays.
    assert rows == [(3 / 18, 3, 18, "tickets/day"), (2 / 21, 2, 21, "tickets/day")]
    doubled = kpicore.measure(log, [f"= 2 * {text}"], period="month", zone="Asia/Shanghai", calendar=book)
    assert [row["value"] for row in doubled.rows()] == [6 / 18, 4 / 21]
    with pytest.raises(CalendarError, match="needs a calendar"):
        kpicore.measure(log, [text], period="month")
    with pytest.raises(CalendarError, match="hour of day"):
        kpicore.measure(log, [text], period="weekday", calendar=book)


@pytest.mark.parametrize(("policy", "expected"), [("at_start", 8), ("at_end_event", 4), ("piecewise", 5)])
def test_a_schedule_changes_within_a_ticket(policy: str, expected: int) -> None:
    """From Wednesday on hours are early ones: 17 to 18 on Tuesday, then 6 to 10 instead of 9 to 17."""
    dated = (
        OFFICE.replace("week", "[calendars.office]\nweek", 1)
        + "[calendars.early]\nweek.daily = '06:00-10:00'\n"
        + "[[assign]]\nfrom = 2026-10-14\ncalendar = 'early'\n"
    )
    tables = {"contacts": cases(("2026-10-13T17:00", "2026-10-14T17:00"))}
    metric = f"average_resolution_time[clock=business,schedule_policy={policy}]"
    assert hours(tables, dated, metric) == [expected]


@pytest.mark.parametrize(("policy", "expected"), [("at_start", 8), ("at_end_event", 8), ("piecewise", 10)])
def test_an_agent_changes_teams_within_a_ticket(policy: str, expected: int) -> None:
    """From 15:00 on he works the late shift: 9-12 and 13-18, or 12-20, or 9-12, 13-15 and 15-20."""
    agents = pa.table(
        {
            "agent_id": ["a", "a"],
            "team": ["day", "night"],
            "valid_from": instants(["2026-01-01", "2026-10-13T15:00"]),
            "valid_to": instants(["2026-10-13T15:00", None]),
        }
    )
    contacts = cases(("2026-10-13T08:00", "2026-10-13T20:00"), agent_id=["a"])
    metric = f"average_resolution_time[clock=business,schedule_policy={policy}]"
    found = hours({"contacts": contacts, "agents": agents}, SEASONS, metric)
    assert found == [expected]


def test_calendars_go_by_team_and_queue() -> None:
    agents = pa.table({"agent_id": ["a", "b"], "team": ["day", "night"]})
    span = ("2026-10-13T08:00", "2026-10-13T22:00")
    tables = {"contacts": cases(span, span, agent_id=["a", "b"]), "agents": agents}
    assert hours(tables, SEASONS, by=["agent"]) == [8.0, 9.0]
    named = "average_resolution_time[clock=business,calendar=24x7]"
    assert hours(tables, SEASONS, named, by=["agent"]) == [14.0, 14.0]
    queues = {"contacts": cases(span, span, agent_id=["a", "b"], queue=["sales", "vip"])}
    assert hours(queues, SEASONS.replace('team = "night"', 'queue = "vip"'), by=["queue"]) == [8.0, 9.0]


def test_what_lacks_a_calendar_or_a_team_is_told() -> None:
    log = kpicore.open({"contacts": cases(("2026-10-13T08:00", "2026-10-13T22:00"))})
    with pytest.raises(CalendarError, match="needs a calendar") as caught:
        kpicore.measure(log, [BUSINESS])
    assert "--calendar FILE" in caught.value.hint
    with pytest.raises(MissingDataError, match="calendars go by team"):
        kpicore.measure(log, [BUSINESS], calendar=read_calendars(SEASONS))
    named = "average_resolution_time[clock=business,calendar=ofice]"
    with pytest.raises(CalendarError, match="did you mean 'office'"):
        kpicore.measure(log, [named], calendar=read_calendars(OFFICE, name="office"))


def test_a_reversed_interval_is_an_error_unless_the_file_says_otherwise() -> None:
    ended = instants(["2026-10-13T11:00"])
    contacts = cases(("2026-10-13T12:00", "2026-10-13T14:00")).set_column(3, "resolved_at", ended)
    within = "resolution_rate[clock=business,within=5m]"
    with pytest.raises(DataError, match=r"contacts: an interval from .* ends before it starts"):
        hours({"contacts": contacts}, OFFICE, within)
    for policy, met in (("zero", 1), ("negative", 1), ("null", 0)):
        found = hours({"contacts": contacts}, f"durations.reversed = '{policy}'\n" + OFFICE, within)
        assert found == [met / HOUR]


def test_durations_are_cut_and_raised_as_the_file_says() -> None:
    log = {
        "contacts": cases(
            ("2026-10-13T09:00", "2026-10-13T09:59:59.5"), ("2026-10-17T09:00", "2026-10-17T10:00")
        )
    }
    rules = "durations = {unit = '1m', floor = '1s'}\n"
    largest, smallest = "average_resolution_time[clock=business,statistic=max]", BUSINESS
    assert hours(log, rules + OFFICE, largest) == [59 / 60]
    assert hours(log, rules + OFFICE, smallest) == [pytest.approx((59 * 60 + 1) / 2 / 3600)]


def test_service_levels_count_contacts_of_business_hours_only() -> None:
    visits = pa.table(
        {
            "contact_id": ["u", "v", "w"],
            "queue": ["q"] * 3,
            "outcome": ["answered"] * 3,
            "entered_at": instants(["2026-10-13T09:00", "2026-10-13T18:00", "2026-10-13T12:30"]),
            "left_at": instants(["2026-10-13T09:00:05", "2026-10-13T18:10", "2026-10-13T12:31"]),
            "wait": pa.array([5_000_000, 600_000_000, 60_000_000], pa.int64()),
        }
    )
    log = kpicore.open({"visits": visits})
    rows = kpicore.measure(
        log, ["service_level", "service_level[hours=in_hours_only]"], calendar=read_calendars(OFFICE)
    ).rows()
    assert [(row["numerator"], row["denominator"]) for row in rows] == [(1, 3), (1, 1)]
    assert dict(rows[1]["excluded"]) == {"out_of_hours": 2}  # type: ignore[call-overload]


def test_a_backlog_ages_in_business_hours() -> None:
    log = kpicore.open({"contacts": cases(("2026-10-16T17:30", None), ("2026-10-18T09:00", None))})
    texts = [
        f"{name}[clock={clock},older_than=1h]"
        for name in ("backlog", "average_query_age")
        for clock in ("calendar", "business")
    ]
    result = kpicore.measure(
        log,
        texts,
        start="2026-10-16",
        end="2026-10-19T10:00",
        zone="Asia/Shanghai",
        calendar=read_calendars(OFFICE),
    )
    assert [row["value"] for row in result.rows()] == [2.0, 1.0, (64.5 + 25) * HOUR / 2, 1.5 * HOUR]


def test_a_period_past_the_known_calendar_warns_and_remarks() -> None:
    log = kpicore.open({"contacts": cases(("2026-10-13T08:00", "2026-10-13T22:00"))})
    book = read_calendars(OFFICE + "known_through = 2026-06-30")
    with pytest.warns(CalendarWarning, match="known through 2026-06-30"):
        result = kpicore.measure(log, [BUSINESS], calendar=book)
    assert ["known through 2026-06-30" in remark for remark in result.remarks] == [True]
    assert kpicore.measure(log, ["average_resolution_time"], calendar=book).remarks == ()


def test_night_shifts_belong_to_the_day_on_which_they_start() -> None:
    log = kpicore.open({"contacts": cases(("2026-10-13T23:00", None), ("2026-10-14T05:00", None))})
    found = kpicore.measure(log, ["resolution_rate"], period="day", zone="Asia/Shanghai", day_start="06:00")
    assert [(row["period"], row["n"]) for row in found.rows()] == [("2026-10-13T06:00:00+08:00", 2)]
    with pytest.raises(UsageError, match="not a time of day"):
        kpicore.measure(log, ["resolution_rate"], day_start="6am")


def test_weeks_and_years_begin_where_they_are_told_to() -> None:
    log = kpicore.open({"contacts": cases(("2026-10-13T23:00", None), ("2027-03-31T05:00", None))})
    span = {"start": "2026-10-13", "end": "2027-04-01", "zone": "Asia/Shanghai"}
    weeks = kpicore.measure(log, ["resolution_rate"], period="week", week_start=7, **span).rows()  # type: ignore[arg-type]
    assert weeks[0]["period"] == "2026-10-11T00:00:00+08:00"
    years = kpicore.measure(log, ["resolution_rate"], period="year", fiscal_year_start=4, **span).rows()  # type: ignore[arg-type]
    assert [(row["period"], row["n"]) for row in years] == [("2026-04-01T00:00:00+08:00", 2)]
