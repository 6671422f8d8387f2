"""A synthetic contact centre at work: people, queues and a clock, one event after another."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from random import Random

from .logbook import Contact, Logbook
from .staff import Person

__all__ = ["Desk", "Floor", "SECOND"]

SECOND = 1_000_000
_LONGEST_QUEUE = 12


class Desk:
    """An agent at work: what is asked of him next, and what he has in hand."""

    __slots__ = ("hands", "idle_since", "person", "routing", "state", "wish")

    def __init__(self, person: Person) -> None:
        self.person = person
        self.state = "offline"
        self.wish: str | None = None
        self.hands = 0
        self.idle_since = 0
        self.routing = "offline"

    @property
    def free(self) -> bool:
        """Whether another contact may be given to him."""
        return self.state == "available" and self.wish is None and self.hands < self.person.capacity

    def serves(self, queue: str) -> bool:
        """Whether the queue is one of his skills."""
        return queue in self.person.skills


class Floor:
    """Moves time forward, keeps who waits and who works, and writes the logbook.

    ``take`` is called when a contact is given to a desk, ``over`` when a contact has ended.
    """

    def __init__(
        self,
        people: list[Person],
        random: Random,
        take: Callable[[Desk, Contact], None],
        over: Callable[[Contact], None],
    ) -> None:
        self.random, self._take, self._over = random, take, over
        self.now = 0
        self.log = Logbook()
        self.desks = [Desk(person) for person in people]
        self.waiting: dict[str, list[tuple[int, Contact]]] = {}
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, when: int, action: Callable[[], None]) -> None:
        """Plans ``action``; times are whole milliseconds."""
        self._count += 1
        heapq.heappush(self._agenda, (when // 1000 * 1000, self._count, action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Plans ``action`` some seconds from now, at least one millisecond."""
        self.at(self.now + max(1000, int(seconds * SECOND)), action)

    def run(self) -> None:
        """Lets everything happen that is planned."""
        while self._agenda:
            self.now, _, action = heapq.heappop(self._agenda)
            action()

    def lasting(self, mean: float, spread: float = 0.6) -> float:
        """Returns a random time in seconds with this mean, skewed as service times are."""
        return math.exp(self.random.gauss(math.log(mean) - spread * spread / 2, spread))

    def enqueue(self, contact: Contact, queue: str, patience: float) -> None:
        """Puts a contact into a queue; it is served, gives up after ``patience``, or is sent away."""
        self.log.event(contact, self.now, "queued", queue=queue)
        contact.queue, contact.queued, contact.waiting = queue, self.now, True
        line = self.waiting.setdefault(queue, [])
        if not any(desk.serves(queue) and desk.state != "offline" for desk in self.desks):
            return self.leave(contact, "exited", queue=queue, detail="closed")
        if len(line) >= _LONGEST_QUEUE:
            return self.leave(contact, "exited", queue=queue, detail="full")
        self._wait(contact, len(line), patience)
        return self._match(queue)

    def put_back(self, contact: Contact, patience: float) -> None:
        """Puts a contact that nobody answered to the front of its queue."""
        self._wait(contact, 0, patience)
        self._match(contact.queue)

    def leave(self, contact: Contact, event: str, **more: str | None) -> None:
        """Ends a contact with ``event``."""
        self.log.event(contact, self.now, event, **more)
        contact.closed = self.now
        self.log.contact(contact)
        self._over(contact)

    def give(self, desk: Desk, contact: Contact) -> None:
        """Puts a contact into the agent's hands."""
        desk.hands += 1
        contact.waited = self.now - contact.queued
        self.show(desk)
        self._take(desk, contact)

    def spare(self, queue: str, but: Desk | None = None) -> Desk | None:
        """Returns a desk that is free for ``queue``, other than ``but``."""
        return next(
            (desk for desk in self.desks if desk is not but and desk.free and desk.serves(queue)), None
        )

    def seize(self, desk: Desk) -> None:
        """Occupies a desk with a contact that no queue gave it."""
        desk.hands += 1
        self.show(desk)

    def release(self, desk: Desk) -> None:
        """Takes one contact out of the agent's hands and fulfils his wish, or gives him the next one."""
        desk.hands -= 1
        desk.idle_since = self.now
        if desk.hands == 0 and desk.wish is not None:
            self._turn(desk, desk.wish)
        self.show(desk)
        self._offer(desk)

    def ask(self, desk: Desk, state: str) -> None:
        """Lets the agent turn to ``state``, as soon as he has nothing in hand."""
        if state != "available" and desk.hands:
            desk.wish = state
            return
        self._turn(desk, state)
        self.show(desk)
        self._offer(desk)

    def show(self, desk: Desk, routing: str | None = None) -> None:
        """Writes down the routing state where it has changed."""
        if routing is None:
            routing = "on_contact" if desk.hands else desk.state
            routing = routing if routing in ("on_contact", "available", "offline") else "away"
        if routing != desk.routing:
            desk.routing = routing
            self.log.state(desk.person.agent_id, self.now, routing, "routing")

    def _wait(self, contact: Contact, place: int, patience: float) -> None:
        entry = (contact.queued, contact)
        self.waiting[contact.queue].insert(place, entry)
        self.after(min(patience, 900), lambda: self._give_up(entry, contact.queue, patience > 900))

    def _turn(self, desk: Desk, state: str) -> None:
        desk.wish = None
        if state != desk.state:
            desk.state = state
            desk.idle_since = self.now
            self.log.state(desk.person.agent_id, self.now, state, "presence")

    def _offer(self, desk: Desk) -> None:
        while desk.free:
            lines = [
                (self.waiting[queue][0][0], queue) for queue in desk.person.skills if self.waiting.get(queue)
            ]
            if not lines:
                return
            _, queue = min(lines)
            self.give(desk, self.waiting[queue].pop(0)[1])

    def _match(self, queue: str) -> None:
        free = [desk for desk in self.desks if desk.free and desk.serves(queue)]
        if free:
            best = min(free, key=lambda desk: (desk.hands, desk.idle_since, desk.person.agent_id))
            self.give(best, self.waiting[queue].pop(0)[1])

    def _give_up(self, place: tuple[int, Contact], queue: str, patient: bool) -> None:
        line = self.waiting[queue]
        if any(other is place for other in line):
            line[:] = [other for other in line if other is not place]
            how = {"event": "exited", "detail": "timeout"} if patient else {"event": "abandoned"}
            self.leave(place[1], queue=queue, **how)
