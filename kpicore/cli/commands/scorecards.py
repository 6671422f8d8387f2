"""``kpicore scorecards``: the ready cards, and what can be done with a card before it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from kpicore.errors import UsageError

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..scorecards import COMMANDS
from ..sheet import Sheet
from ..words import say

if TYPE_CHECKING:
    from kpicore.scoring import Card

__all__ = ["command"]


class CardCommands(click.Group):
    """The subcommands, each imported when it is called; any other word is the name of a card to be shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"kpicore.cli.scorecards.{cmd_name.replace('-', '_')}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            return "show", self.get_command(ctx, "show"), args
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=CardCommands, invoke_without_command=True, subcommand_metavar="[NAME | COMMAND [ARGS]...]")
@with_output
@with_session
@click.pass_context
def command(ctx: click.Context, session: Session, output: Output) -> None:
    """List the ready scorecards, print one, or try a card before it is used.

    With a NAME, its TOML text, to be copied and changed: `kpicore scorecards NAME --output card.toml`. A card
    that needs metrics which nobody provides says so.
    """
    if ctx.invoked_subcommand is not None:
        if output != Output():
            raise UsageError(
                "--format and --output stand before the command", hint="write them behind what they belong to"
            )
        return
    _list(session, output)


def _list(session: Session, output: Output) -> None:
    from kpicore.scoring import load_card

    plugins = session.plugins()
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
            "missing": sorted(_measured(card) - set(plugins.metrics)),
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


def _measured(card: Card) -> set[str]:
    """Returns the names of the metrics on a card that are no formulas."""
    formulas = {formula.name for formula in card.formulas}
    return {_name(text) for text in card.metrics if "=" not in _name(text)} - formulas


def _name(request: str) -> str:
    return request.partition("[")[0].partition("@")[0]


def _joined(names: object) -> str:
    return ", ".join(names) if isinstance(names, list) else ""
