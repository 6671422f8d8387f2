"""Runs: what was measured and judged, from what and how, kept so that it can be proved later."""

from __future__ import annotations

from .content import content_hash
from .difference import Cause, Change, Difference, diff
from .explain import Behind, Explanation, Line, Touch, explain, touched_by
from .fingerprint import definition_fingerprint, fingerprint
from .manifest import Definition, InputFile, Manifest, Provenance, StoredFile
from .past import backtest_log, past_periods, propose_targets
from .reopen import reopen
from .replay import Replay, replay
from .review import Review, review
from .store import DEFAULT_ROOT, Run, Runs, keep, list_runs, open_run, publish
from .verification import verify

__all__ = [
    "DEFAULT_ROOT",
    "Behind",
    "Cause",
    "Change",
    "Definition",
    "Difference",
    "Explanation",
    "InputFile",
    "Line",
    "Manifest",
    "Provenance",
    "Replay",
    "Review",
    "Run",
    "Runs",
    "StoredFile",
    "Touch",
    "backtest_log",
    "content_hash",
    "definition_fingerprint",
    "diff",
    "explain",
    "fingerprint",
    "keep",
    "list_runs",
    "open_run",
    "past_periods",
    "propose_targets",
    "publish",
    "reopen",
    "replay",
    "review",
    "touched_by",
    "verify",
]
