"""Definitions side by side: every figure is the one that measuring gives, and so is every step."""

from __future__ import annotations

import pyarrow as pa
import pytest

import kpicore
from kpicore.engine import Comparison
from kpicore.errors import MissingDataError, ParameterError, UnknownNameError
from kpicore.plugin import Dialect, hookimpl
from kpicore.plugin.manager import Plugins, load_plugins
from kpicore.tables import Log

SECOND = 1_000_000
WAITS = {
    "sales": [("answered", 10), ("answered", 30), ("abandoned", 2), ("abandoned", 15), ("abandoned", 50)],
    "support": [("answered", 5), ("callback", 12)],
}


class Acme:
    """A plugin with dialects of its own."""

    @hookimpl
    def kpicore_dialects(self) -> list[Dialect]:
        lazy = {"service_level": {"abandoned": "exclude", "within": "60s"}}
        share = {"average_wait_time": {"statistic": "share", "within": "20s"}}
        other = {"average_handle_time": {"attribution": "disconnect"}, "average_speed_of_answer": {}}
        return [
            Dialect(name="acme", doc="as Acme counts", source="their manual", metrics=lazy),
            Dialect(name="share", doc="a share", source="their manual", metrics=share),
            Dialect(name="apex", doc="as Apex counts", source="their manual", metrics=other),
        ]


@pytest.fixture(scope="module")
def plugins() -> Plugins:
    return load_plugins(third_party=False, extra=(Acme(),))


@pytest.fixture(scope="module")
def log(plugins: Plugins) -> Log:
    stays = [(queue, *stay) for queue, found in WAITS.items() for stay in found]
    moment = pa.timestamp("us", "UTC")
    visits = {
        "contact_id": [str(i) for i in range(len(stays))],
        "queue": [queue for queue, _, _ in stays],
        "outcome": [outcome for _, outcome, _ in stays],
        "wait": [wait * SECOND for _, _, wait in stays],
        "entered_at": pa.array([i * 60 * SECOND for i in range(len(stays))], moment),
        "left_at": pa.array([(i * 60 + s[2]) * SECOND for i, s in enumerate(stays)], moment),
    }
    legs = {
        "contact_id": ["1"],
        "agent_id": ["Ann"],
        "began_at": pa.array([0], moment),
        "ended_at": pa.array([60 * SECOND], moment),
        "began": ["answered"],
        "ended": ["closed"],
        **{part: [20 * SECOND] for part in ("talk", "hold", "wrapup")},
    }
    return kpicore.open({"visits": pa.table(visits), "legs": pa.table(legs)}, plugins=plugins)


def figure(comparison: Comparison, definition: str, **cell: str) -> dict[str, object]:
    (row,) = (
        row
        for row in comparison.rows()
        if row["definition"] == definition and all(row[name] == value for name, value in cell.items())
    )
    return row


def test_values_and_what_each_parameter_does(log: Log, plugins: Plugins) -> None:
    comparison = kpicore.compare_definitions(
        log, "service_level", ["queue"], dialects=["acme", "connect"], plugins=plugins
    )
    # Of sales 1 of 2 answered in 20 s; 3 abandoned, one of them short: 1 / 4.
    default = figure(comparison, "default", queue="sales")
    assert (default["value"], default["numerator"], default["denominator"]) == (0.25, 1, 4)
    assert (default["differs_by"], default["moves"], default["missing"]) == (None, [], None)
    # Within 60 s both are in time, out of the 2 answered; the limit alone 2 / 4, the abandoned alone 1 / 2.
    acme = figure(comparison, "acme", queue="sales")
    assert (acme["value"], acme["differs_by"]) == (1.0, 0.75)
    assert acme["moves"] == [
        {"parameter": "within", "default": "20s", "word": "1m", "value": 0.5, "unit": "ratio", "by": 0.25},
        {
            "parameter": "denominator_abandons",
            "default": "exclude_short",
            "word": "none",
            "value": 0.5,
            "unit": "ratio",
            "by": 0.25,
        },
    ]
    # The callback left in time: 1 / 1 by default, 2 / 2 here.
    support = figure(comparison, "connect", queue="support")
    assert (support["numerator"], support["denominator"], support["differs_by"]) == (2, 2, 0.0)


def test_what_is_in_brackets_holds_everywhere(log: Log, plugins: Plugins) -> None:
    comparison = kpicore.compare_definitions(
        log, "service_level[within=12s]", dialects=["acme", "connect"], plugins=plugins
    )
    # In 12 s: 2 of 3 answered, 1 of 3 abandoned, 1 callback; one abandoned is short.
    assert figure(comparison, "default")["value"] == 2 / 5
    assert figure(comparison, "acme")["value"] == 2 / 3
    assert figure(comparison, "connect")["value"] == 4 / 7
    moved = figure(comparison, "acme")["moves"]
    assert isinstance(moved, list)
    assert [move["parameter"] for move in moved] == ["denominator_abandons"]


def test_every_figure_is_the_one_that_is_measured(log: Log, plugins: Plugins) -> None:
    comparison = kpicore.compare_definitions(log, "service_level", ["queue"], plugins=plugins)
    missing = {row["definition"] for row in comparison.rows() if row["missing"]}
    assert missing == {"dynamics", "webex"}  # they want events and contacts
    definitions = {str(row["definition"]) for row in comparison.rows() if not row["missing"]}
    assert {"default", "acme", "genesys", "cisco_positive", "huawei"} <= definitions
    for name in definitions:
        text = "service_level" + ("" if name == "default" else f"@{name}")
        for row in kpicore.measure(log, [text], ["queue"], plugins=plugins).rows():
            found = figure(comparison, name, queue=str(row["queue"]))
            assert {key: found[key] for key in ("value", "numerator", "denominator", "n", "unit")} == {
                key: row[key] for key in ("value", "numerator", "denominator", "n", "unit")
            }


def test_what_the_log_lacks_is_said(log: Log, plugins: Plugins) -> None:
    comparison = kpicore.compare_definitions(log, "average_handle_time", dialects=["apex"], plugins=plugins)
    assert figure(comparison, "default")["value"] == 60
    apex = figure(comparison, "apex")
    assert (apex["value"], apex["numerator"], apex["differs_by"]) == (None, None, None)
    assert apex["missing"] == "legs has no column talk_ended_at"
    same = kpicore.compare_definitions(log, "average_speed_of_answer", dialects=["apex"], plugins=plugins)
    assert figure(same, "apex")["differs_by"] == 0


def test_figures_in_different_units_have_no_difference(log: Log, plugins: Plugins) -> None:
    comparison = kpicore.compare_definitions(log, "average_wait_time", dialects=["share"], plugins=plugins)
    row = figure(comparison, "share")
    assert (row["value"], row["unit"], row["differs_by"]) == (4 / 6, "ratio", None)
    moves = row["moves"]
    assert isinstance(moves, list)
    assert [(m["parameter"], m["unit"], m["by"]) for m in moves] == [
        ("statistic", "ratio", None),
        ("within", "s", 0.0),
    ]


def test_what_cannot_be_compared(log: Log, plugins: Plugins) -> None:
    with pytest.raises(ParameterError, match="one definition already"):
        kpicore.compare_definitions(log, "service_level@cisco", plugins=plugins)
    with pytest.raises(ParameterError, match="no dialect defines ticket_volume"):
        kpicore.compare_definitions(log, "ticket_volume", plugins=plugins)
    with pytest.raises(ParameterError, match="says nothing about service_level"):
        kpicore.compare_definitions(log, "service_level", dialects=["nice"], plugins=plugins)
    with pytest.raises(UnknownNameError, match="servce_level"):
        kpicore.compare_definitions(log, "servce_level", plugins=plugins)
    with pytest.raises(MissingDataError, match="agent_states"):
        kpicore.compare_definitions(log, "work_rate", plugins=plugins)
