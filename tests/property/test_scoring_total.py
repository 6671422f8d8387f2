"""Totals against the slow, obvious sum; cards read back as they were written."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as F
from itertools import pairwise
from random import Random

import pytest

from kpicore.scoring.card import Card
from kpicore.scoring.measured import Measured
from kpicore.scoring.resolve import load_card
from kpicore.scoring.scorer import score

SUBJECTS = 20


def weights(random: Random, count: int) -> list[F]:
    """Decimals of per cent that sum to exactly 100."""
    cuts = sorted(random.randint(0, 10_000) for _ in range(count - 1))
    ends = [0, *cuts, 10_000]
    return [F(b - a, 100) for a, b in pairwise(ends)]


def shown(random: Random, weight: F, unit: str) -> str:
    if unit == "share":
        return f"{float(weight) / 100:.4f}"
    return f'"{float(weight):.2f}%"' if unit == "per cent" else f"{float(weight):.2f}"


def random_card(random: Random) -> tuple[str, list[tuple[str, str, F]], dict[str, object]]:
    """Card text, its entries (id, group, weight of the whole), and the settings that the oracle needs."""
    rules: dict[str, object] = {
        "policy": random.choice(["refuse", "renormalise", "neutral", "zero"]),
        "coverage": random.choice([0, 50, 70]),
        "across": random.choice(["group", "card"]),
        "neutral": random.randint(0, 100),
        "places": random.randint(0, 4),
        "mode": random.choice(["half_up", "half_even", "down"]),
    }
    parts = [
        f'id = "c"\nversion = "{random.randint(1, 9)}"\nowner = "o"\nprofile = "review"\nsubject = "agent"',
        'period = "month"\nbonus_cap = 10\npenalty_cap = 15',
        f'[missing]\npolicy = "{rules["policy"]}"\nmin_coverage = "{rules["coverage"]}%"',
        f'across = "{rules["across"]}"\nneutral_points = {rules["neutral"]}',
        f'[rounding]\nplaces = {rules["places"]}\nmode = "{rules["mode"]}"',
        '[[bonus]]\nid = "plus"\nmetric = "plus"\ncurve = { events = { points_each = 3, cap = 12 } }',
        '[[penalty]]\nid = "minus"\nmetric = "minus"\ncurve = { events = { points_each = 4, cap = 99 } }',
        '[[gate]]\nid = "half"\nmetric = "half"\nwhen = ">= 2"\naction = "multiply"\nby = "50%"',
        '[[gate]]\nid = "limit"\nmetric = "limit"\nwhen = "< 1"\naction = "cap_total"\nto = 60',
    ]
    entries = []
    count = random.randint(1, 3)
    group_unit = random.choice(["number", "share", "per cent"])
    for g, group_weight in enumerate(weights(random, count)):
        parts.append(f'[[group]]\nid = "g{g}"\nweight = {shown(random, group_weight, group_unit)}')
        unit = random.choice(["number", "share", "per cent"])
        for e, weight in enumerate(weights(random, random.randint(1, 4))):
            name = f"m{g}{e}"
            parts.append(
                f'[[group.entry]]\nid = "{name}"\nmetric = "{name}"\nweight = {shown(random, weight, unit)}'
            )
            parts.append("curve = { linear = { zero_at = 0, full_at = 100 } }")
            entries.append((name, f"g{g}", group_weight / 100 * weight / 100))
    return "\n".join(parts), entries, rules


def random_rows(random: Random, names: Sequence[str]) -> list[Measured]:
    rows = []
    for agent in range(SUBJECTS):
        for name in (*names, "plus", "minus", "half", "limit"):
            value = None if random.random() < 0.15 else F(random.randint(0, 300), 3)
            if name not in names and value is not None:
                value = F(random.randint(0, 5))
            rows.append(
                Measured(
                    subject=(f"{agent:02}",),
                    metric=name,
                    value=value,
                    reason="no_data" if value is None else None,
                    agent_caused=value is None and random.random() < 0.5,
                )
            )
    return rows


def round_oracle(value: F, places: int, mode: str) -> F:
    """Tries the two neighbours and takes the nearer one."""
    step = F(1, 10**places)
    below = (abs(value) // step) * step
    above = below + step
    left, right = abs(value) - below, above - abs(value)
    up = mode != "down" and (
        right < left or (right == left and (mode == "half_up" or (below / step) % 2 == 1))
    )
    return (above if up else below) * (-1 if value < 0 else 1)


def total_oracle(
    entries: Sequence[tuple[str, str, F]], rules: dict[str, object], found: dict[str, Measured]
) -> F | None:
    """The exact total before rounding, None where the card refuses; from the rules alone."""
    points: dict[str, F | None] = {}
    for name, _, _ in entries:
        row = found[name]
        points[name] = row.value
        if row.value is None:
            if rules["policy"] == "refuse":
                return None
            if rules["policy"] == "neutral":
                points[name] = F(rules["neutral"])  # type: ignore[arg-type]
            if rules["policy"] == "zero" and row.agent_caused:
                points[name] = F(0)
    kept = [(name, group, weight) for name, group, weight in entries if points[name] is not None]
    covered = sum((weight for _, _, weight in kept), F(0))
    if covered == 0 or covered < F(rules["coverage"], 100):  # type: ignore[arg-type]
        return None
    if rules["across"] == "card":
        base = sum((weight * (points[name] or 0) for name, _, weight in kept), F(0)) / covered
    else:
        base = whole = F(0)
        for group in {group for _, group, _ in kept}:
            inside = [(name, weight) for name, of, weight in kept if of == group]
            size = sum((weight for _, of, weight in entries if of == group), F(0))
            present = sum((weight for _, weight in inside), F(0))
            if present:
                base += size * sum((weight * (points[name] or 0) for name, weight in inside), F(0)) / present
                whole += size
        base /= whole
    plus, minus, half, limit = (found[name].value for name in ("plus", "minus", "half", "limit"))
    total = base + min(F(10), 3 * (plus or 0), F(12)) - min(F(15), 4 * (minus or 0), F(99))
    if half is not None and half >= 2 and total > 0:
        total /= 2
    if limit is not None and limit < 1:
        total = min(total, F(60))
    return total


def compare(
    card: Card, text: str, entries: list[tuple[str, str, F]], rules: dict[str, object], rows: list[Measured]
) -> None:
    by_subject: dict[str, dict[str, Measured]] = {}
    for row in rows:
        by_subject.setdefault(row.subject[0] or "", {})[row.metric] = row
    scores = score(card, rows)
    expected = {agent: total_oracle(entries, rules, found) for agent, found in by_subject.items()}
    for one in scores.scores:
        exact = expected[one.subject[0] or ""]
        assert one.exact == exact, text
        if exact is not None:
            assert F(one.total or 0) == round_oracle(exact, rules["places"], rules["mode"])  # type: ignore[arg-type]
            assert one.rank == 1 + sum(
                1 for other in expected.values() if other is not None and other > exact
            )


@pytest.mark.parametrize("cards", [pytest.param(150), pytest.param(1_000, marks=pytest.mark.slow)])
def test_a_total_is_what_the_rules_say(cards: int) -> None:
    random = Random(f"totals {cards}")
    for _ in range(cards):
        text, entries, rules = random_card(random)
        card = load_card(text)
        assert [(entry.id, entry.group, entry.weight) for entry in card.entries] == entries
        assert sum(entry.weight or 0 for entry in card.entries) == 1
        rows = random_rows(random, [name for name, _, _ in entries])
        compare(card, text, entries, rules, random.sample(rows, len(rows)))


def test_a_card_reads_the_same_however_its_lines_are_spaced() -> None:
    random = Random("spelling")
    for _ in range(100):
        text, _, _ = random_card(random)
        spaced = text.replace(" = ", "   =  ").replace("\n", "\n\n# remark\n")
        assert load_card(spaced).fingerprint == load_card(text).fingerprint
