"""Runs on disk: a folder is published whole or not at all, and never changed afterwards."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from kpicore.errors import KpicoreError, SourceNotFoundError, StorageError, VerificationError

from .content import content_hash
from .durable import file_sha256, make_folder, sync_folder, write_file
from .manifest import (
    MANIFEST,
    SCHEMA_VERSION,
    SEAL,
    Manifest,
    Provenance,
    StoredFile,
    read_manifest,
    versions,
)

if TYPE_CHECKING:
    from kpicore.plugin.manager import Plugins

    from .explain import Explanation

__all__ = [
    "CALENDAR",
    "CARD",
    "DEFAULT_ROOT",
    "MAPPING",
    "Run",
    "Runs",
    "judged",
    "keep",
    "list_runs",
    "open_run",
    "publish",
]

CARD = "card.toml"
MAPPING = "mapping.toml"
CALENDAR = "calendar.toml"
DEFAULT_ROOT = Path("kpicore-runs")
_STAGING = ".staging"
_TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stored run: its folder and what its manifest says."""

    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """The name of the folder."""
        return self.path.name

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables."""
        return tuple(sorted(Path(f).stem for f in self.manifest.files if f.endswith(".parquet")))

    def table(self, name: str) -> pa.Table:
        """Returns the table called ``name``.

        Raises VerificationError where the run has none or where its file cannot be read.
        """
        path = self.path / f"{name}.parquet"
        if name not in self.tables:
            raise VerificationError(
                f"{self.path} has no table {name!r}", hint=f"it has {', '.join(self.tables)}"
            )
        try:
            with pq.ParquetFile(path) as file:
                return file.read()
        except (OSError, pa.ArrowException) as error:
            raise VerificationError(f"{path} cannot be read: {error}") from error

    def explain(
        self,
        subject: str,
        *,
        metric: str | None = None,
        plugins: Plugins | None = None,
        source: Sequence[Path] = (),
    ) -> Explanation:
        """Returns how the score of ``subject`` came about; see ``explain``."""
        from kpicore.plugin.manager import load_plugins

        from .explain import explain

        return explain(self, subject, plugins or load_plugins(), metric=metric, source=source)

    @property
    def card(self) -> str | None:
        """The text of the scorecard; None where the run was only measured."""
        return self.text(CARD)

    def text(self, name: str) -> str | None:
        """Returns the text of a file of the run; None where it has no such file."""
        if name not in self.manifest.files:
            return None
        try:
            return (self.path / name).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise VerificationError(f"{self.path / name} cannot be read: {error}") from error

    def report(
        self, path: str | Path, *, subject: str | None = None, language: Literal["en", "zh"] = "en"
    ) -> Path:
        """Writes a report on the run to ``path`` and returns it; see ``kpicore.report.write_report``."""
        from kpicore.report import write_report  # this room stands right of runs; nothing here depends on it

        return write_report(self, Path(path), subject=subject, language=language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What lies in a folder of runs: runs, newest first, and by path why others cannot be opened."""

    runs: tuple[Run, ...]
    unreadable: Mapping[Path, str]


def judged(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Returns the tables that the content hash of a run covers: all but the ledger.

    The ledger names source files, and the same rows read from other files are the same content.
    """
    return {name: table for name, table in tables.items() if name != "ledger"}


def keep(
    root: Path = DEFAULT_ROOT,
    *,
    provenance: Provenance,
    tables: Mapping[str, pa.Table],
    card: str | None = None,
    texts: Mapping[str, str] = MappingProxyType({}),
    created_at: datetime | None = None,
) -> Run:
    """Publishes a run under ``root`` and returns it; see ``publish``.

    Its id is the time in UTC and the first eight digits of the content hash. Where the same content was
    kept in this second already, it waits for the next one.
    """
    content = content_hash(judged(tables))
    written = _texts(card, texts)
    while True:
        at = (created_at or datetime.now(UTC)).astimezone(UTC)
        folder = Path(root) / f"{at:%Y%m%d-%H%M%S}-{content[:8]}"
        if created_at is None and os.path.lexists(folder):
            time.sleep(1 - at.microsecond / 1_000_000)
            continue
        return open_run(_publish(folder, provenance, tables, written, at, content))


def publish(
    folder: Path,
    *,
    provenance: Provenance,
    tables: Mapping[str, pa.Table],
    card: str | None = None,
    texts: Mapping[str, str] = MappingProxyType({}),
    created_at: datetime | None = None,
) -> Path:
    """Writes a run to ``folder``, which must not exist, and returns it.

    The run is there, whole and on the disk, when the call returns, and not at all when it raises
    StorageError: files are written and synced in a hidden folder beside the target, the manifest last,
    and one rename shows them.
    """
    at = (created_at or datetime.now(UTC)).astimezone(UTC)
    content = content_hash(judged(tables))
    return _publish(Path(folder), provenance, tables, _texts(card, texts), at, content)


def _publish(
    folder: Path,
    provenance: Provenance,
    tables: Mapping[str, pa.Table],
    texts: Mapping[str, str],
    at: datetime,
    content: str,
) -> Path:
    for name in tables:
        if not _TABLE_NAME.fullmatch(name):
            raise ValueError(f"a table of a run cannot be called {name!r}")
    target = folder.absolute()
    staging = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_STAGING}")
    try:
        make_folder(target.parent)
        _refuse_existing(target)
        staging.mkdir()
        files = _write_files(staging, tables, texts)
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            created_at=at.isoformat(timespec="seconds"),
            versions=versions(),
            provenance=provenance,
            files=files,
            content_hash=content,
        )
        written = manifest.to_json().encode("utf-8")
        seal = f"{hashlib.sha256(written).hexdigest()}  {MANIFEST}\n".encode()
        write_file(staging / SEAL, partial(_write, seal))
        write_file(staging / MANIFEST, partial(_write, written))
        sync_folder(staging)
        _refuse_existing(target)
        staging.rename(target)
        _confirm(target, staging)
    except OSError as error:
        _discard(staging)
        if isinstance(error, KpicoreError):
            raise
        raise StorageError(
            f"{target}: the run could not be stored: {error}",
            hint="nothing was published; mend it and run again",
        ) from error
    except BaseException:
        _discard(staging)
        raise
    return folder


def _texts(card: str | None, texts: Mapping[str, str]) -> dict[str, str]:
    return dict(texts) if card is None else {CARD: card, **texts}


def _write_files(
    folder: Path, tables: Mapping[str, pa.Table], texts: Mapping[str, str]
) -> dict[str, StoredFile]:
    rows: dict[str, int | None] = {}
    for name, table in sorted(tables.items()):
        write_file(folder / f"{name}.parquet", partial(pq.write_table, table, compression="zstd"))
        rows[f"{name}.parquet"] = table.num_rows
    for name, text in sorted(texts.items()):
        data = text.encode("utf-8")
        write_file(folder / name, partial(_write, data))
        rows[name] = None
    return {
        name: StoredFile(size=(folder / name).stat().st_size, sha256=file_sha256(folder / name), rows=n)
        for name, n in rows.items()
    }


def _write(data: bytes, file: BinaryIO) -> None:
    file.write(data)


def _refuse_existing(target: Path) -> None:
    # A rename would replace an empty folder without a word; anything else makes it fail.
    if os.path.lexists(target):
        raise StorageError(f"{target} exists already; a run is never overwritten", hint="run again")


def _confirm(target: Path, staging: Path) -> None:
    """Brings the new name to the disk; where that fails, takes it back: nobody was told of the run yet."""
    try:
        sync_folder(target.parent)
    except OSError:
        with suppress(OSError):
            target.rename(staging)
        raise


def _discard(staging: Path) -> None:
    shutil.rmtree(staging, ignore_errors=True)


def open_run(path: Path) -> Run:
    """Returns the run in the folder ``path``, without looking at its tables.

    Raises SourceNotFoundError where there is no folder and VerificationError where it is not a run.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise SourceNotFoundError(f"there is no run {folder}", hint="`kpicore runs` lists what there is")
    return Run(path=folder, manifest=read_manifest(folder))


def list_runs(root: Path = DEFAULT_ROOT) -> Runs:
    """Returns the runs under ``root``; none where it does not exist. Unfinished ones are hidden folders."""
    runs, unreadable = [], {}
    folders = (p for p in Path(root).iterdir() if p.is_dir()) if Path(root).is_dir() else ()
    for folder in folders:
        if folder.name.startswith("."):
            continue
        try:
            runs.append(open_run(folder))
        except VerificationError as error:
            unreadable[folder] = error.message
    runs.sort(key=lambda run: (run.manifest.created, run.id), reverse=True)
    return Runs(runs=tuple(runs), unreadable=dict(sorted(unreadable.items())))
