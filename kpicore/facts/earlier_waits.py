"""What a contact has waited before it enters a queue, and when its stays end."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from .whole_tables import given, instant, last_before, starts_of_runs

__all__ = ["earlier_waits", "ends_of_stays"]


def earlier_waits(visits: pa.Table) -> pa.Array:
    """Returns for each stay the waits of those of its contact that had ended when it began, in microseconds.

    Null where one of them is unknown.
    """
    contact, left = given(visits, "contact_id", pa.string()), ends_of_stays(visits)
    entered, wait = instant(visits, "entered_at"), given(visits, "wait", pa.int64()).cast(pa.int64())
    rows = pa.table({"contact": contact, "left": left, "row": pa.arange(0, len(visits))})
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in rows.column_names])
    back = pc.sort_indices(order)
    head = starts_of_runs(contact.take(order))
    waited = _running(wait.fill_null(0).take(order), head).take(back)
    unknown = _running(wait.is_null().cast(pa.int64()).take(order), head).take(back)
    before = last_before(contact, entered, contact, left)
    known = pc.equal(unknown.take(before).fill_null(0), 0)
    return pc.if_else(known, waited.take(before).fill_null(0), pa.scalar(None, pa.int64()))


def ends_of_stays(visits: pa.Table) -> pa.Array:
    """Returns when each stay ended, in microseconds: its entry and its wait where that is not told."""
    wait = given(visits, "wait", pa.int64()).cast(pa.int64())
    return pc.coalesce(instant(visits, "left_at"), pc.add(instant(visits, "entered_at"), wait))


def _running(values: pa.Array, head: pa.Array) -> pa.Array:
    """Returns the sum of ``values`` from the last ``head`` on."""
    if not len(values):
        return values
    total = pc.cumulative_sum(values)
    base = pc.if_else(head, pc.subtract(total, values), pa.scalar(None, pa.int64()))
    return pc.subtract(total, pc.fill_null_forward(base))
