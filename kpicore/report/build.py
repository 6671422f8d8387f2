"""From a run to what a report shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from kpicore.analysis import Anomaly, anomalies, is_small
from kpicore.errors import UnknownNameError, UsageError, suggest
from kpicore.runs import Appeal, Run, appeals, chain_of
from kpicore.scoring import load_card
from kpicore.scoring.card import Card

from .facts import about, ledger_of, making_of
from .kpis import Found, kpis_of
from .model import GroupFacts, Neighbour, Person, Report, Standing
from .people import people_of
from .rows import by_subject, rows, subject_id

__all__ = ["OPTIONAL", "build_report", "each_report"]

OPTIONAL = ("trend", "definitions", "exemplars")
"""Tables that older runs do not have."""


def build_report(run: Run, *, subject: str | None = None) -> Report:
    """Returns what a report on ``run`` shows, or its part that one ``subject`` (an id) may see.

    That part holds his own figures, and of all together what cannot tell of single ones by the card's
    ``[report] min_group``; names, totals and ranks of others only where it says ``others = true``. Raises
    UsageError where the run has no scores, UnknownNameError for a subject that it does not know.
    """
    card = _card(run)
    found = _found(run, card)
    if subject is not None and subject not in found.scores:
        raise UnknownNameError(
            f"run {run.id} has no {card.subject} {subject!r}", hint=suggest(subject, sorted(found.scores))
        )
    return _report(run, card, found, subject)


def each_report(run: Run) -> Iterator[tuple[str, Report]]:
    """Yields the id of every subject and what ``build_report`` returns for it, in the order of ids."""
    card = _card(run)
    found = _found(run, card)
    for subject in sorted(found.scores):
        yield subject, _report(run, card, found, subject)


def _report(run: Run, card: Card, found: Found, subject: str | None) -> Report:
    shown = list(found.scores) if subject is None else [subject]
    to_one = subject is not None
    small = is_small(card, len(found.scores), to_one=to_one)
    kpis = kpis_of(card, run, found, shown=shown, to_one=to_one)
    people = people_of(card, found, kpis, shown, to_one=to_one)
    if to_one and small:
        people = tuple(replace(one, standing=_unranked(one.standing)) for one in people)
    others = to_one and card.document.report.others
    return Report(
        **about(card, run),
        groups=tuple(GroupFacts(id=g.id, label=g.label, weight=g.weight) for g in card.groups),
        kpis=kpis,
        people=_ordered(people),
        neighbours=_neighbours(card, found, subject) if others else (),
        size=len(found.scores),
        small_group=small,
        only=subject,
        ledger=ledger_of(rows(run, "ledger"), named=subject is None),
        making=making_of(run, named=subject is None),
        absent=tuple(name for name in OPTIONAL if name not in run.tables),
        superseded_by=found.superseded_by,
    )


def _card(run: Run) -> Card:
    missing = {"scores", "contributions"} - set(run.tables)
    if run.card is None or missing:
        raise UsageError(f"run {run.id} has no scores", hint="a report needs a run of `kpicore score`")
    return load_card(run.card)


def _columns(run: Run, card: Card) -> tuple[str, ...]:
    names: Sequence[str] = run.table("scores").column_names
    return tuple(names[: names.index("total")]) or (card.subject,)


def _found(run: Run, card: Card) -> Found:
    columns = _columns(run, card)

    def grouped(name: str) -> dict[str, list[Mapping[str, object]]]:
        return by_subject(rows(run, name), columns)

    trend = rows(run, "trend")
    unusual: dict[str, list[Anomaly]] = {}
    if trend:
        for one in anomalies(run.table("trend"), columns, str(trend[0]["grain"])):
            unusual.setdefault("/".join(part or "-" for part in one.subject), []).append(one)
    return Found(
        scores={subject_id(row, columns): row for row in rows(run, "scores")},
        lines=grouped("contributions"),
        values=grouped("values"),
        roster={subject_id(row, columns): row for row in rows(run, "roster")},
        trend=by_subject([row for row in trend if row["scope"] == "subject"], columns),
        team_trend=[row for row in trend if row["scope"] == "all"],
        definitions={str(row["metric"]): row for row in rows(run, "definitions")},
        anomalies=unusual,
        exemplars=grouped("exemplars"),
        signs=grouped("signs"),
        **_since(run),
    )


class _Since(TypedDict):
    appeals: Mapping[str, Sequence[Appeal]]
    superseded_by: str | None


def _since(run: Run) -> _Since:
    """Returns what was done about a run since it was kept, as the folder around it says."""
    root = run.path.parent
    chain = chain_of(root, run)
    about: dict[str, list[Appeal]] = {}
    for appeal in appeals(root):
        if appeal.run in {each.id for each in chain}:
            about.setdefault(appeal.subject, []).append(appeal)
    return {"appeals": about, "superseded_by": None if chain[-1].id == run.id else chain[-1].id}


def _unranked(standing: Standing) -> Standing:
    return replace(standing, rank=None, best=None, worst=None, tier=None)


def _ordered(people: Sequence[Person]) -> tuple[Person, ...]:
    def place(one: Person) -> tuple[bool, int, str]:
        return one.standing.rank is None, one.standing.rank or 0, one.id

    return tuple(sorted(people, key=place))


def _neighbours(card: Card, found: Found, subject: str | None) -> tuple[Neighbour, ...]:
    others = people_of(card, found, (), [one for one in found.scores if one != subject], to_one=True)
    return tuple(
        Neighbour(name=one.name or one.id, total=one.standing.total, rank=one.standing.rank)
        for one in _ordered(others)
    )
