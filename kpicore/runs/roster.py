"""What is known of subjects, for cards that differ by group or look at a population."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.engine import Result
from kpicore.engine.tenure import UNKNOWN, LocalDay, band_edges, tenure_bands, tenure_column
from kpicore.errors import MissingDataError
from kpicore.scoring import Card
from kpicore.scoring.lines import Attributes
from kpicore.tables import Log

__all__ = ["asked_of_subjects", "attributes_of", "roster_table"]

Key: TypeAlias = tuple[str | None, ...]
_NEVER = 2**62
_TIMES = ("valid_from", "valid_to", "hired_on", "left_on")


def asked_of_subjects(card: Card) -> tuple[str, ...]:
    """Returns the attributes by which the card chooses people and their curves, sorted."""
    lines = (*card.entries, *card.bonuses, *card.penalties)
    whens = [card.population, *(variant.when for line in lines for variant in line.variants)]
    return tuple(sorted({name for when in whens for name in when}))


def attributes_of(log: Log, card: Card, result: Result, day: LocalDay) -> dict[Key, Attributes]:
    """Returns what is true of the card's subjects in the range of the result.

    An agent has the columns of the roster as text, of several rows those of the one that began last, of
    these the one that ends first, of these the larger values. Where the card asks for them, also ``skill``,
    each of his skills, and ``tenure`` (or ``tenure[3+12]``), his band at the beginning of the range, or as
    he was hired. All agents of the roster have attributes; of other subjects those that were measured, and
    what is known is their own name. Raises MissingDataError for what the card asks and nothing tells.
    """
    asked = asked_of_subjects(card)
    if card.subject == "agent":
        return _agents(log, asked, result.start, result.end, day)
    for name in asked:
        if name != card.subject:
            raise MissingDataError(
                f"the card chooses by {name}, which nothing tells of a {card.subject}",
                hint=f"choose by {card.subject}, or score agents",
            )
    names = pc.unique(result.table.column(card.subject)).to_pylist() if result.by == (card.subject,) else []
    return {(name,): {card.subject: name} for name in names}


def _agents(log: Log, asked: Sequence[str], start: int, end: int, day: LocalDay) -> dict[Key, Attributes]:
    agents = log.tables.get("agents")
    if agents is None:
        if set(asked) - {"agent"}:
            raise MissingDataError(
                f"the card chooses by {', '.join(asked)}, but there is no table agents",
                hint="deliver agents, or map a file to it",
            )
        return {}
    instants = {name: _microseconds(agents, name) for name in _TIMES}
    texts = {
        name: agents.column(name).cast(pa.string()).to_pylist()
        for name in agents.column_names
        if not pa.types.is_list(agents.schema.field(name).type) and name not in instants
    }
    texts["agent"] = texts["agent_id"]
    more = _asked_beside(agents, [name for name in asked if name not in texts], start, day)
    columns = {**texts, **more}
    known: dict[Key, tuple[tuple[int, int], Attributes]] = {}
    for i in range(len(agents)):
        since = max(instants["valid_from"][i] or 0, instants["hired_on"][i] or 0)
        until = min(t for t in (instants["valid_to"][i], instants["left_on"][i], _NEVER) if t is not None)
        if since >= end or until <= start:
            continue
        key, rank = (texts["agent_id"][i],), (since, -until)
        own: Attributes = {n: v[i] for n, v in columns.items() if v[i] is not None}
        if key in known and known[key][0] >= rank:
            own = known[key][1] if known[key][0] > rank else _larger(known[key][1], own)
            rank = known[key][0]
        known[key] = rank, own
    return {key: attributes for key, (_, attributes) in known.items()}


def _larger(one: Attributes, other: Attributes) -> Attributes:
    """Returns the larger of the values of two rows that are valid alike, as figures by team have it."""
    both = {**one, **other}
    return {name: max(one.get(name) or value, value) for name, value in both.items()}  # type: ignore[type-var]


def _asked_beside(
    agents: pa.Table, names: Sequence[str], start: int, day: LocalDay
) -> dict[str, list[str | tuple[str, ...]]]:
    """Returns what the card asks beside the columns that are text: skills and bands of tenure, by row."""
    found: dict[str, list[str | tuple[str, ...]]] = {}
    for name in names:
        bands = tenure_bands(name)
        column = "skills" if name == "skill" else "hired_on" if bands is not None else name
        if column not in agents.column_names or (name != "skill" and bands is None):
            raise MissingDataError(
                f"the card chooses by {name}, but agents has no column {column}",
                hint=f"agents has {', '.join(agents.column_names)}",
            )
        if bands is None:
            lists = agents.column("skills").to_pylist()
            found[name] = [tuple(words or ()) or ("unassigned",) for words in lists]
        else:
            found[name] = [_band(hired, bands, start, day) for hired in _microseconds(agents, "hired_on")]
    return found


def _band(hired: int | None, bands: Sequence[int], at: int, day: LocalDay) -> str:
    """Returns the band at an instant of somebody hired at ``hired``: the first where that is later."""
    words = tenure_column(bands).values
    if hired is None:
        return UNKNOWN
    return words[bisect_right(band_edges(hired, bands, day), at)]


def roster_table(attributes: Mapping[Key, Attributes], subjects: Collection[Key]) -> dict[str, pa.Table]:
    """Returns the table ``roster``: names and teams of ``subjects``, as people know them; nothing without a
    roster.
    """
    known = sorted(key[0] or "" for key in attributes if key in subjects)
    if not known:
        return {}
    rows = [attributes[key,] for key in known]
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in ("name", "team")}
    return {"roster": pa.table({"agent": pa.array(known, pa.string()), **columns})}


def _microseconds(agents: pa.Table, name: str) -> list[int | None]:
    if name not in agents.column_names:
        return [None] * len(agents)
    instants: list[int | None] = pc.cast(agents.column(name), pa.int64()).to_pylist()
    return instants
