"""Runs made again, and compared: the same content, or every change attributed to its cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.errors import VerificationError
from kpicore.plugin.manager import load_plugins
from kpicore.runs import Difference, Run, diff, manifest, open_run, publish, replay
from kpicore.scoring import Mark
from kpicore.testing import generate_log

from .test_review import CARD

PLUGINS = load_plugins(third_party=False)
OTHER = CARD.replace("weight = 60", "weight = 80").replace("weight = 40", "weight = 20")
MARKED = CARD.replace("weight = 100", "weight = 60") + (
    '[[group.entry]]\nid = "conduct"\nmanual = "conduct"\nweight = 40\n'
    "curve = { linear = { zero_at = 0, full_at = 10 } }\n"
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return generate_log(agents=3, days=2, zone="UTC")


def written(tables: dict[str, pa.Table], folder: Path) -> Path:
    folder.mkdir()
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="module")
def source(tables: dict[str, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tables, tmp_path_factory.mktemp("input") / "log")


@pytest.fixture(scope="module")
def shorter(tables: dict[str, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    half = tables["contact_events"].slice(0, len(tables["contact_events"]) // 2)
    return written({**tables, "contact_events": half}, tmp_path_factory.mktemp("input") / "half")


def scored(source: Path, card: str, root: Path, **more: object) -> Run:
    log = kpicore.open(source, zone="UTC", plugins=PLUGINS)
    options = {"period": "2026-10", "root": root, "plugins": PLUGINS} | more
    made = kpicore.score(log, card, **options)  # type: ignore[arg-type]
    assert made.run is not None
    return made.run


def check_parts(found: Difference, one: Run, other: Run) -> None:
    """Asserts that the parts add up to the changes, and that the changes are those of the stored totals."""
    totals = [
        dict(zip(*run.table("scores").select(["agent", "total"]).to_pydict().values(), strict=True))
        for run in (one, other)
    ]
    assert {c.subject for c in found.changes if c.before != c.after} == {
        agent for agent in totals[0] if totals[0][agent] != totals[1][agent]
    }
    for change in found.changes:
        assert (change.before, change.after) == tuple(each[change.subject] for each in totals)
        if change.by_all is not None and None not in change.by.values():
            assert sum(part for part in change.by.values() if part is not None) == change.by_all


@pytest.mark.parametrize("keep_evidence", [False, True])
def test_a_run_made_again_has_the_same_content(source: Path, tmp_path: Path, keep_evidence: bool) -> None:
    mark = Mark(subject=("a01",), item="conduct", value=7, evaluator="lead", evidence="case 3")  # type: ignore[arg-type]
    run = scored(source, MARKED, tmp_path, marks=[mark], keep_evidence=keep_evidence)
    for threads in (1, 3):
        found = replay(run, PLUGINS, threads=threads)
        assert found.same
        assert found.differences == ()


def test_what_became_different_is_said(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = scored(source, CARD, tmp_path / "runs")
    content = {name: run.table(name) for name in run.tables}
    content["values"] = content["values"].slice(1)
    elsewhere = replace(run.manifest.provenance, definitions=())
    forged = open_run(publish(tmp_path / "forged", provenance=elsewhere, tables=content, card=run.card))
    found = replay(forged, PLUGINS)
    assert not found.same
    assert found.differences[0].startswith("values: 0 rows are gone and 1 are new, such as")
    with pytest.raises(VerificationError, match="is not what it was"):
        replay(run, PLUGINS, source=[written({"contacts": pa.table({"contact_id": ["x"]})}, tmp_path / "x")])


def test_one_cause_has_the_whole_change(source: Path, shorter: Path, tmp_path: Path) -> None:
    base = scored(source, CARD, tmp_path)
    for other, kind in (
        (scored(source, OTHER, tmp_path), "definition"),
        (scored(shorter, CARD, tmp_path), "input"),
    ):
        found = diff(base, other, PLUGINS)
        assert [cause.kind for cause in found.causes] == [kind]
        assert found.changes
        assert {key for change in found.changes for key in change.by} == {kind}
        check_parts(found, base, other)
    same = diff(base, base, PLUGINS)
    assert (same.causes, same.changes) == ((), ())


def test_two_causes_are_told_apart_by_the_run_between(source: Path, shorter: Path, tmp_path: Path) -> None:
    base, other = scored(source, CARD, tmp_path), scored(shorter, OTHER, tmp_path)
    between = scored(shorter, CARD, tmp_path)
    found = diff(base, other, PLUGINS)
    assert [cause.kind for cause in found.causes] == ["input", "definition"]
    check_parts(found, base, other)
    halfway = {change.subject: change.by_all for change in diff(base, between, PLUGINS).changes}
    assert {c.subject: c.by["input"] for c in found.changes if "input" in c.by} == halfway


def test_causes_stay_together_where_the_input_is_gone(
    source: Path, shorter: Path, tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    base = scored(source, CARD, tmp_path)
    other = scored(
        written({**tables, "surveys": tables["surveys"].slice(1)}, tmp_path / "gone"), OTHER, tmp_path
    )
    (tmp_path / "gone").rename(tmp_path / "moved")
    found = diff(base, other, PLUGINS)
    assert "is gone" in found.note
    assert {key for change in found.changes for key in change.by} == {"input+definition"}
    found = diff(base, other, PLUGINS, own=[tmp_path / "moved"])
    assert found.note == ""
    assert {key for change in found.changes for key in change.by} == {"definition"}


def test_another_version_of_the_program_is_a_cause(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kpicore.runs import store

    now = manifest.versions()
    monkeypatch.setattr(store, "versions", lambda: {**now, "kpicore": "0.0.1"})
    before = scored(source, CARD, tmp_path)
    monkeypatch.setattr(store, "versions", lambda: now)
    after = scored(source, OTHER, tmp_path)
    found = diff(before, after, PLUGINS)
    assert [cause.kind for cause in found.causes] == ["definition", "engine"]
    assert found.causes[1].what == (f"kpicore is {now['kpicore']}, not 0.0.1",)
    assert {key for change in found.changes for key in change.by} == {"definition"}
    check_parts(found, before, after)
