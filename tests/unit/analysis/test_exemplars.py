"""The contacts behind a KPI: the best and the worst, against a plain search through the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import kpicore
from kpicore.analysis import exemplars, exemplars_schema
from kpicore.testing import generate_log

HEAD = """
id = "c"
version = "1"
owner = "o"
profile = "explore"
subject = "agent"
period = "month"
[[group]]
id = "g"
weight = 100
"""
LINES = {
    "average_handle_time": "{ linear = { zero_at = '20m', full_at = '1m' } }",
    "average_handle_time[statistic=p90]": "{ linear = { zero_at = '20m', full_at = '1m' } }",
    "transfer_rate": "{ linear = { zero_at = 1, full_at = 0 } }",
    "calls_answered": "{ linear = { zero_at = 0, full_at = 100 } }",
    "average_speed_of_answer": "{ target_range = { ideal_lo = '2s', ideal_hi = '9s', tolerance = '10%' } }",
}
CARD = HEAD + "".join(
    f'[[group.entry]]\nid = "e{i}"\nmetric = "{metric}"\nweight = 20\ncurve = {curve}\n'.replace("'", '"')
    for i, (metric, curve) in enumerate(LINES.items())
)


@pytest.fixture(scope="module")
def log() -> kpicore.Log:
    return kpicore.open(generate_log(agents=5, days=3, zone="UTC"), zone="UTC")


@pytest.fixture(scope="module")
def table(log: kpicore.Log, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    run = kpicore.score(log, CARD, root=tmp_path_factory.mktemp("runs")).run
    assert run is not None
    return run.table("exemplars")


def handled(log: kpicore.Log) -> dict[tuple[str, str], list[int]]:
    """The handling times, in microseconds, of each agent and contact."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for leg in kpicore.derive(log, "legs").to_pylist():
        parts = [leg[name] for name in ("talk", "hold", "wrapup")]
        if leg["agent_id"] is not None and leg["talk"] is not None:
            microseconds = sum(
                p if isinstance(p, int) else round(p.total_seconds() * 1e6) for p in parts if p
            )
            found[leg["agent_id"], leg["contact_id"]].append(microseconds)
    return found


def kinds(
    table: pa.Table, metric: str
) -> Iterator[tuple[str, list[dict[str, object]], list[dict[str, object]]]]:
    rows = [row for row in table.to_pylist() if row["metric"] == metric]
    for agent in {row["agent"] for row in rows}:
        own = [row for row in rows if row["agent"] == agent]
        yield agent, [r for r in own if r["kind"] == "best"], [r for r in own if r["kind"] == "worst"]


def test_the_shortest_and_the_longest_contacts(log: kpicore.Log, table: pa.Table) -> None:
    assert table.schema == exemplars_schema("agent")
    by_contact = {key: sum(times) / len(times) / 1e6 for key, times in handled(log).items()}
    seen = 0
    for agent, best, worst in kinds(table, "average_handle_time"):
        own = {contact: value for (name, contact), value in by_contact.items() if name == agent}
        expected = sorted(own.values())
        assert [row["value"] for row in best] == pytest.approx(expected[:3])
        assert [row["value"] for row in worst] == pytest.approx(expected[-3:][::-1])
        assert [row["rank"] for row in best] == [1, 2, 3]
        for row in (*best, *worst):
            assert own[str(row["contact_id"])] == pytest.approx(row["value"])
        seen += 1
    assert seen == len({agent for agent, _ in by_contact})


def test_a_curve_over_the_target_divided_by_the_value_is_better_where_it_is_low(
    log: kpicore.Log, table: pa.Table, tmp_path: Path
) -> None:
    falling = '{ linear = { zero_at = "20m", full_at = "1m" } }'
    attained = '{ attainment = { mode = "target_over_value", target = "6m" } }'
    assert falling in CARD
    run = kpicore.score(log, CARD.replace(falling, attained, 1), root=tmp_path).run
    assert run is not None
    found = run.table("exemplars").filter(pc.field("metric") == "average_handle_time")
    assert found.equals(table.filter(pc.field("metric") == "average_handle_time"))


def test_a_quantile_has_the_contacts_of_its_values(table: pa.Table) -> None:
    mean, quantile = (
        [
            {k: v for k, v in row.items() if k != "metric"}
            for row in table.to_pylist()
            if row["metric"] == f"average_handle_time{more}"
        ]
        for more in ("", "[statistic=p90]")
    )
    assert mean == quantile != []


def test_a_share_has_hits_and_misses_the_latest_first(log: kpicore.Log, table: pa.Table) -> None:
    for _, best, worst in kinds(table, "transfer_rate"):
        assert {row["value"] for row in best} == {0.0}
        assert all(float(str(row["value"])) > 0 for row in worst)
        assert {row["unit"] for row in best} == {"ratio"}
        instants = [row["at"] for row in best]
        assert instants == sorted(instants, reverse=True)  # type: ignore[type-var]


def test_in_a_range_the_middle_is_best(log: kpicore.Log, table: pa.Table) -> None:
    waits: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in kpicore.derive(log, "visits").to_pylist():
        if row["outcome"] == "answered" and row["agent_id"] is not None:
            waits[row["agent_id"], row["contact_id"]].append(row["wait"] / 1e6)
    for agent, best, worst in kinds(table, "average_speed_of_answer"):
        distances = [abs(float(str(row["value"])) - 5.5) for row in (*best, *worst)]
        expected = sorted(abs(sum(w) / len(w) - 5.5) for (name, _), w in waits.items() if name == agent)
        assert distances == pytest.approx([*expected[:3], *expected[-3:][::-1]])


def test_counts_have_none(table: pa.Table) -> None:
    assert set(table.column("metric").to_pylist()) == set(LINES) - {"calls_answered"}


def test_nobody_is_best_and_worst(table: pa.Table) -> None:
    for metric in set(table.column("metric").to_pylist()):
        for _, best, worst in kinds(table, metric):
            assert not {row["contact_id"] for row in best} & {row["contact_id"] for row in worst}


def test_a_log_too_large_has_none(log: kpicore.Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exemplars, "_LARGE", 10)
    run = kpicore.score(log, CARD, root=tmp_path).run
    assert run is not None
    assert run.table("exemplars").equals(exemplars_schema("agent").empty_table())
