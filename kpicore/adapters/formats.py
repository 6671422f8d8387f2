"""What the ending of a file's name tells: its format and its compression."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["FORMATS", "FileFormat", "format_of"]

_COMPRESSIONS = (".gz", ".zst", ".bz2", ".lz4")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """A format of files: which reader reads it, and the delimiter where that is text."""

    name: str
    adapter: str
    endings: tuple[str, ...]
    delimiter: str = ""


FORMATS = (
    FileFormat(name="csv", adapter="csv", endings=(".csv",), delimiter=","),
    FileFormat(name="tsv", adapter="csv", endings=(".tsv", ".tab"), delimiter="\t"),
    FileFormat(name="parquet", adapter="parquet", endings=(".parquet", ".pq")),
    FileFormat(name="arrow", adapter="arrow", endings=(".arrow", ".arrows", ".ipc", ".feather")),
    FileFormat(name="json", adapter="json", endings=(".jsonl", ".ndjson")),
)
"""The formats that are told by the ending of a file's name."""


def format_of(path: Path) -> FileFormat | None:
    """Returns the format that the ending of ``path`` tells (compression set aside), None for others."""
    name = path.name.lower()
    for ending in _COMPRESSIONS:
        name = name.removesuffix(ending)
    for each in FORMATS:
        if name.endswith(each.endings):
            return each
    return None
