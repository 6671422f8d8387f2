"""What a card may not contradict, beyond the form of each key."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kpicore.scoring.card import Card, Entry, Gate
from kpicore.scoring.curve import Curve
from kpicore.scoring.quantity import decimal_text

__all__ = ["check_card"]

_ARGUMENT = {"cap_total": "to", "zero_group": "group", "cap_grade": "grade", "multiply": "by"}


def check_card(card: Card) -> Iterator[str]:
    """Yields every problem of ``card``: the key, what was found, and what to write instead."""
    if card.lowest >= card.highest:
        yield "points: found lowest >= highest; write the lowest first"
    yield from _check_points(card)
    yield from _check_caps(card)
    yield from _check_missing(card)
    yield from _check_grades(card)
    for gate in card.gates:
        yield from _check_gate(card, gate)
    if card.profile == "pay":
        yield from _check_pay(card)


def _curves(entry: Entry) -> list[Curve]:
    return [
        curve for curve in (entry.curve, *(variant.curve for variant in entry.variants)) if curve is not None
    ]


def _check_points(card: Card) -> Iterator[str]:
    low, high = decimal_text(card.lowest), decimal_text(card.highest)
    for entry in card.entries:
        for curve in _curves(entry):
            if curve.lowest < card.lowest or curve.highest > card.highest:
                found = f"points from {decimal_text(curve.lowest)} to {decimal_text(curve.highest)}"
                yield (
                    f"group[{entry.group}].entry[{entry.id}].curve: found {found}; "
                    f"keep them within points.lowest = {low} and points.highest = {high}, or widen those"
                )
    for kind, entries in (("bonus", card.bonuses), ("penalty", card.penalties)):
        for entry in entries:
            if any(curve.lowest < 0 for curve in _curves(entry)):
                verb = "added" if kind == "bonus" else "taken"
                yield f"{kind}[{entry.id}].curve: found points below 0; write what is {verb} as positive"


def _check_caps(card: Card) -> Iterator[str]:
    document = card.document
    for kind, lines, cap in (
        ("bonus", document.bonus, document.bonus_cap),
        ("penalty", document.penalty, document.penalty_cap),
    ):
        if lines and cap is None:
            yield f"{kind}_cap: missing; write the most points that all {kind} lines together may count"
        if cap is not None and cap < 0:
            yield f"{kind}_cap: found {decimal_text(cap)}; write 0 or more"


def _check_missing(card: Card) -> Iterator[str]:
    missing = card.missing
    policies = {missing.policy, *missing.by_reason.values(), *(entry.missing for entry in card.entries)}
    neutral = missing.neutral_points
    if "neutral" in policies and neutral is None:
        yield "missing.neutral_points: missing; write the points that count as neutral"
    if neutral is not None and not card.lowest <= neutral <= card.highest:
        yield f"missing.neutral_points: found {decimal_text(neutral)}; keep it within the scale of points"
    if "source_failed" in missing.by_reason:
        yield "missing.by_reason.source_failed: a failed source fails the run; remove the key"


def _check_grades(card: Card) -> Iterator[str]:
    names = [grade.name for grade in card.grades]
    if len(set(names)) < len(names):
        yield "grade: found a name twice; give each grade a name of its own"
    for grade in card.grades[:-1]:
        if grade.at_least is None:
            yield f"grade[{grade.name}].at_least: missing; only the last grade takes whatever is left"
    if card.grades and card.grades[-1].at_least is not None:
        last = f"grade[{names[-1]}].at_least"
        yield f"{last}: found in the last grade; remove it, so that every total has a grade"
    bounds = [grade.at_least for grade in card.grades if grade.at_least is not None]
    if any(first <= second for first, second in pairwise(bounds)):
        yield "grade.at_least: found grades out of order; write the best grade first"
    if unknown := sorted(set(card.distribution) - set(names)):
        known = ", ".join(names) or "none"
        yield f"distribution: found {', '.join(unknown)}; write names of grades ({known})"
    if card.distribution and sum(card.distribution.values()) != 1:
        yield "distribution: the shares do not sum to exactly 100 %; mend them"


def _check_gate(card: Card, gate: Gate) -> Iterator[str]:
    where = f"gate[{gate.id}]"
    needed = _ARGUMENT.get(gate.action)
    given = {"to": gate.to, "group": gate.group, "grade": gate.grade, "by": gate.by}
    for key, value in given.items():
        if key == needed and value is None:
            yield f"{where}.{key}: missing; {gate.action} needs it"
        if key != needed and value is not None:
            yield f"{where}.{key}: found beside action = {gate.action!r}, which does not use it; remove it"
    if gate.group is not None and gate.group not in (groups := [group.id for group in card.groups]):
        yield f"{where}.group: found {gate.group!r}; write one of {', '.join(groups)}"
    if gate.grade is not None and gate.grade not in (grades := [grade.name for grade in card.grades]):
        known = ", ".join(grades) or "none (the card has no grades)"
        yield f"{where}.grade: found {gate.grade!r}; write one of {known}"


def _check_pay(card: Card) -> Iterator[str]:
    for name in dict.fromkeys(card.examples):
        yield f"{name}: example = true, which profile 'pay' refuses; set the numbers and remove example"
    for name in card.required_targets:
        yield f"{name}: target = 'required', which profile 'pay' refuses; set the target"
    if card.provisional == "accept":
        yield "provisional: found 'accept', which profile 'pay' refuses; write 'hold' or 'settled'"
    if card.weighting.waiver is not None:
        return
    for entry in (*card.entries, *card.bonuses, *card.penalties):
        where = f"{_place(entry)}[{entry.id}]"
        if entry.uses == "shrunk":
            yield (
                f"{where}.uses: found 'shrunk', which moves with the peers, "
                "and profile 'pay' refuses it; write 'value', or a waiver under weighting"
            )
        if entry.min_reliability is not None:
            yield (
                f"{where}.min_reliability: a reliability moves with the peers, and profile 'pay' refuses it; "
                "write min_n, or a waiver under weighting"
            )


def _place(entry: Entry) -> str:
    return entry.group if entry.group in ("bonus", "penalty") else f"group[{entry.group}].entry"
