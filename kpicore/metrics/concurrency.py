"""Several contacts at once: each in full, together once, or each with its share of the agent's time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import ParameterError
from kpicore.plugin import Choice, Custom, Measure, Outcome, State, Statistic, col, count, total
from kpicore.plugin.measure import Options

__all__ = ["CONCURRENCY", "MOST", "shared_time"]

MOST = 30
"""Of how many contacts at once the shares are known exactly."""

CONCURRENCY = Choice(
    name="concurrency",
    doc="contacts handled at once: each in full (elapsed), their common time once (union), or each with "
    "its share of it (shared)",
    values=("elapsed", "union", "shared"),
    default="elapsed",
    used_by={"elapsed": "Genesys, Salesforce, Amazon Connect", "union": "Amazon Connect (occupancy)"},
)

_LARGEST = 2**63 - 1
_LENGTH = col("end") - col("start")


def shared_time(
    kinds: Sequence[str], attribution: str, scale: Fraction, per: Measure | None = None
) -> Statistic:
    """Returns agents' time with every instant divided among the contacts in hand, over ``per``.

    An integer sum is kept for every number of contacts at once, so that the value is exact: no time is
    lost or counted twice, however the rows are spread over subjects and periods.
    """
    options: Options = (("kinds", tuple(sorted(kinds))),)
    measures = {
        str(level): total(
            "shared_handling",
            _LENGTH,
            where=col("level").is_(level),
            attribution=attribution,
            options=options,
        )
        for level in range(1, MOST + 1)
    }
    measures["beyond"] = count(
        "shared_handling", where=col("level") > MOST, attribution=attribution, options=options
    )
    if per is not None:
        measures["per"] = per

    def finalize(state: State) -> Outcome:
        if pc.any(pc.greater(state["beyond"], 0)).as_py():
            raise ParameterError(
                f"concurrency=shared: an agent handles more than {MOST} contacts at once",
                hint="choose concurrency=elapsed or union",
            )
        return _divided(state, scale)

    return Custom(measures=measures, finalize=finalize)


def _divided(state: State, scale: Fraction) -> Outcome:
    sums = {level: state[str(level)] for level in range(1, MOST + 1)}
    used = {level: found for level, found in sums.items() if len(found) and pc.max(found).as_py()}
    common = lcm(*used)
    largest = sum(pc.max(found).as_py() * common // level for level, found in used.items())
    count_ = state.get("per")
    once = pa.repeat(pa.scalar(1, pa.int64()), len(sums[1]))
    divisor = once if count_ is None else pc.if_else(pc.equal(count_, 0), pa.scalar(None, pa.int64()), count_)
    most = (pc.max(divisor).as_py() or 1) if len(divisor) else 1
    if largest * scale.numerator > _LARGEST or most * common * scale.denominator > _LARGEST:
        return Outcome(value=_rounded(used, divisor, scale), denominator=count_, n=count_)
    above = pc.multiply(once, 0)
    for level, found in used.items():
        above = pc.add(above, pc.multiply(found, common // level * scale.numerator))
    below = pc.multiply(divisor, common * scale.denominator)
    return Outcome(value=_ratio(above, below), denominator=count_, n=count_, exact=(above, below))


def _rounded(used: dict[int, pa.Array], divisor: pa.Array, scale: Fraction) -> pa.Array:
    """Returns the values where their common denominator is too large for 64 bits."""
    shares = pa.repeat(pa.scalar(0.0), len(divisor))
    for level, found in used.items():
        shares = pc.add(shares, pc.divide(found.cast(pa.float64(), safe=False), float(level)))
    return pc.divide(pc.multiply(shares, float(scale)), divisor.cast(pa.float64(), safe=False))


def _ratio(above: pa.Array, below: pa.Array) -> pa.Array:
    return pc.divide(above.cast(pa.float64(), safe=False), below.cast(pa.float64(), safe=False))
