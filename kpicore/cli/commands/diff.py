"""``kpicore diff``: why the scores of two runs differ."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..emit import emit
from ..options import Output, Session, with_output, with_session
from ..progress import working
from ..reviews import points_text
from ..run_choice import chosen_run, with_root
from ..sheet import Sheet
from ..words import Language, say

if TYPE_CHECKING:
    from kpicore.runs import Difference

__all__ = ["command"]


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option(
    "--before-source",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Where the input of BEFORE is now.",
)
@click.option(
    "--after-source", multiple=True, type=click.Path(path_type=Path), help="Where the input of AFTER is now."
)
@with_root
@with_output
@with_session
def command(
    session: Session,
    output: Output,
    before: Path,
    after: Path,
    before_source: tuple[Path, ...],
    after_source: tuple[Path, ...],
    root: Path,
) -> None:
    """Say why the scores of two runs differ.

    Every change is attributed: to the input, an appeal, the definition (card, parameters, zone), kpicore
    or a plugin. Where several differ, the runs between are made; their inputs must be there for that.
    """
    from kpicore.runs import diff

    with working("comparing"):
        found = diff(
            chosen_run(before, root),
            chosen_run(after, root),
            session.plugins(),
            source=before_source,
            own=after_source,
        )
    records: list[dict[str, object]] = [
        {"subject": c.subject, "before": c.before, "after": c.after, "by": dict(c.by)} for c in found.changes
    ]
    if output.format == "json":
        causes = [{"kind": cause.kind, "what": list(cause.what)} for cause in found.causes]
        emit(output, {"causes": causes, "changes": records, "note": found.note}, list)
        return
    emit(output, records, lambda: _sheets(found, session.lang))


def _sheets(found: Difference, lang: Language) -> list[Sheet]:
    causes = Sheet(
        title=f"{found.before} - {found.after}",
        headers=[say(word, lang) for word in ("Cause", "What differs")],
        rows=[[say(cause.kind, lang), what] for cause in found.causes for what in cause.what],
        note=found.note,
    )
    kinds = list(dict.fromkeys(kind for change in found.changes for kind in change.by))
    titles = ["+".join(say(each, lang) for each in kind.split("+")) for kind in kinds]
    changes = Sheet(
        headers=[*(say(word, lang) for word in ("Subject", "Before", "After", "Change")), *titles],
        rows=[
            [
                change.subject,
                points_text(change.before),
                points_text(change.after),
                _signed(change.by_all),
                *(_signed(change.by[kind]) if kind in change.by else "" for kind in kinds),
            ]
            for change in found.changes
        ],
        numbers=frozenset(range(1, 4 + len(kinds))),
    )
    return [causes, changes] if found.changes else [causes]


def _signed(points: Fraction | None) -> str:
    return "-" if points is None else f"{'+' if points > 0 else ''}{points_text(points)}"
