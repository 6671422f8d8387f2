"""``kpicore report``: a kept run as a file that people read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from kpicore.errors import UsageError
from kpicore.plain import clean

from ..emit import emit
from ..options import Output, Session, with_session
from ..progress import working
from ..sheet import Sheet
from ..words import heading, say

__all__ = ["command"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write, or with --split the folder to make.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "xlsx", "csv", "json"]),
    help="The form; without it the file's ending says it (.html, .xlsx, .zip for CSV, .json).",
)
@click.option(
    "--chart",
    metavar="NAME",
    help="One chart as .svg or .png: totals, funnel-KPI; with --subject parts, curve-KPI, trend-KPI.",
)
@click.option("--subject", metavar="ID", help="Only what this agent, team or queue may see.")
@click.option(
    "--split",
    type=click.Choice(["agent", "team", "queue"]),
    help="A file for each, with his own figures only, in a folder; says on stdout whose file is which.",
)
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kpicore-runs"),
    show_default=True,
    help="The folder of runs.",
)
@with_session
def command(
    session: Session,
    run: Path,
    path: Path,
    form: Literal["html", "xlsx", "csv", "json"] | None,
    chart: str | None,
    subject: str | None,
    split: str | None,
    root: Path,
) -> None:
    """Write a report on a kept run: one HTML file that needs no network, a workbook, tables or JSON.

    RUN is a folder, or the name of one under the root.
    """
    from kpicore.report import split_report, write_chart, write_report
    from kpicore.runs import open_run

    found = open_run(run if run.is_dir() else root / run)
    if chart is not None:
        if split is not None or form is not None:
            raise UsageError("--chart goes with --subject only", hint="leave --split and --format out")
        write_chart(found, chart, path, subject=subject, language=session.lang)
        print(clean(f"the chart is in {path}"), file=sys.stderr)
        return
    if split is None:
        with working("writing the report"):
            write_report(found, path, subject=subject, language=session.lang, form=form)
        print(clean(f"the report is in {path}"), file=sys.stderr)
        return
    if subject is not None:
        raise UsageError("--split and --subject exclude each other", hint="leave one of them out")
    judged = found.table("scores").column_names[0] if "scores" in found.tables else split
    if judged != split:
        raise UsageError(f"run {found.id} is about {judged}s, not {split}s", hint=f"write --split {judged}")
    with working("writing the reports"):
        files = split_report(found, path, language=session.lang, form=form or "html")
    print(clean(f"the reports are in {path}"), file=sys.stderr)
    headers = [heading(split, session.lang), say("File", session.lang)]
    rows = [[each, file.name] for each, file in files.items()]
    emit(Output(), [], lambda: [Sheet(headers=headers, rows=rows)])
