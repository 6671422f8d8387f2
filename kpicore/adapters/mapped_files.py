"""Opening a source by its mapping: files found, read, and made into feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from kpicore.errors import MappingError, SourceError, suggest
from kpicore.plugin import Feed
from kpicore.tables import Ledger, check_tables_layout

from .columnar import read_arrow, read_json, read_parquet
from .delimited import Dialect, read_delimited, read_header
from .formats import FORMATS, FileFormat, format_of
from .found import FoundFile
from .mapped import map_rows
from .mapping import FileRule, MappingFile, Rule
from .schemas import Schemas

__all__ = ["assign_files", "feed_mapped"]


def assign_files(
    files: Sequence[FoundFile], mapping: MappingFile, ledger: Ledger
) -> tuple[tuple[FoundFile, FileRule], ...]:
    """Returns each file with the first rule that it matches; files that match none are noted.

    Raises MappingError where no file matches any rule.
    """
    assigned: list[tuple[FoundFile, FileRule]] = []
    for file in files:
        rule = next((r for r in mapping.files if any(file.matches(p) for p in r.match)), None)
        if rule is None:
            ledger.note("", "no_mapping_for_file", source=file.name)
        else:
            assigned.append((file, rule))
    if not assigned:
        patterns = ", ".join(pattern for rule in mapping.files for pattern in rule.match)
        names = ", ".join(file.name for file in files[:5]) or "no files at all"
        raise MappingError(f"{mapping.name}: no file matches {patterns}", hint=f"found {names}")
    used = {rule.key for _, rule in assigned}
    for rule in mapping.files:
        if rule.key not in used:
            ledger.note("", f"no_file_for:{rule.match[0]}", source=Path(mapping.name).name)
    return tuple(assigned)


def feed_mapped(
    assigned: Iterable[tuple[FoundFile, FileRule]], mapping: MappingFile, schemas: Schemas, zone: str | None
) -> Iterator[Feed]:
    """Yields the feeds of each file in turn. ``zone`` wins over the zones that the mapping names.

    Raises MappingError for columns that a file does not have, SourceError for one that cannot be read.
    """
    for file, rule in assigned:
        contracts = [schema for feed in rule.feeds if (schema := schemas.find(feed.table))]
        table = _read(file, rule, mapping)
        yield from map_rows(table, rule, contracts, source=file.name, zone=zone or rule.zone or mapping.zone)


def _read(file: FoundFile, rule: FileRule, mapping: MappingFile) -> pa.Table:
    kind = _format(file, rule)
    if kind.adapter == "csv":
        dialect = Dialect(
            delimiter=rule.delimiter or kind.delimiter,
            encoding=rule.encoding,
            quote=rule.quote,
            skip=rule.skip,
            header=rule.header,
            nulls=rule.nulls,
        )
        names = _needed(rule, read_header(file.path, dialect), file, mapping)
        if not names:
            names = [read_header(file.path, dialect)[0]]
        return read_delimited(file.path, dialect, names)
    readers = {"parquet": read_parquet, "arrow": read_arrow, "json": read_json}
    table = readers[kind.adapter](file.path, None)
    table = table.select(_needed(rule, tuple(table.column_names), file, mapping))
    check_tables_layout(table, source=file.name)
    return table


def _format(file: FoundFile, rule: FileRule) -> FileFormat:
    if rule.format:
        return next(each for each in FORMATS if each.name == rule.format)
    found = format_of(file.path)
    if found is None:
        raise SourceError(
            f"{file.path}: the ending tells no format",
            hint=f"name it in the mapping: {rule.key}.format = {' or '.join(repr(f.name) for f in FORMATS)}",
        )
    return found


def _needed(rule: FileRule, there: tuple[str, ...], file: FoundFile, mapping: MappingFile) -> list[str]:
    """Returns the columns that the rule reads from the file, in the file's order."""
    wanted: dict[str, str] = {}
    for where, name in _sources(rule):
        if name not in rule.define:
            wanted.setdefault(name, where)
    missing = [
        f"{where}: {file.name!r} has no column {name!r}; {_nearest(name, there)}"
        for name, where in wanted.items()
        if name not in there
    ]
    if missing:
        raise MappingError(
            f"{mapping.name}: does not fit the columns of {file.path}",
            problems=tuple(missing),
            hint="is the delimiter, the header or the encoding another one?" if len(there) == 1 else "",
        )
    return [name for name in there if name in wanted]


def _nearest(name: str, there: tuple[str, ...]) -> str:
    same = [each for each in there if each.strip().casefold() == name.strip().casefold()]
    return f"did you mean {same[0]!r}?" if same else suggest(name, list(there))


def _sources(rule: FileRule) -> Iterator[tuple[str, str]]:
    rules: list[Rule] = list(rule.define.values())
    for exclusion in rule.exclude:
        yield from ((exclusion.key, name) for name in exclusion.where.columns())
    for feed in rule.feeds:
        rules.extend((*feed.columns.values(), *feed.dimensions.values()))
        if feed.when is not None:
            yield from ((f"{feed.key}.when", name) for name in feed.when.columns())
        for exclusion in feed.exclude:
            yield from ((exclusion.key, name) for name in exclusion.where.columns())
    for each in rules:
        for choice in each.choices:
            yield from ((choice.key, name) for name in choice.sources())
