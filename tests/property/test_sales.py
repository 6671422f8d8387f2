"""Sales and inquiries against a plain program that walks through every order and contact."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pyarrow as pa
import pytest

import kpicore
from kpicore.plugin.manager import load_plugins

PLUGINS = load_plugins(third_party=False)
FIRST = datetime(2026, 10, 12, tzinfo=UTC)
Contact = tuple[int, str, str, int]
Order = tuple[int, str, int, int | None, int, int]


def moments(hours: list[int | None]) -> pa.Array:
    found = [None if hour is None else FIRST + timedelta(hours=hour) for hour in hours]
    return pa.array(found, pa.timestamp("us", "UTC"))


def random_log(random: Random) -> tuple[list[Contact], list[Order]]:
    contacts = [
        (i, random.choice("cde"), random.choice(("ann", "Bob", "cid")), random.randrange(0, 90))
        for i in range(random.randrange(1, 20))
    ]
    orders = []
    for i in range(random.randrange(1, 12)):
        ordered = random.randrange(0, 90)
        paid = random.choice((None, ordered, ordered + random.randrange(0, 40)))
        money, items = random.randrange(0, 100), random.randrange(0, 4)
        orders.append((i, random.choice("cdef"), ordered, paid, money, items))
    return contacts, orders


def measured(contacts: list[Contact], orders: list[Order], text: str, random: Random) -> dict[str, Fraction]:
    contacts, orders = random.sample(contacts, len(contacts)), random.sample(orders, len(orders))
    columns = {
        "contact_id": [c[0] for c in contacts],
        "customer_id": [c[1] for c in contacts],
        "agent_id": [c[2] for c in contacts],
        "opened_at": moments([c[3] for c in contacts]),
    }
    sold = {
        "order_id": [o[0] for o in orders],
        "customer_id": [o[1] for o in orders],
        "ordered_at": moments([o[2] for o in orders]),
        "paid_at": moments([o[3] for o in orders]),
        "amount": pa.array([Decimal(o[4]) / 10_000 for o in orders], pa.decimal128(18, 4)),
        "quantity": [o[5] for o in orders],
    }
    log = kpicore.open({"contacts": pa.table(columns), "orders": pa.table(sold)}, plugins=PLUGINS)
    result = kpicore.measure(log, [text], ["agent"], plugins=PLUGINS, start="2026-10-12", end="2026-10-25")
    found = zip(result.rows(), result.fractions(), strict=True)
    return {str(row["agent"]): value for row, value in found if value and row["agent"] is not None}


def credits(
    contacts: list[Contact], orders: list[Order], rule: str, lookback: int, basis: str
) -> dict[tuple[int, str], tuple[int, int]]:
    """The ten-thousandths and millionths of items of each order that each agent is credited with."""
    found = {}
    for order in orders:
        number, buyer, ordered, paid, money, items = order
        came = ordered if basis == "order_first" else paid
        if paid is None or came is None:
            continue
        served = sorted(
            (at, i, who) for i, c, who, at in contacts if c == buyer and came - lookback <= at <= came
        )
        agents: list[str] = []
        for _, _, who in served:
            agents = [*(a for a in agents if a != who), who]
        if served and rule != "split":
            agents = [served[-1 if rule == "last" else 0][2]]
        for i, who in enumerate(agents):
            parts = []
            for whole in (money, items * 1_000_000):
                each = whole // len(agents)
                parts.append(each if i < len(agents) - 1 else whole - each * (len(agents) - 1))
            found[number, who] = parts[0], parts[1]
    return found


@pytest.mark.parametrize("seed", range(24))
def test_sales(seed: int) -> None:
    random = Random(seed)
    contacts, orders = random_log(random)
    rule, lookback = random.choice(("last", "first", "split")), random.choice((1, 10, 48))
    basis = random.choice(("order_first", "pay_first"))
    brackets = f"[attribution={rule},lookback={lookback}h,basis={basis}]"
    sold = credits(contacts, orders, rule, lookback, basis)
    money: Counter[str] = Counter()
    items: Counter[str] = Counter()
    buyers: dict[str, set[str]] = defaultdict(set)
    for (number, who), (cents, parts) in sold.items():
        money[who] += cents
        items[who] += parts
        buyers[who].add(next(o[1] for o in orders if o[0] == number))
    wanted = {
        "sales_amount": {who: Fraction(n, 10_000) for who, n in money.items() if n},
        "sales_quantity": {who: Fraction(n, 1_000_000) for who, n in items.items() if n},
        "average_customer_spend": {
            who: Fraction(n, 10_000 * len(buyers[who])) for who, n in money.items() if n
        },
        "items_per_customer": {
            who: Fraction(n, 1_000_000 * len(buyers[who])) for who, n in items.items() if n
        },
    }
    for name, values in wanted.items():
        assert measured(contacts, orders, name + brackets, random) == values, name


@pytest.mark.parametrize("seed", range(24))
def test_inquiries(seed: int) -> None:
    random = Random(1000 + seed)
    contacts, orders = random_log(random)
    lookback, within = random.choice((1, 10, 48)), random.choice((1, 12, 30))
    basis = random.choice(("order_first", "pay_first"))
    asked: dict[str, set[str]] = defaultdict(set)
    soon: dict[str, set[str]] = defaultdict(set)
    late: dict[str, set[str]] = defaultdict(set)
    for _, customer, who, at in contacts:
        came = [(o[2] if basis == "order_first" else o[3], o[3]) for o in orders if o[1] == customer]
        if any(c is not None and at - lookback <= c < at for c, _ in came):
            continue
        asked[who].add(customer)
        paid = min((p for c, p in came if c is not None and c >= at and p is not None), default=None)
        if paid is not None and paid // 24 - at // 24 <= 1:
            soon[who].add(customer)
        if paid is not None and paid - at <= within:
            late[who].add(customer)
    brackets = f"lookback={lookback}h,basis={basis}"
    inquirers = measured(contacts, orders, f"presale_inquirers[{brackets}]", random)
    assert inquirers == {who: len(names) for who, names in asked.items()}
    for text, names in (
        (f"inquiry_conversion_next_day[{brackets}]", soon),
        (f"inquiry_conversion_final[{brackets},within={within}h]", late),
    ):
        shares = {who: Fraction(len(names[who]), len(asked[who])) for who in asked if names[who]}
        assert measured(contacts, orders, text, random) == shares
