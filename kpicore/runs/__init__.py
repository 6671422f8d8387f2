"""Runs: what was measured and judged, from what and how, kept so that it can be proved later."""

from __future__ import annotations

from .amend import Correction
from .appeals import Appeal, appeals, decide_appeal, open_appeal
from .audit import AUDIT, Entry, read_audit
from .chain import chain_of
from .content import content_hash
from .decisions import decide
from .difference import Cause, Change, Difference, diff
from .explain import Behind, Explanation, Line, Touch, explain, touched_by
from .fingerprint import definition_fingerprint, fingerprint
from .manifest import Definition, InputFile, Manifest, Provenance, StoredFile
from .past import backtest_log, past_periods, propose_targets
from .posting import Posting, postings_of
from .reopen import reopen
from .replay import Replay, replay
from .retention import Pruning, plan_pruning, prune
from .review import Review, review
from .store import DEFAULT_ROOT, Run, Runs, keep, list_runs, open_run, publish
from .verification import verify

__all__ = [
    "AUDIT",
    "DEFAULT_ROOT",
    "Appeal",
    "Behind",
    "Cause",
    "Change",
    "Correction",
    "Definition",
    "Difference",
    "Entry",
    "Explanation",
    "InputFile",
    "Line",
    "Manifest",
    "Posting",
    "Provenance",
    "Pruning",
    "Replay",
    "Review",
    "Run",
    "Runs",
    "StoredFile",
    "Touch",
    "appeals",
    "backtest_log",
    "chain_of",
    "content_hash",
    "decide",
    "decide_appeal",
    "definition_fingerprint",
    "diff",
    "explain",
    "fingerprint",
    "keep",
    "list_runs",
    "open_appeal",
    "open_run",
    "past_periods",
    "plan_pruning",
    "postings_of",
    "propose_targets",
    "prune",
    "publish",
    "read_audit",
    "reopen",
    "replay",
    "review",
    "touched_by",
    "verify",
]
