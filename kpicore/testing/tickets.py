"""How a ticket goes: mail that is assigned, worked on, put off, answered, resolved and sometimes reopened."""

from __future__ import annotations

from collections.abc import Callable

from .floor import Desk, Floor
from .logbook import Contact

__all__ = ["Tickets"]

_HOUR = 3600.0


class Tickets:
    """The script of every ticket; what would happen after ``end`` does not, so some stay open.

    Agents work on tickets beside their chats.
    """

    def __init__(self, floor: Floor, end: int) -> None:
        self.floor, self.end = floor, end
        self._open: dict[str, Contact] = {}
        self._turn = 0

    def open(self, contact: Contact) -> None:
        """Lets a mail come in."""
        floor = self.floor
        self._open[contact.contact_id] = contact
        floor.log.event(contact, floor.now, "opened")
        floor.log.message(contact, floor.now, "customer")
        self._later(floor.lasting(0.5 * _HOUR), lambda: self._assign(contact))

    def take(self, desk: Desk, contact: Contact) -> None:
        """Tickets are assigned, never offered."""

    def finish(self) -> None:
        """Writes down the tickets that are still open."""
        for contact in self._open.values():
            self.floor.log.contact(contact)
        self._open.clear()

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        if self.floor.now + seconds * 1_000_000 < self.end:
            self.floor.after(seconds, action)

    def _assign(self, contact: Contact) -> None:
        floor = self.floor
        ready = [desk for desk in floor.desks if desk.person.chats and desk.state == "available"]
        if not ready:
            return self._later(0.5 * _HOUR, lambda: self._assign(contact))
        self._turn += 1
        desk = ready[self._turn % len(ready)]
        contact.agent = desk.person.agent_id
        floor.log.event(contact, floor.now, "assigned", agent_id=contact.agent)
        return self._later(floor.lasting(1.5 * _HOUR), lambda: self._work(desk, contact))

    def _work(self, desk: Desk, contact: Contact, begin: str = "started") -> None:
        floor = self.floor
        if desk.state == "offline":
            return self._later(_HOUR, lambda: self._work(desk, contact, begin))
        if begin == "reopened":
            contact.reopens += 1
            contact.resolved = None
        floor.log.event(contact, floor.now, begin, agent_id=desk.person.agent_id)
        return self._later(floor.lasting(240 * desk.person.pace), lambda: self._reply(desk, contact))

    def _reply(self, desk: Desk, contact: Contact) -> None:
        floor, agent = self.floor, desk.person.agent_id
        floor.log.message(contact, floor.now, "agent", agent)
        if floor.random.random() < 0.45:
            floor.log.event(contact, floor.now, "pending", agent_id=agent)
            self._later(floor.lasting(8 * _HOUR), lambda: self._insist(desk, contact, "started"))
            return
        floor.log.event(contact, floor.now, "resolved", agent_id=agent)
        contact.resolved = floor.now
        if floor.random.random() < 0.06 + 0.16 * (1 - desk.person.care):
            self._later(floor.lasting(20 * _HOUR), lambda: self._insist(desk, contact, "reopened"))
        else:
            self._later(48 * _HOUR, lambda: self._close(contact))

    def _insist(self, desk: Desk, contact: Contact, then: str) -> None:
        floor = self.floor
        floor.log.message(contact, floor.now, "customer")
        self._later(floor.lasting(1.5 * _HOUR), lambda: self._work(desk, contact, then))

    def _close(self, contact: Contact) -> None:
        del self._open[contact.contact_id]
        self.floor.leave(contact, "closed")
