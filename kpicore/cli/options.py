"""Options that several commands share, handed to them as records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import update_wrapper
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, cast

import click

from kpicore.errors import UsageError

from .progress import working
from .words import Language

if TYPE_CHECKING:
    from kpicore.plugin.manager import Plugins
    from kpicore.tables import Log

__all__ = [
    "Format",
    "Output",
    "Session",
    "SourceChoice",
    "TimeChoice",
    "with_calendar",
    "with_optional_source",
    "with_output",
    "with_session",
    "with_source",
    "with_time",
    "with_where",
    "with_week_start",
    "words_in",
]

Format = Literal["table", "json", "csv", "parquet", "xlsx"]
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """How this call of the program behaves."""

    lang: Language = "en"
    third_party: bool = True

    def plugins(self) -> Plugins:
        """Returns the plugins that may be used."""
        from kpicore.plugin.manager import load_plugins

        return load_plugins(third_party=self.third_party)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """In what form the data go where; None is stdout."""

    format: Format = "table"
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChoice:
    """What the user named as the source."""

    paths: tuple[Path, ...]
    adapter: str | None
    mapping: Path | None
    zone: str | None
    settings: tuple[tuple[str, str], ...]
    pseudonyms: Path | None = None

    def open(self, plugins: Plugins) -> Log:
        """Returns the log of the source."""
        import kpicore

        with working("reading"):
            return kpicore.open(
                self.paths if len(self.paths) > 1 else self.paths[0],
                adapter=self.adapter,
                mapping=self.mapping,
                zone=self.zone,
                options=dict(self.settings),
                pseudonyms=self.pseudonyms,
                plugins=plugins,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChoice:
    """What the user said of business hours, and of when days and years begin."""

    calendar: Path | None
    day_start: str
    fiscal_year_start: int


def _passing(name: str, build: Callable[..., object], *options: Callable[[F], F]) -> Callable[[F], F]:
    """Returns a decorator that adds ``options`` and passes what ``build`` makes of them as ``name``."""
    taken = tuple(signature(build).parameters)

    def decorate(function: F) -> F:
        def call(**values: object) -> object:
            own = {key: values.pop(key) for key in taken}
            return function(**values, **{name: build(**own)})

        update_wrapper(call, function)
        decorated = cast("F", call)
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def _session(*, lang: Language | None, no_plugins: bool) -> Session:
    before = click.get_current_context().find_root().obj or {}
    return Session(
        lang=lang or before.get("lang") or "en",
        third_party=not (no_plugins or before.get("no_plugins")),
    )


_ENDINGS: Mapping[str, Format] = {
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}


def _output(*, form: Format | None, path: Path | None) -> Output:
    if form is None:
        form = _ENDINGS.get(path.suffix.lower(), "table") if path is not None else "table"
    if form == "parquet" and path is None:
        raise UsageError("Parquet is not for a terminal", hint="name a file with --output")
    if form == "xlsx" and path is None:
        raise UsageError("a workbook is not for a terminal", hint="name a file with --output")
    return Output(format=form, path=path)


def _source(
    *,
    paths: tuple[Path, ...],
    adapter: str | None,
    mapping: Path | None,
    zone: str | None,
    settings: tuple[str, ...],
    pseudonyms: Path | None,
) -> SourceChoice:
    return SourceChoice(
        paths=paths,
        adapter=adapter,
        mapping=mapping,
        zone=zone,
        settings=_pairs("--option", settings),
        pseudonyms=pseudonyms,
    )


def _time(*, calendar: Path | None, day_start: str, fiscal_year_start: int) -> TimeChoice:
    return TimeChoice(calendar=calendar, day_start=day_start, fiscal_year_start=fiscal_year_start)


def _where(*, conditions: tuple[str, ...]) -> Mapping[str, list[str]]:
    values: dict[str, list[str]] = {}
    for column, value in _pairs("--where", conditions):
        values.setdefault(column, []).append(value)
    return values


def _week(*, week_day: str) -> int:
    return _WEEKDAYS.index(week_day) + 1


with_session = _passing(
    "session",
    _session,
    click.option("--lang", type=click.Choice(["en", "zh"]), help="The language of tables."),
    click.option("--no-plugins", is_flag=True, help="Use kpicore's own metrics, adapters and schemes only."),
)
"""Adds ``--lang`` and ``--no-plugins``, which may also stand before the command; passes ``session``."""

with_output = _passing(
    "output",
    _output,
    click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv", "parquet", "xlsx"]),
        help="A table for people, or data for programs; as the file is called if not said, else a table.",
    ),
    click.option(
        "-o",
        "--output",
        "path",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write to this file instead of stdout.",
    ),
)
"""Adds ``--format`` and ``--output``; passes ``output``."""

with_where = _passing(
    "where",
    _where,
    click.option(
        "--where",
        "conditions",
        multiple=True,
        metavar="COLUMN=VALUE",
        help="Only rows with this value; COLUMN!=VALUE: only the others, the unknown among them.",
    ),
)
"""Adds ``--where``; passes ``where``, the values by column."""

_READING = (
    click.option("--adapter", help="The reader of the system that wrote the log; see `kpicore adapters`."),
    click.option(
        "--mapping",
        type=click.Path(dir_okay=False, path_type=Path),
        help="A TOML file that says what the columns mean, or the name of one that comes with kpicore.",
    ),
    click.option("--zone", help="The time zone of local times and of periods, such as Asia/Shanghai."),
    click.option(
        "--option", "settings", multiple=True, metavar="NAME=VALUE", help="An option of the adapter."
    ),
    click.option(
        "--pseudonyms",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="KEYFILE",
        help="Put keyed hashes in the place of agents and customers; the key is in this file.",
    ),
)

with_source = _passing(
    "source",
    _source,
    click.argument("paths", metavar="SOURCE...", nargs=-1, required=True, type=click.Path(path_type=Path)),
    *_READING,
)
"""Adds the source and how it is read; passes ``source``."""

with_optional_source = _passing(
    "source",
    _source,
    click.argument("paths", metavar="[SOURCE]...", nargs=-1, type=click.Path(path_type=Path)),
    *_READING,
)
"""As ``with_source``, where the source may be left away: then it has no paths."""


with_calendar = click.option(
    "--calendar",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A TOML file of business hours and holidays, for business time and working days.",
)
"""Adds ``--calendar`` alone; passes ``calendar``."""

with_time = _passing(
    "time",
    _time,
    with_calendar,
    click.option(
        "--day-start",
        default="00:00",
        metavar="HH:MM",
        help="When a day begins; a night shift belongs to the day on which it started.",
    ),
    click.option(
        "--fiscal-year-start",
        type=click.IntRange(1, 12),
        default=1,
        metavar="MONTH",
        help="The month in which years and quarters begin.",
    ),
)
"""Adds ``--calendar``, ``--day-start`` and ``--fiscal-year-start``; passes ``time``."""

with_week_start = _passing(
    "week_start",
    _week,
    click.option(
        "--week-start",
        "week_day",
        type=click.Choice(_WEEKDAYS),
        default="mon",
        help="The day on which weeks begin.",
    ),
)
"""Adds ``--week-start``; passes the number of the weekday as ``week_start``."""


def _pairs(option: str, texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Returns the (name, value) of texts like ``name=value``; UsageError for others."""
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(
                f"{option} {text}: not of the form name=value", hint=f"write {option} queue=sales"
            )
        found.append((name.strip(), value.strip()))
    return tuple(found)


def words_in(texts: tuple[str, ...]) -> list[str]:
    """Returns the words of an option that may be given several times, or several at once with commas."""
    return [word.strip() for text in texts for word in text.split(",") if word.strip()]
