"""``kpicore replay``: a kept run made again, byte for byte."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kpicore.plain import clean

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..progress import working
from ..run_choice import chosen_run, with_again, with_root
from ..sheet import Sheet
from ..words import say

__all__ = ["command"]

_DIFFERS = 3


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@with_again
@with_root
@with_output
@with_session
def command(
    session: Session, output: Output, runs: tuple[Path, ...], source: tuple[Path, ...], root: Path
) -> int:
    """Make a kept run again from its input, and compare.

    The content hash must be what it was; if not, what differs is said, and the exit code is 3.
    """
    from kpicore.runs import replay

    plugins = session.plugins()
    with working("replaying"):
        made = [replay(chosen_run(run, root), plugins, source=source) for run in runs]
    records: list[dict[str, object]] = [
        {
            "run": each.run.id,
            "same": each.same,
            "content_hash": each.content_hash,
            "was": each.run.manifest.content_hash,
            "differences": list(each.differences),
        }
        for each in made
    ]

    def sheets() -> list[Sheet]:
        rows = [
            [each.run.id, say("yes" if each.same else "no", session.lang), each.content_hash[:16]]
            for each in made
        ]
        return [Sheet(headers=[say(w, session.lang) for w in ("Run", "Same", "Content")], rows=rows)]

    emit(output, records, sheets)
    for each in made:
        for line in each.differences:
            print(clean(f"{each.run.id}: {line}"), file=sys.stderr)
    return 0 if all(each.same for each in made) else _DIFFERS
