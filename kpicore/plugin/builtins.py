"""Which modules of kpicore itself are plugins, and what kinds of record each provides.

They come through the same door as everybody else's; being named here, they are imported only when
one of their kinds is asked for.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BUILTINS", "Builtin"]


class Builtin(NamedTuple):
    """A module with hook implementations, and the kinds of record that they return."""

    module: str
    kinds: tuple[str, ...]


BUILTINS = (
    Builtin("kpicore.adapters.builtin", ("adapter",)),
    Builtin("kpicore.facts.builtin", ("fact",)),
    Builtin("kpicore.metrics.builtin", ("metric", "dialect")),
    Builtin("kpicore.scoring.builtin", ("weighting", "scorecard")),
)
"""Every built-in plugin."""
