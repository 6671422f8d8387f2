"""Measured values as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from .sheet import Sheet
from .words import Language, heading, say

if TYPE_CHECKING:
    from kpicore.clock import Namer

__all__ = ["count_text", "figures_sheet", "jump_sheet", "value_sheet", "value_text"]

Row = Mapping[str, object]

_CYCLES = ("hour_of_day", "weekday")


def value_text(value: object, unit: str) -> str:
    """Returns a value for a table: ratios in percent, others with at most one decimal where they are large.

    >>> value_text(0.8333333, "ratio"), value_text(12.3456, "s"), value_text(3.0, "contacts")
    ('83.3 %', '12.3', '3')
    """
    if value is None:
        return "-"
    assert isinstance(value, (int, float, Decimal)), value
    if unit == "ratio":
        return f"{float(value) * 100:.1f} %"
    number = float(value)
    if number.is_integer() and unit != "s":
        return f"{number:.0f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"


def count_text(value: object) -> str:
    """Returns a whole number, or a dash for null."""
    return "-" if value is None else str(value)


def value_sheet(
    rows: Sequence[Row], subjects: Sequence[str], names: Mapping[str, str], name: Namer, lang: Language
) -> Sheet:
    """Returns the table of measured rows; a period that is the same in all of them is left out.

    Several metrics without parts stand side by side, one column each; otherwise each row is a line, with
    all that made its value. ``names`` are the titles of metrics by request; ``name`` names periods.
    """
    metrics = list(dict.fromkeys(str(row["metric"]) for row in rows))
    keys = [*subjects, *_periods(rows)]
    if len(metrics) > 1 and not any(row["part"] for row in rows):
        return _side_by_side(rows, keys, metrics, names, name, lang)
    parts = any(row["part"] for row in rows)
    headers = [heading(key, lang) for key in keys]
    headers += [say("Metric", lang), *([say("Part", lang)] if parts else [])]
    numbers = len(headers)
    headers += [say(word, lang) for word in ("Value", "Unit", "n", "Note")]
    lines = []
    for row in rows:
        line = [_key(row, key, name) for key in keys] + [names[str(row["metric"])]]
        line += [str(row["part"] or "")] if parts else []
        unit = str(row["unit"])
        line += [value_text(row["value"], unit), "" if unit == "ratio" else say(unit, lang)]
        lines.append([*line, count_text(row["n"]), _note(row, lang)])
    return Sheet(
        headers=headers,
        rows=lines,
        numbers=frozenset({numbers, numbers + 2}),
        droppable=frozenset({numbers + 1, numbers + 3}),
    )


def figures_sheet(rows: Sequence[Row], names: Mapping[str, str], lang: Language) -> Sheet:
    """Returns a short line for every row: the metric (and its part), its value with unit, and n."""
    lines = []
    for row in rows:
        part, unit = row["part"], str(row["unit"])
        name = names[str(row["metric"])] + (f" - {say(str(part), lang)}" if part else "")
        value = value_text(row["value"], unit) + ("*" if row["provisional"] else "")
        shown = "" if unit == "ratio" or row["value"] is None else say(unit, lang)
        lines.append([name, value, shown, count_text(row["n"]), say(str(row["reason"] or ""), lang)])
    return Sheet(
        headers=[say(word, lang) for word in ("Metric", "Value", "Unit", "n", "Reason")],
        rows=lines,
        numbers=frozenset({1, 3}),
        droppable=frozenset({4}),
        note=_legend(rows, lang),
    )


def jump_sheet(
    rows: Sequence[Row], subjects: Sequence[str], names: Mapping[str, str], name: Namer, lang: Language
) -> Sheet:
    """Returns the table of spikes and drops, with the range of what is usual."""
    words = ("Metric", "Part", "", "Value", "Usual", "from", "to", "Compared with")
    lines = [
        [
            *(_key(row, key, name) for key in (*subjects, "period")),
            names[str(row["metric"])],
            str(row["part"] or ""),
            say(str(row["kind"]), lang),
            *(value_text(row[number], str(row["unit"])) for number in ("value", "usual", "low", "high")),
            say(str(row["compared_with"]), lang),
        ]
        for row in rows
    ]
    first = len(subjects) + 1
    return Sheet(
        headers=[
            *(heading(key, lang) for key in (*subjects, "period")),
            *(say(word, lang) for word in words),
        ],
        rows=lines,
        numbers=frozenset(range(first + 3, first + 7)),
        droppable=frozenset({first + 1}),
        note="" if rows else say("nothing jumps", lang),
    )


def _side_by_side(
    rows: Sequence[Row],
    keys: Sequence[str],
    metrics: Sequence[str],
    names: Mapping[str, str],
    name: Namer,
    lang: Language,
) -> Sheet:
    cells: dict[tuple[str, ...], dict[str, str]] = {}
    units: dict[str, str] = {}
    for row in rows:
        unit = str(row["unit"])
        line = cells.setdefault(tuple(_key(row, key, name) for key in keys), {})
        line[str(row["metric"])] = value_text(row["value"], unit) + ("*" if row["provisional"] else "")
        units[str(row["metric"])] = "" if unit == "ratio" else f" ({say(unit, lang)})"
    headers = [heading(key, lang) for key in keys]
    headers += [names[metric] + units[metric] for metric in metrics]
    lines = [[*key, *(line.get(metric, "-") for metric in metrics)] for key, line in cells.items()]
    return Sheet(
        headers=headers,
        rows=lines,
        numbers=frozenset(range(len(keys), len(headers))),
        note=_legend(rows, lang),
    )


def _legend(rows: Sequence[Row], lang: Language) -> str:
    return f"* {say('provisional', lang)}" if any(row["provisional"] for row in rows) else ""


def _periods(rows: Sequence[Row]) -> list[str]:
    """Returns the period columns that tell rows apart."""
    cycles = [name for name in _CYCLES if rows and name in rows[0]]
    return cycles or (["period"] if len({row["period"] for row in rows}) > 1 else [])


def _key(row: Row, key: str, name: Namer) -> str:
    value = row[key]
    text = "-" if value is None else str(value)
    return name(text) if key == "period" else text


def _note(row: Row, lang: Language) -> str:
    notes = [say("provisional", lang)] if row["provisional"] else []
    notes += [say(str(row["reason"]), lang)] if row["reason"] else []
    excluded = row["excluded"]
    if isinstance(excluded, Mapping):
        notes += [f"{reason}: {count}" for reason, count in excluded.items()]
    return ", ".join(notes)
