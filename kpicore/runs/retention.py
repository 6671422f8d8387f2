"""Retention: runs that are no longer kept are removed, and the audit log remembers them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kpicore.errors import StorageError, UsageError

from .appeals import appeals
from .audit import append
from .chain import chain_of
from .durable import sync_folder
from .store import Run, list_runs

__all__ = ["Pruning", "plan_pruning", "prune"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What would be removed, newest first, and which runs are spared because an appeal is open."""

    removed: tuple[Run, ...]
    spared: tuple[Run, ...]


def plan_pruning(
    root: Path, *, keep: int | None = None, older_than: timedelta | None = None, now: datetime | None = None
) -> Pruning:
    """Returns which runs under ``root`` are no longer kept.

    Runs that supersede each other are one chain, as old as its newest run, and stay or go whole; ``keep``
    counts chains. With both conditions, a chain goes only where both hold. A chain with an open appeal
    stays. UsageError where there is no condition.
    """
    if keep is None and older_than is None:
        raise UsageError("nothing says which runs to remove", hint="--keep N, --older-than 365d, or both")
    if keep is not None and keep < 0:
        raise UsageError(f"--keep {keep}: not a number of runs")
    disputed = {appeal.run for appeal in appeals(root) if appeal.state == "open"}
    removed: list[Run] = []
    spared: list[Run] = []
    moment = now or datetime.now(UTC)
    for place, chain in enumerate(_chains(root)):
        kept = keep is not None and place < keep
        young = older_than is not None and chain[-1].manifest.created > moment - older_than
        if kept or young:
            continue
        open_ = any(run.id in disputed for run in chain)
        (spared if open_ else removed).extend(reversed(chain))
    return Pruning(removed=tuple(removed), spared=tuple(spared))


def prune(root: Path, runs: Sequence[Run]) -> None:
    """Removes ``runs``, each entered in the audit log before it goes; StorageError where one cannot go."""
    for run in runs:
        content = {"content_hash": run.manifest.content_hash, "created_at": run.manifest.created_at}
        append(root, "pruned", run.id, lambda _, content=content: content)  # type: ignore[misc]
        hidden = run.path.with_name(f".{run.path.name}.pruned")
        try:
            run.path.rename(hidden)
            sync_folder(root)
            shutil.rmtree(hidden)
        except OSError as error:
            raise StorageError(f"{run.path} could not be removed: {error}") from error


def _chains(root: Path) -> list[tuple[Run, ...]]:
    """Returns the chains of runs, the one with the newest last run first."""
    chains = {chain[-1].id: chain for run in list_runs(root).runs for chain in (chain_of(root, run),)}
    return sorted(chains.values(), key=lambda c: (c[-1].manifest.created, c[-1].id), reverse=True)
