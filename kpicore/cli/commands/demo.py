"""``kpicore demo``: a contact centre that does not exist, from its log to a review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpicore.plain import clean

from ..emit import emit, emit_text, replacing
from ..options import Output, Session, with_session
from ..progress import working
from ..reviews import names_of, score_sheet
from ..words import Language, say
from .measure import figure_sheet, sheet_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["command"]

ZONE = "Asia/Shanghai"
CARD = "call_agent"
METRICS = (
    "calls_answered",
    "average_handle_time",
    "occupancy",
    "csat",
    "transfer_rate",
)


@click.command()
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kpicore-demo"),
    show_default=True,
    help="The folder for the log and the run.",
)
@with_session
def command(session: Session, folder: Path) -> None:
    """Make a contact centre, measure and score it.

    Two weeks of chats, calls, agent states and surveys, the same every time, are written as Parquet and then
    read, measured and scored as your own log would be.
    """
    import kpicore

    plugins = session.plugins()
    source = folder / "log"
    with working("making two weeks of chats and calls"):
        _write(source)
    with working("measuring and scoring"):
        log = kpicore.open(source, zone=ZONE, plugins=plugins)
        found = [finding.metric for finding in kpicore.check(log, plugins=plugins) if finding.computable]
        whole = kpicore.measure(log, found, zone=ZONE, plugins=plugins)
        result = kpicore.measure(log, METRICS, by=["agent"], zone=ZONE, plugins=plugins)
        card = kpicore.scorecard(CARD, plugins=plugins)
        review = kpicore.score(log, card, zone=ZONE, root=folder / "runs", plugins=plugins)
    assert review.run is not None
    centre = replace(figure_sheet(whole, session.lang), title=say("The whole centre", session.lang))
    values = replace(sheet_of(result, session.lang), title=say("What was measured", session.lang))
    emit(Output(), [], lambda: [centre, values, score_sheet(review, names_of(log), session.lang)])
    emit_text(Output(), _places(source, review.run.path, session.lang))


def _places(source: Path, run: Path, lang: Language) -> str:
    """Returns where everything lies and what to try next, in lines that can be copied."""
    lines = {
        "the log": f"{source}/",
        "the run": str(run),
        "measure it": f"kpicore measure {source} --by agent --period day -m csat --zone {ZONE}",
        "score it": f"kpicore score {source} --card {CARD} --zone {ZONE}",
        "read it": f"kpicore report {run} -o review.html",
        "verify it": f"kpicore verify {run}",
    }
    said = [f"{say(what, lang)}: {line}" for what, line in lines.items()]
    return "\n" + "\n".join(map(clean, said)) + "\n"


def _write(folder: Path) -> None:
    import pyarrow.parquet as pq

    from kpicore.testing import generate_log

    folder.mkdir(parents=True, exist_ok=True)
    tables: Mapping[str, pa.Table] = generate_log(zone=ZONE)
    for name, table in tables.items():
        with replacing(folder / f"{name}.parquet") as path:
            pq.write_table(table, path, compression="zstd")
