"""What last period's scores say about a card: cliffs, saturation, double counting, ranges narrower than the
noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import isqrt
from statistics import correlation, median

from kpicore.scoring.card import Card, Entry
from kpicore.scoring.findings import Finding
from kpicore.scoring.lint_curves import CLIFF, curves, steepest
from kpicore.scoring.measured import SubjectKey
from kpicore.scoring.quantity import decimal_text
from kpicore.scoring.result import Contribution, Scores

__all__ = ["lint_scores"]

_SATURATED = Fraction(80, 100)
_CORRELATED = 0.9
_FEW = 8
_Z = Fraction(196, 100)


def lint_scores(card: Card, scores: Scores) -> Iterator[Finding]:
    """Yields what the scores of a past period make doubtful; an entry with fewer than 8 measured subjects
    is let be.
    """
    lines = {
        entry.id: {
            one.subject: line
            for one in scores.scores
            for line in one.contributions
            if line.entry == entry.id and line.status == "measured"
        }
        for entry in card.entries
    }
    for entry in card.entries:
        measured = list(lines[entry.id].values())
        if len(measured) >= _FEW:
            yield from _cliff(entry, measured)
            yield from _saturation(entry, measured)
            yield from _narrow_range(entry, measured)
    yield from _double_counting(card, lines)


def _cliff(entry: Entry, lines: Sequence[Contribution]) -> Iterator[Finding]:
    errors = [(high - low) / (2 * _Z) for line in lines if line.interval for low, high in [line.interval]]
    if not errors:
        return
    typical = median(errors)
    change = max(steepest(curve, typical) for curve in curves(entry))
    if change > CLIFF:
        yield Finding(
            rule="cliff",
            where=entry.id,
            message=f"one standard error ({float(typical):.4g}) can move {float(change):.4g} points",
            hint="flatten the curve there, raise min_n, or measure over a longer period",
            zh=f"一个标准误（{float(typical):.4g}）就能改变 {float(change):.4g} 分",
            hint_zh="放缓该处曲线，提高 min_n，或延长统计周期",
        )


def _saturation(entry: Entry, lines: Sequence[Contribution]) -> Iterator[Finding]:
    found = curves(entry)
    ends = (("fewest", "最低", min(c.lowest for c in found)), ("most", "最高", max(c.highest for c in found)))
    for word, many, end in ends:
        share = Fraction(sum(1 for line in lines if line.points == end), len(lines))
        if share > _SATURATED:
            yield Finding(
                rule="saturation",
                where=entry.id,
                message=f"{float(share):.0%} of the subjects have the {word} points: it tells nobody apart",
                hint="move the knots to where the subjects are",
                zh=f"{float(share):.0%} 的对象得{many}分：区分不出高低",
                hint_zh="把节点移到对象实际所在的区间",
            )


def _narrow_range(entry: Entry, lines: Sequence[Contribution]) -> Iterator[Finding]:
    width = _range_width(entry)
    widths = [_width_at(line, entry.min_n) for line in lines if line.interval and line.n]
    if width is None or not widths:
        return
    noise = median(widths)
    if width < noise:
        where = "" if entry.min_n is None else f" at n = {entry.min_n}"
        where_zh = "" if entry.min_n is None else f"（n = {entry.min_n}）"
        yield Finding(
            rule="narrow_range",
            where=entry.id,
            message=f"its range is {decimal_text(width)} wide, the 95 % interval{where} {float(noise):.4g}",
            hint="widen the range, or raise min_n",
            zh=f"区间宽 {decimal_text(width)}，而 95% 置信区间{where_zh}宽 {float(noise):.4g}",
            hint_zh="放宽区间，或提高 min_n",
        )


def _range_width(entry: Entry) -> Fraction | None:
    if isinstance(entry.target, tuple):
        return entry.target[1] - entry.target[0]
    if entry.curve is None or entry.curve.reciprocal_of is not None:
        return None
    knots = entry.curve.knots
    top = max(points for _, points in knots)
    best = [x for x, points in knots if points == top]
    inside = knots[0][1] < top and knots[-1][1] < top
    return best[-1] - best[0] if inside and len(best) > 1 else None


def _width_at(line: Contribution, n: int | None) -> Fraction:
    low, high = line.interval or (Fraction(0), Fraction(0))
    if n is None or line.n is None:
        return high - low
    # an interval shrinks with the root of n; the root to six places is more than a doubt needs
    return (high - low) * isqrt(line.n * 10**12 // n) / 10**6


def _double_counting(card: Card, lines: Mapping[str, Mapping[SubjectKey, Contribution]]) -> Iterator[Finding]:
    for first, second in combinations(card.entries, 2):
        both = [key for key in lines[first.id] if key in lines[second.id]]
        left, right = ([float(lines[e.id][key].points or 0) for key in both] for e in (first, second))
        if len(both) < _FEW or len(set(left)) == 1 or len(set(right)) == 1:
            continue
        found = correlation(left, right)
        if abs(found) > _CORRELATED:
            yield Finding(
                rule="double_counting",
                where=f"{first.id}, {second.id}",
                message=f"their points correlate at {found:.2f}: one thing is counted twice",
                hint="drop one of them, or halve their weights",
                zh=f"两项得分的相关系数为 {found:.2f}：同一件事计了两次",
                hint_zh="删除其中一项，或把权重减半",
            )
