"""Groups so small that a figure on all of them together would tell of single ones."""

from __future__ import annotations

from kpicore.scoring import Card

__all__ = ["SMALL_GROUP", "is_small"]

SMALL_GROUP = "small_group"
"""The reason of a figure that is suppressed because too few stand behind it."""


def is_small(card: Card, size: int, *, to_one: bool = False) -> bool:
    """Returns whether a figure on ``size`` subjects together is suppressed, by the card's ``min_group``.

    To those who see all it is where fewer people stand behind it; teams and queues are no people. ``to_one``
    of the subjects it is where fewer others do, whoever they are: he knows his own part and could take it
    away.
    """
    others = size - 1 if to_one else size
    return (to_one or card.subject == "agent") and others < card.document.report.min_group
