"""``kpicore measure``: metrics of a source, by subjects and periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from kpicore.errors import UsageError

from ..emit import emit
from ..figures import figures_sheet, jump_sheet, value_sheet
from ..options import (
    Output,
    Session,
    SourceChoice,
    TimeChoice,
    with_output,
    with_session,
    with_source,
    with_time,
    with_week_start,
    with_where,
    words_in,
)
from ..progress import working
from ..sheet import Sheet
from ..words import Language

if TYPE_CHECKING:
    from kpicore import Result

__all__ = ["command", "figure_sheet", "sheet_of"]


@click.command()
@with_source
@click.option(
    "-m",
    "--metric",
    "metrics",
    multiple=True,
    required=True,
    metavar="NAME[...]",
    help="A metric, such as average_handle_time, service_level[within=30s] or occupancy@genesys; or a"
    " formula, such as 'load = average_handle_time / average_wait_time'.",
)
@click.option(
    "--by",
    multiple=True,
    metavar="SUBJECT",
    help="agent, team, skill, queue, channel, topic, product, customer, tenure, or a further column.",
)
@click.option(
    "--period",
    multiple=True,
    metavar="PERIOD",
    help="15min, 30min, hour, day, week, month, quarter, year, hour_of_day or weekday.",
)
@click.option("--from", "start", metavar="TIME", help="The beginning of the range, in the zone.")
@click.option("--to", "end", metavar="TIME", help="The end of the range, which is not part of it.")
@with_where
@click.option("--flag", is_flag=True, help="Only values that jump: spikes and drops, the season considered.")
@click.option("--threads", type=click.IntRange(1), help="How many threads work; all processors if not said.")
@with_time
@with_week_start
@with_output
@with_session
def command(
    session: Session,
    output: Output,
    source: SourceChoice,
    time: TimeChoice,
    week_start: int,
    metrics: tuple[str, ...],
    by: tuple[str, ...],
    period: tuple[str, ...],
    start: str | None,
    end: str | None,
    where: Mapping[str, list[str]],
    flag: bool,
    threads: int | None,
) -> None:
    """Compute metrics from a source.

    A SOURCE is a file or folder. What a metric takes in brackets is listed by `kpicore metrics NAME`. A
    formula computes with metrics: `name = ...`, `name: unit = ...`, or `= ...`. With --flag values are
    compared with the other periods of their series, with those of the same weekday, hour or month where
    there are enough, by their median and their median distance from it.
    """
    import kpicore

    plugins = session.plugins()
    log = source.open(plugins)
    with working("measuring"):
        result = kpicore.measure(
            log,
            metrics,
            by=words_in(by),
            period=words_in(period),
            zone=source.zone,
            calendar=time.calendar,
            day_start=time.day_start,
            week_start=week_start,
            fiscal_year_start=time.fiscal_year_start,
            start=start,
            end=end,
            where=where,
            threads=threads,
            plugins=plugins,
        )
    if flag:
        jumps = _jumps(result, words_in(period) + words_in(by))
        emit(
            output,
            _named(jumps, result) if output.format == "xlsx" else jumps,
            lambda: [jump_sheet(jumps, result.by, _titles(result, session.lang), result.name, session.lang)],
        )
        return
    emit(
        output,
        _named(result.rows(), result) if output.format == "xlsx" else result.to_arrow(),
        lambda: [sheet_of(result, session.lang)],
    )


def _named(rows: Sequence[dict[str, object]], result: Result) -> list[dict[str, object]]:
    """Returns ``rows`` with periods as people call them, and their ISO starts at the end."""
    return [{**row, "period": result.name(str(row["period"])), "starts": row["period"]} for row in rows]


def _jumps(result: Result, periods: Sequence[str]) -> list[dict[str, object]]:
    """Returns a record per spike and drop."""
    from kpicore.analysis import anomalies
    from kpicore.clock import CYCLES, GRAINS
    from kpicore.engine import build
    from kpicore.runs.noise import is_rate

    grains = [period for period in periods if period in GRAINS and period != "all"]
    if not grains or any(period in CYCLES for period in periods):
        raise UsageError("--flag needs a series of periods", hint="add --period day, week or month")
    rates = [request.text for request in result.requests if is_rate(build(request))]
    units = {row["metric"]: row["unit"] for row in result.to_arrow().select(["metric", "unit"]).to_pylist()}
    keys = [*result.by, "part"]
    return [
        {
            **dict(zip(keys, one.subject, strict=True)),
            "period": one.period,
            "metric": one.metric,
            "kind": one.kind,
            "value": one.value,
            "usual": one.usual,
            "low": one.low,
            "high": one.high,
            "unit": units[one.metric],
            "spreads": one.spreads,
            "compared_with": one.compared,
        }
        for one in anomalies(result.to_arrow(), keys, grains[0], rates)
    ]


def sheet_of(result: Result, lang: Language) -> Sheet:
    """Returns the table of a result, metrics under their own names."""
    return value_sheet(result.rows(), result.by, _titles(result, lang), result.name, lang)


def figure_sheet(result: Result, lang: Language) -> Sheet:
    """Returns a short line for every figure of a result without subjects."""
    return figures_sheet(result.rows(), _titles(result, lang), lang)


def _titles(result: Result, lang: Language) -> dict[str, str]:
    names = {}
    for request in result.requests:
        title = request.metric.zh if lang == "zh" else request.metric.en or request.metric.name
        bracket = -1 if request.operands else request.text.find("[")
        names[request.text] = title + (request.text[bracket:] if bracket >= 0 else "")
    return names
