"""The noise beside each value of a review, against what the rows of facts say one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from random import Random

import numpy as np
import pyarrow as pa
import pytest

import kpicore
from kpicore.engine import local
from kpicore.scoring.measured import SubjectKey
from kpicore.scoring.result import Contribution
from kpicore.scoring.statistics import mean_interval, quantile_interval, ratio_interval, wilson_interval
from kpicore.testing import generate_log

ENTRY = """
[[group.entry]]
id = "{id}"
metric = "{metric}"
weight = 20
curve = {{ knots = [[0, 50], [1, 50]] }}
"""
METRICS = {
    "mean": "average_handle_time",
    "tail": "average_handle_time[statistic=p75]",
    "count": "calls_answered",
    "rate": "transfer_rate",
    "ratio": "occupancy",
}
CARD = (
    'id = "noise"\nversion = "1"\nowner = "tests"\nprofile = "review"\nsubject = "agent"\nperiod = "month"\n'
    '[missing]\nmin_coverage = 0\n[[group]]\nid = "all"\nweight = 100\n'
) + "".join(ENTRY.format(id=name, metric=metric) for name, metric in METRICS.items())


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return generate_log(agents=6, days=6, zone="UTC")


def reviewed(tables: Mapping[str, pa.Table], **how: int | str) -> dict[tuple[SubjectKey, str], Contribution]:
    done = kpicore.score(kpicore.open(tables, zone="UTC"), CARD, root=None, zone="UTC", **how)  # type: ignore[arg-type]
    return {(one.subject, line.entry): line for one in done.scores.scores for line in one.contributions}


@pytest.fixture(scope="module")
def lines(tables: dict[str, pa.Table]) -> dict[tuple[SubjectKey, str], Contribution]:
    return reviewed(tables)


def of(lines: Mapping[tuple[SubjectKey, str], Contribution], entry: str) -> dict[str | None, Contribution]:
    return {
        subject[0]: line
        for (subject, name), line in lines.items()
        if name == entry and line.value is not None
    }


def ends(line: Contribution) -> tuple[float, float] | None:
    return None if line.interval is None else (float(line.interval[0]), float(line.interval[1]))


@pytest.fixture(scope="module")
def handle_times(tables: dict[str, pa.Table]) -> dict[str, list[float]]:
    legs = kpicore.derive(kpicore.open(tables, zone="UTC"), "legs")
    agents = legs.column("agent_id").to_pylist()
    parts = [legs.column(name).cast(pa.int64()).to_pylist() for name in ("hold", "talk", "wrapup")]
    found: dict[str, list[float]] = defaultdict(list)
    for agent, *times in zip(agents, *parts, strict=True):
        if agent is not None and None not in times:
            found[agent].append(sum(times) / 1e6)
    return found


def test_a_mean_has_student_s_interval_and_is_shrunk(
    lines: dict[tuple[SubjectKey, str], Contribution], handle_times: dict[str, list[float]]
) -> None:
    # a leg that is open ends with the range, which is shorter where legs alone are derived
    means = {
        agent: line
        for agent, line in of(lines, "mean").items()
        if line.value == pytest.approx(float(np.mean(handle_times[agent or ""])))
    }
    assert len(means) > 3
    for agent, line in means.items():
        assert ends(line) == pytest.approx(mean_interval(handle_times[agent or ""]), rel=1e-9)
        assert line.reliability is not None
        assert 0 <= line.reliability < 1


def test_a_quantile_has_order_statistics_for_ends(
    lines: dict[tuple[SubjectKey, str], Contribution], handle_times: dict[str, list[float]]
) -> None:
    for agent, line in of(lines, "tail").items():
        assert ends(line) == pytest.approx(quantile_interval(sorted(handle_times[agent or ""]), 0.75))


def test_a_count_and_a_rate_have_score_intervals(
    lines: dict[tuple[SubjectKey, str], Contribution],
) -> None:
    for line in of(lines, "count").values():
        low, high = ends(line) or (0, 0)
        assert line.value is not None
        assert low < line.value < high
    for line in of(lines, "rate").values():
        assert isinstance(line.numerator, int)
        assert isinstance(line.denominator, int)
        assert ends(line) == wilson_interval(line.numerator, line.denominator)


def test_a_ratio_of_sums_has_the_delta_method_s_interval_over_days(
    tables: dict[str, pa.Table], lines: dict[tuple[SubjectKey, str], Contribution]
) -> None:
    log = kpicore.open(tables, zone="UTC")
    days: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in kpicore.measure(log, ["occupancy"], ["agent"], period="day", zone="UTC").rows():
        if row["numerator"] or row["denominator"]:
            days[str(row["agent"])].append((float(row["numerator"]), float(row["denominator"])))  # type: ignore[arg-type]
    found = of(lines, "ratio")
    assert len(found) > 3
    for agent, line in found.items():
        low, high = ratio_interval(*zip(*days[agent or ""], strict=True)) or (0, 0)
        assert ends(line) == pytest.approx((max(low, 0), min(high, 1)), rel=1e-9)


def test_the_noise_is_the_same_however_it_was_computed(
    tables: dict[str, pa.Table],
    lines: dict[tuple[SubjectKey, str], Contribution],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local, "SMALL", 1)
    random = Random(3)
    shuffled = {  # `seq` settles the order of events at one instant; states have none
        name: table.take(random.sample(range(len(table)), len(table))) if name != "agent_states" else table
        for name, table in tables.items()
    }
    assert reviewed(shuffled, threads=3, batch_rows=97) == lines


def test_an_empty_log_has_no_noise(tables: dict[str, pa.Table]) -> None:
    empty = {name: table.slice(0, 0) if name != "agents" else table for name, table in tables.items()}
    lines = reviewed(empty, period="2026-10")
    assert len(lines) >= 5
    assert all(line.interval is None for line in lines.values())
