"""``kpicore scorecards propose-targets``: targets from what was in fact reached."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpicore.errors import UsageError

from ..emit import emit, emit_text
from ..figures import value_text
from ..options import (
    Output,
    Session,
    SourceChoice,
    with_calendar,
    with_output,
    with_session,
    with_source,
)
from ..progress import working
from ..words import Language, say

if TYPE_CHECKING:
    from kpicore.analysis import Proposal
    from kpicore.scoring import Card

__all__ = ["command"]


@click.command("propose-targets")
@click.argument("card", metavar="NAME|FILE")
@with_source
@click.option(
    "--reach",
    default="50%",
    show_default=True,
    metavar="SHARE",
    help="The share of past values that shall be on target.",
)
@click.option("--threads", type=click.IntRange(1), help="How many threads work; all processors if not said.")
@with_calendar
@with_output
@with_session
def command(
    session: Session,
    output: Output,
    source: SourceChoice,
    card: str,
    reach: str,
    threads: int | None,
    calendar: Path | None,
) -> None:
    """Propose targets from what was in fact reached.

    Every entry of the card is measured for every subject and past period of the SOURCE. The target is the
    hardest one that the share --reach of these values is on. A person decides; the lines are to be copied
    into the card.
    """
    import kpicore
    from kpicore.clock import load_calendars
    from kpicore.runs import propose_targets
    from kpicore.scoring import load_card
    from kpicore.scoring.quantity import parse_share

    plugins = session.plugins()
    loaded = load_card(kpicore.scorecard(card, plugins=plugins))
    try:
        share = parse_share(reach)
    except ValueError as error:
        raise UsageError(f"--reach: {error}") from error
    log = source.open(plugins)
    with working("measuring"):
        found = propose_targets(
            log,
            loaded,
            plugins,
            reach=share,
            zone=source.zone,
            calendars=None if calendar is None else load_calendars(calendar),
            threads=threads,
        )
    if output.format == "table":
        emit_text(output, "\n".join(_lines(proposal, unit, loaded, session.lang) for proposal, unit in found))
        return
    records = [
        {
            "entry": proposal.entry,
            "low": proposal.low,
            "high": proposal.high,
            "unit": unit,
            "measured": proposal.measured,
            "reached": proposal.reached,
            "median": proposal.median,
        }
        for proposal, unit in found
    ]
    emit(output, records, list)


def _lines(proposal: Proposal, unit: str, card: Card, lang: Language) -> str:
    entry = next(entry for entry in card.entries if entry.id == proposal.entry)
    share = f"{100 * proposal.reached / proposal.measured:.0f} %"
    median = value_text(float(proposal.median), unit) + ("" if unit == "ratio" else f" {say(unit, lang)}")
    counted = f"{proposal.reached}/{proposal.measured} ({share})"
    said = (
        f"过去的数值中 {counted} 达到，中位数 {median}"
        if lang == "zh"
        else f"{counted} of the past values are on it; their median is {median}"
    )
    return f"# {entry.id}: {entry.label.read(lang)}\n# {said}\n{proposal.to_toml(unit)}\n"
