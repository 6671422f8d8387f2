"""Tenures: how long customers stay, and who buys again after a contact."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Choice, Derivation, Fact, Input, Settings

from .schemas_people import BRIEF_TENURES, REPURCHASES, TENURES
from .whole_tables import ALWAYS, first_from, given, instant

__all__ = ["FACTS", "ORDERS"]

_UTC = pa.timestamp("us", "UTC")

ORDERS = Choice(
    name="orders", doc="which orders: every one, or renewals", values=("all", "renewal"), default="all"
)


def _tenures(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (customers,) = tables
    started, ended = instant(customers, "started_at"), instant(customers, "ended_at")
    first, last = ALWAYS
    every = {
        "customer_id": customers.column("customer_id"),
        "started_at": started.cast(_UTC),
        "ended_at": ended.cast(_UTC),
        "start": pc.add(started, 1).fill_null(first).cast(_UTC),
        "end": pc.add(ended, 1).fill_null(last).cast(_UTC),
    }
    over = pc.and_(pc.is_valid(started), pc.is_valid(ended))
    brief = _whole(customers.select(["customer_id"]), started, pc.add(ended, 1)).filter(over)
    return {"tenures": pa.table(every), "brief_tenures": brief}


def _repurchases(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    contacts, orders = tables
    if settings.word("orders") == "renewal":
        orders = orders.filter(pc.equal(given(orders, "kind", pa.string()), "renewal").fill_null(False))
    ordered, opened = instant(orders, "ordered_at"), instant(contacts, "opened_at")
    customer = given(contacts, "customer_id", pa.string())
    row = first_from(customer, opened, given(orders, "customer_id", pa.string()), ordered)
    found = _whole(
        contacts.select(["contact_id", "customer_id", "agent_id"]), opened, pc.add(ordered.take(row), 1)
    )
    return {"repurchases": found.filter(pc.is_valid(row))}


def _whole(rows: pa.Table, start: pa.Array, end: pa.Array) -> pa.Table:
    columns = {"start": start.cast(_UTC), "end": end.cast(_UTC), "length": pc.subtract(end, start)}
    for name, values in columns.items():
        rows = rows.append_column(name, values)
    return rows


_TENURES = Derivation(
    name="tenures",
    inputs=(Input(of="customers", columns=("customer_id", "started_at", "ended_at"), order=("started_at",)),),
    key="customer_id",
    outputs=("tenures", "brief_tenures"),
    function=_tenures,
)
_REPURCHASES = Derivation(
    name="repurchases",
    inputs=(
        Input(
            of="customer_contacts",
            columns=("customer_id", "opened_at", "contact_id", "agent_id"),
            order=("opened_at",),
        ),
        Input(
            of="orders",
            columns=("customer_id", "ordered_at", "kind"),
            order=("ordered_at",),
            optional=("kind",),
        ),
    ),
    key="customer_id",
    outputs=("repurchases",),
    parameters=(ORDERS,),
    function=_repurchases,
)

FACTS: tuple[Fact, ...] = (
    Fact(schema=TENURES, derivations=(_TENURES,)),
    Fact(schema=BRIEF_TENURES, derivations=(_TENURES,)),
    Fact(schema=REPURCHASES, derivations=(_REPURCHASES,)),
)
