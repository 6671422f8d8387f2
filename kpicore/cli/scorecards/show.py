"""``kpicore scorecards show``: a card as it is written."""

from __future__ import annotations

import click

from kpicore.errors import UsageError

from ..emit import emit_text
from ..options import Output, Session, with_output, with_session

__all__ = ["command"]


@click.command("show")
@click.argument("card", metavar="NAME|FILE")
@with_output
@with_session
def command(session: Session, output: Output, card: str) -> None:
    """Print a card as it is written, to be copied and changed.

    `kpicore scorecards NAME --output card.toml` does the same.
    """
    import kpicore

    if output.format != "table":
        raise UsageError("a scorecard is printed as it is, in TOML", hint="leave --format away")
    emit_text(output, kpicore.scorecard(card, plugins=session.plugins()))
