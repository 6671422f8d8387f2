"""``kpicore scorecards weights``: comparisons in pairs become fixed weights."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import TYPE_CHECKING

import click

from kpicore.errors import UsageError

from ..emit import emit, emit_text
from ..exits import FINDINGS
from ..options import Output, Session, with_output, with_session

if TYPE_CHECKING:
    from kpicore.scoring import Ahp

__all__ = ["command"]


@click.command("weights")
@click.argument("comparisons", metavar="A:B=TIMES...", nargs=-1, required=True)
@click.option(
    "--places", type=click.IntRange(0, 6), default=2, show_default=True, help="Decimals of a weight."
)
@click.option("--strict", is_flag=True, help="Exit with 1 where the comparisons are not consistent.")
@with_output
@with_session
def command(session: Session, output: Output, comparisons: tuple[str, ...], places: int, strict: bool) -> int:
    """Turn comparisons in pairs into fixed weights, and say how consistent they are.

    speed:quality=1/3 says that quality matters three times as much as speed. Every pair of two to ten names
    is compared once, with 1/9 to 9 (the analytic hierarchy process). The lines are to be copied into a card.
    """
    from kpicore.scoring import ahp_weights

    found = ahp_weights(dict(_comparison(text) for text in comparisons), places=places)
    records = [{"name": name, "weight": weight} for name, weight in found.weights.items()]
    if output.format == "table":
        emit_text(output, f"# {_verdict(found, session.lang)}\n{found.to_toml()}\n")
    elif output.format == "json":
        emit(
            output,
            {
                "weights": dict(found.weights),
                "consistency_ratio": found.ratio,
                "consistent": found.consistent,
            },
            list,
        )
    else:
        emit(output, records, list)
    if not found.consistent:
        print(_verdict(found, session.lang), file=sys.stderr)
    return FINDINGS if strict and not found.consistent else 0


def _comparison(text: str) -> tuple[tuple[str, str], Fraction]:
    pair, equals, times = text.partition("=")
    first, colon, second = (part.strip() for part in pair.partition(":"))
    try:
        number = Fraction(times.strip())
    except (ValueError, ZeroDivisionError):
        number = Fraction(0)
    if not (equals and colon and first and second and number):
        raise UsageError(
            f"{text!r} compares nothing", hint="write speed:quality=3, or 1/3 where the second matters more"
        )
    return (first, second), number


def _verdict(found: Ahp, lang: str) -> str:
    if lang == "zh":
        return f"一致性比率 {found.ratio:.3f}：" + (
            "判断一致（不超过 0.1）" if found.consistent else "判断不一致（应不超过 0.1），请重新比较"
        )
    return f"consistency ratio {found.ratio:.3f}: " + (
        "consistent (at most 0.1)"
        if found.consistent
        else "the comparisons contradict each other (it should be at most 0.1); compare again"
    )
