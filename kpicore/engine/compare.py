"""Comparing definitions: one log's figure under each, and which parameter moves it how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction

from kpicore.clock import CalendarBook
from kpicore.errors import MissingDataError
from kpicore.metrics import Request
from kpicore.metrics.definitions import Definition, definitions_of
from kpicore.plugin.manager import Plugins
from kpicore.tables import Log

from .ask import query_of
from .finalize import measures_of
from .measure import build, measure
from .plan import frames_of
from .prepare import sources_of
from .request import CYCLE_COLUMNS
from .result import Result

__all__ = ["Comparison", "Figure", "Move", "compare_definitions"]

Key = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What one parameter alone does to the default figure.

    ``value`` (in ``unit``) is the figure with this parameter alone at ``word``, ``by`` the difference to the
    default, which is None where either is undefined or the units differ.
    """

    parameter: str
    default: str
    word: str
    value: float | None
    unit: str
    by: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A metric's value under one definition, of one subject and period.

    ``cell`` names the subjects, period and part; ``by`` is the difference to the default figure,
    None where the units differ; ``missing`` says what the log lacks where the definition cannot be
    computed from it.
    """

    cell: Mapping[str, object]
    definition: str
    value: float | None
    numerator: int | None
    denominator: int | None
    n: int | None
    unit: str
    by: float | None
    moves: tuple[Move, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One metric under several definitions: a figure per subject, period and definition."""

    metric: str
    by: tuple[str, ...]
    figures: tuple[Figure, ...] = field(repr=False)
    remarks: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, object]]:
        """Returns the figures as dictionaries; ``moves`` is a list of dictionaries."""
        return [
            {
                **figure.cell,
                "metric": self.metric,
                "definition": figure.definition,
                "value": figure.value,
                "numerator": figure.numerator,
                "denominator": figure.denominator,
                "n": figure.n,
                "unit": figure.unit,
                "differs_by": figure.by,
                "moves": [asdict(move) for move in figure.moves],
                "missing": figure.missing or None,
            }
            for figure in self.figures
        ]


def compare_definitions(
    log: Log,
    metric: str,
    by: Sequence[str],
    plugins: Plugins,
    *,
    dialects: Sequence[str] | None = None,
    period: str | Sequence[str] = (),
    zone: str | None = None,
    start: str | int | None = None,
    end: str | int | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    calendars: CalendarBook | None = None,
    day_start: int | str = 0,
    week_start: int = 1,
    fiscal_year_start: int = 1,
    threads: int | None = None,
) -> Comparison:
    """Returns ``metric`` under its defaults and in ``dialects`` (all that define it).

    All definitions are measured in one pass over the same range and rows. Raises as measuring does where
    the default definition itself cannot be computed; of others it is told in ``missing``.
    """
    definitions = definitions_of(metric, plugins, dialects)
    lacking = _lacking(log, definitions[1:], plugins)
    wanted = [d.request for d in definitions if d.request not in lacking]
    wanted += [step for d in definitions for step in d.steps.values() if step not in lacking]
    query = query_of(
        log,
        [metric],
        by,
        plugins,
        period=period,
        zone=zone,
        start=start,
        end=end,
        where=where,
        calendars=calendars,
        day_start=day_start,
        week_start=week_start,
        fiscal_year_start=fiscal_year_start,
        threads=threads,
    )
    result = measure(log, replace(query, requests=tuple(dict.fromkeys(wanted))), plugins)
    cells = _cells(result)
    keys = list(dict.fromkeys(key for found in cells.values() for key in found))
    figures = tuple(
        _figure(key, definition, definitions[0].request, cells, lacking)
        for key in keys
        for definition in definitions
    )
    return Comparison(metric=metric, by=result.by, figures=figures, remarks=result.remarks)


def _lacking(log: Log, definitions: Sequence[Definition], plugins: Plugins) -> dict[Request, str]:
    """Returns the requests that the log does not support, with what it lacks."""
    sources = sources_of(log, plugins)
    lacking = {}
    for request in dict.fromkeys(r for d in definitions for r in (d.request, *d.steps.values())):
        try:
            frames_of(measures_of(build(request)), sources)
        except MissingDataError as error:
            lacking[request] = error.message
    return lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    row: Mapping[str, object]
    exact: Fraction | None


def _names(result: Result) -> list[str]:
    cycles = [name for name in CYCLE_COLUMNS if name in result.table.column_names]
    return [*result.by, "period", *cycles, "part"]


def _cells(result: Result) -> dict[str, dict[Key, _Cell]]:
    """Returns the rows of each request's text by what they are about."""
    names = _names(result)
    cells: dict[str, dict[Key, _Cell]] = {}
    for row, exact in zip(result.rows(), result.fractions(), strict=True):
        key = tuple((name, row[name]) for name in names)
        cells.setdefault(str(row["metric"]), {})[key] = _Cell(row=row, exact=exact)
    return cells


def _figure(
    key: Key,
    definition: Definition,
    base: Request,
    cells: Mapping[str, Mapping[Key, _Cell]],
    lacking: Mapping[Request, str],
) -> Figure:
    def exact(request: Request) -> Fraction | None:
        cell = cells.get(request.text, {}).get(key)
        return cell.exact if cell else None

    def unit(request: Request) -> str:
        cell = cells.get(request.text, {}).get(key)
        return str(cell.row["unit"]) if cell else request.metric.unit

    def difference(request: Request) -> float | None:
        here, there = exact(request), exact(base)
        if here is None or there is None or unit(request) != unit(base):
            return None
        return float(here - there)

    cell = cells.get(definition.request.text, {}).get(key)
    row: Mapping[str, object] = cell.row if cell else {}
    return Figure(
        cell=dict(key),
        definition=definition.name,
        value=_float(exact(definition.request)),
        numerator=_whole(row.get("numerator")),
        denominator=_whole(row.get("denominator")),
        n=_whole(row.get("n")),
        unit=unit(definition.request),
        by=difference(definition.request) if definition.request is not base else None,
        moves=tuple(
            Move(
                parameter=name,
                default=base.parameters[name],
                word=definition.request.parameters[name],
                value=_float(exact(step)),
                unit=unit(step),
                by=difference(step),
            )
            for name, step in definition.steps.items()
        ),
        missing=lacking.get(definition.request, ""),
    )


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
