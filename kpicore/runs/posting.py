"""Late corrections: what an earlier period should have been posts as a difference in a later one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pyarrow as pa

from kpicore.errors import UsageError
from kpicore.scoring.quantity import decimal_text

from .chain import chain_of
from .store import Run, list_runs
from .verification import verify

__all__ = ["Posting", "postings_of", "postings_table"]

_TABLE = "postings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """The difference of a subject's total between a run and the one that took its place later."""

    subject: str
    points: Fraction
    before: str
    after: str


def postings_of(root: Path, corrected: Sequence[Run]) -> tuple[Posting, ...]:
    """Returns what the ``corrected`` runs change, each against the run that it supersedes.

    Subjects without a total in either have no difference. UsageError where a run supersedes nothing under
    ``root``, or was posted before.
    """
    posted = {
        row["after"]: run.id
        for run in list_runs(root).runs
        if _TABLE in run.tables
        for row in run.table(_TABLE).to_pylist()
    }
    found: list[Posting] = []
    for run in corrected:
        chain = chain_of(root, verify(run.path))
        place = [each.id for each in chain].index(run.id)
        if place == 0:
            raise UsageError(f"{run.id} supersedes no run", hint="name the run that an appeal made")
        if run.id in posted:
            raise UsageError(f"the differences of {run.id} were posted in {posted[run.id]}")
        before, after = _totals(chain[place - 1]), _totals(run)
        found += [
            Posting(subject=subject, points=after[subject] - total, before=chain[place - 1].id, after=run.id)
            for subject, total in sorted(before.items())
            if subject in after and after[subject] != total
        ]
    return tuple(found)


def postings_table(postings: Sequence[Posting]) -> dict[str, pa.Table]:
    """Returns the table ``postings`` of a run: points as exact text; none where nothing is posted."""
    rows = [
        {"subject": p.subject, "points": decimal_text(p.points), "before": p.before, "after": p.after}
        for p in postings
    ]
    schema = pa.schema([(name, pa.string()) for name in ("subject", "points", "before", "after")])
    return {_TABLE: pa.Table.from_pylist(rows, schema=schema)} if rows else {}


def _totals(run: Run) -> dict[str, Fraction]:
    table = run.table("scores")
    pairs = zip(table.column(0).to_pylist(), table.column("total").to_pylist(), strict=True)
    return {subject: Fraction(total) for subject, total in pairs if subject and total is not None}
