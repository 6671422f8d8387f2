"""From a result to what scoring takes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kpicore.engine import Result
from kpicore.scoring import Measured
from kpicore.scoring.lines import Attributes
from kpicore.scoring.schema import Reason

__all__ = ["measured_values"]


def measured_values(
    result: Result, subjects: Sequence[str], attributes: Mapping[tuple[str | None, ...], Attributes]
) -> Iterable[Measured]:
    """Yields a value per subject and metric; those of the roster without any row have no data."""
    seen: set[tuple[str | None, ...]] = set()
    for row, value in zip(result.rows(), result.fractions(), strict=True):
        subject: tuple[str | None, ...] = tuple(_word(row[name]) for name in subjects)
        seen.add(subject)
        yield Measured(
            subject=subject,
            metric=str(row["metric"]),
            value=value,
            n=_whole(row["n"]),
            numerator=_whole(row["numerator"]),
            denominator=_whole(row["denominator"]),
            reason=_reason(row["reason"]) if value is None else None,
            provisional=bool(row["provisional"]),
        )
    for absent in attributes:
        if absent not in seen:
            for request in result.requests:
                yield Measured(subject=absent, metric=request.text, value=None, reason="no_data")


def _reason(found: object) -> Reason:
    return "not_applicable" if found == "not_applicable" else "no_data"


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
