"""Who and what the ids of a row stand for: contacts by id, agents as of an instant."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kpicore import _core

from .evaluate import Rows
from .subjects import Access
from .tenure import LocalDay, band_edges

__all__ = ["AgentDirectory", "ContactDirectory", "Sets", "codes_of"]

_EVER = -(2**63), 2**63 - 1


class Sets:
    """Numbered sets of codes; a number that is null is that of no set."""

    def __init__(self, members: pa.ListArray) -> None:
        self._members = members

    def spread(self, numbers: pa.Array) -> tuple[pa.Array, pa.Array]:
        """Returns a row per member of every row's set: the position of the row, and the member."""
        sets = self._members.take(numbers)
        return pc.list_parent_indices(sets), pc.list_flatten(sets)

    def meet(self, numbers: pa.Array, wanted: tuple[int, ...]) -> pa.Array:
        """Returns whose sets have a member among ``wanted``."""
        parents, members = pc.list_parent_indices(self._members), pc.list_flatten(self._members)
        chosen = pc.is_in(members, value_set=pa.array(wanted, members.type))
        return pc.is_in(numbers, value_set=parents.filter(chosen).cast(numbers.type), skip_nulls=True)


class ContactDirectory:
    """The columns of contacts, by contact id; of several rows of one contact the first counts."""

    def __init__(self, contacts: pa.Table) -> None:
        self._contacts = contacts.combine_chunks()
        self._lookup = _core.Lookup(_one(contacts.column("contact_id")))

    def find(self, contact_ids: pa.Array, access: Access) -> pa.Array:
        """Returns what ``access`` reads of each contact: null for an unknown one, for sets their numbers."""
        rows = pa.array(self._lookup.rows(contact_ids))
        if not access.many:
            return _one(self._contacts.column(access.column)).take(rows)
        nothing = pa.scalar(len(self._contacts), rows.type)
        return pc.if_else(pc.is_valid(contact_ids), rows.fill_null(nothing), pa.scalar(None, rows.type))

    def sets(self, access: Access) -> Sets:
        """Returns the sets that ``find`` numbers; the last is that of contacts without any."""
        members = _one(self._contacts.column(access.column))
        return Sets(pa.concat_arrays([members, pa.array([[access.without]], members.type)]))


class AgentDirectory:
    """The columns of agents as of an instant; membership cuts an interval where it changes."""

    def __init__(self, agents: pa.Table, day: LocalDay) -> None:
        self._agents = agents
        self._day = day
        self._tables: dict[Access, _core.AsOf] = {}
        self._sets: dict[Access, list[tuple[int, ...]]] = {}

    def at(self, agents: pa.Array, at: pa.Array, access: Access) -> pa.Array:
        """Returns what ``access`` reads of each agent at each instant, for sets their numbers."""
        values = pa.array(self._as_of(access).at(agents, at))
        return self._filled(values, agents, access)

    def cut(self, agents: pa.Array, start: pa.Array, end: pa.Array, access: Access) -> pa.RecordBatch:
        """Returns the pieces of intervals in which ``access`` reads the same: row, start, end, value."""
        cut = pa.record_batch(self._as_of(access).cut(agents, start, end))
        value = self._filled(cut.column("value"), agents.take(cut.column("row")), access)
        return cut.set_column(3, "value", value)

    def sets(self, access: Access) -> Sets:
        """Returns the sets that ``at`` and ``cut`` number; the first is that of agents without any."""
        self._as_of(access)
        return Sets(pa.array(self._sets[access], pa.list_(pa.int32())))

    def _filled(self, values: pa.Array, agents: pa.Array, access: Access) -> pa.Array:
        """Returns the values, with that of agents of whom nothing is told where ``access`` has one."""
        if access.many:
            without = 0
        elif access.bands:
            without = len(access.bands) + 1
        else:
            return values
        known = pc.fill_null(values, pa.scalar(without, values.type))
        return pc.if_else(pc.is_valid(agents), known, pa.scalar(None, values.type))

    def _as_of(self, access: Access) -> _core.AsOf:
        if access not in self._tables:
            if access.bands:
                table = self._tenure(access)
            elif access.many:
                table = self._validity(self._numbered(access))
            else:
                table = self._validity(_one(self._agents.column(access.column)).cast(pa.int32()))
            self._tables[access] = table
        return self._tables[access]

    def _validity(self, values: pa.Array) -> _core.AsOf:
        names, size = self._agents.column_names, len(self._agents)
        since, until = (
            _one(self._agents.column(n)) if n in names else pa.nulls(size, pa.int64())
            for n in ("valid_from", "valid_to")
        )
        return _core.AsOf(_one(self._agents.column("agent_id")), since, until, values)

    def _numbered(self, access: Access) -> pa.Array:
        """Returns the number of each row's set; null where it is that of agents without any."""
        lists = [tuple(codes or ()) for codes in self._agents.column(access.column).to_pylist()]
        nothing = (access.without,)
        numbers = {nothing: 0}
        for codes in lists:
            numbers.setdefault(codes or nothing, len(numbers))
        self._sets[access] = list(numbers)
        return pa.array([numbers[codes or nothing] or None for codes in lists], pa.int32())

    def _tenure(self, access: Access) -> _core.AsOf:
        """Returns the bands by agent: the day of hiring as of each instant, cut where a band ends."""
        hired = _one(self._agents.column(access.column)).dictionary_encode()
        agents = pc.unique(_one(self._agents.column("agent_id"))).drop_null()
        ever = (pa.repeat(pa.scalar(edge, pa.int64()), len(agents)) for edge in _EVER)
        stretches = pa.record_batch(self._validity(hired.indices).cut(agents, *ever))
        key, since, until, band = [], [], [], []
        for code, day in enumerate(hired.dictionary.to_pylist()):
            edges = [_EVER[0], *band_edges(day, access.bands, self._day), _EVER[1]]
            for number in range(len(edges) - 1):
                key.append(code)
                since.append(edges[number])
                until.append(edges[number + 1])
                band.append(number)
        bands = _core.AsOf(
            pa.array(key, pa.int32()),
            pa.array(since, pa.int64()),
            pa.array(until, pa.int64()),
            pa.array(band, pa.int32()),
        )
        row, start, end, code = stretches.columns
        pieces = pa.record_batch(bands.cut(code, start, end))
        whose = agents.take(row).take(pieces.column("row"))
        return _core.AsOf(whose, pieces.column("start"), pieces.column("end"), pieces.column("value"))


def codes_of(
    way: Access,
    rows: Rows,
    at: pa.Array | None,
    contacts: ContactDirectory | None,
    agents: AgentDirectory | None,
) -> pa.Array:
    """Returns the codes of a subject for each row, that of an agent as of the instants ``at``.

    Without instants the rows were cut where a membership changes, and hold it as a column.
    """
    if way.via == "row":
        codes = rows.column(way.column)
    elif way.via == "contact" and contacts is not None:
        codes = contacts.find(rows.column("contact_id"), way)
    elif at is None:
        codes = rows.column(f"member {way.subject}")
    elif agents is not None:
        codes = agents.at(rows.column("agent_id"), at, way)
    return codes.cast(pa.int32()) if pa.types.is_boolean(codes.type) else codes


def _one(column: pa.ChunkedArray) -> pa.Array:
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)
