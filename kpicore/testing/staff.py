"""The people of a synthetic contact centre: who they are, how they work, and when."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

__all__ = ["Person", "hire_people", "plan_shift"]

MINUTE = 60_000_000
HOUR = 60 * MINUTE

_NAMES = (
    "王芳 李强 Emma Carter 张敏 刘洋 Daniel Novak 陈静 Sofia Rossi 杨磊 赵丽 Lucas Meyer 黄伟 Aisha Khan "
    "周婷 吴昊 Olivia Brown 徐佳 孙鹏 Marta Silva 朱琳"
)
_SKILLS = {
    "Hotline": (("billing", "support"), ("support", "billing"), ("billing", "support")),
    "Online": (("presale", "aftersale"), ("aftersale", "presale"), ("presale",)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One agent: ``pace`` multiplies handling times (lower is faster), ``care`` (0..1) wins customers."""

    agent_id: str
    name: str
    team: str
    skills: tuple[str, ...]
    capacity: int
    pace: float
    care: float
    late: bool

    @property
    def chats(self) -> bool:
        """Whether the person handles chats; the others take calls."""
        return self.capacity > 1


def hire_people(count: int, random: Random) -> list[Person]:
    """Returns ``count`` people, half on the telephone and half in chats, of differing ability."""
    names, people = _full_names(), []
    for index in range(count):
        team = ("Hotline", "Online")[index % 2]
        skills = _SKILLS[team][index // 2 % 3]
        people.append(
            Person(
                agent_id=f"a{index + 1:02d}",
                name=names[index % len(names)]
                + (f" {index // len(names) + 1}" if index >= len(names) else ""),
                team=team,
                skills=skills,
                capacity=1 if team == "Hotline" else 3,
                pace=round(0.75 + 0.6 * random.random(), 3),
                care=round(0.35 + 0.6 * random.random(), 3),
                late=index // 2 % 3 == 1,
            )
        )
    return people


def plan_shift(person: Person, index: int, day: int, random: Random | None) -> list[tuple[int, str]]:
    """Returns the person's wishes of one day as (microseconds after midnight, state), in order.

    Five days of seven are worked. A shift has a meal and two breaks; ``available`` ends each of them,
    ``offline`` ends the day. One morning a week there is a team meeting. Without ``random`` it is the
    plan, with it what the person makes of it.
    """

    def about(middle: float, low: float, high: float) -> float:
        return middle if random is None else random.uniform(low, high)

    place = index // 2
    if (day + 3 * place) % 7 >= 5:
        return []
    begin = (13 if person.late else 8) * HOUR + int(about(0, -8, 3) * MINUTE)
    wishes = [(begin, "available")]
    meal = 2.9 if person.late else 3.4 + 0.8 * (place % 3)
    for after, state, minutes in ((1.8, "break", 15), (meal, "meal", 45), (6.8, "break", 15)):
        start = begin + int((after + about(0, -0.3, 0.3)) * HOUR)
        wishes += [(start, state), (start + int(minutes * about(1, 0.9, 1.25) * MINUTE), "available")]
    if (day + 3 * place) % 7 == 2:
        wishes += [(begin + 20 * MINUTE, "meeting"), (begin + 50 * MINUTE, "available")]
    wishes.append((begin + 9 * HOUR + int(about(0, -5, 15) * MINUTE), "offline"))
    return sorted(wishes)


def _full_names() -> list[str]:
    names: list[str] = []
    for word in _NAMES.split():
        if word.isascii() and names and names[-1].isascii() and " " not in names[-1]:
            names[-1] += f" {word}"
        else:
            names.append(word)
    return names
