"""Scoring: measured values in, one explained total per subject out. Pure, exact, independent of the order
of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from kpicore.errors import CardError
from kpicore.plugin.weighting import Weighting
from kpicore.scoring.card import Card, Entry
from kpicore.scoring.contributions import adjustment, contributions, total_of
from kpicore.scoring.gates import apply_gates
from kpicore.scoring.intake import Intake, take_in
from kpicore.scoring.lines import Attributes, Line, judge, selects
from kpicore.scoring.measured import Decision, Mark, Measured, SubjectKey
from kpicore.scoring.missing import settle
from kpicore.scoring.result import Contribution, GradeShare, Score, Scores, verify_total
from kpicore.scoring.rounding import round_total
from kpicore.scoring.statistics.ranks import add_noise
from kpicore.scoring.weighting import appraise, choose_weighting, weigh_entries

__all__ = ["score", "score_subject"]

_ZERO = Fraction(0)


def score(
    card: Card,
    measured: Iterable[Measured],
    *,
    marks: Iterable[Mark] = (),
    previous: Iterable[Measured] = (),
    attributes: Mapping[SubjectKey, Attributes] | None = None,
    schemes: Mapping[str, Weighting] | None = None,
    decisions: Iterable[Decision] = (),
    subject_columns: Sequence[str] = (),
) -> Scores:
    """Returns the scores of every subject in ``measured`` or ``marks``.

    ``previous`` holds last period's values, for cards that carry forward; ``attributes`` what the card's
    population and variants ask about a subject; ``schemes`` the weighting schemes of plugins by name;
    ``subject_columns`` names the parts of a subject's key (the card's subject where absent). DataError
    where a source failed, a value comes twice or a settled card meets provisional values; CardError where
    the card cannot be used on them.
    """
    _refuse_waiting(card)
    known = attributes or {}
    intake = take_in(card, measured, marks=marks, previous=previous, decisions=decisions)
    inside = [key for key in intake.subjects if selects(card.population, known.get(key, {}))]
    judged = {
        key: {line.entry.id: line for line in _judge_all(card, intake, key, known.get(key, {}))}
        for key in inside
    }
    scheme = choose_weighting(card, schemes or {})
    points = {entry.id: {key: judged[key][entry.id].points for key in inside} for entry in card.entries}
    weights = weigh_entries(card, scheme, points)
    beside = appraise(card, scheme, points, weights)
    scores = [
        replace(
            score_subject(card, intake, key, judged[key], weights, known.get(key, {})),
            appraisal=beside.get(key),
        )
        for key in inside
    ]
    for one in scores:
        verify_total(one)
    return Scores(
        card=card.id,
        version=card.version,
        fingerprint=card.fingerprint,
        profile=card.profile,
        subject_columns=tuple(subject_columns) or (card.subject,),
        places=card.rounding.places,
        weights=tuple(weights.items()),
        scores=add_noise(card, _rank(scores)),
        outside=tuple(key for key in intake.subjects if key not in judged),
        unused=intake.unused,
        distribution=_distribution(card, scores),
    )


def _refuse_waiting(card: Card) -> None:
    lines = _lines(card)
    waiting = [line.id for line in lines if None in (line.curve, *(v.curve for v in line.variants))]
    if waiting:
        raise CardError(
            f"card {card.id!r}: target = 'required' for {', '.join(waiting)}, whose curves stand on it",
            hint="set the targets; past periods show what the team reaches",
        )


def _lines(card: Card) -> tuple[Entry, ...]:
    return (*card.entries, *card.bonuses, *card.penalties)


def _judge_all(card: Card, intake: Intake, key: SubjectKey, attributes: Attributes) -> list[Line]:
    return [
        judge(
            entry,
            intake.find(key, entry.metric),
            attributes,
            evaluator=intake.evaluators.get((key, entry.metric)),
        )
        for entry in _lines(card)
    ]


def score_subject(
    card: Card,
    intake: Intake,
    key: SubjectKey,
    judged: Mapping[str, Line],
    weights: Mapping[str, Fraction],
    attributes: Attributes,
) -> Score:
    """Returns the score of one subject, not ranked: ``judged`` are its lines by entry before the card's
    policies, ``weights`` the shares of the total by entry.
    """
    carried = _carried(card, intake, key, attributes)
    settled = settle(card, [judged[entry.id] for entry in card.entries], carried, weights)
    lines = contributions(settled, weights)
    bonuses = tuple(adjustment(judged[entry.id]) for entry in card.bonuses)
    penalties = tuple(adjustment(judged[entry.id]) for entry in card.penalties)
    extra = (*bonuses, *penalties)
    outside = (f"{x.entry}: the value lies outside the curve" for x in extra if x.status == "refused")
    refusals = (*settled.refusals, *outside)
    provisional = _provisional(card, intake, key, (*lines, *extra))
    states = {
        "provisional": provisional,
        "example": bool(card.examples),
        "renormalised": any(line.status == "left_out" for line in lines),
    }
    flags = (flag for line in judged.values() for flag in line.flags)
    holds = ("provisional",) if provisional and card.provisional == "hold" else ()
    unscored = Score(
        subject=key,
        total=None,
        exact=None,
        grade=None,
        coefficient=None,
        rank=None,
        base=None,
        bonus=min(card.bonus_cap, total_of(bonuses)),
        penalty=min(card.penalty_cap, total_of(penalties)),
        gate_effect=_ZERO,
        residual=None,
        unrenormalised=sum((line.weight * (line.points or 0) for line in lines), _ZERO),
        covered=settled.covered,
        held=bool(holds),
        holds=holds,
        refusals=refusals,
        flags=(*flags, *(name for name, true in states.items() if true)),
        contributions=lines,
        bonuses=bonuses,
        penalties=penalties,
        gates=(),
        decision=intake.decisions.get(key),
    )
    return _refuse(unscored) if refusals else _total(card, intake, unscored)


def _refuse(unscored: Score) -> Score:
    lines = unscored.contributions
    unpaid = tuple(replace(line, effective_weight=None, contribution=None) for line in lines)
    return replace(unscored, contributions=unpaid)


def _carried(card: Card, intake: Intake, key: SubjectKey, attributes: Attributes) -> dict[str, Line]:
    return {
        entry.id: judge(entry, before, attributes)
        for entry in card.entries
        if (before := intake.previous.get((key, entry.metric))) is not None
    }


def _provisional(card: Card, intake: Intake, key: SubjectKey, lines: Iterable[Contribution]) -> bool:
    counted = [line for line in lines if line.status not in ("left_out", "not_counted")]
    gates = [intake.find(key, gate.metric) for gate in card.gates]
    return any(line.provisional for line in counted) or any(gate.provisional for gate in gates)


def _total(card: Card, intake: Intake, unscored: Score) -> Score:
    base = total_of(unscored.contributions)
    groups = {
        group.id: total_of([line for line in unscored.contributions if line.group == group.id])
        for group in card.groups
    }
    before = base + unscored.bonus - unscored.penalty
    seen = [intake.find(unscored.subject, gate.metric) for gate in card.gates]
    gated = apply_gates(card, before, groups, seen)
    total = round_total(gated.total, card.rounding)
    grade, coefficient = _grade(card, Fraction(total), gated.best_grade)
    holds = (*unscored.holds, *gated.holds)
    return replace(
        unscored,
        total=total,
        exact=gated.total,
        grade=grade,
        coefficient=coefficient,
        base=base,
        gate_effect=gated.total - before,
        residual=Fraction(total) - gated.total,
        held=bool(holds),
        holds=holds,
        flags=(*unscored.flags, *gated.flags),
        gates=gated.effects,
    )


def _grade(card: Card, total: Fraction, best: str | None) -> tuple[str | None, Fraction | None]:
    open_ = best is None
    for grade in card.grades:
        open_ = open_ or grade.name == best
        if open_ and (grade.at_least is None or total >= grade.at_least):
            return grade.name, grade.coefficient
    return None, None


def _rank(scores: Sequence[Score]) -> tuple[Score, ...]:
    totals = sorted((one.exact for one in scores if one.exact is not None), reverse=True)
    first = {total: place for place, total in reversed(list(enumerate(totals, start=1)))}
    return tuple(one if one.exact is None else replace(one, rank=first[one.exact]) for one in scores)


def _distribution(card: Card, scores: Sequence[Score]) -> tuple[GradeShare, ...]:
    graded = [one.grade for one in scores if one.grade is not None]
    return tuple(
        GradeShare(
            grade=grade.name,
            count=graded.count(grade.name),
            share=Fraction(graded.count(grade.name), len(graded)),
            advised=card.distribution.get(grade.name),
        )
        for grade in card.grades
        if graded
    )
