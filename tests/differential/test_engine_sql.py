"""The engine against DuckDB: the same questions in SQL, on a log of some size, equal to the digit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from random import Random

import duckdb
import pyarrow as pa
import pytest

import kpicore
from kpicore.testing import generate_log
from tests.oracles.delivered import plugins_with
from tests.oracles.random_logs import random_log, to_tables

PLUGINS = plugins_with()
ANSWERED, ABANDONED = "outcome = 'answered'", "outcome = 'abandoned'"
FLOWED = "outcome in ('flow_out', 'timeout', 'transferred', 'voicemail')"
DAY_OF = "date_trunc('day', entered_at)"

Rows = dict[tuple[object, ...], tuple[object, ...]]


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return to_tables(random_log(Random(11), size=6_000, days=20))


@pytest.fixture(scope="module")
def log(tables: Mapping[str, pa.Table]) -> kpicore.Log:
    return kpicore.open(tables, plugins=PLUGINS, zone="UTC")


def connect(tables: Mapping[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """Returns a database with the tables; times are naive, so that no extension is needed."""
    con = duckdb.connect(config={"threads": 1})
    naive = pa.timestamp("us")
    for name, table in tables.items():
        columns = {
            c: table.column(c) for c in table.column_names if not pa.types.is_list(table.column(c).type)
        }
        plain = {c: v.cast(naive) if pa.types.is_timestamp(v.type) else v for c, v in columns.items()}
        con.register(name, pa.table(plain))
    return con


@pytest.fixture(scope="module")
def con(tables: Mapping[str, pa.Table]) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tables) as connection:
        yield connection


def told(con: duckdb.DuckDBPyConnection, query: str, keys: int) -> Rows:
    """Returns rows by their first ``keys`` columns, instants as ISO text."""
    found: Rows = {}
    for row in con.execute(query).fetchall():
        words = [_label(word) if isinstance(word, date) else word for word in row[:keys]]
        found[tuple(words)] = tuple(row[keys:])
    return found


def _label(at: date) -> str:
    clock = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)
    return f"{clock.isoformat()}+00:00"


def measured(log: kpicore.Log, metric: str, by: tuple[str, ...], period: str, *columns: str) -> Rows:
    result = kpicore.measure(log, [metric], by, period=period, plugins=PLUGINS)
    return {
        (*(row[name] for name in by), row["period"]): tuple(row[name] for name in columns)
        for row in result.rows()
        if row["n"]
    }


SERVICE_LEVELS = {
    "within=20s": (
        f"{ANSWERED} and wait <= 20e6",
        f"{ANSWERED} or ({ABANDONED} and coalesce(wait >= 5e6, true))",
    ),
    "within=20s,op=lt,abandoned=include": (f"{ANSWERED} and wait < 20e6", f"{ANSWERED} or {ABANDONED}"),
    "within=1h,abandoned=exclude": (f"{ANSWERED} and wait <= 3600e6", ANSWERED),
    "within=1h,abandoned=count_within_as_met": (
        f"({ANSWERED} or {ABANDONED}) and wait <= 3600e6",
        f"{ANSWERED} or {ABANDONED}",
    ),
    "within=1h,denominator_abandons=after_threshold": (
        f"{ANSWERED} and wait <= 3600e6",
        f"{ANSWERED} or ({ABANDONED} and coalesce(wait > 3600e6, true))",
    ),
    "within=1h,numerator_abandons=short_only,short=21s,denominator_abandons=all": (
        f"({ANSWERED} and wait <= 3600e6) or ({ABANDONED} and wait < 21e6)",
        f"{ANSWERED} or {ABANDONED}",
    ),
    "within=1h,flow_outs=by_threshold,denominator_abandons=all": (
        f"({ANSWERED} or {FLOWED}) and wait <= 3600e6",
        f"{ANSWERED} or {ABANDONED} or {FLOWED}",
    ),
    "within=1h,callbacks=by_threshold,denominator_abandons=all": (
        f"({ANSWERED} or outcome = 'callback') and wait <= 3600e6",
        f"{ANSWERED} or {ABANDONED} or outcome = 'callback'",
    ),
    "within=1h,flow_outs=denominator,denominator_abandons=none": (
        f"{ANSWERED} and wait <= 3600e6",
        f"{ANSWERED} or {FLOWED}",
    ),
}


@pytest.mark.parametrize("parameters", SERVICE_LEVELS)
def test_service_level(parameters: str, log: kpicore.Log, con: duckdb.DuckDBPyConnection) -> None:
    met, counted = SERVICE_LEVELS[parameters]
    expected = told(
        con,
        f"""select queue, day, m / c, m, c from (
              select queue, {DAY_OF} as day, count(*) filter ({met}) as m, count(*) filter ({counted}) as c
              from visits where queue is not null group by all)
            where c > 0""",
        2,
    )
    metric = f"service_level[{parameters}]"
    assert measured(log, metric, ("queue",), "day", "value", "numerator", "denominator") == expected
    assert len(expected) > 50


@pytest.mark.parametrize("period", ["15min", "hour", "day", "week", "month"])
def test_average_speed_of_answer(period: str, log: kpicore.Log, con: duckdb.DuckDBPyConnection) -> None:
    start = (
        "time_bucket(interval 15 minutes, entered_at)"
        if period == "15min"
        else f"date_trunc('{period}', entered_at)"
    )
    expected = told(
        con,
        f"""select {start}, sum(wait)::double / (count(*) * 1e6), sum(wait)::bigint, count(*)
            from visits where {ANSWERED} and wait is not null group by 1""",
        1,
    )
    found = measured(log, "average_speed_of_answer", (), period, "value", "numerator", "denominator")
    assert found == expected


@pytest.mark.parametrize(
    ("word", "q"), [("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)]
)
def test_quantiles(word: str, q: float, log: kpicore.Log, con: duckdb.DuckDBPyConnection) -> None:
    expected = told(
        con,
        f"""select agent_id, {DAY_OF}, percentile_cont({q}) within group (order by wait) / 1e6, count(*)
            from visits where {ANSWERED} and wait is not null and agent_id is not null group by 1, 2""",
        2,
    )
    found = measured(log, f"average_speed_of_answer[statistic={word}]", ("agent",), "day", "value", "n")
    assert found.keys() == expected.keys()
    for key, (value, n) in expected.items():
        # DuckDB interpolates in doubles.
        assert found[key] == (pytest.approx(value, rel=1e-12), n)


def test_handle_time_of_teams_as_of_the_event(log: kpicore.Log, con: duckdb.DuckDBPyConnection) -> None:
    expected = told(
        con,
        """select team, date_trunc('day', began_at), sum(talk + hold + wrapup)::double / (count(*) * 1e6),
                  sum(talk + hold + wrapup)::bigint, count(*)
           from legs join agents on legs.agent_id = agents.agent_id
             and (valid_from is null or valid_from <= began_at) and (valid_to is null or began_at < valid_to)
           where team is not null and talk + hold + wrapup is not null group by 1, 2""",
        2,
    )
    found = measured(log, "average_handle_time", ("team",), "day", "value", "numerator", "denominator")
    assert found == expected
    assert len(expected) > 20


STATES_PER_HOUR = """
    select agent_id, state, hour,
           sum(epoch_us(least("end", hour + interval 1 hour)) - epoch_us(greatest("start", hour)))::bigint
    from (select *, unnest(generate_series(date_trunc('hour', "start"), "end" - interval 1 microsecond,
                                           interval 1 hour)) as hour
          from ({intervals}) where "start" < "end")
    group by all
"""


def in_states(log: kpicore.Log, metric: str) -> dict[tuple[object, ...], int]:
    result = kpicore.measure(log, [metric], ["agent"], period="hour", plugins=PLUGINS)
    return {
        (row["agent"], row["part"], row["period"]): round(row["value"] * 1_000_000)  # type: ignore[operator]
        for row in result.rows()
        if row["value"]
    }


def test_time_in_state_is_cut_at_hours(log: kpicore.Log, con: duckdb.DuckDBPyConnection) -> None:
    own = 'select agent_id, routing as state, "start", "end" from duty where routing is not null'
    expected = told(con, STATES_PER_HOUR.format(intervals=own), 3)
    assert in_states(log, "time_in_state[track=routing]") == {key: us for key, (us,) in expected.items()}


# --- what is derived, on the log of a made-up contact centre ------------------------------------------


@pytest.fixture(scope="module")
def centre() -> dict[str, pa.Table]:
    return generate_log(agents=6, days=4, zone="UTC")


def test_states_follow_one_another(centre: dict[str, pa.Table]) -> None:
    log = kpicore.open(centre, zone="UTC")
    states = centre["agent_states"]
    with connect({"agent_states": states}) as con:
        own = """select agent_id, state, "at" as "start",
                        coalesce(lead("at") over (partition by agent_id order by "at"),
                                 (select max("at") from agent_states)) as "end"
                 from agent_states where track = 'routing'"""
        expected = told(con, STATES_PER_HOUR.format(intervals=own), 3)
    assert in_states(log, "time_in_state[track=routing]") == {key: us for key, (us,) in expected.items()}
    assert len(expected) > 100


def test_visits_end_as_the_events_say(centre: dict[str, pa.Table]) -> None:
    log = kpicore.open(centre, zone="UTC")
    with connect({"contact_events": centre["contact_events"]}) as con:
        expected = told(
            con,
            """select queue, date_trunc('day', "at"), count(*)::double from contact_events
               where event = 'queued' group by 1, 2""",
            2,
        )
        gone = told(
            con,
            """select date_trunc('hour', "at"), count(*)::double from contact_events
               where event = 'abandoned' group by 1""",
            1,
        )
    assert len(expected) > 10
    assert len(gone) > 10
    assert measured(log, "calls_offered", ("queue",), "day", "value") == expected
    left = "missed_calls[outcomes=abandoned,attribution=event]"
    assert measured(log, left, (), "hour", "value") == gone


def test_first_responses_are_those_of_the_messages(centre: dict[str, pa.Table]) -> None:
    log = kpicore.open(centre, zone="UTC")
    with connect({"messages": centre["messages"]}) as con:
        expected = told(
            con,
            """with questions as (
                 select contact_id, min("at") as asked from messages where author = 'customer' group by 1
               ), replies as (
                 select contact_id, asked, min("at") as answered
                 from questions join messages using (contact_id)
                 where "at" >= asked and author in ('agent', 'bot_assist') group by 1, 2)
               select date_trunc('day', asked), sum(epoch_us(answered) - epoch_us(asked))::bigint, count(*)
               from replies group by 1""",
            1,
        )
    found = measured(log, "first_response_time", (), "day", "numerator", "denominator")
    assert found == expected
    assert len(expected) >= 4
