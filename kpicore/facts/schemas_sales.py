"""The contracts of facts about selling: who asked before buying, and whose service led to a sale."""

from __future__ import annotations

from kpicore.plugin.schema import Column, Kind, TableSchema
from kpicore.plugin.tables import TABLES

__all__ = ["INQUIRIES", "MILLION", "SALES", "SALES_BY_KIND", "SALE_AMOUNTS", "SALE_ITEMS"]

MILLION = 1_000_000
"""What a whole order, or one item, counts as."""

_CONTACTS, _ORDERS = TABLES["contacts"], TABLES["orders"]

INQUIRIES = TableSchema(
    name="inquiries",
    doc="An agent's reception of a customer who had not ordered shortly before, and what came of it.",
    columns=(
        _CONTACTS.column("contact_id"),
        _CONTACTS.column("customer_id"),
        Column(name="agent_id", kind=Kind.ID, doc="who received the customer", domain="agent"),
        Column(name="received_at", kind=Kind.TIME, doc="when the agent took the contact", required=True),
        Column(
            name="first",
            kind=Kind.FLAG,
            doc="whether no order came shortly before: else this is service after a sale",
            required=True,
        ),
        Column(name="paid_at", kind=Kind.TIME, doc="the first payment of an order that came afterwards"),
        Column(
            name="paid_days",
            kind=Kind.INTEGER,
            doc="local days from the reception to that payment, 0 for the same day",
            unit="days",
        ),
    ),
    times={"start": "received_at"},
)

_SALE = (
    _ORDERS.column("order_id"),
    _ORDERS.column("customer_id"),
    Column(name="contact_id", kind=Kind.KEY, doc="the contact credited with it", domain="contact"),
    Column(name="agent_id", kind=Kind.ID, doc="the agent credited with it", domain="agent"),
    _ORDERS.column("ordered_at"),
    Column(name="paid_at", kind=Kind.TIME, doc="when it was paid", required=True),
    _ORDERS.column("currency"),
    Column(name="served", kind=Kind.FLAG, doc="whether anybody is credited with it", required=True),
    Column(
        name="share",
        kind=Kind.INTEGER,
        doc="the part of the order in this row; an order divided among agents has a row for each",
        required=True,
        unit="1/1000000 orders",
    ),
)


def _sales(name: str, doc: str, *columns: Column) -> TableSchema:
    return TableSchema(
        name=name,
        doc=doc,
        columns=(*_SALE, *columns),
        times={"start": "ordered_at", "event": "paid_at", "completion": "paid_at"},
    )


SALES = _sales("sales", "A paid order, credited to those who received the customer before it.")
SALE_AMOUNTS = _sales(
    "sale_amounts",
    "A paid order with what was paid, credited to those who received the customer before it.",
    Column(name="amount", kind=Kind.MONEY, doc="what was paid, or this row's part of it"),
)
SALE_ITEMS = _sales(
    "sale_items",
    "A paid order with its items, credited to those who received the customer before it.",
    Column(name="items", kind=Kind.INTEGER, doc="items, or this row's part of them", unit="1/1000000 items"),
)
SALES_BY_KIND = _sales(
    "sales_by_kind",
    "A paid order of a known kind, credited to those who received the customer before it.",
    _ORDERS.column("kind"),
)
