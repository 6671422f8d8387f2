"""Which run takes the place of which."""

from __future__ import annotations

from pathlib import Path

from kpicore.errors import UsageError

from .store import Run, list_runs

__all__ = ["chain_of", "latest", "require_latest"]


def chain_of(root: Path, run: Run) -> tuple[Run, ...]:
    """Returns the runs that ``run`` is one of, oldest first: each supersedes the one before."""
    runs = {each.id: each for each in list_runs(root).runs}
    later = {each.manifest.provenance.supersedes: each for each in runs.values()}
    chain = [run]
    while (before := chain[0].manifest.provenance.supersedes) is not None and before in runs:
        chain.insert(0, runs[before])
    while (after := later.get(chain[-1].id)) is not None:
        chain.append(after)
    return tuple(chain)


def latest(root: Path, run: Run) -> Run:
    """Returns the run that holds now in the place of ``run``."""
    return chain_of(root, run)[-1]


def require_latest(root: Path, run: Run) -> None:
    """Raises UsageError where another run has taken the place of ``run``."""
    now = latest(root, run)
    if now.id != run.id:
        raise UsageError(f"{run.id} was superseded by {now.id}", hint=f"name {now.id}")
