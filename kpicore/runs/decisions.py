"""Decisions of persons, kept beside the computed scores in a run that takes the place of the old."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pyarrow as pa

from kpicore.errors import UnknownNameError, UsageError, suggest
from kpicore.scoring import Decision, load_card
from kpicore.scoring.quantity import decimal_text

from .audit import alone, append
from .chain import require_latest
from .store import CARD, Run, keep
from .terms import terms_of, terms_tables
from .verification import verify

__all__ = ["decide"]


def decide(
    run: Run, subject: str, *, by: str, reason: str, grade: str | None = None, total: Fraction | None = None
) -> Run:
    """Returns a new run with what a person decided about ``subject``; no computed number is changed.

    It supersedes ``run``, which stays as it is. UsageError where nothing is decided, a grade is not the
    card's or the run was superseded; UnknownNameError where the subject is not in the run.
    """
    with alone(run.path.parent):
        return _decide(run, subject, by, reason, grade, total)


def _decide(run: Run, subject: str, by: str, reason: str, grade: str | None, total: Fraction | None) -> Run:
    run = verify(run.path)
    require_latest(run.path.parent, run)
    terms, scores = terms_of(run), run.table("scores")
    grades = [each.name for each in load_card(terms.card).grades]
    known = scores.column(0).to_pylist()
    if subject not in known:
        hint = suggest(subject, [key for key in known if key])
        raise UnknownNameError(f"{subject!r} has no score in {run.path}", hint=hint)
    if grade is None and total is None:
        raise UsageError("nothing is decided", hint="name a grade, a total, or both")
    if grade is not None and grade not in grades:
        raise UsageError(f"the card has no grade {grade!r}", hint=suggest(grade, grades))
    if not by.strip() or not reason.strip():
        raise UsageError("a decision needs who made it and why", hint="--by NAME --reason TEXT")
    decision = Decision(subject=(subject,), by=by, reason=reason, grade=grade, total=total)
    kept = tuple(each for each in terms.decisions if each.subject != (subject,))
    decided = replace(terms, decisions=(*kept, decision))
    tables = {name: run.table(name) for name in run.tables}
    tables |= terms_tables(decided) | {"scores": _beside(scores, known.index(subject), decision)}
    texts = {
        name: text
        for name in run.manifest.files
        if name != CARD and not name.endswith(".parquet") and (text := run.text(name)) is not None
    }
    provenance = replace(run.manifest.provenance, supersedes=run.id)
    made = keep(run.path.parent, provenance=provenance, tables=tables, card=run.card, texts=texts)
    append(
        run.path.parent,
        "decided",
        made.id,
        lambda _: {
            "subject": subject,
            "by": by,
            "reason": reason,
            "grade": grade,
            "total": None if total is None else decimal_text(total),
            "supersedes": run.id,
        },
    )
    return made


def _beside(scores: pa.Table, row: int, decision: Decision) -> pa.Table:
    """Returns the scores with the decision in the row of its subject."""
    told = {
        "decided_by": decision.by,
        "decided_grade": decision.grade,
        "decided_total": None if decision.total is None else decimal_text(decision.total),
        "decided_because": decision.reason,
    }
    for name, text in told.items():
        words = scores.column(name).to_pylist()
        words[row] = text
        place = scores.column_names.index(name)
        scores = scores.set_column(place, scores.schema.field(place), pa.array(words, pa.string()))
    return scores
