"""Which metrics a log supports, and what the others lack."""

from __future__ import annotations

from dataclasses import dataclass

from kpicore.errors import MissingDataError
from kpicore.metrics import parse_request
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .finalize import measures_of
from .measure import build
from .plan import frames_of
from .prepare import sources_of

__all__ = ["Finding", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Whether a metric can be computed from a log, and if not, the table or column it lacks."""

    metric: str
    computable: bool
    missing: str = ""


def check(log: Log, plugins: Plugins) -> tuple[Finding, ...]:
    """Returns a finding per metric, in the order of their names, for their default parameters."""
    sources = sources_of(log, plugins)
    findings = []
    for name in sorted(plugins.metrics):
        try:
            frames_of(measures_of(build(parse_request(name, plugins))), sources)
        except MissingDataError as error:
            findings.append(Finding(metric=name, computable=False, missing=_told(error)))
        else:
            findings.append(Finding(metric=name, computable=True))
    return tuple(findings)


def _told(error: MissingDataError) -> str:
    return "; or ".join(error.problems) or error.message
