"""Laws of metrics: what a definition must be, and what must not change its values."""

from __future__ import annotations

import pickle
import types
from collections.abc import Callable, Iterable, Mapping, Sequence

import pyarrow as pa

from kpicore import engine
from kpicore.adapters import open_log
from kpicore.clock import read_calendars
from kpicore.engine.finalize import measures_of
from kpicore.engine.measure import build
from kpicore.engine.plan import frames_of
from kpicore.engine.prepare import sources_of
from kpicore.errors import MissingDataError
from kpicore.metrics import parse_request
from kpicore.plugin import Custom, Extremum, MeasureKind, Metric, Ratio, Statistic, Tally, hookimpl
from kpicore.plugin.manager import Plugins, load_plugins
from kpicore.tables import Log

from .contact_centre import generate_log
from .laws import law, require
from .variation import empty, rechunk, shift, shuffle, variants

__all__ = ["Expected", "check_metric"]

Expected = Iterable[Mapping[str, str | float | int | None]]
"""Rows that a result must have, with some of its columns; a period may be cut short (``2026-10-12``)."""

_KEYS = ("value", "numerator", "denominator", "n")


def check_metric(
    metric: Metric | str,
    tables: Mapping[str, pa.Table] | None = None,
    expected: Expected = (),
    *,
    plugin: object | None = None,
    by: Sequence[str] = (),
    zone: str = "UTC",
) -> engine.Result:
    """Returns the metric measured by ``by`` and day; raises LawBroken if it breaks a law.

    ``tables`` is a log in memory, by default one of ``generate_log``; business hours are those of an
    office from Monday to Saturday. ``plugin`` is the module that
    provides what the metric needs beside itself, and the metric itself where it is given by name.

    The laws: every value of every parameter builds a statistic of existing columns; values are the
    same for any number of threads, size of batches, order of rows, chunks, encoding and shift by
    weeks; the periods add up to the whole; without rows, counts are 0 and all else null; the result has
    the rows ``expected``.
    """
    name = metric if isinstance(metric, str) else metric.name
    plugins = _plugins(metric, plugin)
    data = generate_log(agents=4, days=3, zone=zone) if tables is None else tables
    wanted = [dict(row) for row in expected]
    with law(name, "it is known by its name"):
        found = plugins.metric(name)
    _check_texts(found)
    log = _open(name, data, plugins)
    asked = dict.fromkeys((*variants(found), *(str(row["metric"]) for row in wanted if "metric" in row)))
    statistics = {text: _check_definition(name, text, log, plugins) for text in asked}
    texts = [text for text, statistic in statistics.items() if statistic is not None]
    require(
        name in texts, name, "the log has what its default form needs", lambda: _missing(name, log, plugins)
    )

    office = read_calendars(f"zone = '{zone}'\nweek.mon-sat = ['09:00-12:00', '13:00-18:00']", name="office")

    def measure(data: Mapping[str, pa.Table], **more: object) -> engine.Result:
        options = {"period": "day", "zone": zone, "calendars": office} | more
        return engine.ask(_open(name, data, plugins), texts, tuple(by), plugins, **options)  # type: ignore[arg-type]

    with law(name, "it can be measured"):
        base = measure(data)
    span = {"start": base.start, "end": base.end}
    trials: tuple[tuple[str, Callable[[], engine.Result]], ...] = (
        ("the same on one thread", lambda: measure(data, threads=1)),
        ("the same on three threads in small batches", lambda: measure(data, threads=3, batch_rows=61)),
        ("the same for another order of rows", lambda: measure(shuffle(data, 5))),
        ("the same for other chunks and encodings", lambda: measure(rechunk(data, 37))),
    )
    for statement, other in trials:
        with law(name, statement):
            _compare(name, statement, base.to_arrow(), other().to_arrow())
    with law(name, "the same four weeks later"):
        later = measure(shift(data, 28)).to_arrow()
        _compare(
            name, "the same four weeks later", *(t.drop_columns("period") for t in (base.to_arrow(), later))
        )
    with law(name, "the periods add up to the whole"):
        _check_sum(name, statistics, measure(data, **span), measure(data, period="all", **span), by)
    with law(name, "without rows, counts are 0 and all else null"):
        _check_empty(name, statistics, measure(empty(data), **span))
    for row in wanted:
        _check_row(name, row, base.to_arrow())
    return base


def _plugins(metric: Metric | str, plugin: object | None) -> Plugins:
    extra = [] if plugin is None else [plugin]
    if isinstance(metric, Metric):

        @hookimpl
        def kpicore_metrics() -> Iterable[Metric]:
            return [metric]

        extra.append(types.SimpleNamespace(__name__="law_kit", kpicore_metrics=kpicore_metrics))
    return load_plugins(third_party=False, extra=extra)


def _open(name: str, data: Mapping[str, pa.Table], plugins: Plugins) -> Log:
    with law(name, "the log to try it on can be opened"):
        return open_log(data, plugins=plugins)


def _check_texts(metric: Metric) -> None:
    for field in ("zh", "unit", "definition"):
        require(bool(getattr(metric, field).strip()), metric.name, f"{field} is not empty")
    for parameter in metric.parameters:
        require(bool(parameter.doc.strip()), metric.name, f"the parameter {parameter.name} is documented")


def _check_definition(name: str, text: str, log: Log, plugins: Plugins) -> Statistic | None:
    """Returns the statistic; None where the log lacks what this form needs."""
    with law(name, f"{text} builds a statistic of existing columns"):
        statistic = build(parse_request(text, plugins))
        again = build(parse_request(text, plugins))
        require(
            statistic == again or not isinstance(statistic, Tally | Ratio | Extremum),
            name,
            "it builds the same",
        )
        for measure in measures_of(statistic):
            require(pickle.loads(pickle.dumps(measure)) == measure, name, f"{text}: its measures can be sent")
        try:
            frames_of(measures_of(statistic), sources_of(log, plugins))
        except MissingDataError:
            return None
        return statistic


def _missing(name: str, log: Log, plugins: Plugins) -> str:
    findings = {finding.metric: finding.missing for finding in engine.check(log, plugins)}
    return findings.get(name, "")


def _compare(name: str, statement: str, one: pa.Table, other: pa.Table) -> None:
    if one.equals(other):
        return
    rows = zip(one.to_pylist(), other.to_pylist(), strict=False)
    different = next((f"{a} became {b}" for a, b in rows if a != b), f"{len(one)} rows became {len(other)}")
    require(False, name, statement, different)


def _check_sum(
    name: str,
    statistics: Mapping[str, Statistic | None],
    days: engine.Result,
    whole: engine.Result,
    by: Sequence[str],
) -> None:
    """Counts and sums of the days make those of the whole; maxima and minima likewise."""
    additive = (MeasureKind.COUNT, MeasureKind.SUM)
    for text, statistic in statistics.items():
        if statistic is None or (isinstance(statistic, Tally) and statistic.per is not None):
            continue
        measures = measures_of(statistic)
        if any(measure.attribution == "snapshot" for measure in measures):
            continue
        total, parts = _cells(whole, text, by), _cells(days, text, by)
        if isinstance(statistic, Tally | Ratio) and all(measure.kind in additive for measure in measures):
            columns = ["value"] if isinstance(statistic, Tally) else ["numerator", "denominator"]
            if statistic.n is None or statistic.n.attribution != "prorated":
                columns.append("n")  # an interval that a day's edge cuts is a row of both days
            for key, cell in total.items():
                for column in columns:
                    summed = sum(row[column] or 0 for row in parts.get(key, []))
                    close = abs(summed - (cell[0][column] or 0)) <= 1e-9 * max(1.0, abs(summed))
                    require(
                        close,
                        name,
                        f"{text}: the days add up",
                        f"{key} {column}: {summed}, {cell[0][column]}",
                    )
        elif isinstance(statistic, Extremum):
            choose = max if statistic.measure.kind is MeasureKind.MAXIMUM else min
            for key, cell in total.items():
                known = [row["value"] for row in parts.get(key, []) if row["value"] is not None]
                best = choose(known, default=None)
                require(best == cell[0]["value"], name, f"{text}: the best day is the whole's", f"{key}")


def _cells(
    result: engine.Result, text: str, by: Sequence[str]
) -> dict[tuple[str, ...], list[dict[str, float]]]:
    cells: dict[tuple[str, ...], list[dict[str, float]]] = {}
    for row in result.to_arrow().to_pylist():
        if row["metric"] == text:
            cells.setdefault((*(row[subject] for subject in by), row["part"]), []).append(row)
    return cells


def _check_empty(name: str, statistics: Mapping[str, Statistic | None], result: engine.Result) -> None:
    for row in result.to_arrow().to_pylist():
        statistic = statistics[row["metric"]]
        wanted = 0 if isinstance(statistic, Tally) else None
        counts = isinstance(statistic, Custom) and row["unit"] != "ratio" and row["value"] == 0
        if row["value"] != wanted and not counts:
            require(False, name, f"{row['metric']}: without rows the value is {wanted}", str(row["value"]))


def _check_row(name: str, wanted: dict[str, str | float | int | None], table: pa.Table) -> None:
    wanted.setdefault("metric", name)
    keys = [key for key in wanted if key not in _KEYS]
    rows = [row for row in table.to_pylist() if all(_matches(key, row.get(key), wanted[key]) for key in keys)]
    require(len(rows) == 1, name, f"the result has one row {wanted}", f"it has {len(rows)}")
    for key in _KEYS:
        if key in wanted:
            require(_equal(rows[0][key], wanted[key]), name, f"{key} in {wanted}", f"found {rows[0][key]}")


def _matches(key: str, found: object, wanted: object) -> bool:
    if key == "period" and isinstance(found, str) and isinstance(wanted, str):
        return found.startswith(wanted)
    return found == wanted


def _equal(found: float | None, wanted: object) -> bool:
    if found is None or not isinstance(wanted, int | float):
        return found is wanted
    return abs(found - wanted) <= 1e-12 * max(1.0, abs(wanted))
