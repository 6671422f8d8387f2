"""Files that hold canonical tables or facts: the name says which, the ending says the format.

``messages.parquet``, ``contacts.2026-10.csv.gz`` and every file below a folder ``agent_states/`` are
such files. Only columns that the table knows are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from kpicore.errors import SourceError
from kpicore.plugin import TABLES, Feed, Source

from .columnar import column_names, read_arrow, read_json, read_parquet
from .delimited import Dialect, read_delimited, read_header
from .formats import FORMATS, FileFormat, format_of
from .found import FoundFile, find_files

__all__ = ["holds_tables", "open_files", "table_name"]


def table_name(file: FoundFile) -> str:
    """Returns the table that a file is of, by the first of these names that is a canonical table's.

    They are the first folder below what the user named, the file's own name up to the first dot, and
    the name of the folder that the user named or that holds the file that the user named. Where none
    is, it is the first that there is: maybe a fact's.
    """
    home = file.root.parent if file.root == file.path else file.root
    names = [name for name in (file.folder, file.path.name.partition(".")[0], home.name) if name]
    return next((name for name in names if name in TABLES), names[0])


def holds_tables(path: Path) -> bool:
    """Returns whether a file, or any file of a folder, has the ending and the name of a canonical table."""
    if not path.exists():
        return False
    return any(format_of(file.path) and table_name(file) in TABLES for file in find_files([path]))


def open_files(source: Source, adapter: str = "") -> Iterator[Feed]:
    """Yields a feed per file of the formats that ``adapter`` reads (all for none), read when asked.

    Raises SourceError where there is no such file.
    """
    files = [(file, kind) for file in find_files(source.paths) if (kind := _format(file, adapter, source))]
    if not files:
        endings = ", ".join(e for each in FORMATS for e in each.endings if adapter in ("", each.adapter))
        raise SourceError(
            f"{', '.join(map(str, source.paths))}: there is no file of a known format",
            hint=f"known endings are {endings}, also with .gz; other logs need an adapter",
        )
    for file, kind in files:
        data = _File(file.path, kind, table_name(file), _dialect(kind, source))
        text = kind.adapter in ("csv", "json")
        yield Feed(source=file.name, table=data.table, data=data, text=text)


def _format(file: FoundFile, adapter: str, source: Source) -> FileFormat | None:
    """Returns the format of a file; a file that was named itself may have any ending."""
    found = format_of(file.path)
    if found is None and adapter and file.path in source.paths:
        found = next(each for each in FORMATS if each.adapter == adapter)
    return found if found is not None and adapter in ("", found.adapter) else None


def _dialect(kind: FileFormat, source: Source) -> Dialect:
    given = {
        name: value
        for name in ("delimiter", "encoding")
        if isinstance(value := source.options.get(name), str)
    }
    return Dialect(delimiter=given.get("delimiter", kind.delimiter), encoding=given.get("encoding", "utf-8"))


class _File:
    """A file as an Arrow stream: read when it is asked for, and then only the columns of its table.

    The others stay as columns of nothing, so that they can be counted as dropped.
    """

    def __init__(self, path: Path, kind: FileFormat, table: str, dialect: Dialect) -> None:
        self.path = path
        self.kind = kind
        self.table = table
        self.dialect = dialect

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        table = self._read()
        return table.__arrow_c_stream__(requested_schema)

    def _read(self) -> pa.Table:
        schema = TABLES.get(self.table)
        if self.kind.adapter == "arrow":
            return read_arrow(self.path, None)
        if self.kind.adapter == "json":
            return read_json(self.path, None)
        csv = self.kind.adapter == "csv"
        names = read_header(self.path, self.dialect) if csv else column_names(self.path)
        chosen = list(names)
        if schema is not None and not schema.open_ended:
            chosen = [name for name in names if name in schema] or list(names[:1])
        if csv:
            table = read_delimited(self.path, self.dialect, chosen)
        else:
            table = read_parquet(self.path, chosen, schema)
        for name in names:
            if name not in chosen:
                table = table.append_column(name, pa.nulls(table.num_rows))
        return table
