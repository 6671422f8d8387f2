"""Metrics over derived facts: the same for any threads, batches, and layout of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

import pyarrow as pa
import pytest

import kpicore
from kpicore.engine import local
from kpicore.runs import content_hash
from kpicore.testing import generate_log

METRICS = (
    "service_level",
    "average_wait_time[statistic=p90]",
    "average_handle_time",
    "transfer_rate",
    "first_response_time",
    "average_response_time[statistic=p95]",
    "work_rate",
    "time_in_state",
    "occupancy",
    "max_concurrency[basis=observed]",
    "sessions_per_hour",
    "csat",
    "ticket_volume",
)


@pytest.fixture(autouse=True, scope="module")
def every_log_is_worth_threads() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "SMALL", 0)
        yield


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return generate_log(agents=6, days=2, zone="UTC")


def computable(log: kpicore.Log) -> list[str]:
    names = {finding.metric for finding in kpicore.check(log) if finding.computable}
    return [text for text in METRICS if text.split("[")[0] in names]


def digest(tables: Mapping[str, pa.Table], metric: str, **more: int) -> str:
    log = kpicore.open(tables, zone="UTC")
    result = kpicore.measure(log, [metric], ["agent"], period="hour", **more)  # type: ignore[arg-type]
    return content_hash({"values": result.to_arrow()})


def test_the_log_supports_the_metrics(tables: dict[str, pa.Table]) -> None:
    assert set(computable(kpicore.open(tables, zone="UTC"))) == set(METRICS)


@pytest.mark.parametrize("metric", METRICS)
def test_threads_batches_and_layout_change_nothing(metric: str, tables: dict[str, pa.Table]) -> None:
    random = Random(metric)
    before = digest(tables, metric, threads=1)
    assert digest(tables, metric, threads=2, batch_rows=64) == before
    assert digest(tables, metric, threads=3, batch_rows=1_000) == before
    other = {}
    for name, table in tables.items():
        order = list(range(len(table)))
        random.shuffle(order)
        mixed = table.take(pa.array(order, pa.int64()))
        half = len(mixed) // 2
        other[name] = pa.concat_tables([mixed.slice(0, half), mixed.slice(half)])
    assert digest(other, metric, threads=2, batch_rows=777) == before


@pytest.mark.parametrize("metric", METRICS)
def test_a_range_within_the_log_says_what_the_whole_says(metric: str, tables: dict[str, pa.Table]) -> None:
    log = kpicore.open(tables, zone="UTC")
    whole = kpicore.measure(log, [metric], ["agent"], period="hour")
    begin, hour = whole.start + 10 * 3_600_000_000, 3_600_000_000
    cut = kpicore.measure(log, [metric], ["agent"], period="hour", start=begin, end=begin + 9 * hour)
    keys = ("agent", "period", "part")
    every = {tuple(row[key] for key in keys): row for row in whole.rows()}
    own = {tuple(row[key] for key in keys): row for row in cut.rows()}
    assert len({period for _, period, _ in own}) == 9
    for key, row in own.items():
        told = {name: row[name] for name in ("value", "numerator", "denominator", "n")}
        assert told == {name: every[key][name] for name in told}


@pytest.mark.parametrize("metric", METRICS)
def test_a_range_after_the_log_is_empty_or_still_open(metric: str, tables: dict[str, pa.Table]) -> None:
    log = kpicore.open(tables, zone="UTC")
    end = kpicore.measure(log, ["ticket_volume"]).end
    after = kpicore.measure(log, [metric], period="day", start=end + 10**12, end=end + 2 * 10**12)
    before = kpicore.measure(log, [metric], period="day", start=10**12, end=2 * 10**12)
    for row in before.rows():
        assert not row["n"]
        assert not row["value"]
    for row in after.rows():
        assert row["value"] is None or row["value"] >= 0  # type: ignore[operator]
