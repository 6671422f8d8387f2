"""``kpicore scorecards``: the ready cards, to use and to copy."""

from __future__ import annotations

import click

from kpicore.errors import UsageError

from ..emit import emit, emit_text
from ..options import Output, Session, with_output, with_session
from ..sheet import Sheet
from ..words import say

__all__ = ["command"]


@click.command()
@click.argument("name", required=False)
@with_output
@with_session
def command(session: Session, output: Output, name: str | None) -> None:
    """List the ready scorecards, or print one.

    With a NAME, its TOML text, to be copied and changed: `kpicore scorecards NAME --output card.toml`.
    """
    from kpicore.scoring import load_card

    plugins = session.plugins()
    if name is not None:
        if output.format != "table":
            raise UsageError("a scorecard is printed as it is, in TOML", hint="leave --format away")
        emit_text(output, plugins.scorecard(name).text)
        return
    cards = {name: load_card(file.text) for name, file in plugins.scorecards.items()}
    records: list[dict[str, object]] = [
        {
            "name": name,
            "id": card.id,
            "version": card.version,
            "en": card.label.en,
            "zh": card.label.zh,
            "profile": card.profile,
            "subject": card.subject,
            "period": card.period,
            "metrics": list(card.metrics),
        }
        for name, card in cards.items()
    ]

    def sheets() -> list[Sheet]:
        title = "zh" if session.lang == "zh" else "en"
        headers = [say(word, session.lang) for word in ("Card", "Title", "Subject", "Period", "Profile")]
        rows = [[str(r[k]) for k in ("name", title, "subject", "period", "profile")] for r in records]
        return [Sheet(headers=headers, rows=rows)]

    emit(output, records, sheets)
