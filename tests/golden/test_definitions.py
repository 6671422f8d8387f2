"""Definitions that disagree, on data small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

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


@pytest.mark.parametrize(
    ("metric", "values"),
    [("service_level", [0.75, None, None]), ("service_level@glia", [0.75, 1, None])],
)
def test_hours_in_which_the_queue_is_closed(
    metric: str, values: list[float | None], plugins: Plugins
) -> None:
    open_hour = [("answered", 20)] * 45 + [("answered", 21)] * 15
    shut = [("closed", 0)] * 60
    log = queue_log([*open_hour, *shut, ("full", 0)], plugins)
    assert [
        row["value"] for row in kpicore.measure(log, [metric], period="hour", plugins=plugins).rows()
    ] == (values)


def call_log(plugins: Plugins) -> Log:
    """One call of an agent from 05:23 to 06:15 after a minute in the queue, another from 15:58 to 16:03."""
    spans = [(MIDNIGHT + a * MINUTE, MIDNIGHT + b * MINUTE) for a, b in ((323, 375), (958, 963))]
    begun, ended = times(*(a for a, _ in spans)), times(*(b for _, b in spans))
    held = pa.array([b - a for a, b in spans], pa.int64())
    none = pa.array([0, 0], pa.int64())
    about = {"contact_id": ["c1", "c2"], "agent_id": ["Ann", "Ann"], "queue": ["sales", "sales"]}
    visits = {
        **about,
        "entered_at": times(*(a - MINUTE for a, _ in spans)),
        "left_at": begun,
        "outcome": ["answered", "answered"],
        "wait": pa.array([MINUTE, MINUTE], pa.int64()),
    }
    segments = {**about, "kind": ["talk", "talk"], "start": begun, "end": ended}
    legs = {
        **about,
        "began_at": begun,
        "talk_ended_at": ended,
        "ended_at": ended,
        "began": ["answered", "answered"],
        "ended": ["closed", "closed"],
        "talk": held,
        "hold": none,
        "wrapup": none,
    }
    tables = {"visits": visits, "segments": segments, "legs": legs}
    return kpicore.open({name: pa.table(table) for name, table in tables.items()}, plugins=plugins)


def by_half_hour(log: Log, metric: str, plugins: Plugins) -> dict[str, float]:
    """The minutes of a metric in seconds, by the half hours where there are any."""
    result = kpicore.measure(log, [metric], period="30min", plugins=plugins)
    found = {str(row["period"])[11:16]: row["value"] for row in result.rows()}
    return {period: value / 60 for period, value in found.items() if isinstance(value, float) and value}


@pytest.mark.parametrize(
    ("metric", "minutes"),
    [
        (
            "handling_time[attribution=prorated]",
            {"05:00": 7, "05:30": 30, "06:00": 15, "15:30": 2, "16:00": 3},
        ),
        ("handling_time[attribution=start]", {"05:00": 52, "15:30": 5}),
        ("handling_time[attribution=completion]", {"06:00": 52, "16:00": 5}),
        ("average_handle_time[statistic=sum,attribution=start]", {"05:00": 52, "15:30": 5}),
        ("average_handle_time[statistic=sum,attribution=disconnect]", {"06:00": 52, "16:00": 5}),
        ("average_wait_time[statistic=sum,attribution=start]", {"05:00": 1, "15:30": 1}),
    ],
)
def test_the_period_that_time_belongs_to(metric: str, minutes: dict[str, int], plugins: Plugins) -> None:
    assert by_half_hour(call_log(plugins), metric, plugins) == minutes


def test_a_stay_is_where_it_starts_or_where_it_ends(plugins: Plugins) -> None:
    stays = [("answered", 1)] * 29 + [("abandoned", 90)]  # the last from 00:29:00 to 00:30:30
    log = queue_log(stays, plugins)
    found = [
        [row["value"] for row in kpicore.measure(log, [metric], period="30min", plugins=plugins).rows()]
        for metric in ("calls_offered[attribution=start]", "calls_offered[attribution=event]")
    ]
    assert [[value for value in values if value] for values in found] == [[30], [29, 1]]


@pytest.fixture(scope="module")
def chats(plugins: Plugins) -> Log:
    """Chats of one agent from minute 0 to 20, 5 to 25 and 10 to 40 of an hour in which he is available."""
    spans = ((0, 20), (5, 25), (10, 40))
    about = {"contact_id": ["a", "b", "c"], "agent_id": ["Ann"] * 3, "queue": ["first", "second", "third"]}
    begun, ended = (times(*(MIDNIGHT + span[side] * MINUTE for span in spans)) for side in (0, 1))
    segments = {**about, "kind": ["talk"] * 3, "start": begun, "end": ended}
    legs = {
        **about,
        "began_at": begun,
        "talk_ended_at": ended,
        "ended_at": ended,
        "began": ["answered"] * 3,
        "ended": ["closed"] * 3,
        "talk": pa.array([(b - a) * MINUTE for a, b in spans], pa.int64()),
        "hold": pa.array([0] * 3, pa.int64()),
        "wrapup": pa.array([0] * 3, pa.int64()),
    }
    states = {
        "agent_id": ["Ann", "Ann"],
        "at": times(MIDNIGHT, MIDNIGHT + 60 * MINUTE),
        "state": ["available", "offline"],
    }
    agents = {"agent_id": ["Ann"], "capacity": pa.array([3], pa.int64())}
    tables = {"segments": segments, "legs": legs, "agent_states": states, "agents": agents}
    return kpicore.open({name: pa.table(table) for name, table in tables.items()}, plugins=plugins)


def exact(log: Log, metric: str, plugins: Plugins, by: Sequence[str] = ()) -> list[Fraction | None]:
    result = kpicore.measure(log, [metric], by, plugins=plugins)
    for value, row in zip(result.fractions(), result.rows(), strict=True):
        assert value is None or float(value) == row["value"]
    return result.fractions()


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("handling_time[concurrency=elapsed]", Fraction(70 * 60)),
        ("handling_time[concurrency=union]", Fraction(40 * 60)),
        ("handling_time[concurrency=shared]", Fraction(40 * 60)),
        ("max_concurrency[basis=observed,statistic=mean]", Fraction(7, 4)),
        ("average_handle_time", Fraction(70 * 60, 3)),
        ("average_handle_time[concurrency=union]", Fraction(40 * 60, 3)),
        ("average_handle_time[concurrency=shared]", Fraction(40 * 60, 3)),
        ("occupancy[concurrency=elapsed]", Fraction(70, 60)),
        ("occupancy", Fraction(40, 60)),
        ("occupancy[concurrency=capacity]", Fraction(70, 180)),
    ],
)
def test_several_chats_at_once(metric: str, value: Fraction, chats: Log, plugins: Plugins) -> None:
    assert exact(chats, metric, plugins) == [value]


def test_each_chat_has_its_share(chats: Log, plugins: Plugins) -> None:
    # Alone until 5, two until 10, three until 20, two until 25, alone until 40.
    # a: 5 + 5/2 + 10/3, b: 5/2 + 10/3 + 5/2, c: 10/3 + 5/2 + 15.
    shares = [Fraction(65, 6), Fraction(25, 3), Fraction(125, 6)]
    for metric in ("handling_time", "average_handle_time"):
        found = exact(chats, f"{metric}[concurrency=shared]", plugins, ["queue"])
        assert [value and value / 60 for value in found] == shares
    assert [f"{float(share):.2f}" for share in shares] == ["10.83", "8.33", "20.83"]


def test_shares_are_cut_at_the_edges_of_periods(chats: Log, plugins: Plugins) -> None:
    result = kpicore.measure(
        chats, ["handling_time[concurrency=shared]"], ["queue"], period="15min", plugins=plugins
    )
    # Until 15 three chats share 5 of their 10 minutes: a has 5 + 5/2 + 5/3 there, and 5/3 after.
    found = [value and value / 60 for value in result.fractions()]
    first = [Fraction(55, 6), Fraction(5, 3), Fraction(0)]
    assert found[:3] == first
    assert sum(value for value in found if value is not None) == 40
