"""Evidence adds up: from its rows alone, by hand, comes every figure that measuring gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kpicore
from kpicore.clock import read_calendars
from kpicore.engine import Query, Result, build, evidence, local, measure, query_of
from kpicore.engine.finalize import measures_of, named_measures
from kpicore.engine.prepare import prepare
from kpicore.errors import MissingDataError
from kpicore.metrics import parse_request
from kpicore.plugin import Custom, Extremum, MeasureKind, Quantile, Ratio, Statistic, Tally
from kpicore.plugin.manager import Plugins, load_plugins
from kpicore.testing import generate_log
from kpicore.testing.variation import shuffle, variants
from tests.oracles.questions import METRICS, PLUGINS, random_question
from tests.oracles.random_logs import random_log, to_tables

Row = Mapping[str, object]
Cell = tuple[object, ...]
BUILT_IN = load_plugins(third_party=False)


@pytest.fixture(autouse=True, scope="module")
def every_log_is_worth_threads() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "SMALL", 0)
        yield


def cell_of(row: Row, query: Query) -> Cell:
    return tuple(row.get(name) for name in (*query.by, "period", "weekday", "hour_of_day", "metric"))


def combine(kind: MeasureKind, added: list[int]) -> int | None:
    match kind:
        case MeasureKind.MINIMUM:
            return min(added, default=None)
        case MeasureKind.MAXIMUM:
            return max(added, default=None)
    return sum(added)


def quantile(values: list[int], q: Fraction) -> Fraction | None:
    if not values:
        return None
    ordered, place = sorted(values), q * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def check_figures(
    row: Row, exact: Fraction | None, statistic: Statistic, rows: Mapping[str, list[int]]
) -> None:
    """Asserts that the figures of one row of a result follow from what the rows of evidence add."""
    kinds = {name: m.kind for name, m in named_measures(statistic)}
    assert len(kinds) == len(named_measures(statistic)), "names of measures are unique"
    made = {name: combine(kind, rows.get(name, [])) for name, kind in kinds.items()}
    counted: int | None
    match statistic:
        case Tally():
            counted = made["value"]
            if statistic.per is None:
                assert exact == Fraction(made["value"] or 0) * statistic.scale
        case Ratio():
            assert (row["numerator"], row["denominator"]) == (made["numerator"], made["denominator"])
            counted = made["denominator"]
        case Extremum():
            best = made["value"]
            assert exact == (None if best is None else best * statistic.scale)
            counted = None
        case Quantile():
            found = quantile(rows.get("value", []), statistic.q)
            assert exact == (None if found is None else found * statistic.scale)
            counted = len(rows.get("value", []))
        case Custom():
            outcome = statistic.finalize(
                {name: pa.array([made[name]], pa.int64()) for name in statistic.measures}
            )
            assert row["value"] == outcome.value[0].as_py()
            for column in ("numerator", "denominator"):
                told = getattr(outcome, column)
                assert row[column] == (None if told is None else told[0].as_py())
            counted = None if outcome.n is None else outcome.n[0].as_py()
        case _:
            raise TypeError(statistic)
    assert row["n"] == (made["n"] if statistic.n else counted)
    left_out = {r: made[f"excluded:{r}"] for r in statistic.excluded if made[f"excluded:{r}"]}
    assert dict(row["excluded"]) == left_out  # type: ignore[call-overload]


def check_sums(result: Result, found: pa.Table, query: Query) -> None:
    """Asserts that all figures follow from the evidence, and that no row of it is left over."""
    added: dict[Cell, dict[tuple[str, str | None], list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in found.to_pylist():
        added[cell_of(row, query)][row["measure"], row["part"]].append(row["added"])
    used = set()
    statistics = {request.text: build(request) for request in query.requests}
    for row, exact in zip(result.rows(), result.fractions(), strict=True):
        statistic, cell = statistics[str(row["metric"])], cell_of(row, query)
        rows = {}
        for name, each in named_measures(statistic):
            key = name, (row["part"] if each.part else None)
            rows[name] = added[cell].get(key, [])  # type: ignore[call-overload]
            used.add((cell, key))
        check_figures(row, exact, statistic, rows)
    left = {(cell, key): values for cell, rows in added.items() for key, values in rows.items()}
    assert not any(any(values) for key, values in left.items() if key not in used)


def check_log(log: kpicore.Log, query: Query, plugins: Plugins) -> pa.Table:
    found = evidence(log, query, plugins)
    check_sums(measure(log, query, plugins), found, query)
    return found


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=5, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), size=st.integers(1, 25), batch_rows=st.sampled_from((1, 7, 65_536)))
def test_random_logs_add_up(name: str, seed: int, size: int, batch_rows: int) -> None:
    random = Random(f"{name} {seed}")
    tables, asked = to_tables(random_log(random, size=size)), random_question(random, [name])
    log = kpicore.open(tables, plugins=PLUGINS)
    query = query_of(
        log,
        asked.metrics,
        asked.by,
        PLUGINS,
        period=asked.periods,
        zone=asked.zone,
        start=asked.start,
        end=asked.end,
        where=asked.where,
        batch_rows=batch_rows,
    )
    check_log(log, query, PLUGINS)


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return generate_log(agents=3, days=2, zone="UTC")


OFFICE = """
zone = "Asia/Shanghai"
week.mon-fri = ["09:00-18:00"]
"""


def asked_of(log: kpicore.Log, name: str, **more: int) -> Query:
    """Returns a query by day of every form of a metric that the log supports, by agent where that can be."""
    for by in (["agent"], []):
        kept = [text for text in variants(BUILT_IN.metric(name)) if supported(log, text, by)]
        if kept:
            return query_of(
                log,
                kept,
                by,
                BUILT_IN,
                period="day",
                zone="UTC",
                calendars=read_calendars(OFFICE),
                **more,  # type: ignore[arg-type]
            )
    raise AssertionError(f"the log does not support {name}")


def supported(log: kpicore.Log, text: str, by: list[str]) -> bool:
    try:
        prepare(log, measures_of(build(parse_request(text, BUILT_IN))), by, {}, BUILT_IN)
    except MissingDataError:
        return False
    return True


@pytest.mark.parametrize("name", sorted(BUILT_IN.metrics))
def test_every_metric_adds_up_over_derived_facts(name: str, tables: dict[str, pa.Table]) -> None:
    log = kpicore.open(tables, plugins=BUILT_IN, zone="UTC")
    query = asked_of(log, name)
    found = check_log(log, query, BUILT_IN)
    other = kpicore.open(shuffle(tables, 3), plugins=BUILT_IN, zone="UTC")
    assert evidence(other, asked_of(other, name, threads=3, batch_rows=61), BUILT_IN).equals(found)
    for agent in {row["agent"] for row in found.to_pylist()} if query.by else ():
        mine = found.filter(pc.equal(found.column("agent"), agent))
        assert evidence(log, query, BUILT_IN, {"agent": agent}).equals(mine.combine_chunks())


def test_a_row_tells_what_it_is(tables: dict[str, pa.Table]) -> None:
    log = kpicore.open(tables, plugins=BUILT_IN, zone="UTC")
    query = query_of(log, ["average_handle_time"], ["agent"], BUILT_IN, zone="UTC")
    found = evidence(log, query, BUILT_IN).to_pylist(maps_as_pydicts="strict")
    contacts = set(log.tables["contacts"].column("contact_id").to_pylist())
    assert {row["contact_id"] for row in found} <= contacts
    assert all(row["row"]["contact_id"] == row["contact_id"] for row in found)
    assert {row["measure"] for row in found} == {"numerator", "denominator"}


def test_a_prorated_row_is_told_with_its_piece() -> None:
    midnight = 1_792_972_800_000_000
    state = {"agent_id": ["a"], "start": [midnight - 60_000_000], "end": [midnight + 30_000_000]}
    times = pa.timestamp("us", "UTC")
    rows = pa.table(
        {
            "agent_id": state["agent_id"],
            "at": pa.array(state["start"], times),
            "until": pa.array(state["end"], times),
            "state": ["break"],
        }
    )
    log = kpicore.open({"agent_states": rows}, plugins=BUILT_IN, zone="UTC")
    query = query_of(log, ["time_in_state"], ["agent"], BUILT_IN, period="day", zone="UTC")
    found = evidence(log, query, BUILT_IN).to_pylist(maps_as_pydicts="strict")
    pieces = [row for row in found if row["measure"] in ("value", "numerator")]
    assert [row["added"] for row in pieces] == [60_000_000, 30_000_000]
    assert [(row["until"] - row["at"]).total_seconds() for row in pieces] == [60, 30]
    assert len({tuple(row["row"].items()) for row in pieces}) == 1


def test_no_rows_are_an_empty_table_of_the_same_columns(tables: dict[str, pa.Table]) -> None:
    log = kpicore.open(tables, plugins=BUILT_IN, zone="UTC")
    query = query_of(log, ["average_handle_time"], ["agent"], BUILT_IN, period="day", zone="UTC")
    nobody = evidence(log, query, BUILT_IN, {"agent": "nobody"})
    assert len(nobody) == 0
    assert nobody.schema == evidence(log, query, BUILT_IN).schema


def test_of_rows_with_one_value_the_first_adds_it(tables: dict[str, pa.Table]) -> None:
    log = kpicore.open(tables, plugins=BUILT_IN, zone="UTC")
    query = query_of(log, ["customers_received"], ["agent"], BUILT_IN, zone="UTC")
    found = evidence(log, query, BUILT_IN).to_pylist(maps_as_pydicts="strict")
    seen: set[tuple[str, str]] = set()
    repeated = 0
    for row in sorted(found, key=lambda row: row["at"]):
        key = row["agent"], row["row"]["customer_id"]
        assert row["added"] == int(key not in seen)
        repeated += key in seen
        seen.add(key)
    assert repeated
