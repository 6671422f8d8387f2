"""Words of conditions that no row read has: most often they are misspelt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kpicore.errors import suggest
from kpicore.plugin import Kind

from .coding import Domain
from .frame import Filter
from .prepare import Preparation
from .subjects import Access

__all__ = ["strangers"]

_COUNTABLE = (Kind.ENUM, Kind.ID, Kind.KEY)
_LISTED = 10_000
"""Words among which the nearest is looked for."""


def strangers(work: Preparation, domains: Mapping[str, Domain]) -> tuple[str, ...]:
    """Returns what to say of the words that conditions and groups ask for and no row of any frame has."""
    asked: dict[tuple[str, str], list[Access]] = {}
    for way, values in _conditions(work):
        for value in values:
            asked.setdefault((way.subject, value), []).append(way)
    return tuple(
        f"no row has the {subject} {value!r}; {suggest(value, _known(ways[0], domains))}"
        for (subject, value), ways in sorted(asked.items(), key=lambda each: each[0])
        if all(way.contract.kind in _COUNTABLE and not Filter(way, (value,), domains).codes for way in ways)
    )


def _conditions(work: Preparation) -> Iterator[tuple[Access, tuple[str, ...]]]:
    for frame in work.frames:
        yield from ((condition.way, condition.values) for condition in work.filters[frame])
        yield from ((way, belongs.values) for belongs, way in work.belongings[frame].items())


def _known(way: Access, domains: Mapping[str, Domain]) -> list[str]:
    if way.contract.kind is Kind.ENUM:
        return list(way.contract.values)
    values = domains[way.contract.domain].values
    return [] if values is None else [str(word) for word in values[:_LISTED].to_pylist()]
