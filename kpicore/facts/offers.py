"""Offers: each time that a contact rings at an agent, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema

from .judged_visits import VISITS_INPUT
from .schemas import SEGMENTS
from .whole_tables import first_from, given, instant

__all__ = ["FACTS", "OFFERS"]

_UTC = pa.timestamp("us", "UTC")

OFFERS = TableSchema(
    name="offers",
    doc="A contact that rang at an agent, once for each time.",
    columns=(
        SEGMENTS.column("contact_id"),
        SEGMENTS.column("agent_id"),
        SEGMENTS.column("queue"),
        Column(name="offered_at", kind=Kind.TIME, doc="when it began to ring", required=True),
        Column(name="ended_at", kind=Kind.TIME, doc="when it rang no more", required=True),
        Column(
            name="outcome",
            kind=Kind.ENUM,
            doc="what happened then: the agent answered, another agent did, the customer gave up, or none of "
            "these",
            required=True,
            values=("answered", "taken", "abandoned", "no_answer"),
        ),
    ),
    times={"start": "offered_at", "event": "ended_at"},
    interval=("offered_at", "ended_at"),
)


def _offers(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    segments, legs, visits = tables
    rings = segments.filter(pc.equal(given(segments, "kind", pa.string()), "ring"))
    gone = visits.filter(pc.equal(given(visits, "outcome", pa.string()), "abandoned"))
    end, began = instant(rings, "end"), instant(legs, "began_at")
    contact, of_leg = given(rings, "contact_id", pa.string()), given(legs, "contact_id", pa.string())
    outcome = pc.case_when(
        pc.make_struct(
            _happened(*_pairs(rings, legs), end, began),
            _happened(contact, of_leg, end, began),
            _happened(contact, given(gone, "contact_id", pa.string()), end, instant(gone, "left_at")),
        ),
        "answered",
        "taken",
        "abandoned",
        "no_answer",
    )
    columns = {name: given(rings, name, pa.string()) for name in ("contact_id", "agent_id", "queue")}
    times = {"offered_at": instant(rings, "start").cast(_UTC), "ended_at": end.cast(_UTC)}
    return {"offers": pa.table(columns | times | {"outcome": outcome})}


def _happened(key: pa.Array, among: pa.Array, at: pa.Array, when: pa.Array) -> pa.Array:
    """Returns for each row whether one of ``among`` with its key happened at the same instant."""
    return pc.equal(when.take(first_from(key, at, among, when)), at).fill_null(False)


def _pairs(rings: pa.Table, legs: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Returns contact and agent of rings and of legs as one number each; an unknown agent is one as well."""
    codes = [
        pa.concat_arrays([given(table, name, pa.string()).cast(pa.string()) for table in (rings, legs)])
        .dictionary_encode(null_encoding="encode")
        .indices.cast(pa.int64())
        for name in ("contact_id", "agent_id")
    ]
    pairs = pc.add(pc.multiply(codes[0], len(rings) + len(legs) + 1), codes[1])
    return pairs.slice(0, len(rings)), pairs.slice(len(rings))


_SEGMENTS = Input(
    of="segments",
    columns=("contact_id", "start", "end", "kind", "agent_id", "queue"),
    order=("start", "end", "kind"),
    optional=("agent_id", "queue"),
)
_LEGS = Input(
    of="legs", columns=("contact_id", "began_at", "agent_id"), order=("began_at",), optional=("agent_id",)
)

FACTS: tuple[Fact, ...] = (
    Fact(
        schema=OFFERS,
        derivations=(
            Derivation(
                name="offers",
                inputs=(_SEGMENTS, _LEGS, VISITS_INPUT),
                key="contact_id",
                outputs=("offers",),
                function=_offers,
            ),
        ),
    ),
)
