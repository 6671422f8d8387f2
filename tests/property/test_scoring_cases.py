"""Totals against integers: weights, groups, missing policies, caps, gates, rounding, grades.

The lines of a card are judged once for a pool of values (the curve has a million cases of its own); a case is
a subject that has one of each pool. What is expected is computed over one denominator, by the rules alone. A
total in fractions takes some tenths of a millisecond, so that a million of them would take many minutes: the
slow test has 200,000, and a million roundings.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction as F
from itertools import pairwise
from random import Random

import pytest

from kpicore.scoring import Card, Measured, load_card
from kpicore.scoring.intake import take_in
from kpicore.scoring.lines import Line, judge
from kpicore.scoring.rounding import round_total
from kpicore.scoring.schema import Rounding
from kpicore.scoring.scorer import score_subject

SUBJECTS = 500
POOL = 24
LEAST = 10_000
"""Points, weights of groups and weights inside them are whole ten-thousandths in the oracle's sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A card, as the oracle needs it: shares of the total in 1e-8, limits in points."""

    shares: tuple[int, ...]
    groups: tuple[int, ...]
    policy: str
    coverage: int
    across: str
    neutral: int
    bonus_cap: int
    penalty_cap: int
    gates: tuple[tuple[str, int], ...]
    places: int
    mode: str
    cuts: tuple[int, ...]


def parts_of(random: Random, count: int) -> list[int]:
    """Whole numbers above 0 that sum to 10,000."""
    cuts = sorted(random.sample(range(1, LEAST), count - 1))
    return [b - a for a, b in pairwise([0, *cuts, LEAST])]


ACTIONS = ("multiply", "cap_total", "zero_group", "zero_total", "cap_grade", "hold_for_review")


def draw(random: Random) -> tuple[str, Rules]:
    """Returns the text of a card and its rules."""
    groups = parts_of(random, random.choice((1, 1, 2, 3)))
    lines = [
        (g, whole, part) for g, whole in enumerate(groups) for part in parts_of(random, random.choice((1, 2)))
    ]
    rules = Rules(
        shares=tuple(whole * part for _, whole, part in lines),
        groups=tuple(g for g, _, _ in lines),
        policy=random.choice(("refuse", "renormalise", "renormalise", "neutral", "zero")),
        coverage=random.choice((0, 50, 70)),
        across=random.choice(("group", "card")),
        neutral=random.randint(0, 100),
        bonus_cap=random.randint(1, 9),
        penalty_cap=random.randint(1, 15),
        gates=tuple(
            (random.choice(ACTIONS), random.randint(0, 100)) for _ in range(random.choice((0, 1, 1, 2)))
        ),
        places=random.randint(0, 3),
        mode=random.choice(("half_up", "half_even", "down")),
        cuts=tuple(sorted(random.sample(range(200, 1000, random.choice((1, 10, 50))), 2), reverse=True)),
    )
    return text_of(lines, rules), rules


def text_of(lines: Sequence[tuple[int, int, int]], rules: Rules) -> str:
    """Returns the card in TOML."""
    arguments = {
        "multiply": 'by = "{}%"',
        "cap_total": "to = {}",
        "zero_group": 'group = "g0"',
        "cap_grade": 'grade = "B"',
    }
    parts = [
        'id = "c"\nversion = "1"\nowner = "o"\nprofile = "review"\nsubject = "agent"\nperiod = "month"',
        f"bonus_cap = {rules.bonus_cap}\npenalty_cap = {rules.penalty_cap}",
        f'[missing]\npolicy = "{rules.policy}"\nmin_coverage = "{rules.coverage}%"',
        f'across = "{rules.across}"\nneutral_points = {rules.neutral}',
        f'[rounding]\nplaces = {rules.places}\nmode = "{rules.mode}"',
        '[[bonus]]\nid = "plus"\nmetric = "plus"\ncurve = { events = { points_each = 1, cap = 99 } }',
        '[[penalty]]\nid = "minus"\nmetric = "minus"\ncurve = { events = { points_each = 1, cap = 99 } }',
    ]
    for i, (action, number) in enumerate(rules.gates):
        parts.append(f'[[gate]]\nid = "gate{i}"\nmetric = "gate{i}"\nwhen = "> 0"\naction = "{action}"')
        parts.append(arguments.get(action, "").format(number))
    for name, cut in zip("AB", rules.cuts, strict=True):
        parts.append(f'[[grade]]\nname = "{name}"\nat_least = {cut / 10}')
    parts.append('[[grade]]\nname = "C"')
    for i, (g, whole, part) in enumerate(lines):
        if i == 0 or g != lines[i - 1][0]:
            parts.append(f'[[group]]\nid = "g{g}"\nweight = "{whole / 100:.2f}%"')
        parts.append(f'[[group.entry]]\nid = "m{i}"\nmetric = "m{i}"\nweight = "{part / 100:.2f}%"')
        parts.append("curve = { linear = { zero_at = 0, full_at = 100 } }")
    return "\n".join(parts)


def pool(random: Random, card: Card, rules: Rules) -> dict[str, list[tuple[Line, int | None, bool]]]:
    """Returns for each entry its judged lines, the points in ten-thousandths, and whether the agent is the
    cause of a missing value.

    Points fall on whole, half and hundredth parts, so that totals meet the boundaries of rounding and grades.
    """
    found: dict[str, list[tuple[Line, int | None, bool]]] = {}
    for entry in (*card.entries, *card.bonuses, *card.penalties):
        listed = found.setdefault(entry.id, [])
        for _ in range(POOL):
            step = random.choice((10_000, 5_000, 100, 1))
            points = random.randint(0, 100 * LEAST // step) * step
            if not entry.id.startswith("m") or entry.id == "minus":
                points = random.randint(0, 20) * LEAST
            missing, caused = random.random() < 0.2, random.random() < 0.5
            value = None if missing else F(points, LEAST)
            measured = Measured(
                subject=("a",),
                metric=entry.metric,
                value=value,
                reason="no_data" if missing else None,
                agent_caused=missing and caused,
            )
            listed.append((judge(entry, measured, {}), None if missing else points, caused))
    return found


def base_of(rules: Rules, points: Sequence[int | None], caused: Sequence[bool]) -> tuple[F, list[F]] | None:
    """Returns the weighted sum of points and what each line brings; None where the card refuses."""
    given = list(points)
    for i, own in enumerate(points):
        if own is None and rules.policy == "refuse":
            return None
        if own is None and rules.policy == "neutral":
            given[i] = rules.neutral * LEAST
        if own is None and rules.policy == "zero" and caused[i]:
            given[i] = 0
    kept = [i for i, own in enumerate(given) if own is not None]
    covered = sum(rules.shares[i] for i in kept)
    if covered == 0 or covered * 100 < rules.coverage * 10**8:
        return None
    brought = [F(0)] * len(given)
    whole, inside = Counter[int](), Counter[int]()
    for i, share in enumerate(rules.shares):
        whole[rules.groups[i]] += share
    for i in kept:
        inside[rules.groups[i]] += rules.shares[i]
    left = sum(whole[g] for g in inside)
    for i in kept:
        own = rules.shares[i] * (given[i] or 0)
        g = rules.groups[i]
        brought[i] = F(own, covered) if rules.across == "card" else F(own * whole[g], inside[g] * left)
    return sum(brought, F(0)), brought


def gated(rules: Rules, total: F, first_group: F, fired: Sequence[bool]) -> tuple[F, bool]:
    """Returns the total after the gates, in ten-thousandths, and whether grade A is out of reach."""
    capped, zeroed = False, False
    for (action, number), true in zip(rules.gates, fired, strict=True):
        if not true:
            continue
        if action == "multiply":
            total = min(total, total * number / 100)
        elif action == "cap_total":
            total = min(total, F(number * LEAST))
        elif action == "zero_total":
            total = min(total, F(0))
        elif action == "zero_group":
            total = min(total, total - (0 if zeroed else max(first_group, F(0))))
            zeroed = True
        capped = capped or action == "cap_grade"
    return total, capped


def rounded(total: F, places: int, mode: str) -> F:
    """Returns ``total`` on the nearest step, or on the one nearer to 0."""
    size = abs(total) * 10**places
    whole = size.numerator // size.denominator
    rest = size - whole
    if mode != "down" and (rest > F(1, 2) or (rest == F(1, 2) and (mode == "half_up" or whole % 2 == 1))):
        whole += 1
    return F(whole, 10**places) * (1 if total >= 0 else -1)


def cases(random: Random, count: int) -> Iterator[str]:
    """Compares ``count`` totals with what the rules say; yields what was met in each."""
    done = 0
    while done < count:
        text, rules = draw(random)
        card = load_card(text)
        weights = {entry.id: F(share, 10**8) for entry, share in zip(card.entries, rules.shares, strict=True)}
        assert {entry.id: entry.weight for entry in card.entries} == weights
        lines = pool(random, card, rules)
        fires = [random.choices((True, False, None), (3, 6, 1), k=SUBJECTS) for _ in rules.gates]
        seen = [
            Measured(
                subject=(str(s),),
                metric=f"gate{i}",
                value=None if fired is None else F(int(fired)),
                reason="no_data" if fired is None else None,
            )
            for i, column in enumerate(fires)
            for s, fired in enumerate(column)
        ]
        intake = take_in(card, seen, marks=(), previous=(), decisions=())
        for s in range(min(SUBJECTS, count - done)):
            chosen = {name: random.choice(listed) for name, listed in lines.items()}
            one = score_subject(card, intake, (str(s),), {n: c[0] for n, c in chosen.items()}, weights, {})
            own = [chosen[entry.id] for entry in card.entries]
            expected = base_of(rules, [c[1] for c in own], [c[2] for c in own])
            if expected is None:
                assert one.total is None, text
                yield "refused"
                continue
            base, brought = expected
            plus, minus = ((chosen[name][1] or 0) // LEAST for name in ("plus", "minus"))
            total = base + (min(rules.bonus_cap, plus) - min(rules.penalty_cap, minus)) * LEAST
            first = sum((b for b, g in zip(brought, rules.groups, strict=True) if g == 0), F(0))
            after, capped = gated(rules, total, first, [bool(column[s]) for column in fires])
            exact = after / LEAST
            shown = rounded(exact, rules.places, rules.mode)
            a, b = (F(cut, 10) for cut in rules.cuts)
            assert one.exact == exact, text
            assert one.total is not None
            assert F(one.total) == shown, text
            assert one.grade == ("A" if shown >= a and not capped else "B" if shown >= b else "C"), text
            yield "boundary" if shown in (a, b) else "half" if (exact * 2 * 10**rules.places) % 2 == 1 else ""
        done += SUBJECTS


@pytest.mark.parametrize("count", [5_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_totals_are_exact(count: int) -> None:
    gc.disable()  # records are made and dropped, none in a cycle
    try:
        met = Counter(cases(Random(f"totals {count}"), count))
    finally:
        gc.enable()
    assert met.total() == count
    assert min(met["refused"], met["boundary"], met["half"]) > count // 2_000, met


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_roundings_are_exact(count: int) -> None:
    """A third of the numbers lie half-way between two steps, a third beside that by next to nothing."""
    random = Random(f"roundings {count}")
    rules = {
        (places, mode): Rounding(places=places, mode=mode)
        for places in range(7)
        for mode in ("half_up", "half_even", "down")
    }
    kinds = list(rules)
    for _ in range(count):
        places, mode = random.choice(kinds)
        step, twice = 10**places, random.randint(-20_000_000, 20_000_000)
        beside = random.choice((0, 1, -1))
        above, below = (twice * 10**15 + beside, 2 * step * 10**15) if beside else (twice, 2 * step)
        if random.random() < 0.3:
            above, below = random.randint(-(10**12), 10**12), random.randint(1, 10**9)
        found = round_total(F(above, below), rules[places, mode])
        whole, rest = divmod(abs(above) * step, below)
        up = mode != "down" and (2 * rest > below or (2 * rest == below and (mode == "half_up" or whole & 1)))
        whole += up
        assert found.as_tuple().exponent == -places
        assert int(found.scaleb(places)) == (whole if above >= 0 else -whole), (above, below, places, mode)
