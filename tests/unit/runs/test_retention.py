"""Retention: chains stay whole, disputes stay, and the audit log remembers what went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from kpicore.errors import UsageError
from kpicore.runs import Provenance, Run, keep, list_runs, plan_pruning, prune, read_audit
from kpicore.runs.audit import append

START = datetime(2026, 1, 1, tzinfo=UTC)


def kept(root: Path, day: int, supersedes: Run | None = None) -> Run:
    table = pa.table({"agent": ["a"], "day": [day]})
    provenance = Provenance(supersedes=supersedes.id if supersedes else None)
    return keep(root, provenance=provenance, tables={"scores": table}, created_at=START + timedelta(days=day))


def ids(runs: Sequence[Run]) -> set[str]:
    return {run.id for run in runs}


def test_chains_stay_or_go_whole(tmp_path: Path) -> None:
    first = kept(tmp_path, 0)
    alone = kept(tmp_path, 1)
    second = kept(tmp_path, 5, first)
    third = kept(tmp_path, 9, second)
    young = kept(tmp_path, 7)
    assert ids(plan_pruning(tmp_path, keep=1).removed) == {young.id, alone.id}
    assert ids(plan_pruning(tmp_path, keep=2).removed) == {alone.id}
    now = START + timedelta(days=10)
    old = plan_pruning(tmp_path, older_than=timedelta(days=2), now=now)
    assert ids(old.removed) == {alone.id, young.id}
    both = plan_pruning(tmp_path, keep=0, older_than=timedelta(days=4), now=now)
    assert ids(both.removed) == {alone.id}
    assert ids(plan_pruning(tmp_path, keep=0).removed) == {first.id, second.id, third.id, alone.id, young.id}


def test_what_is_removed_is_remembered(tmp_path: Path) -> None:
    runs = [kept(tmp_path, day) for day in range(3)]
    plan = plan_pruning(tmp_path, keep=1)
    prune(tmp_path, plan.removed)
    assert [run.id for run in list_runs(tmp_path).runs] == [runs[2].id]
    entries = read_audit(tmp_path)
    assert [(e.action, e.run) for e in entries] == [("pruned", runs[1].id), ("pruned", runs[0].id)]
    assert entries[0].details["content_hash"] == runs[1].manifest.content_hash
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".pruned")]


def test_a_run_with_an_open_appeal_stays(tmp_path: Path) -> None:
    run = kept(tmp_path, 0)
    asked = {"appeal": "appeal-1", "subject": "a", "by": "a", "reason": "r", "corrections": []}
    append(tmp_path, "appeal_opened", run.id, lambda _: asked)
    plan = plan_pruning(tmp_path, keep=0)
    assert (plan.removed, plan.spared) == ((), (run,))
    decided = {"appeal": "appeal-1", "reviewer": "lead", "reason": "no"}
    append(tmp_path, "appeal_rejected", run.id, lambda _: decided)
    assert plan_pruning(tmp_path, keep=0).removed == (run,)


def test_a_condition_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing says which runs"):
        plan_pruning(tmp_path)
    with pytest.raises(UsageError):
        plan_pruning(tmp_path, keep=-1)
