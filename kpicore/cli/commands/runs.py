"""``kpicore runs``: what was kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpicore.plain import clean

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..run_choice import chosen_run, with_root
from ..sheet import Sheet
from ..words import Language, say

if TYPE_CHECKING:
    from kpicore.runs import Run

__all__ = ["command"]


class RunCommands(click.Group):
    """The subcommands; any other word names a run to be shown."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            return "show", self.commands["show"], args
        return super().resolve_command(ctx, args)


@click.group(cls=RunCommands, invoke_without_command=True, subcommand_metavar="[RUN | COMMAND [ARGS]...]")
@with_root
@with_output
@with_session
@click.pass_context
def command(ctx: click.Context, session: Session, output: Output, root: Path) -> None:
    """List the runs that were kept, or show the manifest of one.

    RUN is a folder, or the name of one under the root.
    """
    if ctx.invoked_subcommand is None:
        _list(session, output, root)


@command.command()
@click.argument("run", type=click.Path(path_type=Path))
@with_root
@with_output
@with_session
def show(session: Session, output: Output, run: Path, root: Path) -> None:
    """Show the manifest of a run."""
    found = chosen_run(run, root)
    emit(output, json.loads(found.manifest.to_json()), lambda: _manifest(found, session.lang))


@command.command()
@click.option("--keep", type=click.IntRange(0), metavar="N", help="Keep the newest N.")
@click.option("--older-than", metavar="AGE", help="Remove only what is older, such as 365d.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@with_root
@with_output
@with_session
def prune(
    session: Session, output: Output, keep: int | None, older_than: str | None, dry_run: bool, root: Path
) -> None:
    """Remove runs that are no longer kept.

    Runs that supersede each other count as one, and stay or go together; those with an open appeal stay.
    Every removal is entered in the audit log.
    """
    from datetime import timedelta

    from kpicore.plugin.parameters import parse_duration
    from kpicore.runs import plan_pruning, prune

    age = None if older_than is None else timedelta(microseconds=parse_duration(older_than))
    plan = plan_pruning(root, keep=keep, older_than=age)
    if not dry_run:
        prune(root, plan.removed)
    fate = "would be removed" if dry_run else "removed"
    told = [(run, fate) for run in plan.removed] + [(run, "an appeal is open") for run in plan.spared]
    records = [{"run": run.id, "created_at": run.manifest.created_at, "what": what} for run, what in told]

    def sheets() -> list[Sheet]:
        rows = [[run.id, run.manifest.created_at, say(what, session.lang)] for run, what in told]
        return [Sheet(headers=[say(word, session.lang) for word in ("Run", "Made", "Note")], rows=rows)]

    emit(output, records, sheets)


def _list(session: Session, output: Output, root: Path) -> None:
    from kpicore.runs import list_runs

    listing = list_runs(root)
    for path, why in listing.unreadable.items():
        print(clean(f"{path}: {why}"), file=sys.stderr)
    records = [_record(each) for each in listing.runs]
    headers = [say(word, session.lang) for word in ("Run", "Made", "Rows", "Content")]

    def sheets() -> list[Sheet]:
        rows = [
            [each.id, each.manifest.created_at, str(_rows(each)), each.manifest.content_hash[:16]]
            for each in listing.runs
        ]
        return [Sheet(headers=headers, rows=rows, numbers=frozenset({2}))]

    emit(output, records, sheets)


def _record(run: Run) -> dict[str, object]:
    return {
        "run": run.id,
        "path": str(run.path),
        "created_at": run.manifest.created_at,
        "content_hash": run.manifest.content_hash,
        "supersedes": run.manifest.provenance.supersedes,
        "card_fingerprint": run.manifest.provenance.card_fingerprint,
        "tables": {Path(n).stem: f.rows for n, f in run.manifest.files.items() if f.rows is not None},
        "arguments": dict(run.manifest.provenance.arguments),
    }


def _rows(run: Run) -> int:
    return sum(file.rows or 0 for file in run.manifest.files.values())


def _manifest(run: Run, lang: Language) -> list[Sheet]:
    manifest = run.manifest
    provenance = manifest.provenance
    facts = {
        "Made": manifest.created_at,
        "Content": manifest.content_hash,
        **provenance.arguments,
        **manifest.versions,
        **provenance.plugins,
    }
    files = [
        [name, str(file.size), "-" if file.rows is None else str(file.rows), file.sha256[:16]]
        for name, file in sorted(manifest.files.items())
    ]
    inputs = [
        [file.name, "-" if file.size is None else str(file.size), file.sha256[:16]]
        for file in provenance.inputs
    ]
    metrics = [
        [d.request, ", ".join(f"{k}={v}" for k, v in d.parameters.items()), d.fingerprint[:16]]
        for d in provenance.definitions
    ]
    sheets = [
        Sheet(title=run.id, headers=["", ""], rows=[[say(key, lang), value] for key, value in facts.items()]),
        Sheet(
            headers=[say(w, lang) for w in ("File", "Size", "Rows", "SHA-256")],
            rows=files,
            numbers=frozenset({1, 2}),
        ),
        Sheet(
            headers=[say(w, lang) for w in ("Source", "Size", "SHA-256")], rows=inputs, numbers=frozenset({1})
        ),
        Sheet(headers=[say(w, lang) for w in ("Metric", "Parameters", "SHA-256")], rows=metrics),
    ]
    return [sheet for sheet in sheets if sheet.rows]
