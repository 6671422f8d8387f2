"""Finding third-party plugins in the environment, and importing the ones that are allowed."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from kpicore.errors import UsageError

from .hookspecs import API_VERSION, GROUP
from .provenance import Failure, Provenance, failure_of, hash_code

__all__ = ["Allowed", "Candidate", "find_candidates", "import_candidate", "parse_allow_list"]

_ALLOWED = re.compile(r"(?P<name>[\w.-]+)(==(?P<version>[^@\s]+)(@sha256:(?P<sha256>[0-9a-f]{64}))?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A distribution that may be imported, in one version or any, with one content or any."""

    distribution: str
    version: str | None = None
    sha256: str | None = None

    def admits(self, provenance: Provenance) -> bool:
        """Whether ``provenance`` is what this entry means."""
        return (
            _normal(provenance.distribution) == self.distribution
            and self.version in (None, provenance.version)
            and self.sha256 in (None, provenance.sha256)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A plugin that the environment offers, not imported yet."""

    provenance: Provenance
    entry_point: importlib.metadata.EntryPoint


def parse_allow_list(entries: Iterable[str]) -> tuple[Allowed, ...]:
    """Returns what entries like ``name``, ``name==1.2`` and ``name==1.2@sha256:...`` admit.

    Raises UsageError listing the entries that are none of these.
    """
    matches = [(entry, _ALLOWED.fullmatch(entry.strip())) for entry in entries]
    if wrong := tuple(repr(entry) for entry, match in matches if match is None):
        raise UsageError(
            "the allow-list of plugins cannot be read",
            hint="write name, name==1.2 or name==1.2@sha256:<64 hexadecimal digits>",
            problems=wrong,
        )
    return tuple(
        Allowed(distribution=_normal(match["name"]), version=match["version"], sha256=match["sha256"])
        for _, match in matches
        if match is not None
    )


def find_candidates() -> tuple[Candidate, ...]:
    """Returns the plugins named in the entry-point group, sorted by name; imports none."""
    found = []
    for entry_point in importlib.metadata.entry_points(group=GROUP):
        distribution = entry_point.dist
        provenance = Provenance(
            plugin=entry_point.name,
            distribution=distribution.name if distribution else "unknown",
            version=distribution.version if distribution else "unknown",
            sha256=hash_code(entry_point.module),
        )
        found.append(Candidate(provenance=provenance, entry_point=entry_point))
    return tuple(sorted(found, key=lambda each: (each.provenance.plugin, each.provenance.distribution)))


def import_candidate(candidate: Candidate, allow: tuple[Allowed, ...] | None) -> object | Failure:
    """Returns the plugin's module or object, or why it cannot be used."""
    provenance = candidate.provenance
    if allow is not None and not any(entry.admits(provenance) for entry in allow):
        return Failure(provenance=provenance, stage="allow", message="not on the allow-list")
    try:
        plugin: object = candidate.entry_point.load()
    except (Exception, SystemExit) as error:
        return failure_of(provenance, "import", f"importing {candidate.entry_point.value}", error)
    if isinstance(plugin, type):
        return Failure(
            provenance=provenance,
            stage="hooks",
            message="the entry point names a class: name a module or object",
        )
    stated = getattr(plugin, "KPICORE_API", None)
    if stated is None:
        stated = getattr(sys.modules.get(candidate.entry_point.module), "KPICORE_API", API_VERSION)
    if type(stated) is not int or stated != API_VERSION:
        wanted = f"written for plugin API {stated!r}, this kpicore speaks {API_VERSION}"
        return Failure(provenance=provenance, stage="api", message=wanted)
    return plugin


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
