"""``kpicore plugins``: who provides what, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..emit import emit
from ..exits import FINDINGS
from ..options import Output, Session, with_output, with_session
from ..sheet import Sheet
from ..words import Language, say

if TYPE_CHECKING:
    from kpicore.plugin.provenance import PluginListing

__all__ = ["command"]


@click.command()
@click.option("--strict", is_flag=True, help="Exit with 1 where a plugin failed.")
@with_output
@with_session
def command(session: Session, output: Output, strict: bool) -> int:
    """List the plugins, what they provide and what failed."""
    listing = session.plugins().listing()
    emit(output, [_record(each) for each in listing], lambda: _sheets(listing, session.lang))
    return FINDINGS if strict and any(each.failures for each in listing) else 0


def _record(each: PluginListing) -> dict[str, object]:
    provenance = each.provenance
    return {
        "plugin": provenance.plugin,
        "distribution": provenance.distribution,
        "version": provenance.version,
        "sha256": provenance.sha256 or None,
        "builtin": provenance.builtin,
        "provides": {kind: list(names) for kind, names in each.provides.items()},
        "failures": [{"stage": failure.stage, "message": failure.message} for failure in each.failures],
    }


def _sheets(listing: Sequence[PluginListing], lang: Language) -> list[Sheet]:
    rows = [
        [
            each.provenance.plugin,
            f"{each.provenance.distribution} {each.provenance.version}",
            ", ".join(f"{len(names)} {kind}" for kind, names in each.provides.items()) or say("none", lang),
        ]
        for each in listing
    ]
    sheets = [Sheet(headers=[say(word, lang) for word in ("Plugin", "Distribution", "Provides")], rows=rows)]
    faults = [
        [each.provenance.plugin, failure.stage, failure.message]
        for each in listing
        for failure in each.failures
    ]
    if faults:
        headers = [say(word, lang) for word in ("Plugin", "Stage", "Fault")]
        sheets.append(Sheet(headers=headers, rows=faults))
    return sheets
