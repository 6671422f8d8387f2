"""Definitions that disagree, on data small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest

import kpicore
from kpicore.plugin.manager import Plugins, load_plugins
from kpicore.tables import Log

SECOND = 1_000_000
MINUTE = 60 * SECOND
MIDNIGHT = 1_767_225_600 * SECOND  # 2026-01-01 00:00 UTC
Stay = tuple[str, int]


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(third_party=False)


def times(*microseconds: int) -> pa.Array:
    return pa.array(microseconds, pa.timestamp("us", "UTC"))


def queue_log(stays: Sequence[Stay], plugins: Plugins) -> Log:
    """A log of stays in a queue, each an outcome and the seconds waited, one a minute."""
    entered = [MIDNIGHT + i * MINUTE for i in range(len(stays))]
    return kpicore.open(
        {
            "visits": pa.table(
                {
                    "contact_id": [f"c{i}" for i in range(len(stays))],
                    "queue": ["sales"] * len(stays),
                    "entered_at": times(*entered),
                    "left_at": times(*(e + w * SECOND for e, (_, w) in zip(entered, stays, strict=True))),
                    "outcome": [outcome for outcome, _ in stays],
                    "wait": pa.array([w * SECOND for _, w in stays], pa.int64()),
                }
            )
        },
        plugins=plugins,
    )


def fraction(log: Log, metric: str, plugins: Plugins) -> tuple[int, int]:
    (row,) = kpicore.measure(log, [metric], plugins=plugins).rows()
    above, below = row["numerator"], row["denominator"]
    assert isinstance(above, int)
    assert isinstance(below, int)
    assert row["value"] == above / below
    return above, below


# 1000 answered, of them 860 within 20 s; 60 abandoned: 10 after 3 s, 10 after 12 s, 40 after 45 s.
CALLS = (
    *[("answered", 20)] * 860,
    *[("answered", 33)] * 140,
    *[("abandoned", 3)] * 10,
    *[("abandoned", 12)] * 10,
    *[("abandoned", 45)] * 40,
)
# 100 leave otherwise: 30 ask within 20 s to be called back, 70 give way to another queue later.
LEAVING = (*CALLS, *[("callback", 15)] * 30, *[("flow_out", 50)] * 70)


@pytest.mark.parametrize(
    ("bracket", "above", "below", "percent"),
    [
        ("numerator_abandons=within_threshold,denominator_abandons=all", 880, 1060, "83.019"),
        ("abandoned=count_within_as_met", 880, 1060, "83.019"),
        ("abandoned=exclude", 860, 1000, "86.000"),
        ("abandoned=include", 860, 1060, "81.132"),
        ("denominator_abandons=after_threshold", 860, 1040, "82.692"),
        ("numerator_abandons=short_only,denominator_abandons=all", 870, 1060, "82.075"),
        ("abandoned=exclude_short", 860, 1050, "81.905"),
        ("op=lt,abandoned=include", 0, 1060, "0.000"),
    ],
)
def test_one_data_set_many_service_levels(
    bracket: str, above: int, below: int, percent: str, plugins: Plugins
) -> None:
    found = fraction(queue_log(CALLS, plugins), f"service_level[{bracket}]", plugins)
    assert found == (above, below)
    assert f"{100 * above / below:.3f}" == percent


@pytest.mark.parametrize(
    ("metric", "above", "below", "percent"),
    [
        ("service_level@genesys", 860, 1060, "81.132"),
        ("service_level@genesys[abandoned=exclude_short]", 860, 1050, "81.905"),
        ("service_level@genesys[abandoned=exclude]", 860, 1000, "86.000"),
        ("service_level@genesys[flow_outs=denominator,callbacks=denominator]", 860, 1160, "74.138"),
        ("service_level@genesys[flow_outs=denominator]", 860, 1130, "76.106"),
        ("service_level@connect", 860 + 20 + 30, 1160, "78.448"),
        ("service_level@vonage", 860, 1130, "76.106"),
        ("service_level@huawei", 860, 1000, "86.000"),
    ],
)
def test_switches_of_platforms(metric: str, above: int, below: int, percent: str, plugins: Plugins) -> None:
    assert fraction(queue_log(LEAVING, plugins), metric, plugins) == (above, below)
    assert f"{100 * above / below:.3f}" == percent


@pytest.mark.parametrize(
    ("dialect", "above", "below", "percent"),
    [
        ("cisco", 70, 90, "77.778"),
        ("cisco_negative", 70, 100, "70.000"),
        ("cisco_positive", 80, 100, "80.000"),
    ],
)
def test_three_service_levels_of_one_platform(
    dialect: str, above: int, below: int, percent: str, plugins: Plugins
) -> None:
    late = [("answered", 30)] * 12 + [("abandoned", 40)] * 8
    log = queue_log([("answered", 8)] * 70 + [("abandoned", 6)] * 10 + late, plugins)
    assert fraction(log, f"service_level@{dialect}", plugins) == (above, below)
    assert f"{100 * above / below:.3f}" == percent


def test_what_is_left_out_is_counted(plugins: Plugins) -> None:
    log = queue_log(LEAVING, plugins)
    result = kpicore.measure(log, ["service_level", "service_level@connect"], plugins=plugins)
    mine, connect = (row["excluded"] for row in result.rows())
    assert mine == {"abandoned": 10, "callback": 30, "flow_out": 70}
    assert connect == {}
