"""``kpicore scorecards schema``: the JSON Schema of cards."""

from __future__ import annotations

import click

from ..emit import emit
from ..options import Output, with_output

__all__ = ["command"]


@click.command("schema")
@with_output
def command(output: Output) -> None:
    """Print the JSON Schema of cards, for editors that complete them."""
    from kpicore.scoring import card_schema

    emit(Output(format="json", path=output.path), card_schema(), list)
