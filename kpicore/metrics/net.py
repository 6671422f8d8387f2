"""Differences of measures."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Outcome, State

__all__ = ["difference"]


def difference(state: State) -> Outcome:
    """Returns the measure ``plus`` less the measure ``minus``; n is their sum."""
    net = pc.subtract_checked(state["plus"], state["minus"])
    ones = pa.repeat(pa.scalar(1, pa.int64()), len(net))
    return Outcome(
        value=net.cast(pa.float64(), safe=False),
        n=pc.add_checked(state["plus"], state["minus"]),
        exact=(net, ones),
    )
