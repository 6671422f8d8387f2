"""Weighting schemes: how much each KPI of a card counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from .parameters import Parameter, Settings

__all__ = ["Appraisal", "Weighting", "WeightingInput"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightingInput:
    """What a scheme may look at.

    ``entries`` are the card's entry ids in its order, ``stated`` the weights that the card states
    (may be empty), ``points`` the points of every entry by subject, null where it is missing.
    """

    entries: tuple[str, ...]
    stated: Mapping[str, Fraction]
    points: Mapping[str, Mapping[tuple[str | None, ...], Fraction | None]]
    settings: Settings = field(default_factory=Settings)


Appraisal = Callable[
    [WeightingInput, Mapping[str, Fraction]], Mapping[tuple[str | None, ...], Fraction | None]
]
"""From points and the shares of the entries to a figure from 0 to 1 by subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """A weighting scheme; ``weigh`` returns a share for every entry, exactly 1 in sum.

    ``data_driven`` schemes read the points; with a ``peer_relative`` one an agent's score depends on
    who else is there. Cards of profile ``pay`` refuse both unless they waive the objection. ``appraise``
    sets the subjects side by side, as TOPSIS does: its figures stand beside the totals, never in them.
    """

    name: str
    zh: str
    doc: str
    data_driven: bool
    peer_relative: bool
    weigh: Callable[[WeightingInput], Mapping[str, Fraction]]
    appraise: Appraisal | None = None
    parameters: tuple[Parameter, ...] = ()
    source: str = ""
