"""The audit log of a folder of runs: who did what, each entry chained to the one before by its hash.

A line of ``.audit.jsonl`` (hidden, so that all else in the folder are runs) is the JSON of one entry;
``previous`` is the SHA-256 of the line before, without its end. So no entry can be changed, taken out or put
in without breaking the chain, and whoever knows the hash of the last line can tell whether the end was cut
off.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kpicore.errors import KpicoreError, StorageError, VerificationError

from .durable import make_folder, sync_folder

__all__ = ["AUDIT", "Entry", "alone", "append", "read_audit"]

AUDIT = ".audit.jsonl"
_DECIDING = ".deciding.lock"
_FIRST = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: its ``number`` from 1, when, what, of which run, with what ``details``; its own ``hash``."""

    number: int
    at: str
    action: str
    run: str
    details: Mapping[str, object] = field(default_factory=dict)
    previous: str = _FIRST
    hash: str = ""

    def line(self) -> str:
        """Returns the line of the file, without its end."""
        content = {name: value for name, value in asdict(self).items() if name != "hash"}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Waits until nobody else puts a run under ``root`` in place of another, and keeps others from it.

    The log has a lock of its own for every entry; this one spans from what a decision rests on to its entry.
    StorageError where the file of the lock cannot be opened. A process that dies lets go.
    """
    path = Path(root) / _DECIDING
    try:
        file = path.open("ab")
    except OSError as error:
        raise StorageError(f"{path}: the decision cannot be kept from others: {error}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def append(
    root: Path, action: str, run: str, details: Callable[[Sequence[Entry]], Mapping[str, object]]
) -> Entry:
    """Adds an entry to the log under ``root`` and returns it, once it is on the disk.

    ``details`` is asked for with all entries before, while nobody else can add one; what it raises, is
    raised, and nothing is added. StorageError where the file cannot be written, VerificationError where
    the chain is broken.
    """
    path = Path(root) / AUDIT
    try:
        make_folder(path.parent.absolute())
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            entries, end = _read(path)
            entry = Entry(
                number=len(entries) + 1,
                at=datetime.now(UTC).isoformat(timespec="seconds"),
                action=action,
                run=run,
                details=details(entries),
                previous=entries[-1].hash if entries else _FIRST,
            )
            line = entry.line().encode("utf-8")
            # What stands after the last full line was being written when a process died: nobody was told.
            file.truncate(end)
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent.absolute())
    except OSError as error:
        if isinstance(error, KpicoreError):
            raise
        raise StorageError(f"{path}: the entry could not be written: {error}") from error
    return _with_hash(entry, line)


def read_audit(root: Path) -> tuple[Entry, ...]:
    """Returns all entries under ``root``, oldest first; VerificationError names the first broken link."""
    path = Path(root) / AUDIT
    return _read(path)[0] if path.exists() else ()


def _read(path: Path) -> tuple[tuple[Entry, ...], int]:
    """Returns the entries, and the position after the last whole line."""
    data = path.read_bytes()
    end = data.rfind(b"\n") + 1
    entries: list[Entry] = []
    previous = _FIRST
    for number, line in enumerate(data[:end].splitlines(), start=1):
        try:
            entry = Entry(**json.loads(line))
            whole = entry.line().encode("utf-8") == line
        except (ValueError, TypeError):
            whole = False
        if not whole or entry.number != number or entry.previous != previous:
            raise VerificationError(
                f"{path}: the chain is broken at line {number}",
                hint="an entry was changed, taken out or put in; restore the file from a backup",
            )
        entries.append(_with_hash(entry, line))
        previous = entries[-1].hash
    return tuple(entries), end


def _with_hash(entry: Entry, line: bytes) -> Entry:
    content = asdict(entry) | {"hash": hashlib.sha256(line).hexdigest()}
    return Entry(**content)
