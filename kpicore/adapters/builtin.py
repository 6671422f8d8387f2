"""The adapters that come with kpicore: canonical tables in files of the common formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kpicore.plugin import Adapter, Feed, Source, Text, hookimpl

from .canonical import holds_tables, open_files

__all__ = ["kpicore_adapters"]

_LAYOUT = "a file per table, or a folder of files per table, named as the canonical tables"


def _open_all(source: Source) -> Iterator[Feed]:
    return open_files(source)


def _open_arrow(source: Source) -> Iterator[Feed]:
    return open_files(source, "arrow")


def _open_csv(source: Source) -> Iterator[Feed]:
    return open_files(source, "csv")


def _open_json(source: Source) -> Iterator[Feed]:
    return open_files(source, "json")


def _open_parquet(source: Source) -> Iterator[Feed]:
    return open_files(source, "parquet")


@hookimpl
def kpicore_adapters() -> Iterable[Adapter]:
    """Returns the adapters for files of canonical tables."""
    encoding = Text(name="encoding", doc="the encoding of the text, such as gb18030", default="utf-8")
    delimiter = Text(name="delimiter", doc="what stands between two values; the ending says it by default")
    return (
        Adapter(
            name="files",
            doc=f"Canonical tables in Parquet, Arrow, CSV or JSON lines: {_LAYOUT}.",
            open=_open_all,
            recognises=holds_tables,
        ),
        Adapter(
            name="arrow", doc=f"Canonical tables as Arrow IPC files or streams: {_LAYOUT}.", open=_open_arrow
        ),
        Adapter(
            name="csv",
            doc=f"Canonical tables as CSV or TSV: {_LAYOUT}.",
            open=_open_csv,
            options=(delimiter, encoding),
        ),
        Adapter(
            name="json", doc=f"Canonical tables as one JSON object per line: {_LAYOUT}.", open=_open_json
        ),
        Adapter(name="parquet", doc=f"Canonical tables as Parquet: {_LAYOUT}.", open=_open_parquet),
    )
