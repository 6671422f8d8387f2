"""Verification: a stored run is what its manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kpicore.errors import VerificationError

from .content import content_hash
from .durable import file_sha256
from .manifest import MANIFEST, SEAL, StoredFile
from .store import Run, judged, open_run

__all__ = ["verify"]


def verify(path: Path) -> Run:
    """Returns the run in the folder ``path`` after recomputing every hash and count of its manifest.

    Raises VerificationError, which names every file that differs, and SourceNotFoundError where there
    is no such folder.
    """
    run = open_run(path)
    problems = [*_strangers(run), *_seal_problems(run)]
    for name, stored in run.manifest.files.items():
        problems += _file_problems(run, name, stored)
    if not problems:
        problems += _content_problems(run)
    if problems:
        raise VerificationError(
            f"{run.path} is not what its manifest says",
            hint="it was changed or damaged after it was published; restore it from a backup",
            problems=tuple(problems),
        )
    return run


def _strangers(run: Run) -> Iterator[str]:
    for path in sorted(run.path.iterdir()):
        if path.name not in (MANIFEST, SEAL, *run.manifest.files):
            yield f"{path.name}: is not in the manifest"


def _seal_problems(run: Run) -> Iterator[str]:
    """The seal holds the hash of the manifest, as ``sha256sum --check`` reads it."""
    try:
        seal = (run.path / SEAL).read_bytes()
        sha256 = file_sha256(run.path / MANIFEST)
    except OSError as error:
        yield f"{SEAL}: cannot be read: {error.strerror}"
        return
    if seal != f"{sha256}  {MANIFEST}\n".encode():
        yield f"{MANIFEST}: its SHA-256 is {sha256[:16]}..., which {SEAL} does not hold"


def _file_problems(run: Run, name: str, stored: StoredFile) -> Iterator[str]:
    path = run.path / name
    try:
        size, sha256 = path.stat().st_size, file_sha256(path)
    except OSError as error:
        yield f"{name}: cannot be read: {error.strerror}"
        return
    if size != stored.size:
        yield f"{name}: has {size} bytes, not {stored.size}"
    elif sha256 != stored.sha256:
        yield f"{name}: its SHA-256 is {sha256[:16]}..., not {stored.sha256[:16]}..."


def _content_problems(run: Run) -> Iterator[str]:
    tables = {name: run.table(name) for name in run.tables}
    for name, table in tables.items():
        expected = run.manifest.files[f"{name}.parquet"].rows
        if table.num_rows != expected:
            yield f"{name}.parquet: has {table.num_rows} rows, not {expected}"
    found = content_hash(judged(tables))
    stated = run.manifest.content_hash
    if found != stated:
        yield f"{MANIFEST}: the content hash of the tables is {found[:16]}..., not {stated[:16]}..."
