"""Inquiries: customers received before they order, and whether they pay afterwards."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings

from .local_days import DAY, local_days
from .sales import BASIS, LOOKBACK, RECEPTIONS_IN_ORDER, basis_of, directions, received
from .schemas_sales import INQUIRIES
from .whole_tables import first_from, given, instant, last_before

__all__ = ["FACTS"]

_UTC = pa.timestamp("us", "UTC")


def _inquiries(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    receptions, orders = received(settings, tables[0]), tables[1]
    orders = orders.filter(pc.is_valid(basis_of(settings, orders)))
    customer, at = given(receptions, "customer_id", pa.string()), instant(receptions, "received_at")
    buyer, basis = given(orders, "customer_id", pa.string()), basis_of(settings, orders)
    earlier = basis.take(last_before(customer, pc.subtract(at, 1), buyer, basis))
    recent = pc.less_equal(pc.subtract(at, earlier), settings.microseconds("lookback")).fill_null(False)
    paid = _first_payments(customer, at, orders, basis)
    paid_day, day = local_days(settings, paid, at)
    copied = ("contact_id", "customer_id", "agent_id")
    columns = {name: given(receptions, name, pa.string()) for name in copied}
    columns |= {
        "received_at": at.cast(_UTC),
        "first": pc.invert(recent),
        "paid_at": paid.cast(_UTC),
        "paid_days": pc.subtract(paid_day, day),
    }
    return {"inquiries": pa.table(columns)}


def _first_payments(customer: pa.Array, at: pa.Array, orders: pa.Table, basis: pa.Array) -> pa.Array:
    """Returns the earliest payment among the customer's orders that came not before ``at``."""
    paid = instant(orders, "paid_at")
    buyer, kept = given(orders, "customer_id", pa.string()), pc.is_valid(paid)
    buyer, basis, paid = (column.filter(kept) for column in (buyer, basis, paid))
    if not len(paid):
        return pa.nulls(len(at), pa.int64())
    code = buyer.dictionary_encode().indices.cast(pa.int64())
    rows = pa.table({"code": code, "basis": basis, "row": pa.arange(0, len(code))})
    # Backwards, customer by customer: a customer's keys all lie below those of the one before him,
    # so that the running minimum starts anew with each.
    order = pc.sort_indices(rows, sort_keys=[(name, "descending") for name in rows.column_names])
    rank = pc.subtract(pc.rank(paid, tiebreaker="dense").cast(pa.int64()), 1)
    width = pc.max(rank).as_py() + 1
    least = pc.cumulative_min(pc.add(pc.multiply_checked(code, width), rank).take(order))
    code = code.take(order)
    place = pc.subtract(least, pc.multiply(code, width))
    times = pc.unique(paid)
    best = times.take(pc.sort_indices(times)).take(place)
    return best.take(pc.sort_indices(order)).take(first_from(customer, at, buyer, basis))


FACTS: tuple[Fact, ...] = (
    Fact(
        schema=INQUIRIES,
        derivations=(
            Derivation(
                name="inquiries",
                inputs=(
                    RECEPTIONS_IN_ORDER,
                    Input(
                        of="orders",
                        columns=("customer_id", "ordered_at", "paid_at"),
                        order=("ordered_at", "paid_at"),
                    ),
                ),
                key="customer_id",
                outputs=("inquiries",),
                parameters=(
                    LOOKBACK,
                    BASIS,
                    directions("inbound"),
                    *DAY,
                ),
                function=_inquiries,
            ),
        ),
    ),
)
