"""What agents sell, on data that can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest

import kpicore
from kpicore.errors import MissingDataError, ParameterError

MONDAY = datetime(2026, 10, 12, tzinfo=UTC)
Row = Mapping[str, object]


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def table(rows: Sequence[Row]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


def results(
    tables: Mapping[str, Sequence[Row]], *texts: str, by: Sequence[str] = (), zone: str = "UTC"
) -> list[dict[str, object]]:
    log = kpicore.open({name: table(rows) for name, rows in tables.items()})
    return kpicore.measure(log, texts, by, zone=zone).rows()


def contact(number: int, customer: str | None, agent: str, hour: float, **more: object) -> Row:
    row = {"contact_id": number, "customer_id": customer, "agent_id": agent, "opened_at": at(hour)}
    return row | {"direction": "inbound"} | more


def order(number: int, customer: str, hour: float, paid: float | None, amount: str, **more: object) -> Row:
    row: Row = {"order_id": number, "customer_id": customer, "ordered_at": at(hour)}
    row = {**row, "amount": Decimal(amount).quantize(Decimal("1.0000"))}
    row = {**row, "paid_at": None if paid is None else at(paid)}
    return {**row, "quantity": 1, "kind": "new", "currency": "CNY"} | more


# Carl asks ann (1 h), bob (2 h), ann (3 h) and cid (4 h), and orders at 5 h. Dora asks bob at 10 h, orders
# at 10 h, again at 30 h (never paid) and, after ann called her at 90 h, at 100 h. Emil orders unasked.
CONTACTS = [
    contact(1, "carl", "ann", 1),
    contact(2, "carl", "bob", 2),
    contact(3, "carl", "ann", 3),
    contact(4, "carl", "cid", 4),
    contact(5, "dora", "bob", 10),
    contact(6, "dora", "ann", 90, direction="outbound"),
    contact(7, None, "ann", 11),
    contact(8, "emil", "ann", 11, filtered=True),
]
ORDERS = [
    order(1, "carl", 5, 6, "100", quantity=2, kind="upsell"),
    order(2, "dora", 10, 30, "30.5", refunded_amount=Decimal("10.0000")),
    order(3, "dora", 30, None, "7"),
    order(4, "dora", 100, 101, "20", agent_id="eve", kind="cross_sell"),
    order(5, "emil", 12, 13, "1000"),
]
LOG = {"contacts": CONTACTS, "orders": ORDERS}


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("sales_amount", {"cid": "100", "bob": "30.5", "ann": "20"}),
        ("sales_amount[attribution=first]", {"ann": "100", "bob": "50.5"}),
        # 100 among bob (2 h), ann (3 h), cid (4 h): 33.3333 each, the rest of 0.0001 to the last;
        # 20 between bob (10 h) and ann (90 h)
        ("sales_amount[attribution=split]", {"bob": "73.8333", "ann": "43.3333", "cid": "33.3334"}),
        # 10 h before the order at 100 h came the call at 90 h; 9 h before it nothing
        ("sales_amount[lookback=10h]", {"cid": "100", "bob": "30.5", "ann": "20"}),
        ("sales_amount[lookback=9h]", {"cid": "100", "bob": "30.5"}),
        ("sales_amount[attribution=first,lookback=2h]", {"ann": "100", "bob": "30.5"}),
        # paid 20 h after the contact
        ("sales_amount[lookback=19h,basis=pay_first]", {"cid": "100", "ann": "20"}),
        ("sales_amount[refunds=subtract]", {"cid": "100", "bob": "20.5", "ann": "20"}),
        ("sales_amount[owner=order]", {"cid": "100", "bob": "30.5", "eve": "20"}),
        (
            "sales_amount[owner=order,attribution=split]",
            {"bob": "63.8333", "ann": "33.3333", "cid": "33.3334", "eve": "20"},
        ),
        ("sales_amount[directions=inbound,lookback=90h]", {"cid": "100", "bob": "50.5"}),
        ("sales_quantity", {"cid": "2", "bob": "1", "ann": "1"}),
        # 2 items among three: 666666 millionths each, and 2 more to the last
        ("sales_quantity[attribution=split]", {"bob": "2.166666", "ann": "1.166666", "cid": "0.666668"}),
        # ann received contacts 1, 3, 6 and 7
        ("upsell_rate", {"cid": "1", "bob": "0", "ann": "1/4"}),
        ("upsell_rate[kind=upsell]", {"cid": "1", "bob": "0", "ann": "0"}),
        (
            "upsell_rate[attribution=split,kind=upsell]",
            {"bob": "333333/2000000", "ann": "333333/4000000", "cid": "333334/1000000"},
        ),
    ],
)
def test_by_agent(text: str, amounts: Mapping[str, str]) -> None:
    result = kpicore.measure(
        kpicore.open({name: table(rows) for name, rows in LOG.items()}), [text], ["agent"]
    )
    found = zip(result.rows(), result.fractions(), strict=True)
    values = {row["agent"]: value for row, value in found if row["agent"] is not None}
    wanted = {agent: Fraction(amount) for agent, amount in amounts.items()}
    assert {agent: value for agent, value in values.items() if value or agent in wanted} == wanted


@pytest.mark.parametrize(
    ("text", "value", "excluded"),
    [
        # 100 + 30.5 + 20; Emil's order followed no service
        ("sales_amount", 150.5, {"nobody_served": 1}),
        ("average_customer_spend", 75.25, {"nobody_served": 1}),
        ("items_per_customer", 2.0, {"nobody_served": 1}),
        # one call; orders 1, 2 and 4; of them only 4 after a call
        ("calls_per_sale", 1 / 3, {"nobody_served": 1}),
        ("calls_per_sale[attribution=split]", 1 / 3, {"nobody_served": 1}),
        ("calls_per_sale[directions=outbound]", 1.0, {"nobody_served": 3}),
        ("calls_per_sale[statistic=conversion]", 3.0, {"nobody_served": 1}),
        ("calls_per_sale[calls=answered]", 1 / 3, {"nobody_served": 1}),
        # Carl and Dora; the customer of contact 7 is unknown
        ("presale_inquirers", 2.0, {"customer_unknown": 1}),
        # Dora ordered 60 h before the call
        ("presale_inquirers[directions=outbound]", 0.0, {"after_an_order": 1}),
        ("presale_inquirers[directions=outbound,lookback=59h]", 1.0, {}),
        # order 3 was never paid, order 2 was 60 h before
        ("presale_inquirers[directions=outbound,lookback=60h,basis=pay_first]", 0.0, {"after_an_order": 1}),
        ("presale_inquirers[directions=outbound,lookback=59h,basis=pay_first]", 1.0, {}),
        # Carl paid after 5 h, Dora after 20 h, on the next day
        ("inquiry_conversion_next_day", 1.0, {"customer_unknown": 1}),
        ("inquiry_conversion_final", 1.0, {"customer_unknown": 1}),
        ("inquiry_conversion_final[within=20h]", 1.0, {"customer_unknown": 1}),
        ("inquiry_conversion_final[within=19h]", 0.5, {"customer_unknown": 1}),
        ("inquiry_conversion_final[within=1h]", 0.0, {"customer_unknown": 1}),
    ],
)
def test_in_all(text: str, value: float, excluded: Mapping[str, int]) -> None:
    (row,) = results(LOG, text)
    assert (row["value"], row["excluded"]) == (value, excluded)


@pytest.mark.parametrize(("zone", "value"), [("UTC", 1.0), ("Asia/Shanghai", 0.0)])
def test_the_next_day_is_that_of_the_zone(zone: str, value: float) -> None:
    # received on Monday at 15:00, paid on Tuesday at 17:00 UTC, which is Wednesday 1:00 in Shanghai
    log = {"contacts": [contact(1, "carl", "ann", 15)], "orders": [order(1, "carl", 16, 41, "1")]}
    (row,) = results(log, "inquiry_conversion_next_day", zone=zone)
    assert row["value"] == value


def test_the_earliest_payment_counts_not_that_of_the_first_order() -> None:
    orders = [order(1, "carl", 2, None, "1"), order(2, "carl", 3, 60, "1"), order(3, "carl", 4, 5, "1")]
    log = {"contacts": [contact(1, "carl", "ann", 1)], "orders": orders}
    (row,) = results(log, "inquiry_conversion_final[within=4h]")
    assert row["value"] == 1.0


def test_currencies_do_not_add_up() -> None:
    log = {"contacts": CONTACTS, "orders": [*ORDERS, order(6, "carl", 5, 6, "9", currency="USD")]}
    with pytest.raises(ParameterError, match="CNY, USD"):
        results(log, "sales_amount")
    (row,) = results(log, "sales_amount[currency=USD]")
    assert (row["value"], row["excluded"]) == (9.0, {"nobody_served": 1, "other_currency": 3})


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("sales_amount", "amount"),
        ("items_per_customer", "quantity"),
        ("upsell_rate", "kind"),
        ("sales_quantity[owner=order]", "agent_id"),
        ("sales_amount[refunds=subtract]", "refunded_amount"),
        ("sales_amount[currency=CNY]", "currency"),
    ],
)
def test_what_is_missing_is_named(text: str, column: str) -> None:
    orders = [{name: value for name, value in row.items() if name != column} for row in ORDERS]
    with pytest.raises(MissingDataError, match=column):
        results({"contacts": CONTACTS, "orders": orders}, text)


def test_the_agent_who_took_a_leg_is_credited_not_the_one_in_charge_at_the_end() -> None:
    events = [
        {"contact_id": 1, "at": at(1), "event": "answered", "agent_id": "bob"},
        {"contact_id": 1, "at": at(2), "event": "closed", "agent_id": "bob"},
    ]
    log = {"contacts": [contact(1, "carl", "ann", 1)], "contact_events": events, "orders": ORDERS[:1]}
    rows = results(log, "sales_amount", "presale_inquirers", by=("agent",))
    assert {(row["metric"], row["agent"]): row["value"] for row in rows if row["value"]} == {
        ("sales_amount", "bob"): 100.0,
        ("presale_inquirers", "bob"): 1.0,
    }


@pytest.mark.parametrize("attribution", ["last", "first", "split"])
def test_orders_of_customers_nobody_received(attribution: str) -> None:
    log = {"contacts": [contact(1, "zoe", "ann", 1, filtered=True)], "orders": ORDERS[:2]}
    amount, inquirers, conversion = results(
        log, f"sales_amount[attribution={attribution}]", "presale_inquirers", "inquiry_conversion_next_day"
    )
    assert (amount["value"], amount["n"], amount["excluded"]) == (0.0, 0, {"nobody_served": 2})
    assert (inquirers["value"], conversion["value"]) == (0.0, None)


def test_nobody_pays() -> None:
    log = {"contacts": CONTACTS[:5], "orders": [order(1, "carl", 5, None, "1")]}
    # without a known payment the type of the column is not told by its values
    orders = table(log["orders"]).drop_columns("paid_at")
    orders = orders.append_column("paid_at", pa.nulls(1, pa.timestamp("us", "UTC")))
    source = kpicore.open({"contacts": table(log["contacts"]), "orders": orders})
    texts = [
        "inquiry_conversion_next_day",
        "inquiry_conversion_final[basis=pay_first]",
        "average_customer_spend",
    ]
    rows = kpicore.measure(source, texts, zone="UTC").rows()
    assert [(row["value"], row["n"]) for row in rows] == [(0.0, 2), (0.0, 2), (None, 0)]
