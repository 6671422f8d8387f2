"""Appeals: asked for by one person, decided by another; an accepted one makes a run in place of the old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from kpicore.errors import UnknownNameError, UsageError, suggest
from kpicore.plugin.manager import Plugins

from .amend import Correction, amend
from .audit import Entry, alone, append, read_audit
from .chain import latest, require_latest
from .reopen import reopen
from .review import judge, publish_review
from .store import Run
from .terms import terms_of
from .verification import verify

__all__ = ["Appeal", "appeals", "decide_appeal", "open_appeal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An appeal against a score and what became of it; ``new_run`` is the run that an accepted one made."""

    id: str
    run: str
    subject: str
    by: str
    reason: str
    corrections: tuple[Correction, ...]
    opened_at: str
    state: Literal["open", "accepted", "rejected"] = "open"
    reviewer: str | None = None
    decided_because: str | None = None
    decided_at: str | None = None
    new_run: str | None = None


def appeals(root: Path) -> tuple[Appeal, ...]:
    """Returns the appeals under ``root`` in the order in which they were opened."""
    return tuple(_appeals(read_audit(root)).values())


def _appeals(entries: Sequence[Entry]) -> dict[str, Appeal]:
    found: dict[str, Appeal] = {}
    for entry in entries:
        details = entry.details
        if entry.action == "appeal_opened":
            listed = details["corrections"]
            assert isinstance(listed, list)
            found[str(details["appeal"])] = Appeal(
                id=str(details["appeal"]),
                run=entry.run,
                subject=str(details["subject"]),
                by=str(details["by"]),
                reason=str(details["reason"]),
                corrections=tuple(Correction(**each) for each in listed),
                opened_at=entry.at,
            )
        elif entry.action in ("appeal_accepted", "appeal_rejected"):
            new_run = details.get("new_run")
            found[str(details["appeal"])] = replace(
                found[str(details["appeal"])],
                state="accepted" if entry.action == "appeal_accepted" else "rejected",
                reviewer=str(details["reviewer"]),
                decided_because=str(details["reason"]),
                decided_at=entry.at,
                new_run=None if new_run is None else str(new_run),
            )
    return found


def open_appeal(
    run: Run,
    subject: str,
    corrections: Sequence[Correction],
    plugins: Plugins,
    *,
    reason: str,
    by: str | None = None,
    source: Sequence[Path] = (),
) -> Appeal:
    """Opens an appeal of ``by`` (the subject, if not said) and returns it.

    The corrections are tried on the input at once: UsageError or DataError where they cannot be made,
    UnknownNameError where the subject has no score, UsageError where the run was superseded.
    """
    root, run = run.path.parent, verify(run.path)
    _require_text(reason=reason, by=by or subject)
    require_latest(root, run)
    known = run.table("scores").column(0).to_pylist()
    if subject not in known:
        raise UnknownNameError(
            f"{subject!r} has no score in {run.path}", hint=suggest(subject, [k for k in known if k])
        )
    if not corrections:
        raise UsageError("the appeal asks for nothing", hint="--exclude contact=ID, or --correct")
    amend(reopen(run, plugins, source), (*terms_of(run).corrections, *corrections))

    def details(entries: Sequence[Entry]) -> Mapping[str, object]:
        identity = f"appeal-{len(_appeals(entries)) + 1}"
        asked = [asdict(replace(each, appeal=identity, reason=reason)) for each in corrections]
        return {
            "appeal": identity,
            "subject": subject,
            "by": by or subject,
            "reason": reason,
            "corrections": asked,
        }

    entry = append(root, "appeal_opened", run.id, details)
    return _appeals([entry])[str(entry.details["appeal"])]


def decide_appeal(
    root: Path,
    identity: str,
    plugins: Plugins,
    *,
    accept: bool,
    reviewer: str,
    reason: str,
    source: Sequence[Path] = (),
) -> Appeal:
    """Decides an appeal and returns it; an accepted one is measured and scored anew.

    The new run supersedes the one that holds now, which stays as it is; of several decisions at once each
    waits for the one before. UsageError where the reviewer is the appellant or the subject, or where the
    appeal was decided before.
    """
    _require_text(reason=reason, reviewer=reviewer)
    with alone(root):
        return _decide(root, identity, plugins, accept, reviewer, reason, source)


def _decide(
    root: Path,
    identity: str,
    plugins: Plugins,
    accept: bool,
    reviewer: str,
    reason: str,
    source: Sequence[Path],
) -> Appeal:
    known = _appeals(read_audit(root))
    appeal = _undecided(known, identity)
    if reviewer.strip().casefold() in (appeal.by.strip().casefold(), appeal.subject.strip().casefold()):
        raise UsageError(
            f"{reviewer} cannot decide an appeal of {appeal.by} about {appeal.subject}",
            hint="somebody else has to review it",
        )
    made: dict[str, str] = {}
    if accept:
        held = latest(root, verify(root / appeal.run))
        terms = terms_of(held)
        terms = replace(terms, corrections=(*terms.corrections, *appeal.corrections))
        log = reopen(held, plugins, source)
        review = publish_review(judge(log, terms, plugins, supersedes=held.id), log, terms, root)
        assert review.run is not None
        made = {"new_run": review.run.id}

    def details(entries: Sequence[Entry]) -> Mapping[str, object]:
        _undecided(_appeals(entries), identity)
        return {"appeal": identity, "reviewer": reviewer, "reason": reason, **made}

    append(root, "appeal_accepted" if accept else "appeal_rejected", appeal.run, details)
    return _appeals(read_audit(root))[identity]


def _undecided(known: Mapping[str, Appeal], identity: str) -> Appeal:
    if identity not in known:
        raise UnknownNameError(f"there is no appeal {identity!r}", hint=suggest(identity, list(known)))
    appeal = known[identity]
    if appeal.state != "open":
        raise UsageError(f"{identity} was {appeal.state} by {appeal.reviewer} already")
    return appeal


def _require_text(**texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise UsageError(f"{name} is empty", hint=f"say it with --{name}")
