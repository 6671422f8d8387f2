"""What a report says of the run as a whole: its card, its period, its ledger, how it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypedDict

from kpicore.runs import Run
from kpicore.scoring.card import Card, Grade, Label

from .model import InputFacts, LedgerRow, Making, Span
from .rows import Row, text, whole

__all__ = ["About", "about", "ledger_of", "making_of"]


class About(TypedDict):
    """The fields of a report that the card and the manifest give."""

    title: Label
    card: str
    version: str
    owner: str
    profile: str
    subject: str
    span: Span
    lowest: Fraction
    highest: Fraction
    places: int
    grades: tuple[Grade, ...]
    advised: Mapping[str, Fraction]


def about(card: Card, run: Run) -> About:
    """Returns what the card and the run's arguments say."""
    asked = run.manifest.provenance.arguments
    return About(
        title=card.label,
        card=card.id,
        version=card.version,
        owner=card.document.owner,
        profile=card.profile,
        subject=card.subject,
        span=Span(
            start=int(asked.get("start", "0")),
            end=int(asked.get("end", "0")),
            zone=asked.get("zone", "UTC"),
            asked=asked.get("period", "all"),
            fiscal_year_start=int(asked.get("fiscal_year_start", "1")),
        ),
        lowest=card.lowest,
        highest=card.highest,
        places=card.rounding.places,
        grades=card.grades,
        advised=card.distribution,
    )


def ledger_of(found: Sequence[Row], *, named: bool) -> tuple[LedgerRow, ...]:
    """Returns the ledger; not ``named``, the sources of a table are added up, as their names may be data."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for row in found:
        source = (text(row, "source") or "") if named else ""
        key = (source, text(row, "table") or "", text(row, "status") or "", text(row, "reason") or "")
        counts[key] += whole(row, "rows") or 0
    return tuple(
        LedgerRow(source=source, table=table, status=status, reason=reason, rows=count)
        for (source, table, status, reason), count in counts.items()
    )


def making_of(run: Run, *, named: bool) -> Making:
    """Returns how the run was made; not ``named``, without the names of files."""
    provenance = run.manifest.provenance
    return Making(
        run=run.id,
        created_at=run.manifest.created_at,
        content_hash=run.manifest.content_hash,
        card_fingerprint=provenance.card_fingerprint or "",
        versions=run.manifest.versions,
        plugins=provenance.plugins,
        inputs=tuple(
            InputFacts(name=one.name if named else "", size=one.size, sha256=one.sha256, adapter=one.adapter)
            for one in provenance.inputs
        ),
        supersedes=provenance.supersedes,
    )
