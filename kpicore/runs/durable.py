"""Files that are on the disk when the call returns; an error of fsync is an error of the call."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

__all__ = ["file_sha256", "make_folder", "sync_folder", "write_file"]


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Creates ``path``, which must not exist, lets ``write`` fill it, and brings it to the disk.

    Raises OSError from any of these steps.
    """
    with path.open("xb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Brings the names in ``path`` to the disk; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Makes ``path`` and the folders above it that are missing, each brought to the disk; raises OSError."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def file_sha256(path: Path) -> str:
    """Returns the SHA-256 of the file's bytes, in hexadecimal; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
