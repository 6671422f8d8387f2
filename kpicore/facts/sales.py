"""Sales: paid orders, credited to the agents who received the customer before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.errors import MissingDataError, ParameterError
from kpicore.plugin import Choice, Choices, Derivation, Duration, Fact, Input, Settings, TableSchema
from kpicore.plugin.parameters import Text
from kpicore.plugin.tables import TABLES

from .schemas_sales import MILLION, SALE_AMOUNTS, SALE_ITEMS, SALES, SALES_BY_KIND
from .whole_tables import first_from, given, instant, last_before

__all__ = [
    "BASIS",
    "CREDIT",
    "CURRENCY",
    "FACTS",
    "LOOKBACK",
    "OWNER",
    "RECEPTIONS_IN_ORDER",
    "REFUNDS",
    "basis_of",
    "directions",
    "received",
]

LOOKBACK = Duration(
    name="lookback",
    doc="how long before an order the customer's contact counts for it",
    default="4d",
    low=1,
)
BASIS = Choice(
    name="basis",
    doc="what must follow the contact: that the order is placed, or that it is paid",
    values=("order_first", "pay_first"),
    default="order_first",
)
CREDIT = Choice(
    name="attribution",
    doc="which of the agents who received the customer before the order is credited with it: the last, the "
    "first, or all in equal parts",
    values=("last", "first", "split"),
    default="last",
)
OWNER = Choice(
    name="owner",
    doc="whether an order that names its agent itself is his",
    values=("receiver", "order"),
    default="receiver",
)
REFUNDS = Choice(
    name="refunds",
    doc="whether what was paid back later is taken off the sale it belongs to",
    values=("ignore", "subtract"),
    default="ignore",
)
CURRENCY = Text(name="currency", doc="orders in this currency only; needed where there are several")
_UTC = pa.timestamp("us", "UTC")


def directions(default: str) -> Choices:
    """Returns the parameter that says who began the contacts that count."""
    return Choices(
        name="directions",
        doc="who began the contacts that count; where the source does not say, the customer did",
        values=TABLES["contacts"].column("direction").values,
        default=default,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Credits:
    """Rows of orders with the row of the reception credited, in order; ``last`` closes an order's run."""

    order: pa.Array
    reception: pa.Array
    count: pa.Array
    last: pa.Array


def received(settings: Settings, receptions: pa.Table) -> pa.Table:
    """Returns the receptions of known customers that count, in the order given."""
    wanted = pc.is_in(given(receptions, "direction", pa.string()), pa.array(settings.words("directions")))
    wanted = pc.and_not(wanted, given(receptions, "filtered", pa.bool_()).fill_null(False))
    customer, at = (receptions.column(name) for name in ("customer_id", "received_at"))
    return receptions.filter(pc.and_(wanted, pc.and_(pc.is_valid(customer), pc.is_valid(at))))


def basis_of(settings: Settings, orders: pa.Table) -> pa.Array:
    """Returns when each order came, in microseconds; null where it never did."""
    return instant(orders, "ordered_at" if settings.word("basis") == "order_first" else "paid_at")


def _sales(
    settings: Settings, tables: tuple[pa.Table, ...], *, schema: TableSchema
) -> Mapping[str, pa.Table]:
    receptions, orders = received(settings, tables[0]), tables[1]
    paid = pc.is_valid(instant(orders, "paid_at"))
    orders = orders.filter(pc.and_(paid, pc.is_valid(basis_of(settings, orders))))
    _check(settings, orders, schema)
    credits = _credits(settings, receptions, orders)
    columns = {
        name: given(orders, name, pa.string()).take(credits.order)
        for name in ("order_id", "customer_id", "currency", "kind")
    }
    for name in ("ordered_at", "paid_at"):
        columns[name] = instant(orders, name).take(credits.order).cast(_UTC)
    columns["contact_id"] = given(receptions, "contact_id", pa.string()).take(credits.reception)
    agent = given(receptions, "agent_id", pa.string()).cast(pa.string()).take(credits.reception)
    served = pc.is_valid(credits.reception)
    if settings.word("owner") == "order":
        own = given(orders, "agent_id", pa.string()).cast(pa.string()).take(credits.order)
        agent, served = pc.coalesce(own, agent), pc.or_(served, pc.is_valid(own))
    columns |= {"agent_id": agent, "served": served}
    columns["share"] = _divided(pa.repeat(pa.scalar(MILLION, pa.int64()), len(orders)), credits)
    if schema is SALE_AMOUNTS:
        columns["amount"] = _divided(_money(settings, orders), credits)
    if schema is SALE_ITEMS:
        items = pc.multiply_checked(given(orders, "quantity", pa.int64()).cast(pa.int64()), MILLION)
        columns["items"] = _divided(items, credits)
    return {schema.name: pa.table({column.name: columns[column.name] for column in schema.columns})}


def _check(settings: Settings, orders: pa.Table, schema: TableSchema) -> None:
    """Raises for a column that only some parameters need, and for amounts that cannot be added."""
    needed = {"agent_id"} if settings.word("owner") == "order" else set()
    if schema is SALE_AMOUNTS:
        needed |= {"refunded_amount"} if settings.word("refunds") == "subtract" else set()
        needed |= {"currency"} if settings["currency"] is not None else set()
    if lacking := sorted(needed - set(orders.column_names)):
        raise MissingDataError(f"orders has no column {', '.join(lacking)}", hint="deliver it, or map it")
    if schema is not SALE_AMOUNTS or settings["currency"] is not None:
        return
    currency = given(orders, "currency", pa.string()).cast(pa.string())
    found = sorted(pc.unique(currency).drop_null().to_pylist())
    if len(found) > 1:
        raise ParameterError(
            f"orders are paid in {', '.join(found)}, which do not add up",
            hint=f"name one: currency={found[0]}",
        )


def _money(settings: Settings, orders: pa.Table) -> pa.Array:
    amount = _ten_thousandths(given(orders, "amount", pa.decimal128(18, 4)))
    if settings.word("refunds") == "ignore":
        return amount
    back = _ten_thousandths(given(orders, "refunded_amount", pa.decimal128(18, 4))).fill_null(0)
    return pc.subtract_checked(amount, back)


def _ten_thousandths(money: pa.Array) -> pa.Array:
    scaled = pc.multiply(money.cast(pa.decimal128(18, 4)), pa.scalar(Decimal(10_000), pa.decimal128(5, 0)))
    return scaled.cast(pa.int64())


def _credits(settings: Settings, receptions: pa.Table, orders: pa.Table) -> _Credits:
    """Returns whom each order is credited to; an order that nobody served has a row without reception."""
    at, customer = basis_of(settings, orders), given(orders, "customer_id", pa.string())
    among, when = given(receptions, "customer_id", pa.string()), instant(receptions, "received_at")
    earliest = pc.subtract(at, settings.microseconds("lookback"))
    first, last = first_from(customer, earliest, among, when), last_before(customer, at, among, when)
    within = pc.less_equal(first, last).fill_null(False)
    first, last = (pc.if_else(within, row, None) for row in (first, last))
    every, rule = pa.arange(0, len(orders)), settings.word("attribution")
    if rule == "split":
        if settings.word("owner") == "order":
            own = pc.is_valid(given(orders, "agent_id", pa.string()))
            first = pc.if_else(own, last, first)
        return _split(first, last, given(receptions, "agent_id", pa.string()))
    ones, whole = pa.repeat(pa.scalar(1, pa.int64()), len(every)), pa.repeat(pa.scalar(True), len(every))
    return _Credits(order=every, reception=last if rule == "last" else first, count=ones, last=whole)


def _split(first: pa.Array, last: pa.Array, agent: pa.Array) -> _Credits:
    """Returns a row for every agent among the receptions ``first`` to ``last``: his last one."""
    sizes = pc.add(pc.subtract(last, first), 1).fill_null(1)
    offsets = pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(sizes)])
    every = pa.arange(0, offsets[-1].as_py())
    order = pc.list_parent_indices(pa.LargeListArray.from_arrays(offsets, every)).cast(pa.int64())
    row = pc.add(first.take(order), pc.subtract(every, offsets.take(order)))
    code = agent.dictionary_encode(null_encoding="encode").indices.cast(pa.int64()).take(row)
    pairs = pa.table({"order": order, "agent": code, "row": row})
    kept = pairs.group_by(["order", "agent"]).aggregate([("row", "max")])
    kept = kept.take(pc.sort_indices(kept, sort_keys=[("order", "ascending"), ("row_max", "ascending")]))
    order, row = (kept.column(name).combine_chunks() for name in ("order", "row_max"))
    count = pc.value_counts(order).field("counts")
    ends = pc.subtract(pc.cumulative_sum(count), 1)
    closing = pc.is_in(pa.arange(0, len(order)), value_set=ends)
    return _Credits(order=order, reception=row, count=count.take(order), last=closing)


def _divided(values: pa.Array, credits: _Credits) -> pa.Array:
    """Returns each row's part of its order's integer; the remainder goes to the last row."""
    whole = values.take(credits.order)
    part = pc.divide(whole, credits.count)
    rest = pc.subtract(whole, pc.multiply(part, pc.subtract(credits.count, 1)))
    return pc.if_else(credits.last, rest, part)


_ORDERS = ("customer_id", "ordered_at", "order_id", "paid_at", "agent_id", "currency")
RECEPTIONS_IN_ORDER = Input(
    of="receptions",
    columns=("customer_id", "received_at", "contact_id", "agent_id", "direction", "filtered"),
    order=("received_at",),
)


def _derivation(schema: TableSchema, *needed: str, optional: tuple[str, ...] = ()) -> Derivation:
    return Derivation(
        name=schema.name,
        inputs=(
            RECEPTIONS_IN_ORDER,
            Input(
                of="orders",
                columns=(*_ORDERS, *needed, *optional),
                order=("ordered_at", "order_id"),
                optional=("agent_id", "currency", *optional),
            ),
        ),
        key="customer_id",
        outputs=(schema.name,),
        parameters=(
            LOOKBACK,
            BASIS,
            CREDIT,
            OWNER,
            directions("inbound+outbound"),
            *((REFUNDS, CURRENCY) if schema is SALE_AMOUNTS else ()),
        ),
        function=partial(_sales, schema=schema),
    )


FACTS: tuple[Fact, ...] = (
    Fact(schema=SALES, derivations=(_derivation(SALES),)),
    Fact(
        schema=SALE_AMOUNTS,
        derivations=(_derivation(SALE_AMOUNTS, "amount", optional=("refunded_amount",)),),
    ),
    Fact(schema=SALE_ITEMS, derivations=(_derivation(SALE_ITEMS, "quantity"),)),
    Fact(schema=SALES_BY_KIND, derivations=(_derivation(SALES_BY_KIND, "kind"),)),
)
