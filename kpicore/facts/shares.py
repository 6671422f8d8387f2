"""Shared handling and slots: an agent's time divided among contacts, and among places for them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Choices, Derivation, Fact, Input, Settings

from .cutting import Stretches, cut
from .schemas import ENGAGEMENT, SEGMENTS
from .schemas_shares import SHARED_HANDLING, SLOTS
from .whole_tables import given, instant, plain, starts_of_runs

__all__ = ["ENGAGED", "FACTS", "LIMITS", "slots_of"]

_UTC = pa.timestamp("us", "UTC")
_KINDS = SEGMENTS.column("kind").values


def _shared_handling(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    """Returns the pieces of segments; of segments of one contact at once the first counts."""
    (segments,) = tables
    chosen = pc.is_in(given(segments, "kind", pa.string()), pa.array(settings.words("kinds")))
    chosen = pc.and_(chosen, pc.is_valid(given(segments, "agent_id", pa.string())))
    segments = segments.filter(pc.and_(chosen, _lasting(segments)))
    stretches = _stretches(segments, _codes(given(segments, "agent_id", pa.string())))
    (pieces,) = cut(stretches)
    contact = _codes(plain(segments.column("contact_id")))
    width = (pc.max(contact).as_py() or 0) + 1
    held = pc.add(pc.multiply_checked(pieces.place, width), contact.take(pieces.row))
    order = pc.sort_indices(pa.table({"held": held, "row": pieces.row}), sort_keys=_ASCENDING)
    first = order.filter(starts_of_runs(held.take(order)))
    place, row = pieces.place.take(first), pieces.row.take(first)
    begins = starts_of_runs(place)
    group = pc.subtract(pc.cumulative_sum(begins.cast(pa.int64())), 1)
    starts = pa.arange(0, len(place)).filter(begins)
    ends = pa.concat_arrays([starts.slice(1), pa.array([len(place)], pa.int64())]) if len(starts) else starts
    columns = {
        name: given(segments, name, pa.string()).take(row) for name in ("contact_id", "agent_id", "queue")
    }
    columns["level"] = pc.subtract(ends, starts).take(group)
    columns["began_at"] = stretches.start.take(row).cast(_UTC)
    columns["ended_at"] = stretches.end.take(row).cast(_UTC)
    columns["start"] = pieces.start.take(first).cast(_UTC)
    columns["end"] = pieces.end.take(first).cast(_UTC)
    return {"shared_handling": pa.table(columns)}


_ASCENDING = [("held", "ascending"), ("row", "ascending")]


def _slots(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    return {"slots": slots_of(*tables)}


def slots_of(engagement: pa.Table, memberships: pa.Table) -> pa.Table:
    """Returns engagement cut where the roster changes; of several limits at once the largest counts."""
    known = pc.is_valid(given(memberships, "capacity", pa.int64()))
    memberships = memberships.filter(pc.and_(known, _lasting(memberships)))
    size = len(engagement)
    agents = [given(table, "agent_id", pa.string()) for table in (engagement, memberships)]
    codes = _codes(pa.concat_arrays(agents))
    pieces, limits = cut(
        _stretches(engagement, codes.slice(0, size)), _stretches(memberships, codes.slice(size))
    )
    capacity = given(memberships, "capacity", pa.int64()).cast(pa.int64()).take(limits.row)
    order = pc.sort_indices(
        pa.table({"place": limits.place, "capacity": capacity}),
        sort_keys=[("place", "ascending"), ("capacity", "descending")],
    )
    largest = order.filter(starts_of_runs(limits.place.take(order)))
    found = pc.index_in(pieces.place, value_set=limits.place.take(largest))
    columns = {
        name: plain(engagement.column(name)).take(pieces.row)
        for name in ("agent_id", "presence", "routing", "level")
    }
    columns["start"], columns["end"] = pieces.start.cast(_UTC), pieces.end.cast(_UTC)
    columns["capacity"] = capacity.take(largest).take(found)
    return pa.table(columns)


def _lasting(table: pa.Table) -> pa.Array:
    return pc.less(instant(table, "start"), instant(table, "end")).fill_null(False)


def _stretches(table: pa.Table, key: pa.Array) -> Stretches:
    return Stretches(key=key, start=instant(table, "start"), end=instant(table, "end"))


def _codes(values: pa.Array) -> pa.Array:
    return values.dictionary_encode(null_encoding="encode").indices.cast(pa.int64())


_SHARED = Derivation(
    name="shared_handling",
    inputs=(
        Input(
            of="segments",
            columns=("agent_id", "start", "end", "kind", "contact_id", "queue"),
            order=("start", "end"),
            optional=("queue",),
        ),
    ),
    key="agent_id",
    outputs=("shared_handling",),
    parameters=(
        Choices(
            name="kinds",
            doc="which kinds of segments are handling",
            values=_KINDS,
            default="hold+talk+wrapup",
        ),
    ),
    function=_shared_handling,
)

ENGAGED = Input(
    of="engagement", columns=tuple(column.name for column in ENGAGEMENT.columns), order=("start", "end")
)
LIMITS = Input(of="memberships", columns=("agent_id", "capacity", "start", "end"), order=("start", "end"))

_SLOTS = Derivation(
    name="slots",
    inputs=(
        ENGAGED,
        LIMITS,
    ),
    key="agent_id",
    outputs=("slots",),
    function=_slots,
)

FACTS: tuple[Fact, ...] = (
    Fact(schema=SHARED_HANDLING, derivations=(_SHARED,)),
    Fact(schema=SLOTS, derivations=(_SLOTS,)),
)
