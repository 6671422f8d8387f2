"""What a report says of appeals, of decisions, and of a run whose place another took."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import kpicore
from kpicore.errors import VerificationError
from kpicore.plugin.manager import load_plugins
from kpicore.report import build_report, matters_of, render_document, render_html
from kpicore.runs import Correction, Run, decide, decide_appeal, explain, open_appeal, open_run
from kpicore.testing import generate_log

from ..runs.test_review import CARD

PLUGINS = load_plugins(third_party=False)
GRADED = CARD + '[[grade]]\nname = "A"\nat_least = 80\n[[grade]]\nname = "B"\n'


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """A run, what an accepted appeal of a01 made of it, and what a decision about a02 made of that.

    An appeal of a02 was rejected, one of a03 is open.
    """
    folder, root = tmp_path_factory.mktemp("log"), tmp_path_factory.mktemp("runs")
    for name, table in generate_log(agents=3, days=2, zone="UTC").items():
        pq.write_table(table, folder / f"{name}.parquet")
    log = kpicore.open(folder, zone="UTC", plugins=PLUGINS)
    run = kpicore.score(log, GRADED, period="2026-10", root=root, plugins=PLUGINS).run
    assert run is not None
    for agent, by, why in (
        ("a01", "a01", "line broke"),
        ("a02", "zq-lead", "not mine"),
        ("a03", "a03", "sick"),
    ):
        rows = explain(run, agent, PLUGINS, metric="answered").lines[0].rows
        contact = next(row.contact for row in rows if row.contact is not None)
        open_appeal(run, agent, [Correction(contact=contact, reason="")], PLUGINS, by=by, reason=why)
    for identity, accept, because in (("appeal-1", True, "it did"), ("appeal-2", False, "it was")):
        done = decide_appeal(
            root, identity, PLUGINS, accept=accept, reviewer=f"judge of {identity}", reason=because
        )
    amended = open_run(root / (decided_run(root) or ""))
    assert done.state == "rejected"
    return [run, amended, decide(amended, "a02", by="boss", reason="two sick weeks", grade="A")]


def decided_run(root: Path) -> str | None:
    return next(each.new_run for each in kpicore.runs.appeals(root) if each.state == "accepted")


def test_a_run_whose_place_another_took_says_so(runs: list[Run]) -> None:
    old, middle, new = (build_report(run) for run in runs)
    assert [one.superseded_by for one in (old, middle, new)] == [runs[2].id, runs[2].id, None]
    assert [one.making.supersedes for one in (old, middle, new)] == [None, runs[0].id, runs[1].id]
    banner = f"superseded by {runs[2].id}"
    assert [banner in render_html(one) for one in (old, middle, new)] == [True, True, False]
    assert banner in render_html(build_report(runs[0], subject="a03"))
    assert f"已被 {runs[2].id} 取代" in render_html(old, "zh")


def test_the_outcome_stands_on_the_page_of_whom_it_is_about(runs: list[Run]) -> None:
    for run in runs:
        report = build_report(run)
        states = {one.id: [each.state for each in one.appeals] for one in report.people}
        assert states == {"a01": ["accepted"], "a02": ["rejected"], "a03": ["open"]}
        html = render_html(report)
        for told in ("Accepted by judge of appeal-1", "Rejected by judge of appeal-2", "Not decided yet"):
            assert told in html
        table = next(matter for matter in matters_of(report) if matter.id == "appeals")
        assert [row[0] for row in table.rows] == [one.id for one in report.people]
        assert all(len(row) == len(table.headers) for row in table.rows)
    assert "Decided by boss: A; two sick weeks" in render_html(build_report(runs[2]))


def test_the_file_of_one_person_tells_of_his_own_appeals_alone(runs: list[Run]) -> None:
    own = {
        "a01": ("line broke", "judge of appeal-1", "it did"),
        "a02": ("not mine", "zq-lead", "judge of appeal-2", "boss", "two sick weeks"),
        "a03": ("sick.",),
    }
    for subject, mine in own.items():
        report = build_report(runs[2], subject=subject)
        for text in (render_html(report), json.dumps(json.loads(render_document(report)))):
            for word in mine:
                assert word.strip(".") in text
            for other, theirs in own.items():
                if other != subject:
                    for word in theirs:
                        assert word not in text, (subject, word)


def test_a_broken_audit_log_is_no_report(runs: list[Run], tmp_path: Path) -> None:
    root = tmp_path / "runs"
    shutil.copytree(runs[0].path.parent, root)
    (root / ".audit.jsonl").write_text("{}\n")
    with pytest.raises(VerificationError, match="chain is broken"):
        build_report(open_run(root / runs[0].id))


def test_a_run_that_was_moved_away_from_its_folder_is_shown_as_it_is(runs: list[Run], tmp_path: Path) -> None:
    shutil.copytree(runs[0].path, tmp_path / runs[0].id)
    report = build_report(open_run(tmp_path / runs[0].id))
    assert report.superseded_by is None
    assert {one.appeals for one in report.people} == {()}
