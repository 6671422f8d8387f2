"""What customers, and once the agents themselves, answer when they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from .floor import SECOND
from .logbook import Contact, Row
from .staff import HOUR, Person

__all__ = ["ask_agents", "ask_customer"]

_SCALES = {"csat": (1, 5), "nps": (0, 10), "ces": (1, 10), "fcr": (0, 1), "cx": (1, 5)}


def ask_customer(contact: Contact, now: int, people: Mapping[str, Person], random: Random) -> Row:
    """Returns the invitation after ``contact``, with the answer where there is one."""
    assert contact.agent is not None
    kind = random.choices(tuple(_SCALES), (70, 15, 6, 6, 3))[0]
    low, high = _SCALES[kind]
    mood = 2.2 + 1.6 * people[contact.agent].care - min(contact.waited / (300 * SECOND), 1.5)
    mood += (1.0 if contact.resolved else -1.2) + random.gauss(0.6, 0.8)
    share = min(max((mood - 1) / 4, 0.0), 1.0)
    share = 1 - share if kind == "ces" else share
    row = _invitation(kind, now + 5 * SECOND)
    row |= {"contact_id": contact.contact_id, "customer_id": contact.customer_id, "agent_id": contact.agent}
    if random.random() < 0.38:
        _answer(row, low + round(share * (high - low)), random)
    return row


def ask_agents(at: int, people: Mapping[str, Person], random: Random) -> list[Row]:
    """Returns the invitations to a survey among the agents, most of them answered."""
    rows = []
    for person in people.values():
        row = _invitation("esat", at) | {"agent_id": person.agent_id, "scale_min": 1.0, "scale_max": 5.0}
        if random.random() < 0.85:
            _answer(row, min(max(round(2.4 + 2 * person.care + random.gauss(0, 0.7)), 1), 5), random)
        rows.append(row)
    return rows


def _invitation(kind: str, at: int) -> Row:
    low, high = _SCALES.get(kind, (1, 5))
    return {"kind": kind, "invited_at": at, "scale_min": float(low), "scale_max": float(high)}


def _answer(row: Row, score: int, random: Random) -> None:
    invited = row["invited_at"]
    assert isinstance(invited, int)
    delay = min(int(random.expovariate(1 / 1800) * SECOND), 24 * HOUR) + 4 * SECOND
    row |= {"answered_at": (invited + delay) // 1000 * 1000, "score": float(score)}
