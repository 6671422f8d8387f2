"""``kpicore scorecards backtest``: what a new card would have changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..emit import emit
from ..options import (
    Output,
    Session,
    SourceChoice,
    with_calendar,
    with_output,
    with_session,
    with_source,
)
from ..progress import working
from ..reviews import names_of, points_text
from ..sheet import Sheet
from ..words import Language, heading, say

if TYPE_CHECKING:
    from kpicore.scoring import Change

__all__ = ["command"]


@click.command("backtest")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@with_source
@click.option(
    "--period", "periods", multiple=True, metavar="PERIOD", help="A past period; all whole ones if not said."
)
@click.option("--changed", is_flag=True, help="Only whose grade would have been another one.")
@click.option("--threads", type=click.IntRange(1), help="How many threads work; all processors if not said.")
@with_calendar
@with_output
@with_session
def command(
    session: Session,
    output: Output,
    source: SourceChoice,
    old: str,
    new: str,
    periods: tuple[str, ...],
    changed: bool,
    threads: int | None,
    calendar: Path | None,
) -> None:
    """Say what a new card would have changed in past periods, and for whom.

    OLD and NEW are ready scorecards or TOML files. Both are applied to the last twelve periods that the
    SOURCE covers whole.
    """
    import kpicore
    from kpicore.clock import load_calendars
    from kpicore.runs import backtest_log
    from kpicore.scoring import load_card

    plugins = session.plugins()
    before, after = (kpicore.scorecard(card, plugins=plugins) for card in (old, new))
    log = source.open(plugins)
    with working("scoring"):
        changes = backtest_log(
            log,
            before,
            after,
            plugins,
            periods=periods,
            zone=source.zone,
            calendars=None if calendar is None else load_calendars(calendar),
            threads=threads,
        )
    shown = [change for change in changes if change.regraded or not changed]
    subject = load_card(before).subject
    names = names_of(log) if subject == "agent" else {}
    records = [
        {
            "period": change.period,
            subject: "/".join(part or "-" for part in change.subject),
            "before": change.before,
            "after": change.after,
            "difference": change.difference,
            "grade_before": change.grade_before,
            "grade_after": change.grade_after,
            "regraded": change.regraded,
        }
        for change in shown
    ]
    emit(
        output,
        records,
        lambda: [_sheet(shown, subject, names, session.lang), _summary(changes, session.lang)],
    )


def _sheet(changes: Sequence[Change], subject: str, names: dict[str, str], lang: Language) -> Sheet:
    words = ("Name", "Before", "After", "Difference", "Grade")
    headers = [say("Period", lang), heading(subject, lang), *(say(word, lang) for word in words)]
    rows = []
    for change in changes:
        key = "/".join(part or "-" for part in change.subject)
        grades = [change.grade_before or "-", change.grade_after or "-"]
        row = [change.period, key, names.get(key, ""), points_text(change.before), points_text(change.after)]
        row += [_signed(change.difference), " → ".join(grades) if change.regraded else grades[0]]
        rows.append(row)
    return Sheet(headers=headers, rows=rows, numbers=frozenset({3, 4, 5}), droppable=frozenset({2}))


def _summary(changes: Sequence[Change], lang: Language) -> Sheet:
    """Returns per period how many totals rose, fell and stayed, and how many grades changed."""
    rows = []
    for period in dict.fromkeys(change.period for change in changes):
        own = [change for change in changes if change.period == period]
        signs = Counter(_sign(change.difference) for change in own)
        mean = [change.difference for change in own if change.difference is not None]
        average = sum(mean, Decimal(0)) / len(mean) if mean else None
        row = [period, str(len(own)), *(str(signs[sign]) for sign in (1, -1, 0))]
        rows.append([*row, _signed(average), str(sum(change.regraded for change in own))])
    words = ("Period", "Subjects", "Rose", "Fell", "Equal", "On average", "Other grade")
    headers = [say(word, lang) for word in words]
    return Sheet(headers=headers, rows=rows, numbers=frozenset(range(1, 7)))


def _sign(difference: Decimal | None) -> int | None:
    return None if difference is None else (difference > 0) - (difference < 0)


def _signed(points: Decimal | None) -> str:
    if points is None:
        return "-"
    return ("+" if points > 0 else "") + points_text(points)
