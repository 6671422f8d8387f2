"""How a call goes: menu, queue, ringing, talk with holds, transfer, after-call work."""

from __future__ import annotations

from .floor import Desk, Floor
from .logbook import Contact

__all__ = ["Calls"]

_OTHER_QUEUE = {"billing": "support", "support": "billing"}


class Calls:
    """The script of every call."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor

    def open(self, contact: Contact) -> None:
        """Lets a call come in."""
        floor = self.floor
        floor.log.event(contact, floor.now, "opened")
        floor.log.event(contact, floor.now, "ivr_entered")
        floor.after(floor.lasting(18, 0.4), lambda: self._leave_menu(contact))

    def take(self, desk: Desk, contact: Contact) -> None:
        """Lets the telephone of an agent ring."""
        floor, agent = self.floor, desk.person.agent_id
        floor.log.event(contact, floor.now, "offered", agent_id=agent, queue=contact.queue)
        if floor.random.random() < 0.03:
            floor.after(15, lambda: self._miss(desk, contact))
        else:
            floor.after(floor.lasting(4, 0.5), lambda: self._answer(desk, contact))

    def call_back(self, contact: Contact, attempts: int = 6) -> None:
        """Lets an agent call a customer; tried again later while nobody is free."""
        floor = self.floor
        desk = floor.spare(contact.queue)
        if desk is None:
            if attempts:
                floor.after(600, lambda: self.call_back(contact, attempts - 1))
            return
        floor.seize(desk)
        contact.opened, contact.agent = floor.now, desk.person.agent_id
        floor.log.event(contact, floor.now, "opened")
        reached = floor.random.random() < 0.75
        floor.after(12 if reached else 28, lambda: self._called(desk, contact, reached))

    def _called(self, desk: Desk, contact: Contact, reached: bool) -> None:
        floor = self.floor
        if reached:
            floor.log.event(contact, floor.now, "started", agent_id=contact.agent, queue=contact.queue)
            self._talk(desk, contact, 0, 1)
        else:
            contact.agent = None
            floor.leave(contact, "closed")
            floor.release(desk)

    def _leave_menu(self, contact: Contact) -> None:
        floor = self.floor
        floor.log.event(contact, floor.now, "ivr_left")
        if floor.random.random() < 0.04:
            floor.leave(contact, "closed")
        else:
            floor.enqueue(contact, contact.queue, self._patience())

    def _patience(self) -> float:
        return self.floor.random.expovariate(1 / 240) + 3

    def _miss(self, desk: Desk, contact: Contact) -> None:
        floor = self.floor
        floor.log.event(contact, floor.now, "left", agent_id=desk.person.agent_id)
        desk.wish = "away"
        floor.after(120, lambda: self._come_back(desk))
        floor.release(desk)
        if contact.waiting:
            floor.put_back(contact, self._patience())
        else:
            floor.enqueue(contact, contact.queue, self._patience())

    def _come_back(self, desk: Desk) -> None:
        if desk.state == "away":
            self.floor.ask(desk, "available")

    def _answer(self, desk: Desk, contact: Contact) -> None:
        floor = self.floor
        contact.agent, contact.waiting = desk.person.agent_id, False
        floor.log.event(contact, floor.now, "answered", agent_id=contact.agent, queue=contact.queue)
        holds = floor.random.choices((0, 1, 2), (78, 17, 5))[0]
        self._talk(desk, contact, holds, holds + 1)

    def _talk(self, desk: Desk, contact: Contact, holds: int, pieces: int) -> None:
        floor = self.floor
        stretch = floor.lasting(265 * desk.person.pace / pieces)
        if holds:
            floor.after(stretch, lambda: self._hold(desk, contact, holds, pieces))
        else:
            floor.after(stretch, lambda: self._finish(desk, contact))

    def _hold(self, desk: Desk, contact: Contact, holds: int, pieces: int) -> None:
        floor, agent = self.floor, desk.person.agent_id
        floor.log.event(contact, floor.now, "held", agent_id=agent)

        def retrieve() -> None:
            floor.log.event(contact, floor.now, "retrieved", agent_id=agent)
            self._talk(desk, contact, holds - 1, pieces)

        floor.after(floor.lasting(40), retrieve)

    def _finish(self, desk: Desk, contact: Contact) -> None:
        floor, person = self.floor, desk.person
        if floor.random.random() < 0.03 + 0.09 * (1 - person.care):
            return self._transfer(desk, contact)
        contact.resolved = floor.now if floor.random.random() < 0.5 + 0.45 * person.care else None
        floor.leave(contact, "closed", agent_id=person.agent_id)
        return self._wrap_up(desk, contact)

    def _transfer(self, desk: Desk, contact: Contact) -> None:
        floor, agent = self.floor, desk.person.agent_id
        queue = _OTHER_QUEUE[contact.queue]
        colleague = floor.spare(queue, desk)
        how = (
            "queue"
            if colleague is None
            else floor.random.choices(("queue", "blind", "consult"), (5, 3, 2))[0]
        )
        if how == "queue" or colleague is None:
            floor.log.event(
                contact,
                floor.now,
                "transferred",
                agent_id=agent,
                queue=contact.queue,
                to_queue=queue,
                detail=how,
            )
            floor.enqueue(contact, queue, self._patience())
        else:
            other = colleague.person.agent_id
            floor.log.event(contact, floor.now, "transferred", agent_id=agent, to_agent_id=other, detail=how)
            floor.give(colleague, contact)
        self._wrap_up(desk, contact)

    def _wrap_up(self, desk: Desk, contact: Contact) -> None:
        floor, agent = self.floor, desk.person.agent_id
        floor.log.event(contact, floor.now, "wrapup_started", agent_id=agent)
        floor.show(desk, "wrapup")

        def end() -> None:
            floor.log.event(contact, floor.now, "wrapup_ended", agent_id=agent)
            floor.release(desk)

        floor.after(floor.lasting(38 * desk.person.pace, 0.8), end)
