"""What comes in, indexed and checked: each value once, no failed source, no provisional value where settled
ones are due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kpicore.errors import DataError
from kpicore.scoring.card import Card
from kpicore.scoring.measured import Decision, Mark, Measured, SubjectKey

__all__ = ["Intake", "take_in"]

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The values by subject and metric, marks as ``manual:<item>``; subjects sorted, null first."""

    subjects: tuple[SubjectKey, ...]
    values: Mapping[tuple[SubjectKey, str], Measured]
    previous: Mapping[tuple[SubjectKey, str], Measured]
    evaluators: Mapping[tuple[SubjectKey, str], str]
    decisions: Mapping[SubjectKey, Decision]
    unused: tuple[str, ...]

    def find(self, subject: SubjectKey, metric: str) -> Measured:
        """Returns the value of ``metric`` for ``subject``; where nothing came in, one missing for no_data."""
        absent = Measured(subject=subject, metric=metric, value=None, reason="no_data")
        return self.values.get((subject, metric), absent)


def take_in(
    card: Card,
    measured: Iterable[Measured],
    *,
    marks: Iterable[Mark],
    previous: Iterable[Measured],
    decisions: Iterable[Decision],
) -> Intake:
    """Returns the checked input of scoring ``card``; DataError lists what is wrong with it."""
    problems: list[str] = []
    rows = tuple(measured)
    judged = tuple(marks)
    wanted = {*card.metrics, *(f"manual:{item}" for item in card.marks)}
    values = _index((*rows, *(_as_measured(mark) for mark in judged)), problems)
    for (subject, metric), row in values.items():
        if metric in wanted:
            problems += _faults(card, subject, row)
    problems += [f"mark {m.item!r} of {m.subject}: no evaluator" for m in judged if not m.evaluator.strip()]
    decided: dict[SubjectKey, Decision] = {}
    for decision in decisions:
        if decision.subject in decided:
            problems.append(f"{decision.subject}: decided twice")
        decided[decision.subject] = decision
    before = _index(previous, problems)
    if problems:
        shown = tuple(problems[:_SHOWN]) + (
            (f"and {len(problems) - _SHOWN} more",) if problems[_SHOWN:] else ()
        )
        raise DataError(
            f"card {card.id!r} cannot be scored on these values",
            hint="mend the source, or measure the settled cohort, and score again",
            problems=shown,
        )
    return Intake(
        subjects=tuple(sorted({subject for subject, _ in values}, key=_order)),
        values=MappingProxyType(values),
        previous=MappingProxyType(before),
        evaluators=MappingProxyType({(m.subject, f"manual:{m.item}"): m.evaluator for m in judged}),
        decisions=MappingProxyType(decided),
        unused=tuple(sorted({metric for _, metric in values} - wanted)),
    )


def _index(rows: Iterable[Measured], problems: list[str]) -> dict[tuple[SubjectKey, str], Measured]:
    values: dict[tuple[SubjectKey, str], Measured] = {}
    for row in rows:
        if (row.subject, row.metric) in values:
            problems.append(f"{row.metric} of {row.subject}: came twice; one value per subject and metric")
        values[row.subject, row.metric] = row
    return values


def _faults(card: Card, subject: SubjectKey, row: Measured) -> Iterable[str]:
    where = f"{row.metric} of {subject}"
    if row.reason == "source_failed":
        yield f"{where}: its source failed; a failed source lowers nobody's score"
    if row.value is None and row.reason is None:
        yield f"{where}: no value and no reason; a missing value needs one"
    if row.value is not None and row.reason is not None:
        yield f"{where}: a value and the reason {row.reason!r} why it is missing; only one can be true"
    if row.provisional and card.provisional == "settled":
        yield f"{where}: still provisional, and the card takes settled values only"


def _as_measured(mark: Mark) -> Measured:
    return Measured(
        subject=mark.subject,
        metric=f"manual:{mark.item}",
        value=mark.value,
        n=1,
        evidence=(mark.evidence,) if mark.evidence else (),
    )


def _order(subject: SubjectKey) -> tuple[tuple[bool, str], ...]:
    return tuple((part is not None, part or "") for part in subject)
