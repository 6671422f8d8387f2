"""Scores as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from .sheet import Sheet
from .words import Language, heading, say

if TYPE_CHECKING:
    from kpicore import Log, Review
    from kpicore.scoring import Score

__all__ = ["names_of", "points_text", "score_sheet"]

_WIDEST = 6


def points_text(points: Fraction | Decimal | None) -> str:
    """Returns points with two decimals; a dash where there are none."""
    if points is None:
        return "-"
    return (
        f"{Decimal(points.numerator) / points.denominator if isinstance(points, Fraction) else points:z.2f}"
    )


def names_of(log: Log) -> dict[str, str]:
    """Returns the names of agents by id, as far as the roster tells them; the last row of an agent counts."""
    agents = log.tables.get("agents")
    if agents is None or "name" not in agents.column_names:
        return {}
    ids, names = (agents.column(column).to_pylist() for column in ("agent_id", "name"))
    return {str(key): str(name) for key, name in zip(ids, names, strict=True) if name}


def score_sheet(review: Review, names: Mapping[str, str], lang: Language) -> Sheet:
    """Returns the scores in the order of their ranks, with the points that each line of the card brought.

    A card of more lines than fit shows the totals of its groups.
    """
    scores = sorted(review.scores.scores, key=lambda s: (s.rank is None, s.rank or 0, str(s.subject)))
    titles = _titles(review, lang)
    subject = heading(review.scores.subject_columns[0], lang)
    headers = [say("Rank", lang), subject, *([say("Name", lang)] if names else [])]
    first = len(headers)
    headers += [say("Total", lang), say("95 %", lang), say("Grade", lang)]
    headers += [*titles.values(), say("Note", lang)]
    rows = []
    for score in scores:
        key = "/".join(part or "-" for part in score.subject)
        row = [_rank(score), key, *([names.get(key, "")] if names else [])]
        row += [points_text(score.total), _interval(score), score.grade or "-"]
        row += [points_text(_points(review, score, line)) for line in titles]
        rows.append([*row, ", ".join(_notes(score, lang))])
    numbers = {0, first, first + 1, *range(first + 3, first + 3 + len(titles))}
    return Sheet(
        title=_title(review, lang),
        headers=headers,
        rows=rows,
        numbers=frozenset(numbers),
        droppable=frozenset({*range(2, first), first + 1, len(headers) - 1}),
    )


def _rank(score: Score) -> str:
    """Returns the rank, and the best and the worst that the noise allows: ``3, 1-7``."""
    if score.rank is None:
        return "-"
    best, worst = score.rank_set or (score.rank, score.rank)
    return f"{score.rank}" if best == worst else f"{score.rank}, {best}-{worst}"


def _interval(score: Score) -> str:
    return "–".join(f"{float(end):.0f}" for end in score.interval) if score.interval else ""


def _title(review: Review, lang: Language) -> str:
    label = review.card.label
    return f"{label.zh if lang == 'zh' and label.zh else label.en or review.card.id}"


def _titles(review: Review, lang: Language) -> dict[str, str]:
    """Returns the titles of the card's lines by id, or of its groups where there are too many lines."""
    card = review.card
    shown = card.entries if len(card.entries) <= _WIDEST else card.groups
    return {each.id: (each.label.zh if lang == "zh" else each.label.en) or each.id for each in shown}


def _points(review: Review, score: Score, line: str) -> Fraction | None:
    if len(review.card.entries) <= _WIDEST:
        return next((c.contribution for c in score.contributions if c.entry == line), None)
    parts = [c.contribution for c in score.contributions if c.group == line and c.contribution is not None]
    return sum(parts, Fraction(0)) if parts else None


def _notes(score: Score, lang: Language) -> Iterator[str]:
    if score.held:
        yield say("held", lang)
    yield from score.refusals
    yield from (gate.gate for gate in score.gates if gate.fired)
    yield from (say(flag, lang) for flag in score.flags if flag != "example")
