"""``kpicore appeal``: contesting a score, and deciding about it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpicore.errors import UsageError
from kpicore.plain import clean

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..progress import working
from ..run_choice import chosen_run, with_again, with_root
from ..sheet import Sheet
from ..words import Language, say

if TYPE_CHECKING:
    from kpicore.runs import Appeal, Correction

__all__ = ["command"]

_CORRECTION = re.compile(r"(?P<contact>.+):(?P<table>[a-z_]+)\.(?P<column>\w+)=(?P<value>.*)", re.DOTALL)


@click.group()
def command() -> None:
    """Contest a score, and decide about it.

    An appeal asks that a contact be left out, or that a value of it be corrected. Somebody else decides;
    an accepted appeal makes a new run that takes the place of the old one, which stays as it is.
    """


@command.command(name="open")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("subject")
@click.option("--exclude", multiple=True, metavar="contact=ID", help="Leave this contact out.")
@click.option(
    "--correct",
    multiple=True,
    metavar="ID:TABLE.COLUMN=VALUE",
    help="Correct a value of this contact, such as c17:surveys.score=5; an empty value is none.",
)
@click.option("--reason", required=True, help="Why.")
@click.option("--by", help="Who appeals; the subject, if not said.")
@with_again
@with_root
@with_output
@with_session
def open_(
    session: Session,
    output: Output,
    run: Path,
    subject: str,
    exclude: tuple[str, ...],
    correct: tuple[str, ...],
    reason: str,
    by: str | None,
    source: tuple[Path, ...],
    root: Path,
) -> None:
    """Open an appeal about the score of SUBJECT in RUN."""
    from kpicore.runs import open_appeal

    corrections = [*map(_excluded, exclude), *map(_corrected, correct)]
    with working("opening the appeal"):
        appeal = open_appeal(
            chosen_run(run, root),
            subject,
            corrections,
            session.plugins(),
            reason=reason,
            by=by,
            source=source,
        )
    emit(output, [_record(appeal)], lambda: [_sheet([appeal], session.lang)])


@command.command()
@click.argument("identity", metavar="ID")
@click.option("--accept/--reject", default=None, help="What is decided.")
@click.option("--reviewer", required=True, help="Who decides; not the appellant.")
@click.option("--reason", required=True, help="Why.")
@with_again
@with_root
@with_output
@with_session
def decide(
    session: Session,
    output: Output,
    identity: str,
    accept: bool | None,
    reviewer: str,
    reason: str,
    source: tuple[Path, ...],
    root: Path,
) -> None:
    """Accept or reject the appeal ID; an accepted one is measured and scored anew."""
    from kpicore.runs import decide_appeal

    if accept is None:
        raise UsageError("nothing is decided", hint="say --accept or --reject")
    with working("deciding"):
        appeal = decide_appeal(
            root,
            identity,
            session.plugins(),
            accept=accept,
            reviewer=reviewer,
            reason=reason,
            source=source,
        )
    emit(output, [_record(appeal)], lambda: [_sheet([appeal], session.lang)])
    if appeal.new_run is not None:
        print(clean(f"the run {appeal.new_run} takes the place of {appeal.run}"), file=sys.stderr)


@command.command(name="list")
@with_root
@with_output
@with_session
def list_(session: Session, output: Output, root: Path) -> None:
    """List the appeals, oldest first."""
    from kpicore.runs import appeals

    found = appeals(root)
    emit(output, [_record(each) for each in found], lambda: [_sheet(found, session.lang)])


def _excluded(text: str) -> Correction:
    from kpicore.runs import Correction

    what, _, contact = text.partition("=")
    if what != "contact" or not contact:
        raise UsageError(f"--exclude {text}: not of the form contact=ID", hint="write --exclude contact=c17")
    return Correction(contact=contact, reason="")


def _corrected(text: str) -> Correction:
    from kpicore.runs import Correction

    found = _CORRECTION.fullmatch(text)
    if found is None:
        raise UsageError(
            f"--correct {text}: not of the form ID:TABLE.COLUMN=VALUE", hint="write c17:surveys.score=5"
        )
    return Correction(
        contact=found["contact"],
        table=found["table"],
        column=found["column"],
        value=found["value"] or None,
        reason="",
    )


def _record(appeal: Appeal) -> dict[str, object]:
    return {
        "appeal": appeal.id,
        "run": appeal.run,
        "subject": appeal.subject,
        "by": appeal.by,
        "reason": appeal.reason,
        "asks": [_asks(each) for each in appeal.corrections],
        "opened_at": appeal.opened_at,
        "state": appeal.state,
        "reviewer": appeal.reviewer,
        "decided_because": appeal.decided_because,
        "decided_at": appeal.decided_at,
        "new_run": appeal.new_run,
    }


def _asks(correction: Correction) -> str:
    if correction.excludes:
        return f"exclude contact={correction.contact}"
    return f"correct {correction.contact}:{correction.table}.{correction.column}={correction.value or ''}"


def _sheet(found: Sequence[Appeal], lang: Language) -> Sheet:
    return Sheet(
        headers=[
            say(word, lang) for word in ("Appeal", "Subject", "Asks for", "Reason", "State", "Reviewer")
        ],
        rows=[
            [
                each.id,
                each.subject,
                "; ".join(map(_asks, each.corrections)),
                each.reason,
                say(each.state, lang),
                each.reviewer or "",
            ]
            for each in found
        ],
        droppable=frozenset({5}),
    )
