"""Runs: what was measured and judged, from what and how, kept so that it can be proved later."""

from __future__ import annotations

from .content import content_hash
from .fingerprint import definition_fingerprint, fingerprint
from .manifest import Definition, InputFile, Manifest, Provenance, StoredFile
from .review import Review, review
from .store import DEFAULT_ROOT, Run, Runs, keep, list_runs, open_run, publish
from .verification import verify

__all__ = [
    "DEFAULT_ROOT",
    "Definition",
    "InputFile",
    "Manifest",
    "Provenance",
    "Review",
    "Run",
    "Runs",
    "StoredFile",
    "content_hash",
    "definition_fingerprint",
    "fingerprint",
    "keep",
    "list_runs",
    "open_run",
    "publish",
    "review",
    "verify",
]
