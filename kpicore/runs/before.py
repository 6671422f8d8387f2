"""What an earlier run knew: the values of the period before, for cards that carry them forward."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from kpicore.scoring import Card, Measured, load_card

from .chain import latest
from .store import Run, list_runs

__all__ = ["carries_forward", "run_before", "values_of"]


def carries_forward(card: Card) -> bool:
    """Returns whether a missing value may be replaced by that of the period before."""
    policies = (card.missing.policy, *card.missing.by_reason.values(), *(e.missing for e in card.entries))
    return "carry_forward" in policies


def run_before(root: Path, card: Card, start: int) -> Run | None:
    """Returns the run of the same card whose period ended last, not after ``start``; None where none is.

    Of runs that supersede each other the one that holds now counts, of equal ones the newest.
    """
    ended: list[tuple[int, Run]] = []
    for run in list_runs(root).runs:
        arguments, text = run.manifest.provenance.arguments, run.card
        if arguments.get("card") != card.id or text is None or int(arguments.get("end", start + 1)) > start:
            continue
        if load_card(text).subject == card.subject:
            ended.append((int(arguments["end"]), run))
    if not ended:
        return None
    last = max(end for end, _ in ended)
    return latest(root, next(run for end, run in ended if end == last))


def values_of(run: Run) -> tuple[Measured, ...]:
    """Returns the values that counted in a run, measured or carried forward themselves."""
    table = run.table("contributions")
    subject = table.column_names[0]
    found = {
        (row[subject], row["metric"]): Measured(
            subject=(row[subject],),
            metric=row["metric"],
            value=Fraction(row["used"]),
            n=row["n"],
        )
        for row in table.to_pylist()
        if row["kind"] == "entry" and row["status"] in ("measured", "carried_forward") and row["used"]
    }
    return tuple(found[key] for key in sorted(found, key=str))
