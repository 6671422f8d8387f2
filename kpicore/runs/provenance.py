"""What a run remembers of where it came from."""

from __future__ import annotations

from kpicore.engine import Result
from kpicore.plugin.manager import Plugins
from kpicore.scoring import Card
from kpicore.tables import Log, Origin

from .fingerprint import definition_fingerprint
from .manifest import Definition, InputFile, Provenance, Reading
from .terms import Terms

__all__ = ["provenance_of"]


def provenance_of(
    log: Log, result: Result, card: Card, terms: Terms, plugins: Plugins, supersedes: str | None
) -> Provenance:
    """Returns what the manifest of a review says beside its files."""
    metrics = [request.metric for asked in result.requests for request in asked.operands or (asked,)]
    providers = [plugins.provenance("metric", metric.name) for metric in metrics]
    if log.origin is not None and log.origin.adapter is not None:
        providers.append(plugins.provenance("adapter", log.origin.adapter))
    return Provenance(
        inputs=tuple(
            InputFile(name=s.name, size=s.size, sha256=s.sha256, adapter=s.adapter) for s in log.sources
        ),
        definitions=tuple(
            Definition(
                request=request.text,
                metric=request.metric.name,
                parameters=dict(request.parameters),
                fingerprint=definition_fingerprint(request),
            )
            for request in result.requests
        ),
        plugins={p.distribution: p.version for p in providers if not p.builtin},
        arguments={
            "card": card.id,
            "zone": result.zone,
            "period": terms.period or "all",
            "start": str(result.start),
            "end": str(result.end),
            **({"previous_run": terms.previous_run} if terms.previous_run else {}),
            "calendar": terms.calendars.default if terms.calendars else "none",
            "day_start": str(terms.day_start),
            "fiscal_year_start": str(terms.fiscal_year_start),
        },
        card_fingerprint=card.fingerprint,
        reading=None if log.origin is None else _reading(log.origin),
        supersedes=supersedes,
    )


def _reading(origin: Origin) -> Reading:
    return Reading(
        paths=origin.paths,
        absolute=origin.absolute,
        adapter=origin.adapter,
        mapping=origin.mapping,
        options=dict(origin.options),
        zone=origin.zone,
        key_file=origin.key_file,
        key_mark=origin.key_mark,
    )
