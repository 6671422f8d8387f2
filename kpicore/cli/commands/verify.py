"""``kpicore verify``: a kept run is what its manifest says."""

from __future__ import annotations

from pathlib import Path

import click

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..progress import working
from ..sheet import Sheet
from ..words import say

__all__ = ["command"]


@click.command()
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@with_output
@with_session
def command(session: Session, output: Output, runs: tuple[Path, ...]) -> None:
    """Prove that a kept run was not changed: every hash of its manifest is computed again."""
    from kpicore.runs import verify

    with working("verifying"):
        verified = [verify(run) for run in runs]
    records: list[dict[str, object]] = [
        {
            "run": str(run.path),
            "verified": True,
            "files": len(run.manifest.files),
            "content_hash": run.manifest.content_hash,
        }
        for run in verified
    ]

    def sheets() -> list[Sheet]:
        headers = [say(word, session.lang) for word in ("Run", "Verified", "Files", "Content")]
        rows = [
            [
                str(run.path),
                say("yes", session.lang),
                str(len(run.manifest.files)),
                run.manifest.content_hash[:16],
            ]
            for run in verified
        ]
        return [Sheet(headers=headers, rows=rows, numbers=frozenset({2}))]

    emit(output, records, sheets)
