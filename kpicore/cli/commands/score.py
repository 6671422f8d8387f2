"""``kpicore score``: a review of every subject, kept as a run."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kpicore.plain import clean

from ..emit import emit
from ..options import (
    Output,
    Session,
    SourceChoice,
    TimeChoice,
    with_output,
    with_session,
    with_source,
    with_time,
)
from ..progress import working
from ..reviews import names_of, score_sheet
from ..run_choice import chosen_run

__all__ = ["command"]


@click.command()
@with_source
@click.option("--card", required=True, metavar="NAME|FILE", help="A ready scorecard, or a TOML file.")
@click.option("--period", metavar="PERIOD", help="What is judged: 2026-10, 2026-W40, 2026-Q3, 2026 or a day.")
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kpicore-runs"),
    show_default=True,
    help="The folder in which the run is kept.",
)
@click.option("--no-keep", is_flag=True, help="Keep no run.")
@click.option(
    "--corrections",
    "corrected",
    multiple=True,
    metavar="RUN",
    type=click.Path(path_type=Path),
    help="Post the differences that this run of an earlier period made, after an appeal.",
)
@click.option("--keep-evidence", is_flag=True, help="Keep the rows behind every figure with the run.")
@click.option("--lines", is_flag=True, help="Give the lines behind the totals (for JSON, CSV and Parquet).")
@click.option("--threads", type=click.IntRange(1), help="How many threads work; all processors if not said.")
@with_time
@with_output
@with_session
def command(
    session: Session,
    output: Output,
    source: SourceChoice,
    time: TimeChoice,
    card: str,
    period: str | None,
    root: Path,
    no_keep: bool,
    corrected: tuple[Path, ...],
    keep_evidence: bool,
    lines: bool,
    threads: int | None,
) -> None:
    """Score agents, teams or queues on a card, and keep the run.

    The table shows what each line of the card brought; `kpicore scorecards` lists the ready cards.
    """
    import kpicore

    plugins = session.plugins()
    text = kpicore.scorecard(card, plugins=plugins)
    log = source.open(plugins)
    with working("scoring"):
        review = kpicore.score(
            log,
            text,
            period=period,
            zone=source.zone,
            corrected=[chosen_run(run, root) for run in corrected],
            calendar=time.calendar,
            day_start=time.day_start,
            fiscal_year_start=time.fiscal_year_start,
            keep_evidence=keep_evidence,
            root=None if no_keep else root,
            plugins=plugins,
            threads=threads,
        )
    scores = review.scores
    records = scores.contributions_to_arrow() if lines else scores.to_arrow()
    emit(output, records, lambda: [score_sheet(review, names_of(log), session.lang)])
    if review.run is not None:
        print(clean(f"the run is kept in {review.run.path}"), file=sys.stderr)
