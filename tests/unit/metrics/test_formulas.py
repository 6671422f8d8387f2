"""Formulas as text: what they mean, which unit comes out, and what is said of mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pyarrow as pa
import pytest

import kpicore
from kpicore import Log
from kpicore.errors import FormulaError, KpicoreError, ParameterError, UnknownNameError, UsageError
from kpicore.metrics import parse_requests
from kpicore.metrics.formula.units import join_units, parse_unit, show_unit
from kpicore.plugin.manager import Plugins, load_plugins


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(third_party=False)


def moments(*seconds: int | None) -> pa.Array:
    start = 1_760_000_000_000_000
    return pa.array(
        [None if s is None else start + s * 1_000_000 for s in seconds], pa.timestamp("us", "UTC")
    )


@pytest.fixture(scope="module")
def log(plugins: Plugins) -> Log:
    """Queue one: answered after 10, 20 and 90 s. Queue two: abandoned after 60 s."""
    tables = {
        "visits": pa.table(
            {
                "contact_id": pa.array(["a", "b", "c", "d"]),
                "queue": pa.array(["one", "one", "one", "two"]),
                "entered_at": moments(0, 100, 200, 300),
                "ended_at": moments(10, 120, 290, 360),
                "wait": pa.array([10_000_000, 20_000_000, 90_000_000, 60_000_000], pa.int64()),
                "answered_at": moments(10, 120, 290, None),
                "outcome": pa.array(["answered"] * 3 + ["abandoned"]),
            }
        )
    }
    return kpicore.open(tables, plugins=plugins)


def values(log: Log, plugins: Plugins, *texts: str) -> dict[str, list[Fraction | None]]:
    """Returns the values of each text for queues one and two."""
    result = kpicore.measure(log, texts, by=["queue"], plugins=plugins)
    found: dict[str, list[Fraction | None]] = {}
    for row, value in zip(result.rows(), result.fractions(), strict=True):
        found.setdefault(str(row["metric"]), []).append(value)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("= calls_answered / calls_offered", [1, 0]),
        ("= service_level[within=15s] * 3", [1, 0]),
        ("= service_level[within=30s] - service_level[within=15s]", [Fraction(1, 3), 0]),
        ("= average_speed_of_answer / 40s", [1, None]),
        ("= average_speed_of_answer / 1m - 50%", [Fraction(1, 6), None]),
        ("= coalesce(average_speed_of_answer / 40s, 0)", [1, 0]),
        ("= case(calls_answered >= 3, 2, calls_answered > 0, 1, 0)", [2, 0]),
        ("= case(calls_answered >= 3, 2)", [2, None]),
        ("= 2 if calls_answered >= 3 else 1", [2, 1]),
        ("= case(0 < calls_answered < 4 and not calls_offered == 2, 1, 0)", [1, 0]),
        ("= case(average_speed_of_answer > 1h, 1, 0)", [0, None]),
        ("= case(calls_offered == 1 or average_speed_of_answer > 1h, 1, 0)", [0, 1]),
        ("= nullif(calls_answered, 0)", [3, None]),
        ("= min(calls_answered, 2, calls_offered)", [2, 0]),
        ("= max(calls_answered, 2)", [3, 2]),
        ("= abs(calls_answered - 2)", [1, 2]),
        ("= -calls_answered + +1", [-2, 1]),
        ("= number(average_speed_of_answer) / 4 + number(calls_answered)", [13, None]),
        ("= max(average_speed_of_answer - 30s, 0) / 10s", [1, None]),
        ("=\n  calls_answered\n  / calls_offered", [1, 0]),
    ],
)
def test_what_a_formula_means(log: Log, plugins: Plugins, text: str, expected: list[Fraction | None]) -> None:
    assert values(log, plugins, text) == {text: expected}


def test_formulas_name_each_other_in_any_order(log: Log, plugins: Plugins) -> None:
    found = values(
        log, plugins, "twice = share * 2", "share = calls_answered / calls_offered", "= twice + share"
    )
    assert found == {"twice": [2, 0], "share": [1, 0], "= twice + share": [3, 0]}


def test_all_that_made_the_value(log: Log, plugins: Plugins) -> None:
    texts = [
        "share = calls_answered / calls_offered",
        "= average_speed_of_answer / service_level[within=15s]",
    ]
    result = kpicore.measure(log, texts, by=["queue"], plugins=plugins)
    share, _, speed, undefined = result.rows()
    assert (share["numerator"], share["denominator"], share["n"], share["unit"]) == (3, 3, 3, "ratio")
    assert (share["name"], speed["name"], speed["numerator"]) == ("share", "formula", None)
    assert (speed["value"], speed["n"], speed["unit"], speed["reason"]) == (120.0, 3, "s", None)
    assert (undefined["value"], undefined["n"], undefined["reason"]) == (None, 0, "no_data")
    parameters = share["parameters"]
    assert isinstance(parameters, Mapping)
    assert parameters["formula"] == "calls_answered / calls_offered"
    assert parameters["calls_answered: per"] == "total"
    assert speed["excluded"] == {}


def test_why_a_value_is_null(log: Log, plugins: Plugins) -> None:
    texts = ["= 1 / calls_answered", "= nullif(calls_offered, 1)", "= 1 / average_speed_of_answer"]
    rows = kpicore.measure(log, texts, by=["queue"], plugins=plugins).rows()
    assert [row["reason"] for row in rows] == [
        *(None, "division_by_zero"),
        *(None, "not_applicable"),
        *(None, "no_data"),
    ]


def test_what_is_left_out_stands_behind_its_metric(plugins: Plugins, log: Log) -> None:
    short = "service_level[short=2m,within=15s]"
    (*_, row) = kpicore.measure(log, [f"= {short} * 2"], by=["queue"], plugins=plugins).rows()
    assert row["excluded"] == {f"{short}: abandoned": 1}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("= average_handle_time / average_wait_time", "ratio"),
        ("= average_handle_time / calls_answered", "s/call"),
        ("= calls_answered / calls_offered", "ratio"),
        ("= average_handle_time + 30s", "s"),
        ("= 2 * calls_answered + 1", "calls"),
        ("= 1 / average_wait_time", "1/s"),
        ("= number(calls_answered) + number(average_wait_time)", "ratio"),
        ("points: points = 100 * number(service_level)", "points"),
        ("load: s/calls = average_handle_time / calls_answered", "s/calls"),
        ("= average_handle_time * average_handle_time", "s^2"),
        ("= average_handle_time / (calls_answered * service_level)", "s/call"),
    ],
)
def test_the_unit_follows_from_the_metrics(plugins: Plugins, text: str, unit: str) -> None:
    (request,) = parse_requests([text], plugins)
    assert request.metric.unit == unit


def test_units_multiply() -> None:
    assert show_unit(join_units(parse_unit("sessions/h"), parse_unit("h"))) == "sessions"
    assert (
        show_unit(join_units(parse_unit("searches"), parse_unit("customers"), divide=True))
        == "searches/customer"
    )
    assert show_unit(parse_unit("s/customers")) == "s/customer"


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("= average_handle_time + calls_answered", "adds s and calls", 25),
        ("= average_handle_time - 5", "subtracts a bare number and seconds", 25),
        ("= case(average_handle_time > 300, 1, 0)", "compares a bare number and seconds", 30),
        ("= case(service_level > 85, 1, 0)", "compares a ratio and 85", 24),
        ("= max(average_handle_time, calls_answered)", "compares s and calls", 28),
        ("= case(calls_answered > 1, 1s, calls_answered)", "mixes s and calls", 32),
        ("load: ratio = average_handle_time / calls_answered", "yields s/call, not ratio", 14),
        ("= calls_answered > 2", "a condition is no value", 3),
        ("= case(calls_answered, 1)", "a value is no condition", 8),
        ("= calls_answered.real", "'.' has no place", 17),
        ("= __import__('os')", '"\'" has no place', 14),
        ("= __import__(calls_answered)", "there is no function __import__", 3),
        ("= eval(calls_answered)", "there is no function eval", 3),
        ("= lambda: calls_answered", "':' has no place", 9),
        ("= (a for a in calls_answered)", "a loop has no place", 3),
        ("= calls_answered ** 99999999", "a power has no place", 3),
        ("= calls_answered // 2", "a division that rounds has no place", 3),
        ("= None", "a word such as None or True has no place", 3),
        ("= case(calls_answered is 1, 1)", "a comparison of this kind", 8),
        ("= min(*calls_answered, 1)", "an unpacked argument has no place", 7),
        ("= (calls_answered, 1)", "a list of values has no place", 3),
        ("= [calls_answered]", "'[' has no place", 3),
        ("= calls_answered × 2", "'×' has no place", 18),
        ("= 接听量", "'接' has no place", 3),
        ("= abs(calls_answered, 1)", "abs takes 1 values, not 2", 3),
        ("= max(calls_answered)", "max takes 2 or more values, not 1", 3),
        ("= min", "min is a function", 3),
        ("= mox(calls_answered, 1)", "there is no function mox", 3),
        ("= 5x * calls_answered", "'5x' is no number", 3),
        ("= 1e9 * calls_answered", "'1e9' is no number", 3),
        (f"= {'9' * 40} * calls_answered", "a number of more than 30 digits", 3),
        ("= calls_answered +", "cannot be read: invalid syntax", 19),
        ("= (calls_answered", "cannot be read: '(' was never closed", 3),
        ("= calls_answered 2", "cannot be read: invalid syntax", 18),
        ("=", "the formula is empty", 2),
        ("= 1 + 1", "names no metric", 2),
        ("Quality = calls_answered", "'Quality' cannot name a formula", 1),
        ("load: = calls_answered", "a unit is missing", 5),
        ("calls_offered = calls_answered", "calls_offered is a metric already", 1),
        ("case = calls_answered", "case is a function already", 1),
        ("a = a + calls_answered", "a is defined by itself: a -> a", 5),
        ("= state_share + channel_share", "mixes categories of channel and state", 2),
    ],
)
def test_the_message_points_at_the_mistake(plugins: Plugins, text: str, message: str, column: int) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_requests([text], plugins)
    first, line, caret = str(caught.value).split("\n")[:3]
    assert message in first
    assert line == f"  {text}"
    assert caret.index("^") - 1 == column
    assert caret.endswith(f"column {column}")


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("= average_handel_time * 2", UnknownNameError, "did you mean 'average_handle_time'?"),
        ("= service_level@conect * 2", UnknownNameError, "did you mean 'connect'?"),
        ("= service_level[wthin=5s] * 2", ParameterError, "did you mean 'within'?"),
        ("= sahre * 2", UnknownNameError, "did you mean 'share'?"),
    ],
)
def test_mistakes_within_a_metric_keep_their_hint(
    plugins: Plugins, text: str, kind: type[KpicoreError], said: str
) -> None:
    with pytest.raises(kind) as caught:
        parse_requests([text, "share = calls_answered / calls_offered"], plugins)
    assert said in str(caught.value)
    assert "\n    ^ column 3" in str(caught.value)


def test_a_circle_is_told_with_its_way(plugins: Plugins) -> None:
    with pytest.raises(FormulaError, match=r"a is defined by itself: a -> b -> a"):
        parse_requests(["a = b * 1", "b = a + calls_answered"], plugins)


def test_two_formulas_of_one_name(plugins: Plugins) -> None:
    with pytest.raises(FormulaError, match="two formulas are called a"):
        parse_requests(["a = calls_answered", "a = calls_offered"], plugins)
    assert len(parse_requests(["a = calls_answered", "a = calls_answered"], plugins)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "= " + "-" * 3_000 + "calls_answered",
        "= " + "(" * 300 + "calls_answered" + ")" * 300,
        "= " + "calls_answered + " * 100 + "1",
        "= " + "1 + " * 2_000 + "calls_answered",
        "= case(" + "not " * 900 + "calls_answered > 1, 1)",
    ],
)
def test_what_nobody_can_check_is_refused(plugins: Plugins, text: str) -> None:
    with pytest.raises(FormulaError, match=r"nest|too long|parts"):
        parse_requests([text], plugins)


def test_formulas_that_double_each_other_end(plugins: Plugins) -> None:
    texts = [
        f"{'abcdefghijklmnop'[i]} = {'abcdefghijklmnop'[i + 1]} * {'abcdefghijklmnop'[i + 1]}"
        for i in range(15)
    ]
    with pytest.raises(FormulaError, match="more than 1000 parts"):
        parse_requests([*texts, "p = calls_answered"], plugins)


def test_an_expression_without_its_sign_is_told_so(plugins: Plugins) -> None:
    with pytest.raises(UsageError, match="a formula begins with ="):
        parse_requests(["calls_answered / calls_offered"], plugins)
