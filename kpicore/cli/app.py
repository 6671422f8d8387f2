"""The group of commands; each is imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

import kpicore

__all__ = ["COMMANDS", "app"]

COMMANDS = {
    "demo": "Make a contact centre, measure and score it.",
    "check": "Say which KPIs a source supports, what became of its rows, what a calendar holds.",
    "measure": "Compute metrics from a source.",
    "compare-definitions": "Say why another platform shows another number.",
    "score": "Score agents, teams or queues on a card, and keep the run.",
    "compare": "Set periods or people side by side, and say which line made the difference.",
    "report": "Write a report on a kept run: one HTML file that needs no network.",
    "metrics": "List the metrics, or explain one.",
    "reference": "Write a page for every metric, with an example.",
    "scorecards": "List the ready scorecards, print one, or try a card before it is used.",
    "plugins": "List the plugins, what they provide and what failed.",
    "adapters": "List the readers of other systems' logs.",
    "explain": "Say how a score came about, down to the rows behind it.",
    "replay": "Make a kept run again from its input, and compare.",
    "diff": "Say why the scores of two runs differ.",
    "appeal": "Contest a score, and decide about it.",
    "decide": "Record what a person decided beside what was computed.",
    "audit": "Prove and list the log of what was done to runs.",
    "runs": "List the runs that were kept, or show the manifest of one.",
    "verify": "Prove that a kept run was not changed.",
}
"""Every command with its summary, so that listing them imports none."""


class LazyCommands(click.Group):
    """A group whose commands live in modules of their names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"kpicore.cli.commands.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from kpicore.errors import suggest

            raise click.UsageError(
                f"no command is called {args[0]!r}; {suggest(args[0], list(COMMANDS))}", ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyCommands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(kpicore.__version__, prog_name="kpicore", message="%(prog)s %(version)s")
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), envvar="KPICORE_LANG", help="The language of tables."
)
@click.option("--no-plugins", is_flag=True, help="Use kpicore's own metrics, adapters and schemes only.")
@click.pass_context
def app(ctx: click.Context, lang: str | None, no_plugins: bool) -> None:
    """From the raw logs of customer service to KPIs and reviews that anyone can check."""
    ctx.obj = {"lang": lang, "no_plugins": no_plugins}
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
