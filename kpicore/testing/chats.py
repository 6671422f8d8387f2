"""How a chat goes: welcome, robot, queue, questions and answers, the end."""

from __future__ import annotations

from .floor import Desk, Floor
from .logbook import Contact

__all__ = ["Chats"]

_OTHER_QUEUE = {"presale": "aftersale", "aftersale": "presale"}


class Chats:
    """The script of every chat."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor

    def open(self, contact: Contact) -> None:
        """Lets a customer open the chat window."""
        floor = self.floor
        floor.log.event(contact, floor.now, "opened")
        floor.after(0.6, lambda: floor.log.message(contact, floor.now, "welcome"))
        floor.after(floor.random.uniform(3, 25), lambda: self._begin(contact))

    def take(self, desk: Desk, contact: Contact) -> None:
        """Lets an agent accept the chat."""
        contact.agent = desk.person.agent_id
        self.floor.log.event(contact, self.floor.now, "offered", agent_id=contact.agent, queue=contact.queue)
        self.floor.after(self.floor.lasting(5), lambda: self._accept(desk, contact))

    def _accept(self, desk: Desk, contact: Contact) -> None:
        floor = self.floor
        floor.log.event(contact, floor.now, "answered", agent_id=desk.person.agent_id, queue=contact.queue)
        self._think(desk, contact, 2 + int(floor.random.expovariate(1 / 3.2)))

    def _begin(self, contact: Contact) -> None:
        floor, chance = self.floor, self.floor.random.random()
        floor.log.message(contact, floor.now, "customer")
        if chance < 0.02:
            contact.filtered = True
            floor.leave(contact, "filtered")
        elif chance < 0.45:
            floor.after(1.2, lambda: self._robot(contact))
        else:
            self._hand_off(contact)

    def _robot(self, contact: Contact) -> None:
        floor = self.floor
        floor.log.message(contact, floor.now, "bot_auto")
        if floor.random.random() < 0.35:
            contact.resolved = floor.now
            floor.after(90, lambda: floor.leave(contact, "closed"))
            return

        def insist() -> None:
            floor.log.message(contact, floor.now, "customer")
            self._hand_off(contact)

        floor.after(floor.lasting(20), insist)

    def _hand_off(self, contact: Contact) -> None:
        floor = self.floor
        floor.log.event(contact, floor.now, "handed_off")
        floor.enqueue(contact, contact.queue, floor.random.expovariate(1 / 300) + 10)

    def _think(self, desk: Desk, contact: Contact, rounds: int) -> None:
        load = 1 + 0.4 * (desk.hands - 1)
        self.floor.after(
            self.floor.lasting(16 * desk.person.pace * load, 0.7), lambda: self._reply(desk, contact, rounds)
        )

    def _reply(self, desk: Desk, contact: Contact, rounds: int) -> None:
        floor, agent = self.floor, desk.person.agent_id
        chance = floor.random.random()
        if chance < 0.02:
            floor.log.message(contact, floor.now, "note", agent)
        floor.log.message(contact, floor.now, "bot_assist" if chance > 0.97 else "agent", agent)
        if floor.random.random() < 0.2:
            second = floor.random.uniform(2, 6)
            floor.after(second, lambda: floor.log.message(contact, floor.now, "agent", agent))
        if rounds <= 1:
            floor.after(floor.lasting(50) + 7, lambda: self._close(desk, contact))
        elif floor.random.random() < 0.008 * (1 + 3 * (1 - desk.person.care)):
            self._transfer(desk, contact)
        else:
            floor.after(floor.lasting(32) + 7, lambda: self._ask(desk, contact, rounds - 1))

    def _ask(self, desk: Desk, contact: Contact, rounds: int) -> None:
        floor = self.floor
        floor.log.message(contact, floor.now, "customer")
        more = floor.random.choices((0, 1, 2), (70, 22, 8))[0]
        for number in range(more):
            pause = (number + 1) * floor.random.uniform(1.5, 4)
            floor.after(pause, lambda: floor.log.message(contact, floor.now, "customer"))
        if rounds <= 1 and floor.random.random() < 0.12:
            floor.after(floor.lasting(60) + 9, lambda: self._close(desk, contact))
        else:
            floor.after(more * 8 + 0.1, lambda: self._think(desk, contact, rounds))

    def _transfer(self, desk: Desk, contact: Contact) -> None:
        floor, agent, queue = self.floor, desk.person.agent_id, _OTHER_QUEUE[contact.queue]

        def move() -> None:
            floor.log.event(
                contact,
                floor.now,
                "transferred",
                agent_id=agent,
                queue=contact.queue,
                to_queue=queue,
                detail="queue",
            )
            floor.enqueue(contact, queue, floor.random.expovariate(1 / 300) + 10)
            floor.release(desk)

        floor.after(8, move)

    def _close(self, desk: Desk, contact: Contact) -> None:
        floor, person = self.floor, desk.person
        contact.resolved = floor.now if floor.random.random() < 0.5 + 0.45 * person.care else None
        floor.leave(contact, "closed", agent_id=person.agent_id)
        floor.release(desk)
