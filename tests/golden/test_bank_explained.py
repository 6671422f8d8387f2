"""A bank's February: from a total to call ids and back, every number added up by hand."""

from __future__ import annotations

import gzip
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

import kpicore
from kpicore.plugin.manager import load_plugins
from kpicore.runs import Run, explain, replay, touched_by

PLUGINS = load_plugins(third_party=False)


@pytest.fixture(scope="module")
def run(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    log = kpicore.open(shared_data / "bank_calls", mapping="bank_calls", plugins=PLUGINS)
    card = kpicore.scorecard("call_agent", plugins=PLUGINS)
    root = tmp_path_factory.mktemp("runs")
    made = kpicore.score(log, card, period="1999-02", root=root, plugins=PLUGINS)
    assert made.run is not None
    return made.run


def service_times(source: Path, agent: str) -> dict[str, int]:
    """Returns the seconds of service by call, as the file itself has them."""
    (path,) = source.glob("*.tsv.gz")
    with gzip.open(path, "rt") as file:
        names = file.readline().split()
        rows = [dict(zip(names, line.split(), strict=False)) for line in file]
    calls: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["server"] == agent:
            calls[f"{row['vru+line']}-{row['call_id']}"] += int(row["ser_time"])
    return calls


def test_an_agents_total_goes_to_call_ids_and_back(run: Run, shared_data: Path) -> None:
    found = explain(run, "ANAT", PLUGINS)
    by_hand = service_times(shared_data / "bank_calls", "ANAT")
    lines = {str(line.stored["entry"]): line for line in found.lines}
    handled = lines["handle_time"]
    seconds: dict[str, int] = defaultdict(int)
    for row in handled.rows:
        assert row.contact is not None
        seconds[row.contact] += row.added.get("numerator", 0) // 1_000_000
    assert seconds
    assert {call: by_hand[call] for call in seconds} == dict(seconds)
    assert handled.stored["value"] == str(Fraction(sum(seconds.values()), len(handled.rows)))
    assert {row.contact for row in lines["calls"].rows} <= set(by_hand)
    total = sum(Fraction(str(line.stored["exact_contribution"])) for line in found.lines)
    assert total == Fraction(str(found.score["exact"]))
    contact = handled.rows[0].contact
    assert contact is not None
    touches = {(t.subject, t.line["entry"]): t.rows for t in touched_by(run, contact, PLUGINS)}
    assert touches["ANAT", "handle_time"] == tuple(r for r in handled.rows if r.contact == contact)


def test_the_run_made_again_has_the_same_content(run: Run) -> None:
    assert replay(run, PLUGINS, threads=1).same
