from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction as F

import pytest

from kpicore.scoring.curve import Curve, evaluate
from kpicore.scoring.schema_curves import CurveDocument
from kpicore.scoring.sugar import TargetRequired, expand


def curve(toml: str, target: F | str | None = None) -> Curve:
    document = CurveDocument.model_validate(tomllib.loads(f"c = {{ {toml} }}", parse_float=Decimal)["c"])
    return expand(document, target=target, highest=F(100))  # type: ignore[arg-type]


def at(toml: str, *xs: int | str, target: F | None = None) -> list[F | None]:
    return [evaluate(curve(toml, target), F(x))[0] for x in xs]


def test_linear_rises_or_falls() -> None:
    assert at("linear = { zero_at = 60, full_at = 90 }", 50, 60, 75, 90, 99) == [0, 0, 50, 100, 100]
    assert at("linear = { zero_at = '60s', full_at = '20s' }", 10, 20, 40, 60) == [100, 100, 50, 0]
    assert at("linear = { zero_at = 0, full_at = 1, full = 30 }", "0.5") == [15]


BANDS = "bands = [{ to = 60, points = 0 }, { from = 60, to = 80, points = 50 }, { from = 80, points = 100 }]"


def test_bands_closed_on_the_left_own_their_lower_edge() -> None:
    assert at(BANDS + ", closed = 'left'", 0, "59.999", 60, "79.999", 80, 1000) == [0, 0, 50, 50, 100, 100]


def test_bands_closed_on_the_right_own_their_upper_edge() -> None:
    assert at(BANDS + ", closed = 'right'", 0, 60, "60.001", 80, "80.001") == [0, 0, 50, 50, 100]


def test_bands_with_outer_edges_include_them_and_refuse_what_is_outside() -> None:
    text = "bands = [{ from = 0, to = 1, points = 10 }, { from = 1, to = 2, points = 20 }], closed = 'left'"
    assert at(text, "-0.1", 0, "0.5", 1, 2, "2.1") == [None, 10, 10, 20, 20, None]


def test_threshold_target_stretch_with_a_jump() -> None:
    text = (
        "threshold_target_stretch = {{ threshold = {0}, target = {1}, stretch = {2}, "
        "threshold_points = 60, target_points = 80, stretch_points = 100, jump = true }}"
    )
    assert at(text.format(70, 80, 90), 69, 70, 75, 80, 90, 95) == [0, 60, 70, 80, 100, 100]
    assert at(text.format(90, 80, 70), 91, 90, 85, 80, 70, 65) == [0, 60, 70, 80, 100, 100]


def test_threshold_target_stretch_with_a_slope() -> None:
    text = (
        "threshold_target_stretch = { threshold = 70, target = 80, stretch = 90, threshold_points = 60, "
        "target_points = 80, stretch_points = 100, jump = false"
    )
    assert at(text + ", zero_at = 40 }", 30, 40, 55, 70, 90) == [0, 0, 30, 60, 100]
    assert at(text + " }", 30, 70) == [60, 60]


def test_target_range_with_tolerance_falls_to_nothing_at_the_hard_limits() -> None:
    text = "target_range = { ideal_lo = '3m', ideal_hi = '10m', tolerance = '15%' }"
    assert at(text, 153, 180, 400, 600, 690) == [0, 100, 100, 100, 0]
    assert at(text, "166.5", 645) == [50, 50]


def test_target_range_may_fall_at_once() -> None:
    text = "target_range = { hard_lo = 1, ideal_lo = 1, ideal_hi = 2, hard_hi = 2 }"
    assert at(text, "0.9", 1, 2, "2.1") == [0, 100, 100, 0]
    point = "target_range = { hard_lo = 1, ideal_lo = 1, ideal_hi = 1, hard_hi = 1 }"
    assert at(point, "0.9", 1, "1.1") == [0, 100, 0]


def test_attainment_modes_differ_at_twice_the_target() -> None:
    modes = ("value_over_target", "target_over_value", "two_minus_value_over_target")
    texts = [f"attainment = {{ mode = '{mode}', target = 50 }}" for mode in modes]
    assert [at(text, 100) for text in texts] == [[100], [50], [0]]
    assert [at(text, 50) for text in texts] == [[100], [100], [100]]
    assert [at(text, 40) for text in texts] == [[80], [100], [100]]
    assert [at(text, 75) for text in texts] == [[100], [F(200, 3)], [50]]


def test_attainment_takes_the_entry_s_target_and_its_own_cap() -> None:
    text = "attainment = { mode = 'value_over_target', cap = 120 }"
    assert at(text, 25, 60, 90, target=F(50)) == [50, 120, 120]
    with pytest.raises(TargetRequired):
        curve(text, "required")


UNIT = (
    "per_unit = {{ ref = '90%', unit = '1%', points = 2, base = 60, whole_units = '{0}', "
    "cap = 66, floor = 50, cutoff = {1} }}"
)


def test_per_unit_proportional() -> None:
    text = UNIT.format("proportional", "'none'")
    assert at(text, "0.9", "0.915", "0.93", "0.99", "0.885", "0.85", "0.5") == [60, 63, 66, 66, 57, 50, 50]


def test_per_unit_counts_complete_units() -> None:
    text = UNIT.format("complete", "'none'")
    assert at(text, "0.9", "0.909", "0.91", "0.93", "1") == [60, 60, 62, 66, 66]
    assert at(text, "0.891", "0.89", "0.881", "0.88", "0.1") == [60, 58, 58, 56, 50]


def test_per_unit_counts_started_units() -> None:
    text = UNIT.format("started", "'none'")
    assert at(text, "0.9", "0.901", "0.91", "0.911", "1") == [60, 62, 62, 64, 66]
    assert at(text, "0.899", "0.89", "0.889", "0.1") == [58, 58, 56, 50]


@pytest.mark.parametrize("units", ["proportional", "complete", "started"])
def test_per_unit_gives_nothing_short_of_the_cut_off(units: str) -> None:
    text = UNIT.format(units, "'88%'")
    assert at(text, "0.8799") == [0]
    assert at(text, "0.88") == [56]
    assert at(text, "0.9") == [60]


def test_per_unit_where_more_is_worse() -> None:
    text = (
        "per_unit = { ref = 100, unit = 10, points = -1, points_below = -3, base = 90, "
        "whole_units = 'complete', cap = 100, floor = 80, cutoff = 200 }"
    )
    assert at(text, 100, 110, 119, 200, 201, 90, 91, 10) == [90, 89, 89, 80, 0, 93, 90, 100]


def test_events_add_or_take_up_to_a_cap() -> None:
    assert at("events = { points_each = 5, cap = 12 }", 0, 1, 2, 3) == [0, 5, 10, 12]
    assert at("events = { points_each = -5, cap = 12, start = 100 }", 0, 1, 2, 3) == [100, 95, 90, 88]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("between = 'linear'", "found none; write exactly one"),
        ("linear = { zero_at = 0, full_at = 1 }, knots = [[0, 0]]", "found knots, linear"),
        ("linear = { zero_at = 1, full_at = 1 }", "two different values"),
        ("linear = { zero_at = 0, full_at = 1 }, below = 'zero'", "belongs to knots"),
        ("knots = [[0, 0]], closed = 'left'", "belongs to bands"),
        (BANDS, "closed is missing"),
        ("bands = [{ to = 1, points = 0 }, { from = 2, points = 1 }], closed = 'left'", "a gap"),
        ("bands = [{ to = 2, points = 0 }, { from = 1, points = 1 }], closed = 'left'", "an overlap"),
        ("bands = [{ points = 0 }, { from = 1, points = 1 }], closed = 'left'", "only the ends may be open"),
        ("bands = [{ points = 0 }], closed = 'left'", "at least two"),
        ("bands = [{ from = 5, to = 3, points = 0 }, { from = 3, points = 1 }], closed = 'left'", "is empty"),
        ("target_range = { ideal_lo = 2, ideal_hi = 1, tolerance = 0.1 }", "hard_lo <= ideal_lo"),
        ("target_range = { ideal_lo = 1, ideal_hi = 2 }", "or tolerance"),
        ("target_range = { ideal_lo = 1, ideal_hi = 2, hard_lo = 0, tolerance = 0.1 }", "one of them"),
        ("attainment = { mode = 'value_over_target' }", "no target"),
        ("attainment = { mode = 'value_over_target', target = 0 }", "above 0"),
        ("attainment = { mode = 'target_over_value', target = -5 }", "above 0"),
        ("attainment = { mode = 'target_over_value', target = 5, cap = 0 }", "a cap above 0"),
        ("events = { points_each = 0, cap = 5 }", "other than 0"),
        (UNIT.format("complete", "'none'").replace("'1%'", "0"), "a unit above 0"),
        (UNIT.format("complete", "'none'").replace("points = 2", "points = 0.001"), "steps"),
        (UNIT.format("complete", "'none'").replace("base = 60", "base = 70"), "floor <= base <= cap"),
        (UNIT.format("complete", "'80%'").replace("points = 2", "points = 2, points_below = -2"), "no side"),
    ],
)
def test_forms_that_contradict_themselves(toml: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        curve(toml)


def test_threshold_out_of_order() -> None:
    text = (
        "threshold_target_stretch = { threshold = 70, target = 60, stretch = 90, threshold_points = 60, "
        "target_points = 80, stretch_points = 100, jump = true }"
    )
    with pytest.raises(ValueError, match="threshold < target < stretch"):
        curve(text)
    with pytest.raises(ValueError, match="write one of them"):
        curve(text.replace("target = 60", "target = 80").replace("true", "true, zero_at = 1"))
    with pytest.raises(ValueError, match="short of the threshold"):
        curve(text.replace("target = 60", "target = 80").replace("true", "false, zero_at = 75"))
