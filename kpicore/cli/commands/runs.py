"""``kpicore runs``: what was kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..plain import clean
from ..sheet import Sheet
from ..words import Language, say

if TYPE_CHECKING:
    from kpicore.runs import Run

__all__ = ["command"]


@click.command()
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kpicore-runs"),
    show_default=True,
    help="The folder of runs.",
)
@with_output
@with_session
def command(session: Session, output: Output, run: Path | None, root: Path) -> None:
    """List the runs that were kept, or show the manifest of one.

    RUN is a folder, or the name of one under the root.
    """
    from kpicore.runs import list_runs, open_run

    if run is not None:
        found = open_run(run if run.is_dir() else root / run)
        emit(output, json.loads(found.manifest.to_json()), lambda: _manifest(found, session.lang))
        return
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
