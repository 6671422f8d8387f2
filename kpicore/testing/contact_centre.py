"""A contact centre that does not exist: its logs, the same for the same seed.

Half of the agents answer calls, half chats. They come in two shifts, differ in pace and care, take
breaks and meals, miss calls, hold and transfer. Customers give up, come back when nothing was solved,
and answer surveys. One person changes team in the middle, and another leaves.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa

from .calls import Calls
from .chats import Chats
from .floor import SECOND, Desk, Floor
from .logbook import Contact, Row
from .staff import HOUR, MINUTE, Person, hire_people, plan_shift

__all__ = ["generate_log"]

_CALLS = (1, 0, 0, 0, 0, 0, 0, 1, 30, 41, 47, 38, 26, 33, 50, 54, 46, 34, 27, 25, 22, 14, 2, 1)
_CHATS = (3, 1, 1, 0, 0, 0, 0, 1, 25, 40, 46, 42, 38, 36, 43, 45, 41, 36, 36, 43, 50, 38, 8, 4)
"""Arrivals by hour of the day, in parts of a day's demand."""

_TOPICS = {
    "billing": ("invoice", "refund", "payment"),
    "support": ("defect", "setup", "delivery"),
    "presale": ("price", "stock", "advice"),
    "aftersale": ("delivery", "return", "refund"),
}
_PRODUCTS = ("kettle", "lamp", "radio", "camera")
_QUEUES = {"voice": ("billing", "support"), "chat": ("presale", "aftersale")}


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

    They are contacts, contact_events, messages, agent_states, surveys and agents.
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
        self.random, self.days = random, days
        self.midnights = [_midnight(start + timedelta(days=day), zone) for day in range(days + 1)]
        self.people = hire_people(agents, random)
        self.floor = Floor(self.people, random, self._take, self._over)
        self.scripts: dict[str, Calls | Chats] = {"voice": Calls(self.floor), "chat": Chats(self.floor)}
        self.leaver = self.people[-1] if agents > 4 and days > 7 else None
        self.opened = 0
        self.customers = 0

    def run(self, demand: float) -> dict[str, pa.Table]:
        talkers = sum(not person.chats for person in self.people)
        for day in range(self.days):
            for channel, count, curve in (
                ("voice", talkers * 24, _CALLS),
                ("chat", (len(self.people) - talkers) * 46, _CHATS),
            ):
                weekend = 0.75 if day % 7 >= 5 else 1.0
                self._plan_arrivals(day, channel, count * demand * weekend, curve)
            for index, desk in enumerate(self.floor.desks):
                self._plan_day(day, index, desk)
        self.floor.run()
        self.floor.log.rows["agents"] += self._roster()
        return self.floor.log.to_arrow()

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
        topics = sorted(self.random.sample(_TOPICS[queue], self.random.choices((0, 1, 2), (10, 75, 15))[0]))
        return Contact(
            contact_id=f"c{self.opened:06d}",
            customer_id=f"k{number:05d}",
            channel=channel,
            queue=queue,
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
            self.floor.log.rows["surveys"].append(self._survey(contact))
        if contact.resolved is None and not contact.filtered and self.random.random() < 0.45:
            hours = self.random.expovariate(1 / (18 if answered else 0.4))
            when = self._in_daytime(self.floor.now + int(hours * HOUR) + MINUTE)
            if when < self.midnights[-1]:
                self.floor.at(when, lambda: self._arrive(self._again(contact)))

    def _in_daytime(self, when: int) -> int:
        day = bisect_right(self.midnights, when) - 1
        opening = self.midnights[day] + 9 * HOUR
        if when < opening:
            return opening + int(self.random.random() * 2 * HOUR)
        return when if when < opening + 11 * HOUR else when + 14 * HOUR

    def _again(self, before: Contact) -> Contact:
        self.opened += 1
        return Contact(
            contact_id=f"c{self.opened:06d}",
            customer_id=before.customer_id,
            channel=before.channel,
            queue=before.queue,
            opened=self.floor.now,
            root=before.root or before.contact_id,
            topics=before.topics,
            product=before.product,
        )

    def _survey(self, contact: Contact) -> Row:
        invited = self.floor.now + 5 * SECOND
        row: Row = {
            "invited_at": invited,
            "contact_id": contact.contact_id,
            "customer_id": contact.customer_id,
        }
        row |= {"agent_id": contact.agent, "kind": "csat", "scale_min": 1.0, "scale_max": 5.0}
        care = next(person.care for person in self.people if person.agent_id == contact.agent)
        mood = (
            2.2 + 1.6 * care + (1.0 if contact.resolved else -1.2) - min(contact.waited / (300 * SECOND), 1.5)
        )
        score = min(max(round(mood + self.random.gauss(0.6, 0.8)), 1), 5)
        if self.random.random() < 0.2:
            row |= {"kind": "nps", "scale_min": 0.0, "scale_max": 10.0}
            score = min(max(score * 2 + self.random.choice((-1, 0, 0, 1)), 0), 10)
        if self.random.random() < 0.38:
            delay = int(self.random.expovariate(1 / 1800) * SECOND) + 4 * SECOND
            row |= {"answered_at": (invited + delay) // 1000 * 1000, "score": float(score)}
        return row

    def _roster(self) -> list[Row]:
        rows: list[Row] = []
        middle = self.midnights[self.days // 2]
        for index, person in enumerate(self.people):
            row = _person_row(person, self.midnights[0] - (90 + 37 * index) * 24 * HOUR)
            if person is self.leaver:
                row["left_on"] = self.midnights[self.days - 4]
            if index == 2 and self.days > 1:
                rows.append(row | {"valid_to": middle})
                row = row | {"team": "Experts", "valid_from": middle}
            rows.append(row)
        return rows


def _person_row(person: Person, hired: int) -> Row:
    return {
        "agent_id": person.agent_id,
        "name": person.name,
        "team": person.team,
        "skills": list(person.skills),
        "hired_on": hired,
        "full_time": True,
        "capacity": person.capacity,
        "valid_from": hired,
    }


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp()) * SECOND
