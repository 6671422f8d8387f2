"""The algebra of units: seconds by seconds is a ratio, seconds by customers ``s/customer``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, TypeAlias

__all__ = ["RATIO", "SECONDS", "Unit", "join_units", "parse_unit", "show_unit"]

Unit: TypeAlias = tuple[tuple[str, int], ...]
"""Powers of things by name, in singular; ``()`` is a ratio."""

RATIO: Final[Unit] = ()
SECONDS: Final[Unit] = (("s", 1),)

_UNCOUNTED = frozenset({"s", "h", "min", "money"})


def parse_unit(text: str) -> Unit:
    """Returns the unit written as ``s``, ``ratio``, ``customers``, ``sessions/h``, ``s*contacts/day``.

    >>> parse_unit("contacts/customer")
    (('contact', 1), ('customer', -1))
    """
    powers: Counter[str] = Counter()
    for place, side in enumerate(text.split("/")):
        for factor in side.split("*"):
            word, _, power = factor.strip().partition("^")
            if word not in ("", "1", "ratio"):
                powers[_singular(word)] += (-1 if place else 1) * (int(power) if power.isdecimal() else 1)
    return _sorted(powers)


def join_units(left: Unit, right: Unit, *, divide: bool = False) -> Unit:
    """Returns the unit of a product, or of a quotient."""
    powers = Counter(dict(left))
    for word, power in right:
        powers[word] += -power if divide else power
    return _sorted(powers)


def show_unit(unit: Unit) -> str:
    """Returns the text of ``unit``: what is counted in plural, what it is divided by in singular.

    >>> show_unit(parse_unit("calls/customers")), show_unit(())
    ('calls/customer', 'ratio')
    """
    above = [_raised(_plural(word), power) for word, power in unit if power > 0]
    below = [_raised(word, -power) for word, power in unit if power < 0]
    if not unit:
        return "ratio"
    return "/".join(["*".join(above) or "1", *below])


def _sorted(powers: Mapping[str, int]) -> Unit:
    return tuple(sorted((word, power) for word, power in powers.items() if power))


def _raised(word: str, power: int) -> str:
    return word if power == 1 else f"{word}^{power}"


def _singular(word: str) -> str:
    if word in _UNCOUNTED or not word.endswith("s") or word.endswith("ss"):
        return word
    return word[:-2] if word.endswith("ches") else word[:-1]


def _plural(word: str) -> str:
    if word in _UNCOUNTED or not word.isascii() or not word.islower():
        return word
    return word + ("es" if word.endswith("ch") else "s")
