"""Explanations as people read them, and as records for programs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from .figures import value_text
from .reviews import points_text
from .sheet import Sheet
from .words import Language, say

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kpicore.runs import Behind, Explanation, Line, Run, Touch

__all__ = ["explanation_record", "explanation_rows", "explanation_sheets", "touch_records", "touch_sheet"]

_FEW = 5
_STORED = (
    *("kind", "entry", "group", "metric", "value", "used", "n", "numerator", "denominator", "low", "high"),
    *("status", "reason", "curve", "segment", "points", "weight", "effective_weight", "contribution"),
    *("exact_contribution", "evaluator", "evidence"),
)


def explanation_record(found: Explanation) -> dict[str, object]:
    """Returns the explanation as one object, rows within lines."""
    lines = [
        {
            **{name: line.stored[name] for name in _STORED},
            "unit": line.unit,
            "excluded": dict(line.excluded),
            "rows": [asdict(row) for row in line.rows],
        }
        for line in found.lines
    ]
    return {
        "run": found.run,
        "subject": found.subject,
        **found.score,
        "lines": lines,
        "postings": [asdict(each) for each in found.postings],
    }


def explanation_rows(found: Explanation) -> list[dict[str, object]]:
    """Returns a record per line, row and measure."""
    return [
        {"subject": found.subject, **record}
        for line in found.lines
        for record in _flat(line.stored, line.rows)
    ]


def touch_records(touches: Sequence[Touch]) -> list[dict[str, object]]:
    """Returns a record per subject, line, row and measure."""
    return [
        {"subject": touch.subject, **record} for touch in touches for record in _flat(touch.line, touch.rows)
    ]


def _flat(stored: Mapping[str, object], rows: Sequence[Behind]) -> Iterator[dict[str, object]]:
    for row in rows:
        for measure, added in row.added.items():
            yield {
                "entry": stored["entry"],
                "metric": stored["metric"],
                "fact": row.fact,
                "contact_id": row.contact,
                "at": row.at,
                "until": row.until,
                "measure": measure,
                "added": added,
                "row": row.row,
            }


def explanation_sheets(found: Explanation, run: Run, lang: Language, *, every: bool) -> list[Sheet]:
    """Returns the lines that make the total, then the rows behind each; some of them unless ``every``."""
    from kpicore.clock import load_zone

    titles = _titles(run, lang)
    zone = load_zone(run.manifest.provenance.arguments.get("zone", "UTC"))
    behind = [_rows_sheet(line, titles, zone, lang, every) for line in found.lines if line.rows]
    return [_total_sheet(found, titles, run, lang, whole=not every), *behind]


def _titles(run: Run, lang: Language) -> dict[str, str]:
    from kpicore.scoring import load_card

    card = load_card(run.card or "")
    return {
        each.id: each.label.read(lang) or each.id for each in (*card.entries, *card.bonuses, *card.penalties)
    }


def _total_sheet(
    found: Explanation, titles: Mapping[str, str], run: Run, lang: Language, *, whole: bool
) -> Sheet:
    score = found.score
    rows = []
    for line in found.lines:
        stored = line.stored
        rows.append(
            [
                titles.get(str(stored["entry"]), str(stored["entry"])),
                _value(stored["value"], line.unit),
                _curve(stored, lang),
                _points(stored["points"]),
                _percent(stored["effective_weight"]),
                _points(stored["contribution"]),
            ]
        )
    rows += _closing(score, lang) if whole else []
    if whole:
        rows += [
            [say("Posted", lang), "", f"{each.before} - {each.after}", "", "", points_text(each.points)]
            for each in found.postings
        ]
    return Sheet(
        title=f"{found.subject}{_period(run)}",
        headers=[say(w, lang) for w in ("Line", "Value", "On the curve", "Points", "Weight", "Brings")],
        rows=rows,
        numbers=frozenset({1, 3, 4, 5}),
    )


def _closing(score: Mapping[str, object], lang: Language) -> Iterator[list[str]]:
    """Yields the lines below those of the card: what rounding did, the total, what a person decided."""
    residual = Fraction(str(score["residual"] or 0))
    if residual:
        yield [say("Rounding", lang), "", "", "", "", points_text(residual)]
    grade = f" {score['grade']}" if score["grade"] else ""
    yield [say("Total", lang) + grade, "", _refusals(score), "", "", _points(score["total"])]
    if score["decided_by"]:
        decided = " ".join(str(score[n]) for n in ("decided_total", "decided_grade") if score[n] is not None)
        told = f"{decided}: {score['decided_because']} ({score['decided_by']})"
        yield [say("Decided", lang), "", told, "", "", ""]


def _refusals(score: Mapping[str, object]) -> str:
    refusals = score["refusals"]
    return "; ".join(map(str, refusals)) if isinstance(refusals, list) else ""


def _curve(stored: Mapping[str, object], lang: Language) -> str:
    if stored["kind"] == "gate":
        return f"{stored['metric']}: {say(str(stored['status']), lang)}"
    told = [] if stored["status"] == "measured" else [say(str(stored["status"]), lang)]
    told += [say(str(stored["reason"]), lang)] if stored["reason"] else []
    told += [_segment(str(stored["segment"]), lang)] if stored["segment"] else []
    told += [str(stored["evaluator"])] if stored["evaluator"] else []
    return ", ".join(told)


def _segment(text: str, lang: Language) -> str:
    """Returns which piece of the curve gave the points, in the language."""
    if lang != "zh":
        return text
    where, _, knots = text.partition(" ")
    first, _, last = knots.partition(" and ")
    return {
        "at": f"节点 {knots}",
        "between": f"{first} 与 {last} 之间",
        "below": f"低于 {knots}",
        "above": f"高于 {knots}",
    }.get(where, text)


def _period(run: Run) -> str:
    """Returns the period of a run as a title goes on with it; nothing where it is the whole log."""
    period = run.manifest.provenance.arguments.get("period", "all")
    return "" if period == "all" else f", {period}"


def _rows_sheet(line: Line, titles: Mapping[str, str], zone: ZoneInfo, lang: Language, every: bool) -> Sheet:
    stored = line.stored
    measures = list(dict.fromkeys(name for row in line.rows for name in row.added))
    measures = [name for name in measures if not name.startswith("excluded:") and name != "n"]
    # An excluded row stands first: it is what an appeal looks for.
    ordered = sorted(line.rows, key=lambda row: not row.left_out)
    shown = ordered if every else ordered[:_FEW]
    more = len(line.rows) - len(shown)
    note = f"... {more} {say('more rows', lang)}: --metric {stored['entry']}" if more else ""
    return Sheet(
        title=f"{titles.get(str(stored['entry']), stored['entry'])}: {_division(line)}",
        headers=[
            *(say(word, lang) for word in ("At", "Contact")),
            *(say(name.capitalize(), lang) for name in measures),
            say("Excluded", lang),
        ],
        rows=[
            [
                f"{row.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                row.contact or "-",
                *(_amount(row.added.get(name), name in line.durations) for name in measures),
                ", ".join(say(reason, lang) for reason in row.left_out),
            ]
            for row in shown
        ],
        numbers=frozenset(range(2, 2 + len(measures))),
        droppable=frozenset({2 + len(measures)}),
        note=note,
    )


def _division(line: Line) -> str:
    """Returns a value with what it was divided from: ``153.2 s = 183796 s / 1200``."""
    stored = line.stored
    value = _value(stored["value"], line.unit)
    if stored["numerator"] is None:
        return f"{value} (n = {stored['n']})"
    sides = [
        _amount(int(Fraction(str(stored[name]))), name in line.durations)
        for name in ("numerator", "denominator")
    ]
    return f"{value} = {' / '.join(sides)}"


def touch_sheet(contact: str, touches: Sequence[Touch], run: Run, lang: Language) -> Sheet:
    """Returns whose lines a contact touches, and what it adds to them."""
    titles = _titles(run, lang)
    rows = []
    for touch in touches:
        added = [f"{say(name, lang)} {amount}" for name, amount in _sums(touch.rows, touch.durations).items()]
        entry = str(touch.line["entry"])
        value, points = touch.line["value"], touch.line["points"]
        told = f"{float(Fraction(str(value))):.4g}" if value is not None else "-"
        rows.append([touch.subject, titles.get(entry, entry), ", ".join(added), told, _points(points)])
    return Sheet(
        title=f"{contact}, {run.id}",
        headers=[say(w, lang) for w in ("Subject", "Line", "Adds", "Value", "Points")],
        rows=rows,
        numbers=frozenset({3, 4}),
    )


def _sums(rows: Sequence[Behind], durations: Collection[str]) -> dict[str, str]:
    sums: dict[str, int] = {}
    for row in rows:
        for name, amount in row.added.items():
            sums[name] = sums.get(name, 0) + amount
    return {name: _amount(amount, name in durations) for name, amount in sums.items()}


def _amount(added: int | None, duration: bool) -> str:
    if added is None:
        return ""
    return f"{Decimal(added) / 1_000_000:f} s" if duration else str(added)


def _value(value: object, unit: str) -> str:
    if value is None:
        return "-"
    text = value_text(float(Fraction(str(value))), unit)
    return f"{text} s" if unit == "s" else text


def _points(value: object) -> str:
    return "-" if value is None else points_text(Decimal(str(value)))


def _percent(value: object) -> str:
    return "" if value is None else f"{Decimal(str(value)) * 100:.1f} %"
