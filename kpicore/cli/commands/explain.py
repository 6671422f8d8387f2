"""``kpicore explain``: from a total to the rows behind it, and from a contact to the points it touches."""

from __future__ import annotations

from pathlib import Path

import click

from kpicore.errors import UsageError

from ..emit import emit
from ..explanations import (
    explanation_record,
    explanation_rows,
    explanation_sheets,
    touch_records,
    touch_sheet,
)
from ..options import Output, Session, with_output, with_session
from ..progress import working
from ..run_choice import chosen_run, with_again, with_root

__all__ = ["command"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("subject", required=False)
@click.option("--metric", metavar="LINE", help="One line of the card (or its metric), with all its rows.")
@click.option("--contact", metavar="ID", help="What this contact touches, whosever points they are.")
@with_again
@with_root
@with_output
@with_session
def command(
    session: Session,
    output: Output,
    run: Path,
    subject: str | None,
    metric: str | None,
    contact: str | None,
    source: tuple[Path, ...],
    root: Path,
) -> None:
    """Say how a score came about, down to the rows behind it.

    The score is that of SUBJECT; with --contact it goes the other way round, to what a contact touches.
    RUN is a folder, or the name of one under the root. The rows come from the evidence kept with the run,
    or from its input, whose hashes must be what they were; every figure is added up again.
    """
    from kpicore.runs import explain, touched_by

    if (subject is None) == (contact is None):
        raise UsageError("name a subject, or a contact with --contact", hint="kpicore explain RUN agent-17")
    found, plugins = chosen_run(run, root), session.plugins()
    if contact is not None:
        with working("explaining"):
            touches = touched_by(found, contact, plugins, source=source)
        emit(output, touch_records(touches), lambda: [touch_sheet(contact, touches, found, session.lang)])
        return
    assert subject is not None
    with working("explaining"):
        explanation = explain(found, subject, plugins, metric=metric, source=source)
    nested = output.format == "json"
    records = explanation_record(explanation) if nested else explanation_rows(explanation)
    emit(
        output,
        records,
        lambda: explanation_sheets(explanation, found, session.lang, every=metric is not None),
    )
