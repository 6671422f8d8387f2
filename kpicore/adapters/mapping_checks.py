"""What a mapping must keep to before any file is read: names, kinds, words of enumerations."""

from __future__ import annotations

from collections.abc import Iterable

from kpicore.errors import suggest
from kpicore.plugin import Column, Kind, TableSchema

from .mapping import Choice, FeedRule, FileRule, Rule
from .mapping_reader import Problems
from .schemas import Schemas

__all__ = ["check_defines", "check_feed", "kind_of"]

_ONLY = {
    "format": (Kind.TIME,),
    "date": (Kind.TIME,),
    "unit": (Kind.DURATION,),
    "split": (Kind.IDS,),
}


def kind_of(rule: Rule) -> Kind:
    """Returns what a defined value holds, by the way it is written: a time, a duration, else text."""
    if any(choice.date or choice.format for choice in rule.choices):
        return Kind.TIME
    if any(choice.unit for choice in rule.choices):
        return Kind.DURATION
    return Kind.TEXT


def check_defines(file: FileRule, problems: Problems) -> None:
    """Reports defined values that need each other, and ``not_before`` that is no defined time."""
    for name in file.define:
        if name in _needs(name, file):
            problems.at(f"{file.key}.define.{name}", "needs itself to be known")
    rules = [*file.define.values(), *(r for feed in file.feeds for r in _rules(feed))]
    times = [name for name, rule in file.define.items() if kind_of(rule) is Kind.TIME]
    for choice in (choice for rule in rules for choice in rule.choices):
        if choice.not_before and choice.not_before not in times:
            hint = suggest(choice.not_before, times)
            problems.at(f"{choice.key}.not_before", f"{choice.not_before!r} is no defined time; {hint}")


def _needs(name: str, file: FileRule) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for choice in file.define[waiting.pop()].choices:
            fresh = {source for source in choice.sources() if source in file.define} - found
            found |= fresh
            waiting.extend(fresh)
    return found


def _rules(feed: FeedRule) -> Iterable[Rule]:
    return [*feed.columns.values(), *feed.dimensions.values()]


def check_feed(feed: FeedRule, schemas: Schemas, problems: Problems) -> None:
    """Reports what does not fit the contract of the feed's table."""
    if not feed.table:
        return
    schema = schemas.find(feed.table)
    if schema is None:
        problems.at(f"{feed.key}.table", schemas.problem(feed.table))
        return
    known = [column.name for column in schema.columns]
    for name, rule in feed.columns.items():
        if name in known:
            _check_rule(rule, schema.column(name), problems)
            continue
        hint = suggest(name, known)
        if schema.open_ended:
            hint += f"; what is to be kept as a dimension belongs under {feed.key}.dimensions"
        problems.at(f"{feed.key}.columns.{name}", f"the table {schema.name!r} has no such column; {hint}")
    for name in schema.required:
        if name not in feed.columns:
            problems.at(f"{feed.key}.columns", f"{name!r} is missing ({schema.column(name).doc})")
    _check_dimensions(feed, schema, problems)


def _check_dimensions(feed: FeedRule, schema: TableSchema, problems: Problems) -> None:
    for name, rule in feed.dimensions.items():
        key = f"{feed.key}.dimensions.{name}"
        if not schema.open_ended:
            problems.at(key, f"the table {schema.name!r} keeps no dimensions; contacts and agents do")
        elif name in schema:
            problems.at(key, f"is a column of {schema.name!r}; it belongs under {feed.key}.columns")
        _check_rule(rule, Column(name=name, kind=Kind.ID, doc="a dimension"), problems)


def _check_rule(rule: Rule, column: Column, problems: Problems) -> None:
    for choice in rule.choices:
        for option, kinds in _ONLY.items():
            if getattr(choice, option) and column.kind not in kinds:
                word = kinds[0].value
                problems.at(
                    f"{choice.key}.{option}", f"is for a {word}, and {column.name!r} is a {column.kind.value}"
                )
        if column.kind is Kind.ENUM:
            _check_words(choice, column, problems)


def _check_words(choice: Choice, column: Column, problems: Problems) -> None:
    words = {f"{choice.key}.values.{word}": target for word, target in choice.values.items()}
    for option in ("constant", "otherwise"):
        if (word := getattr(choice, option)) is not None and not (option == "constant" and choice.values):
            words[f"{choice.key}.{option}"] = word
    for key, word in words.items():
        if word not in column.values:
            problems.at(key, f"{word!r} is no {column.name}; {suggest(word, list(column.values))}")
