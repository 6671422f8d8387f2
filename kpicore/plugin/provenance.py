"""Who provides a record, and what went wrong with whom."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Failure", "PluginListing", "Provenance", "Stage", "failure_of", "hash_code"]

Stage = Literal["import", "api", "hooks", "call", "record", "clash", "allow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The plugin that provides something, its distribution and version.

    ``sha256`` covers the files of the plugin's top-level package; it is empty for built-in plugins,
    which the version of kpicore identifies.
    """

    plugin: str
    distribution: str
    version: str
    sha256: str = ""
    builtin: bool = False

    def __str__(self) -> str:
        return f"{self.plugin} ({self.distribution} {self.version})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One fault of one plugin: at which ``stage``, in a sentence, with the traceback if there was one."""

    provenance: Provenance
    stage: Stage
    message: str
    trace: str = ""

    def __str__(self) -> str:
        return f"plugin {self.provenance}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginListing:
    """A plugin with the names it provides by kind, sorted, and its failures."""

    provenance: Provenance
    provides: Mapping[str, tuple[str, ...]]
    failures: tuple[Failure, ...]


def failure_of(provenance: Provenance, stage: Stage, what: str, error: BaseException) -> Failure:
    """Returns the failure for an exception that a plugin let out while ``what`` was done."""
    first = (str(error) or "no message").strip().splitlines()[0]
    return Failure(
        provenance=provenance,
        stage=stage,
        message=f"{what}: {type(error).__name__}: {first}",
        trace="".join(traceback.format_exception(error)),
    )


def hash_code(module: str) -> str:
    """Returns the SHA-256 over the files of the top-level package of ``module``, without importing it.

    The digest covers relative paths and contents, so it is the same for every kind of installation.
    Empty where the package is not found on disk.
    """
    spec = importlib.util.find_spec(module.partition(".")[0])
    digest, found = hashlib.sha256(), False
    for name, path in _files(spec):
        found = True
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest() if found else ""


def _files(spec: importlib.machinery.ModuleSpec | None) -> Iterator[tuple[str, Path]]:
    if spec is None:
        return
    if spec.submodule_search_locations is None:
        if spec.origin is not None and Path(spec.origin).is_file():
            yield Path(spec.origin).name, Path(spec.origin)
        return
    for location in map(Path, spec.submodule_search_locations):
        for path in sorted(location.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(location).as_posix(), path
