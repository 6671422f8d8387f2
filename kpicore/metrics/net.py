"""Differences and quotients of measures, for definitions with a function of their own."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Outcome, State

__all__ = ["difference", "quotient"]


def difference(state: State) -> Outcome:
    """Returns the measure ``plus`` less the measure ``minus``; n is their sum."""
    net = pc.subtract_checked(state["plus"], state["minus"])
    ones = pa.repeat(pa.scalar(1, pa.int64()), len(net))
    return Outcome(
        value=net.cast(pa.float64(), safe=False),
        n=pc.add_checked(state["plus"], state["minus"]),
        exact=(net, ones),
    )


def quotient(above: pa.Array, below: pa.Array) -> Outcome:
    """Returns ``above`` / ``below``, which is n; null where ``below`` is 0."""
    known = pc.if_else(pc.equal(below, 0), pa.scalar(None, pa.int64()), below)
    value = pc.divide(above.cast(pa.float64(), safe=False), known.cast(pa.float64(), safe=False))
    return Outcome(value=value, numerator=above, denominator=below, n=below, exact=(above, known))
