"""``kpicore scorecards lint``: what is doubtful about a card."""

from __future__ import annotations

from pathlib import Path

import click

from ..emit import emit
from ..exits import FINDINGS
from ..options import (
    Output,
    Session,
    SourceChoice,
    with_calendar,
    with_optional_source,
    with_output,
    with_session,
)
from ..progress import working
from ..sheet import Sheet
from ..words import say

__all__ = ["command"]


@click.command("lint")
@click.argument("card", metavar="NAME|FILE")
@with_optional_source
@click.option("--period", metavar="PERIOD", help="The past period to try it on; the whole log if not said.")
@click.option("--strict", is_flag=True, help="Exit with 1 where there is any doubt.")
@with_calendar
@with_output
@with_session
def command(
    session: Session,
    output: Output,
    source: SourceChoice,
    card: str,
    period: str | None,
    strict: bool,
    calendar: Path | None,
) -> int:
    """Say what is doubtful about a card although it can be used.

    With a SOURCE the card is tried on it, which finds more: steps within the noise, lines on which nearly all
    have the same points, lines that count one thing twice, ranges narrower than the noise.
    """
    import kpicore
    from kpicore.scoring import lint, load_card

    plugins = session.plugins()
    text = kpicore.scorecard(card, plugins=plugins)
    scores = None
    if source.paths:
        log = source.open(plugins)
        with working("scoring"):
            scores = kpicore.score(
                log,
                text,
                period=period,
                zone=source.zone,
                calendar=calendar,
                root=None,
                plugins=plugins,
            ).scores
    findings = lint(load_card(text), scores)
    records = [
        {
            "rule": one.rule,
            "where": one.where,
            "message": one.message,
            "hint": one.hint,
            "zh": one.zh,
            "hint_zh": one.hint_zh,
        }
        for one in findings
    ]

    def sheets() -> list[Sheet]:
        headers = [say(word, session.lang) for word in ("Rule", "Where", "Doubt", "What to do")]
        zh = session.lang == "zh"
        rows = [
            [
                say(one.rule, session.lang),
                one.where,
                one.zh if zh else one.message,
                one.hint_zh if zh else one.hint,
            ]
            for one in findings
        ]
        note = "" if rows else say("nothing doubtful was found", session.lang)
        return [Sheet(headers=headers if rows else [""], rows=rows, note=note)]

    emit(output, records, sheets)
    return FINDINGS if strict and findings else 0
