"""A contact centre that does not exist: its logs, the same for the same seed.

Half of the agents answer calls, half chats. They come in two shifts, differ in pace and care, take
breaks and meals, miss calls, hold and transfer. Customers give up, come back when nothing was solved,
and answer surveys; some are called back. Tickets come by mail. One person changes team in the middle, and
another leaves. Orders, web traffic, quality assurance, plans and marks go with it.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa

from . import afterwards
from .calls import Calls
from .chats import Chats
from .floor import SECOND, Desk, Floor
from .logbook import Contact
from .staff import HOUR, MINUTE, hire_people, plan_shift
from .surveys import ask_agents, ask_customer
from .tickets import Tickets

__all__ = ["generate_log"]

_CALLS = (1, 0, 0, 0, 0, 0, 0, 1, 30, 41, 47, 38, 26, 33, 50, 54, 46, 34, 27, 25, 22, 14, 2, 1)
_CHATS = (3, 1, 1, 0, 0, 0, 0, 1, 25, 40, 46, 42, 38, 36, 43, 45, 41, 36, 36, 43, 50, 38, 8, 4)
"""Arrivals by hour of the day, in parts of a day's demand."""

_TOPICS = {
    "billing": ("invoice", "refund", "payment"),
    "support": ("defect", "setup", "delivery"),
    "presale": ("price", "stock", "advice"),
    "aftersale": ("delivery", "return", "refund"),
    "mail": ("delivery", "return", "defect"),
}
_PRODUCTS = ("kettle", "lamp", "radio", "camera")
_QUEUES = {"voice": ("billing", "support"), "chat": ("presale", "aftersale"), "mail": ("mail", "mail")}


def generate_log(
    *,
    seed: int = 7,
    agents: int = 12,
    days: int = 14,
    start: date = date(2026, 10, 12),
    zone: str = "Asia/Shanghai",
    demand: float = 1.0,
) -> dict[str, pa.Table]:
    """Returns the canonical tables of ``days`` days.

    They are contacts, contact_events, messages, agent_states, agents, surveys, reviews, incidents,
    marks, orders, traffic, schedules and customers.
    Equal arguments give equal tables. Rows of a table are in the order in which they were written.
    ``demand`` multiplies the arrivals, which by default keep ``agents`` people well occupied.

    >>> log = generate_log(agents=4, days=1)
    >>> log["agents"].num_rows >= 4
    True
    """
    return _Centre(Random(seed), agents, days, start, ZoneInfo(zone)).run(demand)


class _Centre:
    """Arrivals, people and afterthoughts around the floor."""

    def __init__(self, random: Random, agents: int, days: int, start: date, zone: ZoneInfo) -> None:
        self.random, self.days, self.month = random, days, f"{start:%Y-%m}"
        self.midnights = [_midnight(start + timedelta(days=day), zone) for day in range(days + 1)]
        self.people = hire_people(agents, random)
        self.staff = {person.agent_id: person for person in self.people}
        self.floor = Floor(self.people, random, self._take, self._over)
        self.calls = Calls(self.floor)
        self.tickets = Tickets(self.floor, self.midnights[-1])
        self.scripts: dict[str, Calls | Chats | Tickets] = {
            "voice": self.calls,
            "chat": Chats(self.floor),
            "mail": self.tickets,
        }
        self.leaver = self.people[-1] if agents > 4 and days > 7 else None
        self.opened = 0
        self.customers = 0

    def run(self, demand: float) -> dict[str, pa.Table]:
        talkers = sum(not person.chats for person in self.people)
        for day in range(self.days):
            for channel, count, curve in (
                ("voice", talkers * 24, _CALLS),
                ("chat", (len(self.people) - talkers) * 46, _CHATS),
                ("mail", (len(self.people) - talkers) * 1.5, _CHATS),
            ):
                weekend = 0.75 if day % 7 >= 5 else 1.0
                self._plan_arrivals(day, channel, count * demand * weekend, curve)
            for index, desk in enumerate(self.floor.desks):
                self._plan_day(day, index, desk)
        self.floor.run()
        self.tickets.finish()
        self._ask_others()
        return self.floor.log.to_arrow()

    def _ask_others(self) -> None:
        log, random = self.floor.log, self.random
        log.rows["agents"] = afterwards.keep_roster(self.people, self.midnights, self.leaver)
        log.rows["surveys"] += ask_agents(self.midnights[-1] - 9 * HOUR, self.staff, random)
        log.rows["reviews"] = afterwards.review(log.contacts, self.staff, random)
        log.rows["incidents"] = afterwards.watch(log.contacts, self.staff, random)
        log.rows["marks"] = afterwards.mark(self.people, self.month, random)
        log.rows["orders"] = afterwards.sell(log.contacts, self.staff, random)
        log.rows["traffic"] = afterwards.visit(log.contacts, random)
        log.rows["schedules"] = afterwards.plan(self.people, self.midnights)
        log.rows["customers"] = afterwards.list_customers(log.contacts, self.midnights, random)

    def _plan_arrivals(self, day: int, channel: str, count: float, curve: tuple[int, ...]) -> None:
        for hour, part in enumerate(curve):
            rate = count * part / sum(curve) / (HOUR / SECOND)
            moment = 0.0
            while rate > 0 and (moment := moment + self.random.expovariate(rate)) < HOUR / SECOND:
                when = self.midnights[day] + hour * HOUR + int(moment * SECOND)
                self.floor.at(when, lambda: self._arrive(self._new_contact(channel)))

    def _plan_day(self, day: int, index: int, desk: Desk) -> None:
        if desk.person is self.leaver and day >= self.days - 4:
            return
        for offset, state in plan_shift(desk.person, index, day, self.random):
            self.floor.at(self.midnights[day] + offset, lambda state=state: self.floor.ask(desk, state))  # type: ignore[misc]

    def _new_contact(self, channel: str) -> Contact:
        self.opened += 1
        if self.customers < 50 or self.random.random() < 0.8:
            self.customers += 1
            number = self.customers
        else:
            number = self.random.randrange(1, self.customers + 1)
        queue = self.random.choices(_QUEUES[channel], (45, 55))[0]
        waits = channel != "mail"
        topics = sorted(self.random.sample(_TOPICS[queue], self.random.choices((0, 1, 2), (10, 75, 15))[0]))
        return Contact(
            contact_id=f"c{self.opened:06d}",
            customer_id=f"k{number:05d}",
            channel=channel,
            queue=queue if waits else "",
            opened=self.floor.now,
            topics=topics,
            product=self.random.choice(_PRODUCTS),
        )

    def _arrive(self, contact: Contact) -> None:
        contact.opened = self.floor.now
        self.scripts[contact.channel].open(contact)

    def _take(self, desk: Desk, contact: Contact) -> None:
        self.scripts[contact.channel].take(desk, contact)

    def _over(self, contact: Contact) -> None:
        answered = contact.agent is not None
        if answered and self.random.random() < 0.7:
            survey = ask_customer(contact, self.floor.now, self.staff, self.random)
            self.floor.log.rows["surveys"].append(survey)
        if contact.direction == "outbound" or contact.channel == "mail":
            return
        if contact.channel == "voice" and not answered and self.random.random() < 0.35:
            when = self._in_daytime(self.floor.now + int(self.random.uniform(5, 60) * MINUTE))
            if when < self.midnights[-1]:
                back = self._again(contact, "outbound")
                self.floor.at(when, lambda: self.calls.call_back(back))
        elif contact.resolved is None and not contact.filtered and self.random.random() < 0.45:
            hours = self.random.expovariate(1 / (18 if answered else 0.4))
            when = self._in_daytime(self.floor.now + int(hours * HOUR) + MINUTE)
            if when < self.midnights[-1]:
                self.floor.at(when, lambda: self._arrive(self._again(contact, "inbound")))

    def _in_daytime(self, when: int) -> int:
        day = bisect_right(self.midnights, when) - 1
        opening = self.midnights[day] + 9 * HOUR
        if when < opening:
            return opening + int(self.random.random() * 2 * HOUR)
        return when if when < opening + 11 * HOUR else when + 14 * HOUR

    def _again(self, before: Contact, direction: str) -> Contact:
        self.opened += 1
        return Contact(
            contact_id=f"c{self.opened:06d}",
            customer_id=before.customer_id,
            channel=before.channel,
            queue=before.queue,
            opened=self.floor.now,
            direction=direction,
            root=before.root or before.contact_id,
            topics=before.topics,
            product=before.product,
        )


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp()) * SECOND
