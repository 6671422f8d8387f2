"""How the rows of a relation come by a subject: its own column, its contact's, or its agent's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from kpicore import _core
from kpicore.errors import MissingDataError
from kpicore.plugin import Column, Kind

from .coding import column_of
from .plan import Frame, Relation

__all__ = ["Access", "AgentDirectory", "ContactDirectory", "access", "subject_column"]

_ALIASES = {"agent": "agent_id", "customer": "customer_id", "contact": "contact_id"}


def subject_column(subject: str) -> str:
    """Returns the column that holds ``subject``: ``agent`` is in ``agent_id``, a dimension in itself."""
    return _ALIASES.get(subject, subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where a subject comes from: ``via`` is ``row``, ``contact`` or ``agent``."""

    subject: str
    via: str
    column: str
    contract: Column


def access(
    subject: str,
    frame: Frame,
    columns: frozenset[str],
    contacts: tuple[Relation, frozenset[str]] | None,
    agents: tuple[Relation, frozenset[str]] | None,
) -> Access:
    """Returns the way from a frame's rows (with ``columns``) to ``subject``; MissingDataError if none."""
    name = dict(frame.overrides).get(subject, subject_column(subject))
    relation = frame.relation
    if name in columns:
        return Access(subject=subject, via="row", column=name, contract=_grouping(relation, name))
    ways = [("agent", agents, "agent_id"), ("contact", contacts, "contact_id")]
    for via, directory, key in ways if name == "team" else reversed(ways):
        if directory is not None and key in columns and name in directory[1] and name != key:
            return Access(subject=subject, via=via, column=name, contract=_grouping(directory[0], name))
    raise MissingDataError(
        f"{relation.name} cannot be told apart by {subject}",
        hint=f"{relation.name} has {', '.join(sorted(columns))}; contacts and agents add their columns",
    )


def _grouping(relation: Relation, name: str) -> Column:
    contract = column_of(relation.schema, name)
    if contract.kind not in (Kind.ID, Kind.KEY, Kind.ENUM, Kind.FLAG, Kind.INTEGER):
        raise MissingDataError(f"{relation.name}.{name} is a {contract.kind.value}, not a subject")
    return contract


class ContactDirectory:
    """The columns of contacts, by contact id."""

    def __init__(self, contacts: pa.Table) -> None:
        self._contacts = contacts.combine_chunks()
        self._lookup = _core.Lookup(_one(contacts.column("contact_id")))

    def find(self, contact_ids: pa.Array, column: str) -> pa.Array:
        """Returns ``column`` of each contact; null for an unknown one."""
        rows = pa.array(self._lookup.rows(contact_ids))
        return _one(self._contacts.column(column)).take(rows)


class AgentDirectory:
    """The columns of agents as of an instant; membership cuts an interval where it changes."""

    def __init__(self, agents: pa.Table) -> None:
        self._agents = agents
        self._tables: dict[str, _core.AsOf] = {}

    def _as_of(self, column: str) -> _core.AsOf:
        if column not in self._tables:
            names, size = self._agents.column_names, len(self._agents)
            since, until = (
                _one(self._agents.column(n)) if n in names else pa.nulls(size, pa.int64())
                for n in ("valid_from", "valid_to")
            )
            key = _one(self._agents.column("agent_id"))
            values = _one(self._agents.column(column)).cast(pa.int32())
            self._tables[column] = _core.AsOf(key, since, until, values)
        return self._tables[column]

    def at(self, agents: pa.Array, at: pa.Array, column: str) -> pa.Array:
        """Returns ``column`` of each agent at each instant."""
        return pa.array(self._as_of(column).at(agents, at))

    def cut(self, agents: pa.Array, start: pa.Array, end: pa.Array, column: str) -> pa.RecordBatch:
        """Returns the pieces of intervals in which ``column`` is constant: row, start, end, value."""
        return pa.record_batch(self._as_of(column).cut(agents, start, end))


def _one(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


Directories = Mapping[str, ContactDirectory | AgentDirectory]
