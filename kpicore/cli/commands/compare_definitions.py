"""``kpicore compare-definitions``: one metric as every platform computes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from ..emit import emit
from ..figures import count_text, value_text
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
from ..words import Language, heading, say

if TYPE_CHECKING:
    from kpicore import Comparison
    from kpicore.engine.compare import Figure

__all__ = ["command"]


@click.command()
@click.argument("metric")
@with_source
@click.option(
    "--dialect", "dialects", multiple=True, metavar="NAME", help="Only this dialect; all if not said."
)
@click.option("--by", multiple=True, metavar="SUBJECT", help="agent, team, queue, channel, ...")
@click.option("--period", multiple=True, metavar="PERIOD", help="hour, day, week, month, ...")
@click.option("--from", "start", metavar="TIME", help="The beginning of the range, in the zone.")
@click.option("--to", "end", metavar="TIME", help="The end of the range, which is not part of it.")
@with_where
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
    metric: str,
    dialects: tuple[str, ...],
    by: tuple[str, ...],
    period: tuple[str, ...],
    start: str | None,
    end: str | None,
    where: Mapping[str, list[str]],
    threads: int | None,
) -> None:
    """Say why another platform shows another number.

    METRIC of a SOURCE is computed with the defaults and in every dialect that defines it. For each parameter
    in which a dialect differs, the second table says how far this one alone moves the value.
    """
    import kpicore

    plugins = session.plugins()
    log = source.open(plugins)
    with working("comparing"):
        comparison = kpicore.compare_definitions(
            log,
            metric,
            words_in(by),
            dialects=words_in(dialects) or None,
            period=words_in(period),
            zone=source.zone,
            calendar=time.calendar,
            day_start=time.day_start,
            week_start=week_start,
            fiscal_year_start=time.fiscal_year_start,
            start=start,
            end=end,
            where=where,
            plugins=plugins,
            threads=threads,
        )
    emit(output, comparison.rows(), lambda: _sheets(comparison, session.lang))


def _sheets(comparison: Comparison, lang: Language) -> list[Sheet]:
    keys = _keys(comparison.figures)
    return [
        _values(comparison, keys, lang),
        *([_moves(comparison, keys, lang)] if any(figure.moves for figure in comparison.figures) else []),
    ]


def _values(comparison: Comparison, keys: Sequence[str], lang: Language) -> Sheet:
    words = ("Definition", "Value", "Numerator", "Denominator", "Differs by", "Note")
    at = len(keys)
    return Sheet(
        title=comparison.metric,
        headers=[*(heading(key, lang) for key in keys), *(say(word, lang) for word in words)],
        rows=[
            [
                *_cell(figure, keys),
                figure.definition,
                value_text(figure.value, figure.unit),
                _part_text(figure.numerator, figure),
                count_text(figure.denominator),
                _difference(figure.by, figure.unit),
                figure.missing,
            ]
            for figure in comparison.figures
        ],
        numbers=frozenset(range(at + 1, at + 5)),
        droppable=frozenset({at + 5}),
    )


def _moves(comparison: Comparison, keys: Sequence[str], lang: Language) -> Sheet:
    words = ("Definition", "Parameter", "Default", "Here", "Alone", "Moves by")
    at = len(keys)
    return Sheet(
        title=say("What each parameter does alone", lang),
        headers=[*(heading(key, lang) for key in keys), *(say(word, lang) for word in words)],
        rows=[
            [
                *_cell(figure, keys),
                figure.definition,
                move.parameter,
                move.default,
                move.word,
                value_text(move.value, move.unit),
                _difference(move.by, move.unit),
            ]
            for figure in comparison.figures
            for move in figure.moves
        ],
        numbers=frozenset({at + 4, at + 5}),
    )


def _keys(figures: Sequence[Figure]) -> list[str]:
    """Returns what tells the figures apart."""
    names = list(figures[0].cell) if figures else []
    return [name for name in names if len({figure.cell[name] for figure in figures}) > 1]


def _cell(figure: Figure, keys: Sequence[str]) -> list[str]:
    return ["-" if figure.cell[key] is None else str(figure.cell[key]) for key in keys]


def _part_text(numerator: int | None, figure: Figure) -> str:
    """Returns a numerator; of durations in seconds."""
    if figure.unit == "s" and numerator is not None:
        return value_text(numerator / 1_000_000, "s")
    return count_text(numerator)


def _difference(by: float | None, unit: str) -> str:
    """Returns a signed difference, in points of a percent where the unit is a ratio.

    >>> _difference(-0.0123, "ratio"), _difference(2.5, "s"), _difference(0.0, "s")
    ('-1.23', '+2.50', '0')
    """
    if by is None:
        return ""
    if by == 0:
        return "0"
    return f"{100 * by:+.2f}" if unit == "ratio" else ("+" if by > 0 else "") + value_text(by, unit)
