"""Which files a path stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from .reading import reading, require

__all__ = ["FoundFile", "find_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file below the ``root`` that the user named, and the ``name`` that the ledger calls it by."""

    path: Path
    name: str
    root: Path

    @property
    def folder(self) -> str:
        """The first folder below the root, empty for a file that lies there directly."""
        below = self.path.relative_to(self.root).parts
        return below[0] if len(below) > 1 else ""

    def matches(self, pattern: str) -> bool:
        """Returns whether a glob pattern fits the file's name or its path below the root."""
        return fnmatchcase(self.path.name, pattern) or fnmatchcase(self.name, pattern)


def find_files(paths: Sequence[Path]) -> tuple[FoundFile, ...]:
    """Returns the files of ``paths`` and of the folders among them, in order of their names.

    Hidden files and those that begin with an underscore are passed over. Raises
    SourceNotFoundError for what is not there.
    """
    found: list[FoundFile] = []
    for path in paths:
        require(path)
        if path.is_dir():
            found.extend(_within(path))
        else:
            found.append(FoundFile(path=path, name=path.name, root=path))
    names = [file.name for file in found]
    return tuple(
        replace(file, name=file.path.as_posix()) if names.count(file.name) > 1 else file for file in found
    )


def _within(folder: Path) -> Iterator[FoundFile]:
    with reading(folder):
        inside = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in inside:
        below = path.relative_to(folder)
        if not any(part.startswith((".", "_")) for part in below.parts):
            yield FoundFile(path=path, name=below.as_posix(), root=folder)
