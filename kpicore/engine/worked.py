"""Business time that derivations need of the rows they read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from kpicore.plugin.expression import Business

from .coding import Domain
from .evaluate import Evaluator
from .hours import RowHours
from .plan import Relation
from .rows import BatchRows

__all__ = ["worked_below", "worked_times"]


def worked_below(relations: Iterable[Relation]) -> dict[Relation, Business]:
    """Returns what ``relations``, and all that they rest on, ask of business calendars."""
    found = (each for relation in relations for each in _and_below(relation))
    return {each: wanted for each in found if (wanted := _wanted(each)) is not None}


def worked_times(
    relation: Relation, rows: pa.Table, domains: Mapping[str, Domain], hours: RowHours | None
) -> pa.Array | None:
    """Returns the business time that ``relation`` needs of the coded ``rows`` of its first input.

    None where it needs none. Raises CalendarError where there is no calendar.
    """
    wanted = _wanted(relation)
    if wanted is None:
        return None
    whole = rows.combine_chunks()
    batch = whole.to_batches()[0] if len(whole) else pa.RecordBatch.from_pylist([], schema=whole.schema)
    return Evaluator(relation.inputs[0].schema, domains, hours).value(wanted, BatchRows(batch), {})


def _wanted(relation: Relation) -> Business | None:
    derivation = relation.derivation
    return derivation.worked(relation.settings) if derivation and derivation.worked else None


def _and_below(relation: Relation) -> Iterator[Relation]:
    yield relation
    for below in relation.inputs:
        yield from _and_below(below)
