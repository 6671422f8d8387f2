"""Every form of the curve against what its words say, in exact rationals."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction as F
from itertools import pairwise
from math import ceil, floor
from random import Random

import pytest

from kpicore.scoring.curve import Curve, evaluate, extent, make_curve
from kpicore.scoring.schema_curves import CurveDocument
from kpicore.scoring.sugar import expand

CASES = [pytest.param(20_000), pytest.param(1_000_000, marks=pytest.mark.slow)]


def number(random: Random, low: int, high: int) -> F:
    """A decimal of up to two places: what a card can hold."""
    return F(random.randint(low * 100, high * 100), 100)


def knots_oracle(knots: list[tuple[F, F]], between: str, below: str, above: str, x: F) -> F | None:
    """Reads the knots from the left; of several at one x the middle one (of two the higher) holds."""
    end = {"zero": F(0), "refuse": None}
    if x < knots[0][0]:
        return end.get(below, knots[0][1])
    if x > knots[-1][0]:
        return end.get(above, knots[-1][1])
    here = [points for at, points in knots if at == x]
    if here:
        return {1: here[0], 2: max(here), 3: here[len(here) // 2]}[len(here)]
    (x0, s0), (x1, s1) = next((a, b) for a, b in pairwise(knots) if a[0] < x < b[0])
    share = (x - x0) / (x1 - x0)
    return {"linear": s0 * (1 - share) + s1 * share, "step_left": s0, "step_right": s1}[between]


def test_all_points_of_an_interval_lie_in_its_extent() -> None:
    """And both ends of the extent are points, or limits of points, in the interval."""
    random = Random("extents")
    for _ in range(1_500):
        xs = sorted({number(random, 0, 5) for _ in range(random.randint(2, 5))})
        between = random.choice(["linear", "step_left", "step_right"])
        below, above = (random.choice(["clamp", "zero", "refuse"]) for _ in range(2))
        goal = random.choice([None, None, number(random, 1, 9)])
        curve = replace(
            make_curve([(x, number(random, 0, 100)) for x in xs], between=between, below=below, above=above),  # type: ignore[arg-type]
            reciprocal_of=goal,
        )
        low, high = sorted((number(random, -1, 7), number(random, -1, 7)))
        near = xs if goal is None else [goal / x for x in xs if x]
        inside = [x for x in near if low < x < high]
        values = [low, high, *inside, *(low + (high - low) * F(i, 23) for i in range(24))]
        values += [x + d for x in inside for d in (F(-1, 10**9), F(1, 10**9)) if low <= x + d <= high]
        points = [p for v in values if (p := evaluate(curve, v)[0]) is not None]
        found = extent(curve, low, high)
        if found is None:
            assert not points
            continue
        assert found[0] <= min(points)
        assert found[1] >= max(points)
        assert found[0] > min(points) - F(1, 1000)
        assert found[1] < max(points) + F(1, 1000)


@pytest.mark.parametrize("cases", CASES)
def test_knots(cases: int) -> None:
    random = Random(20261122)
    done = 0
    while done < cases:
        xs = sorted(random.choices([number(random, -5, 5) for _ in range(4)], k=random.randint(1, 6)))
        xs = [x for i, x in enumerate(xs) if xs[max(0, i - 3) : i].count(x) < 3]
        knots = [(x, number(random, 0, 100)) for x in xs]
        between = random.choice(["linear", "step_left", "step_right"])
        below, above = (random.choice(["clamp", "zero", "refuse"]) for _ in range(2))
        curve = make_curve(knots, between=between, below=below, above=above)  # type: ignore[arg-type]
        for x in [*xs, *(number(random, -6, 6) / random.randint(1, 7) for _ in range(8))]:
            points, segment = evaluate(curve, x)
            assert points == knots_oracle(knots, between, below, above, x), (knots, between, x)
            assert segment.first is None or segment.first[0] <= x
            assert segment.last is None or segment.last[0] >= x
            done += 1


def linear(random: Random) -> tuple[str, Callable[[F], F | None]]:
    zero, full = random.sample(range(-500, 500), 2)
    points = random.randint(1, 100)
    text = f"linear = {{ zero_at = {zero}, full_at = {full}, full = {points} }}"
    return text, lambda x: points * min(max((x - zero) / F(full - zero), F(0)), F(1))


def bands(random: Random) -> tuple[str, Callable[[F], F | None]]:
    edges = sorted(random.sample(range(-50, 50), random.randint(1, 4)))
    points = [random.randint(0, 100) for _ in range(len(edges) + 1)]
    closed = random.choice(["left", "right"])
    rows = [
        "{ "
        + (f"from = {edges[i - 1]}, " if i else "")
        + (f"to = {edges[i]}, " if i < len(edges) else "")
        + f"points = {points[i]} }}"
        for i in range(len(points))
    ]

    def oracle(x: F) -> F | None:
        passed = [edge <= x if closed == "left" else edge < x for edge in edges]
        return F(points[sum(passed)])

    return f"bands = [{', '.join(rows)}], closed = '{closed}'", oracle


def target_range(random: Random) -> tuple[str, Callable[[F], F | None]]:
    a, b, c, d = sorted(random.choices(range(60), k=4))
    text = f"target_range = {{ hard_lo = {a}, ideal_lo = {b}, ideal_hi = {c}, hard_hi = {d} }}"

    def oracle(x: F) -> F | None:
        if b <= x <= c:
            return F(100)
        if x <= a or x >= d:
            return F(0)
        return 100 * ((x - a) / F(b - a) if x < b else (d - x) / F(d - c))

    return text, oracle


def attainment(random: Random) -> tuple[str, Callable[[F], F | None]]:
    target, cap = random.randint(1, 50), random.randint(1, 100)
    mode = random.choice(["value_over_target", "target_over_value", "two_minus_value_over_target"])

    def oracle(x: F) -> F | None:
        if mode == "target_over_value":
            if x < 0:
                return None
            return F(cap) if x == 0 else min(F(cap), 100 * target / x)
        reached = x / target if mode == "value_over_target" else 2 - x / target
        return min(F(cap), max(F(0), 100 * reached))

    return f"attainment = {{ mode = '{mode}', target = {target}, cap = {cap} }}", oracle


def per_unit(random: Random) -> tuple[str, Callable[[F], F | None]]:
    ref, unit = random.randint(-20, 20), random.randint(1, 5)
    up, down = (F(random.choice([-30, -5, -1, 0, 1, 7, 30]), 10) for _ in range(2))
    if up == down == 0:
        up = F(1)
    floor_, base, cap = sorted(random.choices(range(30), k=3))
    whole = random.choice(["proportional", "complete", "started"])
    cutoff: int | None = random.randint(-30, 30) if random.random() < 0.5 and up * down >= 0 else None
    written = "'none'" if cutoff is None else str(cutoff)
    text = (
        f"per_unit = {{ ref = {ref}, unit = {unit}, points = '{float(up):.1f}', "
        f"points_below = '{float(down):.1f}', base = {base}, whole_units = '{whole}', cap = {cap}, "
        f"floor = {floor_}, cutoff = {written} }}"
    )
    count: Callable[[F], F] = {"proportional": F, "complete": floor, "started": ceil}[whole]  # type: ignore[assignment]

    def oracle(x: F) -> F | None:
        if cutoff is not None and (x < cutoff if up + down > 0 else x > cutoff):
            return F(0)
        distance = abs(x - ref) / unit
        change = up * count(distance) if x >= ref else -down * count(distance)
        return min(F(cap), max(F(floor_), base + change))

    return text, oracle


def events(random: Random) -> tuple[str, Callable[[F], F | None]]:
    each = random.choice([-7, -1, 1, 3])
    cap, start = random.randint(1, 20), random.randint(20, 50)
    text = f"events = {{ points_each = {each}, cap = {cap}, start = {start} }}"
    return text, lambda x: None if x < 0 else start + max(F(-cap), min(F(cap), each * x))


def threshold(random: Random) -> tuple[str, Callable[[F], F | None]]:
    xs = sorted(random.sample(range(-20, 20), 3), reverse=random.random() < 0.5)
    points = sorted(random.choices(range(100), k=3))
    jump = random.random() < 0.5
    names = ("threshold", "target", "stretch")
    parts = [f"{name} = {x}, {name}_points = {p}" for name, x, p in zip(names, xs, points, strict=True)]
    sign = 1 if xs[0] < xs[2] else -1

    def oracle(x: F) -> F | None:
        a, b, c, at = (sign * value for value in (*xs, x))
        if at < a:
            return F(0) if jump else F(points[0])
        if at <= b:
            return points[0] + (points[1] - points[0]) * F(at - a) / (b - a)
        return points[1] + (points[2] - points[1]) * min(F(1), F(at - b) / (c - b))

    return f"threshold_target_stretch = {{ {', '.join(parts)}, jump = {str(jump).lower()} }}", oracle


def expanded(text: str) -> Curve:
    written = tomllib.loads(f"c = {{ {text} }}", parse_float=Decimal)["c"]
    return expand(CurveDocument.model_validate(written), target=None, highest=F(100))


@pytest.mark.parametrize("form", [linear, bands, target_range, attainment, per_unit, events, threshold])
@pytest.mark.parametrize("curves", [pytest.param(500), pytest.param(4_000, marks=pytest.mark.slow)])
def test_a_short_form_means_what_it_says(
    form: Callable[[Random], tuple[str, Callable[[F], F | None]]], curves: int
) -> None:
    random = Random(f"{form.__name__} {curves}")
    for _ in range(curves):
        text, oracle = form(random)
        curve = expanded(text)
        near = [x for x, _ in curve.knots] if curve.reciprocal_of is None else []
        for x in [*near, *(number(random, -60, 60) / random.choice([1, 3]) for _ in range(12))]:
            assert evaluate(curve, x)[0] == oracle(x), (text, x)
