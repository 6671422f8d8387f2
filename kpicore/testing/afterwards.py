"""What other systems know of the same weeks: sales, web traffic, quality assurance, planning, marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from random import Random

from .floor import SECOND
from .logbook import Contact, Row
from .staff import HOUR, MINUTE, Person, plan_shift

__all__ = ["keep_roster", "list_customers", "mark", "plan", "review", "sell", "visit", "watch"]

_DAY = 24 * HOUR
_PRICES = {"kettle": "39.90", "lamp": "24.50", "radio": "89.00", "camera": "349.00"}
_DIMENSIONS = ("attitude", "communication", "brand", "knowledge", "technical")


def sell(contacts: Iterable[Contact], people: Mapping[str, Person], random: Random) -> list[Row]:
    """Returns the orders that follow some chats before a sale, and some of customers who never asked."""
    orders: list[Row] = []
    for contact in contacts:
        if contact.queue != "presale" or contact.agent is None or contact.closed is None:
            continue
        if random.random() < 0.15 + 0.3 * people[contact.agent].care:
            kind = random.choices(("new", "upsell", "cross_sell", "renewal"), (75, 10, 10, 5))[0]
            row = _order(len(orders), contact.customer_id, contact.closed, contact.product, kind, random)
            # What is added to an order is entered by the agent himself.
            orders.append(row | {"agent_id": contact.agent} if kind in ("upsell", "cross_sell") else row)
        if random.random() < 0.1:
            silent = f"s{len(orders):05d}"
            orders.append(
                _order(len(orders), silent, contact.opened, random.choice(list(_PRICES)), "new", random)
            )
    return orders


def _order(number: int, customer: str, after: int, product: str, kind: str, random: Random) -> Row:
    ordered = _tidy(after + int(random.expovariate(1 / 2400) * SECOND) + MINUTE)
    quantity = random.choices((1, 2, 3), (80, 15, 5))[0]
    row: Row = {"order_id": f"o{number + 1:06d}", "customer_id": customer, "ordered_at": ordered}
    row |= {"product": product, "quantity": quantity, "kind": kind, "currency": "CNY"}
    if random.random() < 0.86:
        row["paid_at"] = ordered + _tidy(int(random.expovariate(1 / 500) * SECOND) + 20 * SECOND)
        row["amount"] = Decimal(_PRICES[product]) * quantity
        if random.random() < 0.06:
            row["refunded_at"] = ordered + 3 * _DAY
            row["refunded_amount"] = row["amount"]
    return row


def visit(contacts: Iterable[Contact], random: Random) -> list[Row]:
    """Returns visits, views and searches: before every chat, and twice as many that lead to none."""
    rows: list[Row] = []
    for contact in contacts:
        if contact.channel != "chat":
            continue
        for guest in range(3):
            at = contact.opened - int(random.uniform(30, 1500) * SECOND)
            number = f"{contact.contact_id[1:]}{guest}"
            row: Row = {"visitor_id": f"v{number}", "session_id": f"w{number}", "count": 1}
            if guest == 0:
                row["customer_id"] = contact.customer_id
            rows.append(row | {"at": _tidy(at), "kind": "visit"})
            if random.random() < 0.3:
                kind = random.choices(("view", "search", "self_service"), (5, 3, 2))[0]
                rows.append(row | {"at": _tidy(at) + 20 * SECOND, "kind": kind})
    return rows


def review(contacts: Iterable[Contact], people: Mapping[str, Person], random: Random) -> list[Row]:
    """Returns the marks of quality assurance for one in forty conversations of each agent."""
    rows: list[Row] = []
    for contact in contacts:
        if contact.agent is None or contact.closed is None or random.random() > 1 / 40:
            continue
        care = people[contact.agent].care
        for dimension in _DIMENSIONS:
            row: Row = {"agent_id": contact.agent, "contact_id": contact.contact_id, "dimension": dimension}
            row |= {"reviewed_at": contact.closed + _DAY, "reviewer_id": "lead", "weight": 1.0}
            row |= {"score": float(min(max(round(2.2 + 2.6 * care + random.gauss(0, 0.6)), 1), 5))}
            rows.append(row | {"scale_min": 1.0, "scale_max": 5.0, "critical": dimension == "attitude"})
    return rows


def watch(contacts: Iterable[Contact], people: Mapping[str, Person], random: Random) -> list[Row]:
    """Returns complaints, praise and violations."""
    rows: list[Row] = []
    for contact in contacts:
        if contact.agent is None or contact.closed is None:
            continue
        care, chance = people[contact.agent].care, random.random()
        row: Row = {
            "at": contact.closed + 2 * HOUR,
            "agent_id": contact.agent,
            "contact_id": contact.contact_id,
        }
        if contact.resolved is None and chance < 0.06 * (1.2 - care):
            rows.append(row | {"kind": "complaint", "severity": random.choice(("minor", "grave"))})
        elif contact.resolved is not None and chance < 0.02 * care:
            rows.append(row | {"kind": "praise"})
        elif chance > 0.9995:
            rows.append(row | {"kind": "violation", "severity": "minor"})
    return rows


def plan(people: Sequence[Person], midnights: Sequence[int]) -> list[Row]:
    """Returns what was planned for everybody: contacts, breaks, meals and meetings."""
    rows: list[Row] = []
    for index, person in enumerate(people):
        for day, midnight in enumerate(midnights[:-1]):
            wishes = plan_shift(person, index, day, None)
            for (start, state), (end, _) in pairwise(wishes):
                productive = state == "available"
                row: Row = {"agent_id": person.agent_id, "start": midnight + start, "end": midnight + end}
                rows.append(row | {"activity": "contacts" if productive else state, "productive": productive})
    return rows


def mark(people: Iterable[Person], period: str, random: Random) -> list[Row]:
    """Returns a human's mark for everybody."""
    return [
        {
            "agent_id": person.agent_id,
            "period": period,
            "item": "teamwork",
            "value": float(round(60 + 40 * person.care * random.uniform(0.8, 1.0))),
            "evaluator": "lead",
            "evidence": "how the person helped colleagues",
        }
        for person in people
    ]


def list_customers(contacts: Iterable[Contact], midnights: Sequence[int], random: Random) -> list[Row]:
    """Returns since when everybody who made contact is a customer, and of a few until when."""
    first: dict[str, int] = {}
    for contact in contacts:
        first.setdefault(contact.customer_id, contact.opened)
    rows: list[Row] = []
    for customer, opened in sorted(first.items()):
        started = opened if random.random() < 0.4 else midnights[0] - int(random.uniform(1, 400)) * _DAY
        row: Row = {"customer_id": customer, "started_at": started}
        if random.random() < 0.03:
            row["ended_at"] = midnights[-1] - 1 * HOUR
        rows.append(row)
    return rows


def keep_roster(people: Sequence[Person], midnights: Sequence[int], leaver: Person | None) -> list[Row]:
    """Returns the roster: the third person changes team in the middle, the ``leaver`` goes.

    ``queue`` is the one for which a person is staffed, beside the others that he can serve.
    """
    rows: list[Row] = []
    middle = midnights[len(midnights) // 2]
    for index, person in enumerate(people):
        hired = midnights[0] - (90 + 37 * index) * _DAY
        row: Row = {"agent_id": person.agent_id, "name": person.name, "team": person.team}
        row |= {"skills": list(person.skills), "hired_on": hired, "valid_from": hired}
        row |= {"full_time": True, "capacity": person.capacity, "queue": person.skills[0]}
        if person is leaver:
            row["left_on"] = midnights[-5]
        if index == 2 and len(midnights) > 2:
            rows.append(row | {"valid_to": middle})
            row = row | {"team": "Experts", "valid_from": middle}
        rows.append(row)
    return rows


def _tidy(at: int) -> int:
    return at // 1000 * 1000
