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

    With a NAME, its TOML text, to be copied and changed: `kpicore scorecards NAME --output card.toml`. A card
    that needs metrics which nobody provides says so.
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
            "missing": sorted({m for m in map(_name, card.metrics) if m not in plugins.metrics}),
        }
        for name, card in cards.items()
    ]

    def sheets() -> list[Sheet]:
        title = "zh" if session.lang == "zh" else "en"
        words = ("Card", "Title", "Subject", "Period", "Profile", "Missing")
        headers = [say(word, session.lang) for word in words]
        rows = [
            [*(str(r[k]) for k in ("name", title, "subject", "period", "profile")), _joined(r["missing"])]
            for r in records
        ]
        return [Sheet(headers=headers, rows=rows, droppable=frozenset({5}))]

    emit(output, records, sheets)


def _name(request: str) -> str:
    return request.partition("[")[0].partition("@")[0]


def _joined(names: object) -> str:
    return ", ".join(names) if isinstance(names, list) else ""
