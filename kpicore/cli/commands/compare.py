"""``kpicore compare``: periods or people side by side, and which line made the difference."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpicore.errors import DataError, UnknownNameError, UsageError, suggest
from kpicore.plain import clean

from ..emit import emit
from ..figures import value_text
from ..options import Output, Session, with_output, with_session
from ..reviews import points_text
from ..sheet import Sheet
from ..words import Language, heading, say

if TYPE_CHECKING:
    from kpicore.analysis import Breakdown, Comparison, Figure, LineChange
    from kpicore.runs import Run
    from kpicore.scoring import Card

__all__ = ["command"]

_VERDICTS = {
    "higher": "clearly higher",
    "lower": "clearly lower",
    "within_chance": "within chance",
    "equal": "equal",
    "unknown": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two sides with their names, and whom they are about (empty where the names say it)."""

    about: str
    first: str
    second: str
    comparison: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class _Titles:
    """How lines are called, and in what unit metrics are shown."""

    lines: Mapping[str, str]
    units: Mapping[str, str]


@click.command()
@click.argument("runs", metavar="RUN [RUN]", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--subject", "subjects", multiple=True, metavar="ID", help="Only this agent, team or queue; repeatable."
)
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kpicore-runs"),
    show_default=True,
    help="The folder of runs.",
)
@with_output
@with_session
def command(
    session: Session, output: Output, runs: tuple[Path, ...], subjects: tuple[str, ...], root: Path
) -> None:
    """Set periods or people side by side, and say which line made the difference.

    Of two runs every subject is compared with itself. Of one run, the first --subject is compared with each
    other one, a single one with the team's average, and without any everybody with it. Differences are exact:
    those of the lines add up to that of the totals. A difference within chance is told as such. An average
    of fewer people than the card's `min_group` is not told.
    """
    from kpicore.runs import open_run

    if len(runs) > 2:
        raise UsageError(f"{len(runs)} runs are named", hint="name one run, or two")
    opened = [open_run(run if run.is_dir() else root / run) for run in runs]
    sides = [_breakdowns(run) for run in opened]
    chosen = [_known(subject, sides) for subject in dict.fromkeys(subjects)]
    if len(opened) == 2:
        pairs = _across(opened, sides, chosen)
    else:
        pairs = _within(_card(opened[0]), sides[0], chosen, session.lang)
    titles = _titles(opened, session.lang)
    emit(
        output,
        _records(pairs, titles.units),
        lambda: _sheets(pairs, titles, _subject_column(opened[0]), session.lang),
    )


def _breakdowns(run: Run) -> dict[str, Breakdown]:
    """Returns the breakdowns of a run by the text of their subjects."""
    from kpicore.analysis import breakdowns

    if "scores" not in run.tables:
        raise DataError(f"{run.path} holds no scores", hint="only runs of `kpicore score` can be compared")
    found = breakdowns(run.table("scores"), run.table("contributions"), [_subject_column(run)])
    return {"/".join(part or "-" for part in one.subject): one for one in found}


def _card(run: Run) -> Card:
    from kpicore.scoring import load_card

    if run.card is None:
        raise DataError(f"{run.path} holds no card", hint="only runs of `kpicore score` can be compared")
    return load_card(run.card)


def _subject_column(run: Run) -> str:
    return str(run.table("scores").column_names[0])


def _known(subject: str, sides: Sequence[Mapping[str, Breakdown]]) -> str:
    known = list(dict.fromkeys(name for side in sides for name in side))
    if subject not in known:
        raise UnknownNameError(f"nobody called {subject!r} was scored", hint=suggest(subject, known))
    return subject


def _across(
    runs: Sequence[Run], sides: Sequence[Mapping[str, Breakdown]], chosen: Sequence[str]
) -> list[_Pair]:
    from kpicore.analysis import compare

    columns = [_subject_column(run) for run in runs]
    if columns[0] != columns[1]:
        raise DataError(f"one run is about {columns[0]}s, the other about {columns[1]}s")
    cards = [run.manifest.provenance.card_fingerprint for run in runs]
    if cards[0] != cards[1]:
        print("note: the runs were scored on different cards; that moves points too", file=sys.stderr)
    names = [run.manifest.provenance.arguments.get("period", "all") for run in runs]
    if names[0] == names[1]:
        names = [run.id for run in runs]
    everyone = chosen or dict.fromkeys([*sides[0], *sides[1]])
    return [
        _Pair(
            about=subject,
            first=names[0],
            second=names[1],
            comparison=compare(sides[0].get(subject), sides[1].get(subject)),
        )
        for subject in everyone
    ]


def _within(card: Card, side: Mapping[str, Breakdown], chosen: Sequence[str], lang: Language) -> list[_Pair]:
    from kpicore.analysis import compare, team_breakdown

    if len(chosen) > 1:
        first = chosen[0]
        return [
            _Pair(about="", first=first, second=other, comparison=compare(side[first], side[other]))
            for other in chosen[1:]
        ]
    team = team_breakdown(card, side.values())
    return [
        _Pair(
            about="" if chosen else subject,
            first=say("average of all", lang),
            second=subject if chosen else say("own", lang),
            comparison=compare(team, side[subject]),
        )
        for subject in chosen or side
    ]


def _titles(runs: Sequence[Run], lang: Language) -> _Titles:
    lines = {name: say(name.capitalize(), lang) for name in ("caps", "rounding")}
    units: dict[str, str] = {}
    for run in runs:
        if run.card is not None:
            card = _card(run)
            named = (*card.entries, *card.bonuses, *card.penalties)
            lines |= {each.id: each.label.read(lang) or each.id for each in named}
            lines |= {gate.id: gate.label.read(lang) or gate.id for gate in card.gates}
        values = run.table("values").select(["metric", "unit"])
        units |= {
            row["metric"]: row["unit"]
            for row in values.group_by(["metric", "unit"]).aggregate([]).to_pylist()
        }
    return _Titles(lines=lines, units=units)


def _records(pairs: Sequence[_Pair], units: Mapping[str, str]) -> list[dict[str, object]]:
    """Returns a record per pair for its total, then one per line; differences also exactly, as text."""
    records: list[dict[str, object]] = []
    for pair in pairs:
        sides = pair.comparison.first, pair.comparison.second
        about = {"subject": pair.about or pair.second, "first": pair.first, "second": pair.second}
        totals = [None if side is None else side.total for side in sides]
        grades = [None if side is None else side.grade for side in sides]
        records.append(
            about
            | _record("total", "total", None, None, None, totals, pair.comparison.difference)
            | {"verdict": pair.comparison.verdict, "reason": pair.comparison.reason}
            | {"first_grade": grades[0], "second_grade": grades[1]}
        )
        for change in pair.comparison.lines:
            figure = change.second or change.first
            metric = None if figure is None else figure.metric
            points = [change.first_points, change.second_points]
            own = _record(
                change.line.kind,
                change.line.id,
                metric,
                change.first,
                change.second,
                points,
                change.difference,
            )
            told = {"verdict": change.verdict, "reason": change.reason}
            own["unit"] = None if metric is None else units.get(metric)
            records.append(about | own | told | {"first_grade": None, "second_grade": None})
    return records


def _record(
    kind: str,
    line: str,
    metric: str | None,
    first: Figure | None,
    second: Figure | None,
    points: Sequence[Fraction | None],
    difference: Fraction | None,
) -> dict[str, object]:
    from kpicore.scoring.quantity import decimal_text

    return {
        "kind": kind,
        "line": line,
        "metric": metric,
        "unit": None,
        "first_value": None if first is None else first.value,
        "second_value": None if second is None else second.value,
        "first_points": points[0],
        "second_points": points[1],
        "difference": difference,
        "exact_difference": None if difference is None else decimal_text(difference),
    }


def _sheets(pairs: Sequence[_Pair], titles: _Titles, column: str, lang: Language) -> list[Sheet]:
    if len(pairs) > 1 and pairs[0].about:
        return [_overview(pairs, titles, column, lang)]
    return [_detail(pair, titles, lang) for pair in pairs]


def _overview(pairs: Sequence[_Pair], titles: _Titles, column: str, lang: Language) -> Sheet:
    """Returns a row per subject: both totals, their difference, and the lines that moved most."""
    words = ("Difference", "Verdict", "Grade", "Lost most by", "Gained most by")
    rows = []
    for pair in pairs:
        sides = pair.comparison.first, pair.comparison.second
        totals = [points_text(None if side is None else side.total) for side in sides]
        grades = [(side.grade if side else None) or "-" for side in sides]
        drivers = [change for change in pair.comparison.drivers if change.line.kind != "rounding"]
        lost, gained = drivers[:1], drivers[-1:]
        row = [pair.about, *totals, _signed(pair.comparison.difference)]
        row += [_verdict(pair.comparison, lang)]
        row += [grades[1] if grades[0] in (grades[1], "-") else f"{grades[0]} → {grades[1]}"]
        row += [_driver(found, titles, sign) for found, sign in ((lost, -1), (gained, 1))]
        rows.append(row)
    headers = [heading(column, lang), pairs[0].first, pairs[0].second, *(say(word, lang) for word in words)]
    return Sheet(headers=headers, rows=rows, numbers=frozenset({1, 2, 3}), droppable=frozenset({4, 6, 7}))


def _driver(found: Sequence[LineChange], titles: _Titles, sign: int) -> str:
    for change in found:
        if change.difference is not None and change.difference * sign > 0:
            return f"{titles.lines.get(change.line.id, change.line.id)} {_signed(change.difference)}"
    return ""


def _detail(pair: _Pair, titles: _Titles, lang: Language) -> Sheet:
    """Returns a row per line: values and points of both sides, and the difference of the points."""
    words = ("Points", "Difference", "Values differ")
    points, difference, differ = (say(word, lang) for word in words)
    headers = [pair.about or say("Line", lang), pair.first, points, pair.second, points, difference, differ]
    rows = [
        [
            titles.lines.get(change.line.id, change.line.id),
            _value(change.first, titles),
            points_text(change.first_points),
            _value(change.second, titles),
            points_text(change.second_points),
            _signed(change.difference),
            _verdict(change, lang),
        ]
        for change in pair.comparison.lines
    ]
    sides = pair.comparison.first, pair.comparison.second
    totals = [points_text(None if side is None else side.total) for side in sides]
    verdict = _verdict(pair.comparison, lang)
    rows.append(
        [say("Total", lang), "", totals[0], "", totals[1], _signed(pair.comparison.difference), verdict]
    )
    return Sheet(headers=headers, rows=rows, numbers=frozenset(range(1, 6)), droppable=frozenset({6}))


def _verdict(told: Comparison | LineChange, lang: Language) -> str:
    return say("too few people" if told.reason else _VERDICTS[told.verdict], lang)


def _value(figure: Figure | None, titles: _Titles) -> str:
    if figure is None or figure.value is None:
        return "-"
    unit = titles.units.get(figure.metric, "")
    return clean(value_text(float(figure.value), unit)) + (" s" if unit == "s" else "")


def _signed(points: Fraction | None) -> str:
    if points is None:
        return "-"
    return "0" if points == 0 else ("+" if points > 0 else "") + points_text(points)
