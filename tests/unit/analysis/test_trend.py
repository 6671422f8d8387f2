"""The trend that a run keeps: which periods, whose rows, and that they are the engine's values."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

import kpicore
from kpicore.analysis import choose_stretch
from kpicore.scoring.statistics import wilson_interval
from kpicore.testing import generate_log

CARD = """
id = "trend"
version = "1"
owner = "tests"
profile = "explore"
subject = "agent"
period = "month"
report = { min_group = 1 }

[[group]]
id = "calls"
weight = 100
[[group.entry]]
id = "answered"
metric = "calls_answered"
weight = 50
curve = { linear = { zero_at = 0, full_at = 100 } }
[[group.entry]]
id = "kept"
metric = "transfer_rate"
weight = 50
curve = { linear = { zero_at = "50%", full_at = 0 } }
"""


def at(year: int, month: int = 1, day: int = 1, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1_000_000


def day(instant: int) -> date:
    return datetime.fromtimestamp(instant / 1_000_000, UTC).date()


@pytest.mark.parametrize(
    ("period", "first", "start", "end", "expected"),
    [
        # a named month with two years before it: twelve months up to its end
        ("month", at(2024, 3, 5, 9), at(2026, 2), at(2026, 3), ("month", date(2025, 3, 1), 12)),
        # five months of log: no more than there are, the first from the log's first day
        ("month", at(2025, 10, 5, 9), at(2026, 2), at(2026, 3), ("month", date(2025, 10, 5), 5)),
        # three months are too few months; of weeks there are thirteen, the last twelve stay
        ("month", at(2025, 12, 5, 9), at(2026, 2), at(2026, 3), ("week", date(2025, 12, 8), 12)),
        # one month of log: weeks, the first cut by the log
        ("month", at(2026, 2, 3, 9), at(2026, 2), at(2026, 3), ("week", date(2026, 2, 1), 5)),
        # days, where a week is too long
        ("month", at(2026, 2, 3, 9), at(2026, 2, 3), at(2026, 2, 6), ("day", date(2026, 2, 3), 3)),
        # a grain is never longer than the card's
        ("week", at(2020, 1, 1), at(2020, 1, 1), at(2026, 1, 1), ("week", date(2025, 10, 13), 12)),
        ("year", at(2020, 6, 1), at(2020, 6, 1), at(2026, 1, 1), ("year", date(2020, 6, 1), 6)),
        ("year", at(2025, 1, 1), at(2025, 1, 1), at(2026, 1, 1), ("quarter", date(2025, 1, 1), 4)),
        ("hour", at(2026, 1, 1), at(2026, 1, 1), at(2026, 1, 2), ("hour", date(2026, 1, 1), 12)),
        # a log that begins after the period that is judged
        ("day", at(2026, 3, 1), at(2026, 2, 1), at(2026, 2, 2), ("day", date(2026, 2, 1), 1)),
    ],
)
def test_the_periods(period: str, first: int, start: int, end: int, expected: tuple[str, date, int]) -> None:
    stretch = choose_stretch(period, first, start, end, "UTC")
    assert stretch.end == end
    assert (stretch.grain, day(stretch.start)) == expected[:2]
    begun = {_begin(stretch.grain, instant) for instant in range(stretch.start, end, 3_600_000_000)}
    assert len(begun) == expected[2]


def _begin(grain: str, instant: int) -> object:
    one = datetime.fromtimestamp(instant / 1_000_000, UTC)
    return {
        "hour": one.replace(minute=0),
        "day": one.date(),
        "week": one.date() - timedelta(days=one.weekday()),
        "month": (one.year, one.month),
        "quarter": (one.year, (one.month - 1) // 3),
        "year": one.year,
    }[grain]


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return generate_log(agents=5, days=15, zone="UTC")


@pytest.fixture(scope="module")
def run(tables: dict[str, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> kpicore.Run:
    review = kpicore.score(kpicore.open(tables, zone="UTC"), CARD, root=tmp_path_factory.mktemp("runs"))
    assert review.run is not None
    return review.run


def test_a_run_keeps_its_trend(run: kpicore.Run, tables: dict[str, pa.Table]) -> None:
    rows = run.table("trend").to_pylist()
    assert {row["grain"] for row in rows} == {"day"}
    periods = sorted({row["period"] for row in rows})
    assert len(periods) == 12
    agents = {row["agent"] for row in run.table("scores").to_pylist()}
    assert {row["agent"] for row in rows if row["scope"] == "subject"} == agents
    assert {row["agent"] for row in rows if row["scope"] == "all"} == {None}
    assert len(rows) == 2 * 12 * (len(agents) + 1)
    assert all(row["complete"] for row in rows)
    measured = kpicore.measure(
        kpicore.open(tables, zone="UTC"), ["calls_answered", "transfer_rate"], ["agent"], period="day"
    )
    values = {(row["agent"], row["period"], row["metric"]): row["value"] for row in measured.rows()}
    for row in rows:
        if row["scope"] == "subject":
            assert row["value"] == values[row["agent"], row["period"], row["metric"]]


def test_the_rows_of_all_are_the_members_together(run: kpicore.Run) -> None:
    rows = run.table("trend").to_pylist()
    sums: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        if row["scope"] == "subject":
            sums[row["metric"], row["period"], "numerator"] += row["numerator"] or 0
            sums[row["metric"], row["period"], "n"] += row["n"]
    for row in rows:
        if row["scope"] == "all":
            assert row["n"] == sums[row["metric"], row["period"], "n"]
            assert (row["numerator"] or 0) == sums[row["metric"], row["period"], "numerator"]


def test_all_is_told_only_of_groups_that_are_large_enough(
    tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    """An agent without calls in a period has no transfer rate, so five agents are too few then."""
    log = kpicore.open(tables, zone="UTC")
    for smallest in (1, 4, 5, 6):
        card = CARD.replace("min_group = 1", f"min_group = {smallest}")
        kept = kpicore.score(log, card, root=tmp_path).run
        assert kept is not None
        rows = kept.table("trend").to_pylist()
        known = Counter(
            (r["metric"], r["period"]) for r in rows if r["scope"] == "subject" and r["value"] is not None
        )
        whole = [row for row in rows if row["scope"] == "all"]
        for row in whole:
            told = [row[name] for name in ("value", "numerator", "n", "low")]
            size = known[row["metric"], row["period"]]
            if 0 < size < smallest:
                assert (told, row["denominator"], row["high"]) == ([None] * 4, None, None)
                assert row["reason"] == "small_group"
            else:
                assert (row["value"] is None) == (row["reason"] is not None)
                assert row["reason"] != "small_group"
        assert any(row["reason"] == "small_group" for row in whole) == (smallest > min(known.values()))


def test_teams_are_no_people(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    log = kpicore.open(tables, zone="UTC")
    card = CARD.replace('"agent"', '"team"').replace("min_group = 1", "min_group = 9")
    run = kpicore.score(log, card, root=tmp_path).run
    assert run is not None
    assert "small_group" not in run.table("trend").column("reason").to_pylist()


def test_rates_have_intervals_and_others_none(run: kpicore.Run) -> None:
    for row in run.table("trend").to_pylist():
        ends = (row["low"], row["high"])
        if row["metric"] == "transfer_rate" and row["denominator"]:
            assert ends == wilson_interval(row["numerator"], row["denominator"])
        else:
            assert ends == (None, None)


def test_periods_that_are_cut_are_told(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    log = kpicore.open(generate_log(agents=3, days=30, zone="UTC"), zone="UTC")
    review = kpicore.score(log, CARD, root=tmp_path)
    assert review.run is not None
    rows = review.run.table("trend").to_pylist()
    assert {row["grain"] for row in rows} == {"week"}
    cut = {row["period"] for row in rows if not row["complete"]}
    start, end = (day(instant) for instant in (review.result.start, review.result.end))
    expected = {start - timedelta(days=start.weekday())} if start.weekday() else set()
    expected |= {end - timedelta(days=end.weekday())} if end.weekday() else set()
    assert expected
    assert cut == {f"{monday}T00:00:00+00:00" for monday in expected}


def test_days_and_years_begin_where_the_review_says(tmp_path: Path) -> None:
    log = kpicore.open(generate_log(agents=3, days=6, zone="UTC"), zone="UTC")
    run = kpicore.score(log, CARD, day_start="06:00", root=tmp_path).run
    assert run is not None
    rows = run.table("trend").to_pylist()
    periods = sorted({row["period"] for row in rows})
    assert all(period.endswith("T06:00:00+00:00") for period in periods)
    whole = {row["period"]: row["complete"] for row in rows}
    assert all(whole[period] for period in periods[1:-1])
    fiscal = choose_stretch("year", at(2020), at(2026, 10), at(2027, 10), "UTC", fiscal_year_start=10)
    assert [label[:10] for label in fiscal.cells().labels][-2:] == ["2025-10-01", "2026-10-01"]
    assert fiscal.cells().last_end == at(2027, 10)


def test_only_the_members_of_the_population_make_up_all(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    team = tables["agents"].column("team").to_pylist()[0]
    card = CARD.replace('period = "month"', f'period = "month"\npopulation = {{ team = "{team}" }}')
    review = kpicore.score(kpicore.open(tables, zone="UTC"), card, root=tmp_path)
    assert review.run is not None
    inside = {score.subject[0] for score in review.scores.scores}
    rows = review.run.table("trend").to_pylist()
    assert {row["agent"] for row in rows} > inside | {None}
    for row in rows:
        if row["scope"] == "all" and row["metric"] == "calls_answered":
            assert row["n"] == sum(
                r["n"]
                for r in rows
                if r["agent"] in inside and r["period"] == row["period"] and r["metric"] == row["metric"]
            )


def test_what_is_open_at_the_end_counts_as_in_the_run(tmp_path: Path) -> None:
    log = kpicore.open(generate_log(agents=5, days=3, zone="UTC"), zone="UTC")
    assert any(leg["ended"] == "open" for leg in kpicore.derive(log, "legs").to_pylist())
    run = kpicore.score(log, CARD.replace("calls_answered", "average_handle_time"), root=tmp_path).run
    assert run is not None
    sums: Counter[tuple[str, str]] = Counter()
    for row in run.table("trend").to_pylist():
        if row["scope"] == "subject":
            sums[row["agent"], row["metric"]] += row["numerator"]
    values = {(row["agent"], row["metric"]): row["numerator"] for row in run.table("values").to_pylist()}
    assert sums == values
