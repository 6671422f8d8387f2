"""Times written as text, against Python's own calendar."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpicore.adapters.moments import ISO, parse_moments

FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%y%m%d %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%d-%b-%Y %H:%M",
    "%d.%m.%Y",
    "%Y年%m月%d日 %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S%z",
]


def parsed(texts: list[str | None], format: str) -> tuple[list[dt.datetime | None], list[bool]]:
    array, failed = parse_moments(pa.chunked_array([pa.array(texts, pa.string())]), format)
    return array.to_pylist(), failed.to_pylist()


def expected(text: str, format: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, format)
    except ValueError:
        return None


moments = st.datetimes(dt.datetime(1969, 1, 1), dt.datetime(2068, 12, 31))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(moments, min_size=1, max_size=8), st.sampled_from(FORMATS), st.integers(-720, 720))
def test_what_python_writes_is_read_back(times: list[dt.datetime], format: str, offset: int) -> None:
    zone = dt.timezone(dt.timedelta(minutes=offset))
    texts = [moment.replace(tzinfo=zone).strftime(format) for moment in times]
    found, failed = parsed([*texts, None], format)
    assert found == [*(expected(text, format) for text in texts), None]
    assert not any(failed)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.tuples(
        *(st.integers(low, high) for low, high in ((1890, 2110), (0, 13), (0, 32), (0, 25), (0, 61), (0, 61)))
    ),
    st.sampled_from(["{:04}-{:02}-{:02} {:02}:{:02}:{:02}", "{}-{}-{} {}:{}:{}"]),
)
def test_dates_that_do_not_exist_have_failed(parts: tuple[int, ...], layout: str) -> None:
    text, format = layout.format(*parts), "%Y-%m-%d %H:%M:%S"
    wanted = expected(text, format) if parts[5] != 60 else None
    if parts[5] == 61:
        wanted = None
    assert parsed([text], format) == ([wanted], [wanted is None])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-10-01 08:30", "2026-10-01T08:30"),
        ("2026-10-01T08:30:15", "2026-10-01T08:30:15"),
        ("2026-10-01 08:30:15.25", "2026-10-01T08:30:15.25"),
        ("2026-10-01 08:30:15,1234567", "2026-10-01T08:30:15.123456"),
        ("2026-10-01T08:30Z", "2026-10-01T08:30+00:00"),
        ("2026-10-01T08:30:00+08:00", "2026-10-01T00:30+00:00"),
        ("2026-10-01 08:30:00 -0130", "2026-10-01T10:00+00:00"),
        ("2026-10-01 08:30:00+08", "2026-10-01T00:30+00:00"),
        ("0001-01-01 00:00:00", "0001-01-01T00:00"),
        ("9999-12-31 23:59:59", "9999-12-31T23:59:59"),
        ("2024-02-29 00:00", "2024-02-29T00:00"),
        ("2026-10-01", None),
        ("2026-10-01 8:30", None),
        ("2026-02-29 08:30", None),
        ("1900-02-29 08:30:00", None),
        ("2026-10-01 24:00:00", None),
        ("2026-10-01 08:30:00 PM", None),
        ("", None),
        ("soon", None),
    ],
)
def test_iso(text: str, wanted: str | None) -> None:
    moment = None if wanted is None else dt.datetime.fromisoformat(wanted)
    assert parsed([text], ISO) == ([moment], [moment is None])
    assert parsed([text, "?"], ISO)[0][0] == moment


def test_offsets_and_their_lack_do_not_mix() -> None:
    found, failed = parsed(["2026-10-01T08:30Z", "2026-10-01T08:30", None], ISO)
    assert found == [dt.datetime(2026, 10, 1, 8, 30, tzinfo=dt.UTC), None, None]
    assert failed == [False, True, False]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("12:00 AM", 0),
        ("12:00 pm", 12),
        ("1:00 p.m.", 13),
        ("11:00 上午", 11),
        ("12:30 下午", 12),
        ("13:00 PM", None),
    ],
)
def test_clocks_of_twelve_hours(text: str, hour: int | None) -> None:
    found = parsed([f"2026-10-01 {text}"], "%Y-%m-%d %I:%M %p")[0][0]
    assert (found.hour if found else None) == hour


def test_counts_since_1970() -> None:
    noon = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)
    seconds = int(noon.timestamp())
    for format, text in (
        ("unix", f"{seconds}.25"),
        ("unix_ms", f"{seconds}250"),
        ("unix_us", f"{seconds}250000"),
    ):
        found, failed = parsed([text, None, "x", "-1"], format)
        assert found[:3] == [noon.replace(microsecond=250_000), None, None]
        assert failed == [False, False, True, False]
    assert parsed(["-1.5"], "unix")[0] == [dt.datetime(1969, 12, 31, 23, 59, 58, 500_000, tzinfo=dt.UTC)]


def test_dates_mean_midnight_where_the_format_says_so() -> None:
    assert parsed(["2026-10-01", "2026-10-01 00:00"], "date") == (
        [dt.datetime(2026, 10, 1), None],
        [False, True],
    )


def test_no_rows() -> None:
    for format in (ISO, "%Y-%m-%d", "unix"):
        array, failed = parse_moments(pa.chunked_array([], pa.string()), format)
        assert len(array) == len(failed) == 0
        nulls, _ = parse_moments(pa.chunked_array([pa.nulls(2, pa.string())]), format)
        assert nulls.to_pylist() == [None, None]
