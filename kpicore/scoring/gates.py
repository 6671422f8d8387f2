"""Gates: conditions with consequences that no points can outweigh. A gate never raises a total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpicore.scoring.card import Card, Gate
from kpicore.scoring.measured import Measured
from kpicore.scoring.result import GateEffect

__all__ = ["Gated", "apply_gates"]

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """The total after all gates, the best grade that remains (None: any), and what each gate did."""

    total: Fraction
    best_grade: str | None
    holds: tuple[str, ...]
    flags: tuple[str, ...]
    effects: tuple[GateEffect, ...]


def apply_gates(
    card: Card, total: Fraction, groups: Mapping[str, Fraction], found: Sequence[Measured]
) -> Gated:
    """Returns what the gates of ``card`` make of ``total``, in the card's order.

    ``groups`` holds each group's contribution, ``found`` the value for each gate. A gate whose value is
    missing does not fire; it is flagged.
    """
    order = [grade.name for grade in card.grades]
    zeroed: set[str] = set()
    holds: list[str] = []
    flags: list[str] = []
    effects: list[GateEffect] = []
    best: str | None = None
    for gate, seen in zip(card.gates, found, strict=True):
        fired = seen.value is not None and gate.when.holds(seen.value)
        after = total
        if seen.value is None:
            flags.append(f"gate_undecided:{gate.id}")
        if fired:
            group = _ZERO if gate.group in zeroed else groups.get(gate.group or "", _ZERO)
            after = min(total, _after(gate, total, group))
            if gate.group is not None:
                zeroed.add(gate.group)
            if gate.action == "hold_for_review":
                holds.append(f"gate:{gate.id}")
            if gate.grade is not None and (best is None or order.index(gate.grade) > order.index(best)):
                best = gate.grade
        effects.append(
            GateEffect(
                gate=gate.id,
                action=gate.action,
                condition=f"{gate.metric} {gate.when}",
                value=seen.value,
                fired=fired,
                reason=(seen.reason or "no_data") if seen.value is None else None,
                effect=after - total,
            )
        )
        total = after
    return Gated(total=total, best_grade=best, holds=tuple(holds), flags=tuple(flags), effects=tuple(effects))


def _after(gate: Gate, total: Fraction, group: Fraction) -> Fraction:
    if gate.action == "zero_total":
        return _ZERO
    if gate.action == "cap_total" and gate.to is not None:
        return gate.to
    if gate.action == "zero_group":
        return total - max(group, _ZERO)
    if gate.action == "multiply" and gate.by is not None:
        return total * gate.by
    return total
