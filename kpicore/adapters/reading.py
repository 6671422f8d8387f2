"""Opening files: what is missing, cut short or corrupt, said by name; what was read, by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from kpicore.errors import KpicoreError, SourceError, SourceNotFoundError, StorageError
from kpicore.tables import SourceFile

__all__ = ["Fingerprints", "fingerprint", "reading", "require"]

_DAMAGED = "the file is damaged, cut short, or not of the format that its name says"


def require(path: Path) -> Path:
    """Returns ``path``; raises SourceNotFoundError where there is nothing."""
    if path.exists():
        return path
    near = path.parent
    while not near.exists():
        near = near.parent
    hint = f"there is no {near.name}/{path.relative_to(near)}" if near.name else ""
    raise SourceNotFoundError(f"{path}: there is no such file or folder", hint=hint)


@contextmanager
def reading(path: Path, *, hint: str = _DAMAGED) -> Iterator[None]:
    """Turns what readers raise while they read ``path`` into errors that name it."""
    try:
        yield
    except KpicoreError:
        raise
    except FileNotFoundError as error:
        raise SourceNotFoundError(f"{path}: there is no such file") from error
    except PermissionError as error:
        raise StorageError(f"{path}: no permission to read it") from error
    except UnicodeError as error:
        found = (
            f"{error.reason} at byte {error.start}" if isinstance(error, UnicodeDecodeError) else str(error)
        )
        raise SourceError(
            f"{path}: is not in the encoding that was named: {found}",
            hint="name its encoding in a mapping, such as encoding = 'gb18030'",
        ) from error
    except (pa.ArrowException, OSError, EOFError, ValueError) as error:
        first = (str(error) or type(error).__name__).splitlines()[0]
        raise SourceError(f"{path}: cannot be read: {first}", hint=hint) from error


class Fingerprints:
    """Hashes input files beside their reading; a context that ends the work where reading fails."""

    def __init__(self, files: Iterable[tuple[Path, str, str]]) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kpicore-hash")
        self._records = [self._pool.submit(fingerprint, *file) for file in files]

    def __enter__(self) -> Fingerprints:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def result(self) -> tuple[SourceFile, ...]:
        """Returns the records of the files, in the order given; raises what hashing them raised."""
        return tuple(record.result() for record in self._records)


def fingerprint(path: Path, name: str, adapter: str) -> SourceFile:
    """Returns the record of an input file; the file is hashed in pieces, never held as a whole."""
    with reading(path), path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    return SourceFile(name=name, size=size, sha256=digest, adapter=adapter)
