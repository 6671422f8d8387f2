"""Measured values as people read them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from kpicore.cli.figures import value_sheet, value_text
from kpicore.cli.reviews import points_text
from kpicore.cli.words import Language, heading, say
from kpicore.clock import naming


def row(**cells: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "agent": "a",
        "period": "2026-10-01T00:00:00+08:00",
        "metric": "occupancy",
        "part": None,
        "value": 0.5,
        "n": 2,
        "unit": "ratio",
        "excluded": {},
        "provisional": False,
        "reason": None,
    }
    return usual | cells


NAMES = {"occupancy": "Occupancy", "calls": "Calls"}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "s", "-"),
        (0.83349, "ratio", "83.3 %"),
        (0, "ratio", "0.0 %"),
        (12.3456, "s", "12.3"),
        (3.14159, "s", "3.14"),
        (120.0, "s", "120.0"),
        (3.0, "calls", "3"),
        (2.5, "sessions/h", "2.50"),
        (-12.345, "points", "-12.3"),
    ],
)
def test_values(value: float | None, unit: str, text: str) -> None:
    assert value_text(value, unit) == text


def test_points() -> None:
    assert points_text(None) == "-"
    assert points_text(Fraction(200, 3)) == "66.67"
    assert points_text(Decimal("87.5")) == "87.50"


def test_one_metric_has_a_line_per_value_with_all_that_made_it() -> None:
    rows = [
        row(excluded={"short": 3}, provisional=True),
        row(period="2026-10-01T08:30:00+08:00", value=None, n=None, reason="no_data"),
    ]
    sheet = value_sheet(rows, ["agent"], NAMES, naming("day"), "en")
    assert sheet.headers == ["Agent", "Period", "Metric", "Value", "Unit", "n", "Note"]
    assert sheet.rows == [
        ["a", "2026-10-01", "Occupancy", "50.0 %", "", "2", "provisional, short: 3"],
        ["a", "2026-10-01 08:30", "Occupancy", "-", "", "-", "no_data"],
    ]


def test_several_metrics_stand_side_by_side() -> None:
    rows = [
        row(),
        row(agent="b", value=None),
        row(metric="calls", unit="calls", value=12.0, provisional=True),
    ]
    sheet = value_sheet(rows, ["agent"], NAMES, naming("day"), "zh")
    assert sheet.headers == ["坐席", "Occupancy", "Calls (通)"]
    assert sheet.rows == [["a", "50.0 %", "12*"], ["b", "-", "-"]]
    assert sheet.note == "* 暂定"


def test_parts_keep_their_lines() -> None:
    rows = [row(part="available"), row(part="away"), row(metric="calls", unit="calls")]
    sheet = value_sheet(rows, ["agent"], NAMES, naming("day"), "en")
    assert sheet.headers == ["Agent", "Metric", "Part", "Value", "Unit", "n", "Note"]
    assert [line[2] for line in sheet.rows] == ["available", "away", ""]


def test_cycles_take_the_place_of_the_period() -> None:
    rows = [row(period="3", weekday=3), row(period="4", weekday=4, agent=None)]
    sheet = value_sheet(rows, ["agent"], NAMES, naming("day"), "en")
    assert sheet.headers[:2] == ["Agent", "Weekday"]
    assert [line[:2] for line in sheet.rows] == [["a", "3"], ["-", "4"]]


def test_nothing_measured_is_no_fault() -> None:
    assert value_sheet([], ["agent"], NAMES, naming("day"), "en").rows == []


@pytest.mark.parametrize(("lang", "text"), [("en", "Hour of day"), ("zh", "小时")])
def test_headings(lang: Language, text: str) -> None:
    assert heading("hour_of_day", lang) == text
    assert say("not a word", lang) == "not a word"
