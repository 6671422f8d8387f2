"""Runs: what was measured and judged, from what and how, kept so that it can be proved later."""

from __future__ import annotations

from .content import content_hash
from .explain import Behind, Explanation, Line, Touch, explain, touched_by
from .fingerprint import definition_fingerprint, fingerprint
from .manifest import Definition, InputFile, Manifest, Provenance, StoredFile
from .reopen import reopen
from .review import Review, review
from .store import DEFAULT_ROOT, Run, Runs, keep, list_runs, open_run, publish
from .verification import verify

__all__ = [
    "DEFAULT_ROOT",
    "Behind",
    "Definition",
    "Explanation",
    "InputFile",
    "Line",
    "Manifest",
    "Provenance",
    "Review",
    "Run",
    "Runs",
    "StoredFile",
    "Touch",
    "content_hash",
    "definition_fingerprint",
    "explain",
    "fingerprint",
    "keep",
    "list_runs",
    "open_run",
    "publish",
    "reopen",
    "review",
    "touched_by",
    "verify",
]
