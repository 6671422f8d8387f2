"""The public functions: open a log, measure it, see what it supports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pyarrow as pa

from kpicore import engine
from kpicore.adapters import open_log
from kpicore.clock import CalendarBook, load_calendars
from kpicore.errors import CardError, SourceNotFoundError
from kpicore.plugin.adapter import ArrowStream
from kpicore.plugin.manager import Plugins, load_plugins
from kpicore.runs import DEFAULT_ROOT, Review, Run, review
from kpicore.scoring import Mark
from kpicore.tables import Log

__all__ = ["check", "compare_definitions", "derive", "load_plugins", "measure", "open", "score", "scorecard"]

CalendarLike = str | Path | CalendarBook | None
"""Where business calendars come from: a TOML file, or what was read of one."""

SourceLike = str | Path | Sequence[str | Path] | Mapping[str, ArrowStream]


def _book(calendar: CalendarLike) -> CalendarBook | None:
    return load_calendars(calendar) if isinstance(calendar, str | Path) else calendar


@cache
def _installed() -> Plugins:
    return load_plugins()


def open(
    source: SourceLike,
    *,
    adapter: str | None = None,
    mapping: str | Path | None = None,
    zone: str | None = None,
    plugins: Plugins | None = None,
    options: Mapping[str, str] | None = None,
    pseudonyms: str | Path | None = None,
) -> Log:
    """Returns the log of ``source``: paths of files or folders, or tables in memory by name.

    ``adapter`` names the reader of a system's logs, ``mapping`` a mapping file; without either, files
    are read by their name and ending. ``zone`` is the zone of naive local times. ``pseudonyms``
    is a file with a key, by which agents and customers become keyed hashes. Raises
    SourceNotFoundError, SourceError, SchemaError or MappingError, each naming file, row and column.
    """
    return open_log(
        source,
        adapter=adapter,
        mapping=mapping,
        zone=zone,
        plugins=plugins or _installed(),
        options=options or {},
        pseudonyms=pseudonyms,
    )


def measure(
    log: Log,
    metrics: Sequence[str],
    by: Sequence[str] = (),
    *,
    period: str | Sequence[str] = (),
    zone: str | None = None,
    start: str | int | None = None,
    end: str | int | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    calendar: CalendarLike = None,
    day_start: str | int = 0,
    week_start: int = 1,
    fiscal_year_start: int = 1,
    plugins: Plugins | None = None,
    threads: int | None = None,
    batch_rows: int = 131_072,
) -> engine.Result:
    """Returns ``metrics`` of ``log`` by subjects and periods, dense over both.

    Metrics are texts such as ``service_level[within=30s]``; ``by`` names subjects (``agent``, ``team``,
    ``skill``, ``queue``, ``channel``, ``topic``, ``product``, ``customer``, ``tenure``, a dimension) and may
    name periods too. A contact with several topics, or an agent with several skills, counts once under
    each, so that the whole is not their sum. ``start`` is inclusive, ``end`` exclusive: text in ``zone``,
    or microseconds since 1970 UTC; by default the range of the data, aligned to periods. ``where`` keeps
    the rows of some subjects, weekdays or hours of day; with ``!`` behind the name, as in
    ``{"channel!": "phone"}``, all other rows, those included of which it is not known.

    Business time and working days count under ``calendar``, a file as ``docs/calendars.md`` has it.
    Days begin at ``day_start`` (``06:00``), weeks on weekday ``week_start`` (1 = Monday), years and
    quarters in month ``fiscal_year_start``.
    """
    return engine.ask(
        log,
        metrics,
        by,
        plugins or _installed(),
        period=period,
        zone=zone,
        start=start,
        end=end,
        where=where,
        calendars=_book(calendar),
        day_start=day_start,
        week_start=week_start,
        fiscal_year_start=fiscal_year_start,
        threads=threads,
        batch_rows=batch_rows,
    )


def compare_definitions(
    log: Log,
    metric: str,
    by: Sequence[str] = (),
    *,
    dialects: Sequence[str] | None = None,
    period: str | Sequence[str] = (),
    zone: str | None = None,
    start: str | int | None = None,
    end: str | int | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    calendar: CalendarLike = None,
    day_start: str | int = 0,
    week_start: int = 1,
    fiscal_year_start: int = 1,
    plugins: Plugins | None = None,
    threads: int | None = None,
) -> engine.Comparison:
    """Returns ``metric`` of ``log`` as kpicore and as each platform computes it, side by side.

    For every parameter in which a dialect differs from the default it says how far this one alone moves
    the value. ``dialects`` are all that define the metric; the other words are those of ``measure``.
    """
    return engine.compare_definitions(
        log,
        metric,
        by,
        plugins or _installed(),
        dialects=dialects,
        period=period,
        zone=zone,
        start=start,
        end=end,
        where=where,
        calendars=_book(calendar),
        day_start=day_start,
        week_start=week_start,
        fiscal_year_start=fiscal_year_start,
        threads=threads,
    )


def derive(log: Log, name: str, *, plugins: Plugins | None = None) -> pa.Table:
    """Returns the fact or table ``name`` of ``log``, with rows sorted by all columns."""
    return engine.derive(log, name, plugins or _installed())


def check(log: Log, *, plugins: Plugins | None = None) -> tuple[engine.Finding, ...]:
    """Returns for every metric whether ``log`` supports it, or what it lacks."""
    return engine.check(log, plugins or _installed())


def scorecard(name: str | Path, *, plugins: Plugins | None = None) -> str:
    """Returns the TOML text of a ready card, or of a card in a file (a path, or a name with an ending)."""
    if isinstance(name, Path) or name.endswith(".toml"):
        try:
            return Path(name).read_text("utf-8")
        except FileNotFoundError as error:
            raise SourceNotFoundError(f"there is no scorecard {name}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise CardError(
                f"{name} cannot be read: {error}", hint="a card is a UTF-8 text in TOML"
            ) from error
    return (plugins or _installed()).scorecard(name).text


def score(
    log: Log,
    card: str,
    *,
    period: str | None = None,
    zone: str | None = None,
    calendar: CalendarLike = None,
    day_start: str | int = 0,
    fiscal_year_start: int = 1,
    marks: Iterable[Mark] = (),
    corrected: Sequence[Run] = (),
    keep_evidence: bool = False,
    root: str | Path | None = DEFAULT_ROOT,
    plugins: Plugins | None = None,
    threads: int | None = None,
    batch_rows: int = 131_072,
) -> Review:
    """Returns the review of every subject of ``card`` (its TOML text), kept as a run under ``root``.

    ``period`` is written as ``2026-10``, ``2026-W40``, ``2026-Q3``, ``2026`` or a day; without it the
    whole range of the log is one period. ``keep_evidence`` stores the rows behind every figure, so that
    a log in memory can be explained later. ``corrected`` are runs of earlier periods that superseded
    others, whose differences are posted beside the totals. ``calendar``,
    ``day_start`` and ``fiscal_year_start`` are those of ``measure``; the run keeps the calendar's text.
    Nothing is kept where anything fails, or
    ``root`` is None.
    """
    return review(
        log,
        card,
        plugins or _installed(),
        period=period,
        zone=zone,
        calendars=_book(calendar),
        day_start=day_start,
        fiscal_year_start=fiscal_year_start,
        marks=marks,
        corrected=corrected,
        keep_evidence=keep_evidence,
        root=None if root is None else Path(root),
        threads=threads,
        batch_rows=batch_rows,
    )
