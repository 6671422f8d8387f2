"""Explanations: from a total to the rows, and back, from files, from kept evidence, and refused."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.errors import SourceNotFoundError, UnknownNameError, VerificationError
from kpicore.plugin.manager import load_plugins
from kpicore.runs import Explanation, Run, explain, open_run, publish, reopen, touched_by
from kpicore.testing import generate_log

from .test_review import CARD

PLUGINS = load_plugins(third_party=False)


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return generate_log(agents=4, days=2, zone="UTC")


@pytest.fixture
def source(tables: dict[str, pa.Table], tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    folder.mkdir()
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


def scored(log: kpicore.Log, root: Path, *, keep_evidence: bool = False) -> Run:
    made = kpicore.score(log, CARD, period="2026-10", root=root, plugins=PLUGINS, keep_evidence=keep_evidence)
    assert made.run is not None
    return made.run


def somebody(run: Run) -> str:
    scores = run.table("scores")
    name: str = scores.filter(pc.is_valid(scores.column("total"))).column("agent")[0].as_py()
    return name


def check_whole(found: Explanation) -> None:
    """Asserts by hand that rows make the figures, and lines the total."""
    total = Fraction(0)
    for line in found.lines:
        stored = line.stored
        total += Fraction(str(stored["exact_contribution"]))
        for side in ("numerator", "denominator"):
            if stored[side] is not None:
                added = sum(row.added.get(side, 0) for row in line.rows)
                assert added == int(str(stored[side]))
    assert total == Fraction(str(found.score["exact"]))


def test_a_score_is_told_down_to_its_rows(source: Path, tmp_path: Path) -> None:
    run = scored(kpicore.open(source, zone="UTC"), tmp_path / "runs")
    found = explain(run, somebody(run), PLUGINS)
    check_whole(found)
    assert [line.stored["entry"] for line in found.lines] == ["answered", "speed", "rate"]
    assert all(row.contact for row in found.lines[0].rows)
    assert found.lines[2].durations == {"numerator", "denominator"}
    (one,) = run.explain(found.subject, metric="rate", plugins=PLUGINS).lines
    assert one == found.lines[2]


def test_a_contact_is_told_with_the_points_it_touches(source: Path, tmp_path: Path) -> None:
    run = scored(kpicore.open(source, zone="UTC"), tmp_path / "runs")
    contact = explain(run, somebody(run), PLUGINS).lines[0].rows[0].contact
    assert contact is not None
    touches = touched_by(run, contact, PLUGINS)
    assert (somebody(run), "answered") in {(touch.subject, touch.line["entry"]) for touch in touches}
    assert {row.contact for touch in touches for row in touch.rows} == {contact}
    with pytest.raises(UnknownNameError, match="touches nothing"):
        touched_by(run, "nobody's", PLUGINS)


def test_a_log_in_memory_is_explained_by_the_evidence_that_was_kept(
    tables: dict[str, pa.Table], source: Path, tmp_path: Path
) -> None:
    log = kpicore.open(tables, zone="UTC")
    bare = scored(log, tmp_path / "bare")
    with pytest.raises(VerificationError, match="tables in memory"):
        explain(bare, somebody(bare), PLUGINS)
    run = scored(log, tmp_path / "kept", keep_evidence=True)
    found = explain(run, somebody(run), PLUGINS)
    check_whole(found)
    files = scored(kpicore.open(source, zone="UTC"), tmp_path / "files")
    assert explain(files, somebody(run), PLUGINS).lines == found.lines


def test_the_input_is_found_where_it_was_moved_and_refused_where_it_changed(
    source: Path, tmp_path: Path
) -> None:
    run = scored(kpicore.open(source, zone="UTC"), tmp_path / "runs")
    moved = source.rename(tmp_path / "elsewhere")
    with pytest.raises(SourceNotFoundError, match="is gone"):
        explain(run, somebody(run), PLUGINS)
    check_whole(explain(run, somebody(run), PLUGINS, source=[moved]))
    table = pq.read_table(moved / "contacts.parquet")
    pq.write_table(table.slice(1), moved / "contacts.parquet")
    with pytest.raises(VerificationError) as caught:
        reopen(run, PLUGINS, [moved])
    assert [p for p in caught.value.problems if p.startswith("contacts.parquet: its SHA-256 is")]
    (moved / "contacts.parquet").unlink()
    with pytest.raises(VerificationError) as caught:
        reopen(run, PLUGINS, [moved])
    assert caught.value.problems == ("contacts.parquet: is missing",)


def test_figures_that_the_rows_do_not_make_are_refused(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    run = scored(kpicore.open(tables, zone="UTC"), tmp_path / "runs", keep_evidence=True)
    content = {name: run.table(name) for name in run.tables}
    content["evidence"] = content["evidence"].slice(1)
    forged = open_run(
        publish(tmp_path / "forged", provenance=run.manifest.provenance, tables=content, card=run.card)
    )
    first = content["evidence"].column("agent")[0].as_py()
    with pytest.raises(VerificationError, match="do not add up"):
        explain(forged, first, PLUGINS)


def test_what_is_not_there_is_named(source: Path, tmp_path: Path) -> None:
    run = scored(kpicore.open(source, zone="UTC"), tmp_path / "runs")
    with pytest.raises(UnknownNameError, match="no agent 'nobody'"):
        explain(run, "nobody", PLUGINS)
    with pytest.raises(UnknownNameError, match="no line 'wait'"):
        explain(run, somebody(run), PLUGINS, metric="wait")
