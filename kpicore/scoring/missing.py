"""What happens to a subject's missing values: the card's policies and the weights that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from kpicore.scoring.card import Card
from kpicore.scoring.lines import Line
from kpicore.scoring.quantity import decimal_text
from kpicore.scoring.result import Status
from kpicore.scoring.schema import Policy, Reason

__all__ = ["Settled", "settle"]

_CAUSED: tuple[Reason, ...] = ("no_data", "below_min_n")
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The entries of a subject after the missing policy, in the card's order, and whether the subject is
    scored.
    """

    statuses: tuple[Status, ...]
    points: tuple[Fraction | None, ...]
    lines: tuple[Line, ...]
    weights: tuple[Fraction, ...]
    covered: Fraction
    refusals: tuple[str, ...]


def settle(
    card: Card, lines: Sequence[Line], carried: Mapping[str, Line], weights: Mapping[str, Fraction]
) -> Settled:
    """Returns status, points and effective weight of each line.

    ``carried`` holds last period's lines by entry id; ``weights`` the shares of the total by entry id. A
    policy that cannot be applied (nothing to carry forward, zero for what the agent did not cause)
    renormalises.
    """
    statuses: list[Status] = []
    points: list[Fraction | None] = []
    shown: list[Line] = []
    refusals: list[str] = []
    for line in lines:
        status, gained, used = _apply(card, line, carried.get(line.entry.id))
        if status == "refused":
            why = "the value lies outside the curve" if line.outside else f"missing ({line.reason})"
            refusals.append(f"{line.entry.id}: {why}")
        statuses.append(status)
        points.append(gained)
        shown.append(used)
    own = [weights[line.entry.id] for line in lines]
    kept = [status not in ("left_out", "refused") for status in statuses]
    decided = sum((w for w, keep in zip(own, kept, strict=True) if keep), _ZERO)
    needed = card.missing.min_coverage
    if not refusals and (decided < needed or decided == 0):
        refusals.append(f"coverage: {decimal_text(decided)} of the weight, {decimal_text(needed)} needed")
    groups = [line.entry.group for line in lines] if card.missing.across == "group" else [""] * len(lines)
    return Settled(
        statuses=tuple(statuses),
        points=tuple(points),
        lines=tuple(shown),
        weights=tuple(_spread(own, kept, groups)),
        covered=sum((w for w, s in zip(own, statuses, strict=True) if s == "measured"), _ZERO),
        refusals=tuple(refusals),
    )


def _apply(card: Card, line: Line, before: Line | None) -> tuple[Status, Fraction | None, Line]:
    if line.outside:
        return "refused", None, line
    if line.reason is None:
        return "measured", line.points, line
    policy = _policy(card, line)
    if policy == "refuse":
        return "refused", None, line
    if policy == "neutral":
        return "neutral", card.missing.neutral_points, line
    if policy == "carry_forward" and before is not None and before.points is not None:
        carried = replace(line, used=before.used, segment=before.segment)
        return "carried_forward", before.points, carried
    if policy == "zero" and line.found.agent_caused and line.reason in _CAUSED:
        return "zero", _ZERO, line
    return "left_out", None, line


def _policy(card: Card, line: Line) -> Policy:
    by_reason = card.missing.by_reason.get(line.reason) if line.reason else None
    return line.entry.missing or by_reason or card.missing.policy


def _spread(own: Sequence[Fraction], kept: Sequence[bool], groups: Sequence[str]) -> list[Fraction]:
    whole: dict[str, Fraction] = {}
    present: dict[str, Fraction] = {}
    for weight, keep, group in zip(own, kept, groups, strict=True):
        whole[group] = whole.get(group, _ZERO) + weight
        present[group] = present.get(group, _ZERO) + (weight if keep else _ZERO)
    remaining = sum((whole[group] for group, weight in present.items() if weight), _ZERO)
    return [
        weight * whole[group] / present[group] / remaining if keep and present[group] else _ZERO
        for weight, keep, group in zip(own, kept, groups, strict=True)
    ]
