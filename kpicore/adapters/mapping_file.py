"""From the text of a mapping file to its records, every problem found at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kpicore.clock import load_zone
from kpicore.errors import CalendarError, MappingError, suggest

from .formats import FORMATS
from .mapping import Exclusion, FeedRule, FileRule, MappingFile
from .mapping_checks import check_defines, check_feed
from .mapping_reader import Problems, Section
from .mapping_rules import read_condition, read_rule
from .schemas import Schemas

__all__ = ["MappingText", "load_mapping", "parse_mapping", "read_mapping", "shipped_mappings"]


def shipped_mappings() -> tuple[str, ...]:
    """Returns the names of the mappings that come with kpicore."""
    folder = files("kpicore.adapters.mappings")
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingText:
    """The text of a mapping (TOML), and what it is called."""

    name: str
    text: str


def read_mapping(mapping: str | Path | MappingText) -> MappingText:
    """Returns the text of a file, or of the mapping of that name that comes with kpicore.

    Raises MappingError for what is not there or is no text.
    """
    if isinstance(mapping, MappingText):
        return mapping
    path = Path(mapping)
    if path.is_file():
        try:
            return MappingText(name=str(path), text=path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise MappingError(f"{path}: is not UTF-8", hint="save the mapping as UTF-8") from error
    known = shipped_mappings()
    if str(mapping) in known:
        text = files("kpicore.adapters.mappings").joinpath(f"{mapping}.toml").read_text(encoding="utf-8")
        return MappingText(name=str(mapping), text=text)
    raise MappingError(
        f"there is no mapping {str(mapping)!r}",
        hint=f"give the path of a TOML file; {suggest(str(mapping), list(known))}",
    )


def load_mapping(mapping: str | Path | MappingText, schemas: Schemas) -> MappingFile:
    """Returns the mapping of a file, of that name, or of a text.

    Raises MappingError for what is not there or cannot be used, listing every problem with its key.
    """
    read = read_mapping(mapping)
    return parse_mapping(read.text, read.name, schemas)


def parse_mapping(text: str, name: str, schemas: Schemas) -> MappingFile:
    """Returns the mapping that ``text`` (TOML) describes; ``name`` is what errors call it."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{name}: is no valid TOML: {error}") from error
    problems = Problems()
    root = Section(content, "", problems)
    mapping = MappingFile(
        name=name,
        doc=root.text("doc"),
        zone=_zone(root),
        files=tuple(_file(section, schemas) for section in root.tables("files", required=True)),
    )
    root.close()
    if problems:
        raise MappingError(f"{name}: {len(problems)} problem(s) in this mapping", problems=tuple(problems))
    return mapping


def _zone(section: Section) -> str | None:
    zone = section.text("zone") or None
    if zone is not None:
        try:
            load_zone(zone)
        except CalendarError as error:
            section.problems.at(section.path("zone"), f"{error.message}; {error.hint}")
            return None
    return zone


def _file(section: Section, schemas: Schemas) -> FileRule:
    problems = section.problems
    rule = FileRule(
        key=section.key,
        match=section.texts("match") or ("*",),
        format=section.word("format", tuple(each.name for each in FORMATS)),
        delimiter=section.text("delimiter"),
        encoding=_encoding(section),
        quote=section.take("quote", str, '"'),
        skip=section.take("skip", int, 0),
        header=section.texts("header"),
        nulls=section.texts("null"),
        zone=_zone(section),
        define={name: read_rule(value, key, problems) for name, key, value in section.items("define")},
        exclude=tuple(_exclusions(section)),
        feeds=tuple(_feed(each) for each in section.tables("feeds", required=True)),
    )
    section.close()
    for option in ("delimiter", "quote"):
        if len(getattr(rule, option)) > 1:
            section.wrong(option, getattr(rule, option), "one character")
    check_defines(rule, problems)
    for feed in rule.feeds:
        check_feed(feed, schemas, problems)
    return rule


def _encoding(section: Section) -> str:
    import codecs

    encoding = section.text("encoding") or "utf-8"
    try:
        codecs.lookup(encoding)
    except LookupError:
        known = ["utf-8", "gb18030", "gbk", "big5", "utf-16", "latin-1", "cp1252", "shift_jis"]
        section.problems.at(section.path("encoding"), f"found {encoding!r}; {suggest(encoding, known)}")
        return "utf-8"
    return encoding


def _feed(section: Section) -> FeedRule:
    problems = section.problems
    when = section.raw("when")
    feed = FeedRule(
        key=section.key,
        table=section.text("table", required=True),
        columns={name: read_rule(value, key, problems) for name, key, value in section.items("columns")},
        dimensions={
            name: read_rule(value, key, problems) for name, key, value in section.items("dimensions")
        },
        when=None if when is None else read_condition(when, section.path("when"), problems),
        reason=section.text("reason") or "not_applicable",
        exclude=tuple(_exclusions(section)),
    )
    section.close()
    return feed


def _exclusions(section: Section) -> Iterator[Exclusion]:
    for each in section.tables("exclude"):
        where = each.raw("where")
        if where is None:
            each.problems.at(each.path("where"), "is missing")
        reason = each.text("reason", required=True)
        each.close()
        condition = read_condition({} if where is None else where, each.path("where"), each.problems)
        yield Exclusion(key=each.key, reason=reason, where=condition)
