"""Do the numbers on a card fit the units of its metrics?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final

from pydantic import BaseModel

from kpicore.errors import CardError
from kpicore.scoring.card import Card
from kpicore.scoring.quantity import Quantity, parse_quantity
from kpicore.scoring.schema import AdjustmentDocument, EntryDocument, GateDocument

__all__ = ["check_units"]

_RATIO_LIMIT: Final = Fraction(10)
"""A bare number beyond this on a ratio's curve was meant as per cent."""


def check_units(card: Card, units: Mapping[str, str]) -> None:
    """Raises CardError where a number on ``card`` cannot be meant in its metric's unit.

    ``units`` gives each metric, as spelt on the card, its unit. Durations need a metric in seconds (``s``),
    per cent one in ``ratio``; a bare number above 10 for a ratio was meant as per cent. Metrics without a
    unit in ``units`` are not checked.
    """
    document = card.document
    lines: list[EntryDocument | AdjustmentDocument | GateDocument] = [
        *(entry for group in document.group for entry in group.entry),
        *document.bonus,
        *document.penalty,
        *document.gate,
    ]
    problems = [
        f"{line.id or line.metric}: {fault}"
        for line in lines
        if line.metric is not None and line.metric in units
        for amount in _amounts(line)
        if (fault := _fault(amount, units[line.metric]))
    ]
    if problems:
        raise CardError(
            f"card {card.id!r}: numbers that do not fit their metric's unit",
            hint="write durations such as '20s' for times, per cent such as '85%' for ratios",
            problems=tuple(dict.fromkeys(problems)),
        )


def _amounts(line: EntryDocument | AdjustmentDocument | GateDocument) -> Iterator[Quantity]:
    if isinstance(line, GateDocument):
        yield parse_quantity(line.when.strip().lstrip("<>=!").strip())
        return
    curves = [line.curve, *(variant.curve for variant in line.variant)]
    targets = [line.target, *(variant.target for variant in line.variant)]
    for part in (*curves, *targets):
        yield from _inside(part)


def _inside(value: object) -> Iterator[Quantity]:
    if isinstance(value, Quantity):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _inside(getattr(value, name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _inside(part)


def _fault(amount: Quantity, unit: str) -> str:
    if amount.unit == "seconds" and unit != "s":
        return f"found the duration {amount.written}, the metric's unit is {unit}"
    if amount.unit == "share" and unit != "ratio":
        return f"found {amount.written}, the metric's unit is {unit}"
    if amount.unit == "number" and unit == "ratio" and abs(amount.value) > _RATIO_LIMIT:
        return f"found {amount.written} for a ratio; write {amount.written}% or a share of one"
    return ""
