"""``kpicore decide``: what a person decided, beside what was computed."""

from __future__ import annotations

from pathlib import Path

import click

from kpicore.errors import UsageError

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..run_choice import chosen_run, with_root
from ..sheet import Sheet
from ..words import say

__all__ = ["command"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("subject")
@click.option("--grade", help="The grade that was decided; one of the card's.")
@click.option("--total", help="The total that was decided.")
@click.option("--by", required=True, help="Who decided.")
@click.option("--reason", required=True, help="Why.")
@with_root
@with_output
@with_session
def command(
    session: Session,
    output: Output,
    run: Path,
    subject: str,
    grade: str | None,
    total: str | None,
    by: str,
    reason: str,
    root: Path,
) -> None:
    """Record what a person decided beside what was computed.

    The decision about SUBJECT stands in a new run that takes the place of RUN; no computed number changes.
    """
    from kpicore.runs import decide
    from kpicore.scoring.quantity import exact

    try:
        points = None if total is None else exact(total)
    except ValueError as error:
        raise UsageError(f"--total {total}: {error}") from error
    made = decide(chosen_run(run, root), subject, by=by, reason=reason, grade=grade, total=points)
    record = {"run": made.id, "supersedes": made.manifest.provenance.supersedes, "subject": subject}
    record |= {"grade": grade, "total": total, "by": by, "reason": reason}

    def sheets() -> list[Sheet]:
        headers = [say(word, session.lang) for word in ("Run", "Subject", "Decided", "By", "Reason")]
        decided = " ".join(text for text in (total, grade) if text)
        return [Sheet(headers=headers, rows=[[made.id, subject, decided, by, reason]])]

    emit(output, [record], sheets)
