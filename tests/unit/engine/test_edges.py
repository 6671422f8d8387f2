"""What the engine says of empty, odd and missing data, and of faulty plugins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError, PluginError, UsageError
from kpicore.plugin import (
    Choice,
    Column,
    Custom,
    Derivation,
    Direction,
    Extremum,
    Fact,
    Input,
    Kind,
    Metric,
    Outcome,
    Ratio,
    Settings,
    Statistic,
    TableSchema,
    Tally,
    col,
    count,
    hookimpl,
    lit,
    maximum,
    total,
)
from kpicore.plugin.manager import Plugins, load_plugins

US = 1_000_000
HOUR = 3600 * US
DAY = 24 * HOUR
NOON = 1_792_843_200 * US
STAMP = pa.timestamp("us", tz="UTC")
WORDS = pa.dictionary(pa.int32(), pa.string())


def visits(**columns: pa.Array | None) -> dict[str, pa.Table]:
    """Three visits an hour apart; ``columns`` replace or, being None, remove."""
    own: dict[str, pa.Array | None] = {
        "contact_id": pa.array(["c1", "c2", "c3"]),
        "queue": pa.array(["sales", "sales", "help"]),
        "agent_id": pa.array(["Ann", "Bob", None]),
        "entered_at": pa.array([NOON, NOON + HOUR, NOON + 2 * HOUR], STAMP),
        "left_at": pa.array([NOON + 10 * US, NOON + HOUR + 30 * US, None], STAMP),
        "outcome": pa.array(["answered", "answered", "abandoned"]),
        "wait": pa.array([10 * US, 30 * US, None], pa.int64()),
    } | columns
    return {"visits": pa.table({name: array for name, array in own.items() if array is not None})}


def rows(result: object) -> list[dict[str, object]]:
    assert isinstance(result, kpicore.Result)
    return result.rows()


# --- missing and empty ------------------------------------------------------------------------------


def test_a_missing_table_is_named_with_what_it_could_come_from() -> None:
    log = kpicore.open(visits())
    with pytest.raises(MissingDataError, match="there is no table legs") as caught:
        kpicore.measure(log, ["average_handle_time"])
    assert "contact_events" in str(caught.value)


def test_a_missing_column_is_named() -> None:
    log = kpicore.open(visits(wait=None))
    with pytest.raises(MissingDataError, match="visits has no column wait"):
        kpicore.measure(log, ["service_level"])
    assert rows(kpicore.measure(log, ["calls_offered"]))[0]["value"] == 3


def test_an_unknown_subject_is_answered_with_what_there_is() -> None:
    log = kpicore.open(visits())
    for where, by in (({}, ["colour"]), ({"colour": "red"}, [])):
        with pytest.raises(MissingDataError, match="visits cannot be told apart by colour") as caught:
            kpicore.measure(log, ["calls_offered"], by, where=where)
        assert "queue" in caught.value.hint
    with pytest.raises(MissingDataError, match=r"visits\.wait is a duration, not a subject"):
        kpicore.measure(log, ["calls_offered"], ["wait"])


def test_an_unknown_value_of_where_matches_nothing() -> None:
    log = kpicore.open(visits())
    assert rows(kpicore.measure(log, ["calls_offered"], where={"queue": "none such"}))[0]["value"] == 0
    assert rows(kpicore.measure(log, ["calls_offered"], ["queue"], where={"queue": ["none", "such"]})) == []


def test_no_tables_at_all() -> None:
    log = kpicore.open({})
    with pytest.raises(MissingDataError, match="there is no table visits"):
        kpicore.measure(log, ["calls_offered"])
    assert not any(finding.computable for finding in kpicore.check(log))


def test_a_table_without_rows_has_no_range_of_its_own() -> None:
    empty = {"visits": visits()["visits"].slice(0, 0)}
    log = kpicore.open(empty)
    with pytest.raises(MissingDataError, match="no rows in visits") as caught:
        kpicore.measure(log, ["calls_offered"])
    assert "--from" in caught.value.hint
    result = rows(kpicore.measure(log, ["calls_offered", "service_level"], start=NOON, end=NOON + DAY))
    assert [(row["value"], row["n"], row["reason"]) for row in result] == [(0, 0, None), (None, 0, "no_data")]
    assert rows(kpicore.measure(log, ["calls_offered"], ["queue"], start=NOON, end=NOON + DAY)) == []


def test_columns_of_nulls() -> None:
    nothing = {
        "agent_id": pa.nulls(3, pa.string()),
        "wait": pa.nulls(3, pa.int64()),
        "left_at": pa.nulls(3),
    }
    log = kpicore.open(visits(**nothing))
    assert rows(kpicore.measure(log, ["calls_offered"], ["agent"])) == []
    (row,) = rows(kpicore.measure(log, ["average_speed_of_answer"]))
    assert (row["value"], row["n"], row["excluded"]) == (None, 0, {"wait_unknown": 2})
    (row,) = rows(kpicore.measure(log, ["calls_offered[attribution=event]"]))
    assert row["value"] == 0


def test_ranges_before_and_after_the_data() -> None:
    log = kpicore.open(visits())
    for start in (NOON - 10 * DAY, NOON + 10 * DAY):
        for period in ("all", "day", "hour_of_day"):
            result = rows(
                kpicore.measure(log, ["calls_offered"], period=period, start=start, end=start + 2 * DAY)
            )
            assert [row["value"] for row in result] == [0] * {"all": 1, "day": 3, "hour_of_day": 24}[period]


@pytest.mark.parametrize(("start", "end"), [(NOON, NOON), (NOON + 1, NOON)])
def test_an_empty_range_is_refused(start: int, end: int) -> None:
    with pytest.raises(UsageError, match="range"):
        kpicore.measure(kpicore.open(visits()), ["calls_offered"], start=start, end=end)


@pytest.mark.parametrize("more", [{"threads": 0}, {"threads": -1}, {"batch_rows": 0}, {"batch_rows": -7}])
def test_no_threads_and_no_rows_are_refused(more: dict[str, int]) -> None:
    (name,) = more
    with pytest.raises(UsageError, match=name):
        kpicore.measure(kpicore.open(visits()), ["calls_offered"], **more)  # type: ignore[arg-type]


def test_the_range_of_the_data_is_aligned_to_periods() -> None:
    log = kpicore.open(visits(), zone="Asia/Kathmandu")
    day = kpicore.measure(log, ["calls_offered"], period="day")
    assert [row["period"] for row in day.rows()] == ["2026-10-24T00:00:00+05:45"]
    assert day.end - day.start == DAY
    hour = kpicore.measure(log, ["calls_offered"], period="hour", start=NOON + 1)
    assert (hour.start, hour.end) == (NOON + 1, NOON + 15 * 60 * US + 2 * HOUR)
    assert [row["value"] for row in hour.rows()] == [0, 1, 1]


# --- days when clocks change ------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "hours"), [("2026-10-25", 25), ("2026-03-29", 23)])
def test_days_of_23_and_25_hours(day: str, hours: int) -> None:
    start = kpicore.clock.parse_instant(day, "Europe/Berlin", what="day")
    segments = pa.table(
        {
            "contact_id": ["c"],
            "agent_id": ["Ann"],
            "kind": ["talk"],
            "start": pa.array([start - DAY], STAMP),
            "end": pa.array([start + 3 * DAY], STAMP),
        }
    )
    log = kpicore.open({"segments": segments}, zone="Europe/Berlin")
    talk = "handling_time[kinds=talk]"
    by_day = {str(row["period"])[:10]: row["value"] for row in rows(kpicore.measure(log, [talk], ["day"]))}
    assert by_day[day] == hours * 3600
    by_hour = kpicore.measure(log, [talk], ["hour"], start=day, end=start + hours * HOUR)
    assert [row["value"] for row in by_hour.rows()] == [3600] * hours
    cyclic = kpicore.measure(log, [talk], ["hour_of_day"], start=day, end=start + hours * HOUR)
    assert cyclic.rows()[2]["value"] == (hours - 23) * 3600
    assert {row["value"] for i, row in enumerate(cyclic.rows()) if i != 2} == {3600}


# --- what a plugin may get wrong --------------------------------------------------------------------


def plugin(build: Callable[[Settings], Statistic], **more: object) -> Plugins:
    """Returns plugins with a metric ``theirs`` over visits."""
    metric = Metric(
        name="theirs",
        zh="他们的",
        unit="calls",
        direction=Direction.NEUTRAL,
        definition="theirs",
        needs=("visits",),
        build=build,
        **more,  # type: ignore[arg-type]
    )

    class Theirs:
        @hookimpl
        def kpicore_metrics(self) -> list[Metric]:
            return [metric]

    return load_plugins(third_party=False, extra=(Theirs(),))


def custom(finalize: Callable[[Mapping[str, pa.Array]], Outcome]) -> Plugins:
    return plugin(lambda p: Custom(measures={"n": count("visits")}, finalize=finalize))


def fail(state: Mapping[str, pa.Array]) -> Outcome:
    raise ZeroDivisionError("theirs")


@pytest.mark.parametrize(
    ("finalize", "told"),
    [
        (lambda s: Outcome(value=pa.array([float("nan")] * len(s["n"]))), "not finite"),
        (lambda s: Outcome(value=pa.array([float("inf")] * len(s["n"]))), "not finite"),
        (lambda s: Outcome(value=pa.array([1.0] * (len(s["n"]) + 1))), "2 values for 1 rows"),
        (lambda s: Outcome(value=s["n"]), "int64 instead of double"),
        (lambda s: Outcome(value=s["n"].cast(pa.float64()), n=pa.array([1, 2])), "2 values for 1 rows"),
        (lambda s: Outcome(value=s["n"].cast(pa.float64()), n=pa.array(["x"])), "n of type string"),
        (lambda s: 7.0, "float"),
        (lambda s: Outcome(value=[1.0]), "list"),
        (fail, "ZeroDivisionError: theirs"),
    ],
)
def test_a_faulty_finalize_is_named(finalize: Callable[..., Outcome], told: str) -> None:
    plugins = custom(finalize)
    with pytest.raises(PluginError, match="theirs") as caught:
        kpicore.measure(kpicore.open(visits(), plugins=plugins), ["theirs"], plugins=plugins)
    assert told in str(caught.value)


def test_a_custom_metric_and_its_nulls() -> None:
    def finalize(state: Mapping[str, pa.Array]) -> Outcome:
        return Outcome(value=pa.array([None if n.as_py() == 1 else float(n.as_py()) for n in state["n"]]))

    plugins = custom(finalize)
    log = kpicore.open(visits(), plugins=plugins)
    result = kpicore.measure(log, ["theirs", "calls_offered"], ["queue"], plugins=plugins)
    assert [row["value"] for row in result.rows()] == [None, 2, 1, 2]
    assert [row["reason"] for row in result.rows()] == ["no_data", None, None, None]
    assert result.fractions() == [None, 2, 1, 2]


def raises(p: Settings) -> Statistic:
    nothing: dict[int, Statistic] = {}
    return nothing[1]


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (raises, "KeyError: 1"),
        (lambda p: None, "NoneType"),
        (lambda p: Statistic(), "Statistic"),
        (lambda p: Tally(measure=count("visits", where=col("outcome").is_("answred"))), "answered"),
        (lambda p: Tally(measure=count("visits", where=col("outcom").is_("answered"))), "outcom"),
        (lambda p: Tally(measure=count("visits", attribution="ending")), "ending"),
        (lambda p: Tally(measure=count("visitz")), "visitz"),
    ],
)
def test_a_faulty_definition_is_explained(build: Callable[[Settings], Statistic], told: str) -> None:
    plugins = plugin(build)
    with pytest.raises(kpicore.errors.KpicoreError) as caught:
        kpicore.measure(kpicore.open(visits(), plugins=plugins), ["theirs"], plugins=plugins)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        (Tally(measure=total("visits", lit(2))), 6),
        (Tally(measure=total("visits", lit(2) * col("wait"))), 80 * US),
        (Tally(measure=count("visits", where=lit(True))), 3),
        (Tally(measure=count("visits", where=lit(False) | col("queue").is_("help"))), 1),
        (Tally(measure=count("visits", where=lit(3) > lit(2))), 3),
        (Tally(measure=count("visits", where=col("contact_id").is_(1))), 0),
        (Tally(measure=count("visits", where=col("contact_id").isin(("c1", "none", "c3")))), 2),
        (Tally(measure=count("visits", where=~(col("wait") > 0))), 1),
        (Extremum(measure=maximum("visits", col("left_at") - col("entered_at")), scale=Fraction(1, US)), 30),
        (Ratio(numerator=count("visits"), denominator=count("visits"), scale=Fraction(2, 3)), 2 / 3),
    ],
)
def test_expressions(statistic: Statistic, value: float) -> None:
    plugins = plugin(lambda p: statistic)
    (row,) = rows(kpicore.measure(kpicore.open(visits(), plugins=plugins), ["theirs"], plugins=plugins))
    assert row["value"] == value


def test_a_value_is_provisional_until_it_has_settled() -> None:
    plugins = plugin(lambda p: Tally(measure=count("visits")), settle_days=2)
    late = pa.array([NOON, NOON + DAY, NOON + 3 * DAY], STAMP)
    log = kpicore.open(visits(entered_at=late, left_at=late), plugins=plugins)
    result = rows(kpicore.measure(log, ["theirs", "calls_offered"], ["day"], plugins=plugins))
    assert [row["provisional"] for row in result] == [False, False, True, True] + [False] * 4
    cut = rows(kpicore.measure(log, ["calls_offered"], ["day"], start=NOON, end=NOON + DAY, plugins=plugins))
    assert [row["provisional"] for row in cut] == [True, True]


SHIFTS = TableSchema(
    name="shifts",
    doc="from the first to the last visit of an agent",
    columns=(
        Column(name="agent_id", kind=Kind.ID, doc="who", required=True, domain="agent"),
        Column(name="mood", kind=Kind.ENUM, doc="how", values=("fine", "tired")),
        Column(name="start", kind=Kind.TIME, doc="from", required=True),
        Column(name="end", kind=Kind.TIME, doc="to", required=True),
    ),
    times={"start": "start", "completion": "end"},
    interval=("start", "end"),
)


def with_fact(function: Callable[[Settings, tuple[pa.Table, ...]], Mapping[str, pa.Table]]) -> Plugins:
    derivation = Derivation(
        name="shifts from visits",
        inputs=(Input(of="visits", columns=("agent_id", "entered_at"), order=("entered_at",)),),
        key="agent_id",
        outputs=("shifts",),
        parameters=(Choice(name="mood", doc="how", values=("fine", "tired"), default="fine"),),
        function=function,
    )

    class Shifts:
        @hookimpl
        def kpicore_facts(self) -> list[Fact]:
            return [Fact(schema=SHIFTS, derivations=(derivation,))]

        @hookimpl
        def kpicore_metrics(self) -> list[Metric]:
            length = total("shifts", col("end") - col("start"), attribution="prorated")
            return [
                Metric(
                    name="presence",
                    zh="在场",
                    unit="s",
                    direction=Direction.NEUTRAL,
                    definition="from first to last visit",
                    needs=("visits",),
                    build=lambda p: Tally(measure=length, scale=Fraction(1, US)),
                )
            ]

    return load_plugins(third_party=False, extra=(Shifts(),))


def first_to_last(settings: Settings, tables: tuple[pa.Table, ...]) -> dict[str, pa.Table]:
    (seen,) = tables
    found: dict[str, list[int]] = {}
    for row in seen.to_pylist():
        if row["agent_id"] is not None:
            found.setdefault(row["agent_id"], []).append(row["entered_at"])
    names = [*found, "Zed"]
    spans = [(times[0], times[-1]) for times in found.values()]
    spans.append(spans[-1])
    return {
        "shifts": pa.table(
            {
                "agent_id": names,
                "mood": [settings.word("mood")] * len(names),
                "start": pa.array([low for low, _ in spans], STAMP),
                "end": pa.array([high for _, high in spans], STAMP),
            }
        )
    }


def test_a_fact_that_is_a_plain_function() -> None:
    plugins = with_fact(first_to_last)
    seen = {"agent_id": pa.array(["Bob", "Ann", "Bob"]), "left_at": pa.nulls(3, STAMP)}
    times = pa.array([NOON + HOUR, NOON, NOON], STAMP)
    log = kpicore.open(visits(**seen, entered_at=times), plugins=plugins)
    result = rows(kpicore.measure(log, ["presence", "calls_offered"], ["agent"], plugins=plugins))
    found = {(row["metric"], row["agent"]): row["value"] for row in result}
    assert [found["presence", name] for name in ("Ann", "Bob", "Zed")] == [0, 3600, 3600]
    only = rows(kpicore.measure(log, ["presence"], ["agent"], where={"agent": "Zed"}, plugins=plugins))
    assert [(row["agent"], row["value"]) for row in only] == [("Zed", 3600)]
    table = kpicore.derive(log, "shifts", plugins=plugins)
    assert table.column("agent_id").to_pylist() == ["Ann", "Bob", "Zed"]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (fail, "takes 1 positional argument"),
        (lambda s, t: {}, "gave no shifts"),
        (lambda s, t: {"shifts": pa.table({"agent_id": ["a"]})}, "without start, end"),
        (lambda s, t: None, "NoneType"),
        (lambda s, t: {"shifts": 7}, "int"),
        (
            lambda s, t: {
                "shifts": first_to_last(s, t)["shifts"].set_column(1, "mood", pa.array(["sad"] * 3))
            },
            "mood",
        ),
        (
            lambda s, t: {"shifts": first_to_last(s, t)["shifts"].set_column(2, "start", pa.nulls(3, STAMP))},
            "start",
        ),
    ],
)
def test_a_faulty_function_is_named(function: Callable[..., Mapping[str, pa.Table]], told: str) -> None:
    plugins = with_fact(function)
    log = kpicore.open(visits(), plugins=plugins)
    with pytest.raises(PluginError, match="shifts") as caught:
        kpicore.measure(log, ["presence"], plugins=plugins)
    assert told in str(caught.value)


def test_negative_integers_are_ids_like_others() -> None:
    contacts = pa.table(
        {
            "contact_id": pa.array([-3, -1, 7], pa.int64()),
            "customer_id": pa.array([-5, -5, 0], pa.int64()),
            "opened_at": pa.array([NOON] * 3, STAMP),
        }
    )
    result = rows(kpicore.measure(kpicore.open({"contacts": contacts}), ["ticket_volume"], ["customer"]))
    assert {row["customer"]: row["value"] for row in result} == {"-5": 2, "0": 1}


def test_the_range_of_a_roster_is_that_of_what_happened() -> None:
    agents = pa.table({"agent_id": ["Ann"], "capacity": pa.array([4], pa.int64())})
    log = kpicore.open(visits() | {"agents": agents})
    (row,) = rows(kpicore.measure(log, ["max_concurrency"], ["agent"]))
    assert (row["value"], row["period"]) == (4, "2026-10-24T00:00:00+00:00")


def test_whole_numbers_of_the_roster_are_subjects() -> None:
    agents = pa.table({"agent_id": ["Ann", "Bob"], "capacity": pa.array([4, 2], pa.int64())})
    log = kpicore.open(visits() | {"agents": agents})
    result = rows(kpicore.measure(log, ["calls_offered"], ["capacity"]))
    assert [(row["capacity"], row["value"]) for row in result] == [("2", 1), ("4", 1)]
    with pytest.raises(UsageError, match="capacity=many"):
        kpicore.measure(log, ["calls_offered"], where={"capacity": "many"})
