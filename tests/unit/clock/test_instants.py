"""Text to microseconds and back."""

from __future__ import annotations

import pytest

from kpicore.clock import format_duration, format_instant, load_zone, parse_duration, parse_instant
from kpicore.errors import CalendarError


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("1970-01-01", "UTC", 0),
        ("1970-01-01T08:00", "Asia/Shanghai", 0),
        ("1970-01-01T00:00:00Z", "Asia/Shanghai", 0),
        ("1970-01-01 00:00:00.000001+00:00", "Asia/Shanghai", 1),
        (" 1969-12-31T19:00:01-05:00 ", "UTC", 1_000_000),
        # New York's spring gap: the offset before it (-5) makes 02:30 the instant 03:30 daylight time
        ("2026-03-08T02:30", "America/New_York", 1772955000 * 1_000_000),
        # Berlin's repeated hour: the first pass, still at +02:00
        ("2026-10-25T02:30", "Europe/Berlin", 1792888200 * 1_000_000),
    ],
)
def test_instants_are_read(text: str, zone: str, expected: int) -> None:
    assert parse_instant(text, zone, what="start") == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "2026-02-30", "10:00", "0001-01-01T00:00+23:00x"]
)
def test_a_bad_instant_names_what_it_was_for(text: str) -> None:
    with pytest.raises(CalendarError, match=r"start: .* is not an ISO date"):
        parse_instant(text, "UTC", what="start")


def test_an_instant_before_year_one_is_refused() -> None:
    with pytest.raises(CalendarError):
        format_instant(-(10**18), "UTC")
    with pytest.raises(CalendarError, match="nanoseconds"):
        format_instant(1_790_784_000_000_000_000, "UTC")


@pytest.mark.parametrize(
    ("us", "zone", "text"),
    [
        (1_790_784_000_000_000, "Asia/Shanghai", "2026-10-01T00:00:00+08:00"),
        (1, "UTC", "1970-01-01T00:00:00.000001+00:00"),
        (1792888200 * 1_000_000, "Europe/Berlin", "2026-10-25T02:30:00+02:00"),
        (1792891800 * 1_000_000, "Europe/Berlin", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_instants_are_shown_and_read_back(us: int, zone: str, text: str) -> None:
    assert format_instant(us, zone) == text
    assert parse_instant(text, "UTC", what="x") == us


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20s", 20),
        ("5m", 300),
        ("1h30m", 5400),
        ("1h 30min", 5400),
        ("7d", 604800),
        ("1w", 604800),
        ("250ms", 0.25),
        ("1.5h", 5400),
        ("20", 20),
        ("0.5", 0.5),
        ("PT20S", 20),
        ("pt1h30m", 5400),
        ("P1DT0.5S", 86400.5),
        ("P2W", 1209600),
        ("0", 0),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds * 1_000_000


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "-3", "1 hour", "1h30", "0.0000001", "PT0.0000001S", "1y", "m"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(CalendarError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("us", "text"), [(5_400_000_000, "1h30m"), (0, "0s"), (86_400_250_001, "1d250ms1us"), (-1_000_000, "-1s")]
)
def test_durations_are_shown(us: int, text: str) -> None:
    assert format_duration(us) == text
    if us >= 0:
        assert parse_duration(text) == us


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Asia/Shangai", "Asia/Shanghai"),
        ("berlin", "Europe/Berlin"),
        ("asia/tokyo", "Asia/Tokyo"),
        ("New York", "America/New_York"),
        ("../../etc/passwd", "IANA"),
        ("", "IANA"),
        ("America", "did you mean|IANA"),
    ],
)
def test_an_unknown_zone_is_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(CalendarError, match=hint):
        load_zone(name)


def test_zones_come_from_the_package_and_not_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.TZPATH", ("/nowhere",))
    assert load_zone("Asia/Urumqi").key == "Asia/Urumqi"
    assert load_zone("Asia/Urumqi") is load_zone("Asia/Urumqi")
    with pytest.raises(CalendarError):
        load_zone("tzdata.zi")
