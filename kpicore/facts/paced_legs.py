"""Paced legs: how long agents' parts of contacts took while nothing halted them, and who wrote in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from kpicore.plugin import Derivation, Fact, Input, Settings
from kpicore.plugin.schema import Column, Kind, TableSchema

from .handled_contacts import HANDLED_CONTACTS, whole_contacts
from .pauses import AUTHORS, PAUSES, REQUIRE_MESSAGE
from .schemas import LEGS
from .whole_tables import coded, given, instant, last_before, look_up, paired, plain

__all__ = ["FACTS"]

_UTC = pa.timestamp("us", "UTC")
_PAUSED = ("talk", "hold", "wrapup")
_WROTE = Column(
    name="wrote", kind=Kind.FLAG, doc="whether the agent wrote a message in it; null where that is not asked"
)

_LEG_COLUMNS = tuple(column.name for column in LEGS.columns if column.name not in ("began", "ended"))
PACED_LEGS = TableSchema(
    name="paced_legs",
    doc="One agent's part of a contact, its handling without pauses.",
    columns=(*(LEGS.column(name) for name in _LEG_COLUMNS), _WROTE),
    times=LEGS.times,
    interval=LEGS.interval,
)
PACED_CONTACTS = replace(
    HANDLED_CONTACTS,
    name="paced_contacts",
    doc="A contact with the handling of all its legs without pauses, under the last one's agent and queue.",
    columns=(*HANDLED_CONTACTS.columns, _WROTE),
)


def _paced_legs(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    legs, *others = tables
    columns = {name: given(legs, name, pa.string()) for name in ("contact_id", "agent_id", "queue")}
    columns |= {name: given(legs, name, _UTC) for name in ("began_at", "talk_ended_at", "ended_at")}
    columns |= {name: given(legs, name, pa.int64()) for name in ("ring", *_PAUSED)}
    if settings.words("pause_on"):
        pieces = others[0].filter(others[0].column("paused"))
        leg = _leg_of(pieces, "began_at", legs)
        kind = given(pieces, "kind", pa.string())
        length = pc.subtract(instant(pieces, "end"), instant(pieces, "start"))
        for name in _PAUSED:
            own = pc.equal(kind, name)
            found = pa.table({"leg": leg.filter(own), "length": length.filter(own)}).group_by("leg")
            lost = found.aggregate([("length", "sum")])
            paused = look_up(
                pa.arange(0, len(legs)), plain(lost.column("leg")), plain(lost.column("length_sum"))
            )
            columns[name] = pc.max_element_wise(
                pc.subtract(columns[name], paused.fill_null(0)), pa.scalar(0), skip_nulls=False
            )
    columns["wrote"] = pa.nulls(len(legs), pa.bool_())
    if settings.flag("require_agent_message"):
        messages = others[-1]
        wrote = pc.is_in(given(messages, "author", pa.string()), value_set=pa.array(AUTHORS["agent"]))
        written = _leg_of(messages.filter(wrote), "at", legs)
        columns["wrote"] = pc.is_in(pa.arange(0, len(legs)), value_set=written.drop_null())
    return {"paced_legs": pa.table(columns)}


def _leg_of(rows: pa.Table, at: str, legs: pa.Table) -> pa.Array:
    """Returns for each row the last leg of its contact and agent that had begun; null where none had."""
    contact = coded(*(given(table, "contact_id", pa.string()) for table in (rows, legs)))
    agent = coded(*(given(table, "agent_id", pa.string()) for table in (rows, legs)))
    theirs, own = paired((contact[0], agent[0]), (contact[1], agent[1]))
    return last_before(theirs, instant(rows, at), own, instant(legs, "began_at"))


def _paced_contacts(settings: Settings, tables: tuple[pa.Table, ...]) -> Mapping[str, pa.Table]:
    (legs,) = tables
    columns = whole_contacts(legs)
    wrote = given(legs, "contact_id", pa.string()).filter(given(legs, "wrote", pa.bool_()).fill_null(False))
    asked = settings.flag("require_agent_message")
    contact = plain(columns["contact_id"])
    mine, theirs = coded(contact, wrote)
    columns["wrote"] = pc.is_in(mine, value_set=theirs) if asked else pa.nulls(len(contact), pa.bool_())
    return {"paced_contacts": pa.table(columns)}


def _paused(settings: Settings) -> bool:
    return bool(settings.words("pause_on"))


def _required(settings: Settings) -> bool:
    return settings.flag("require_agent_message")


FACTS: tuple[Fact, ...] = (
    Fact(
        schema=PACED_LEGS,
        derivations=(
            Derivation(
                name="paced_legs",
                inputs=(
                    Input(
                        of="legs",
                        columns=_LEG_COLUMNS,
                        order=("began_at", "ended_at"),
                        optional=("queue", "talk_ended_at", "ended_at", "ring", *_PAUSED),
                    ),
                    Input(
                        of="paced_segments",
                        columns=("contact_id", "agent_id", "kind", "paused", "began_at", "start", "end"),
                        order=("start", "end"),
                        when=_paused,
                    ),
                    Input(
                        of="messages",
                        columns=("contact_id", "at", "author", "agent_id"),
                        order=("at", "author"),
                        when=_required,
                    ),
                ),
                key="contact_id",
                outputs=("paced_legs",),
                parameters=(PAUSES, REQUIRE_MESSAGE),
                function=_paced_legs,
            ),
        ),
    ),
    Fact(
        schema=PACED_CONTACTS,
        derivations=(
            Derivation(
                name="paced_contacts",
                inputs=(
                    Input(
                        of="paced_legs",
                        columns=tuple(column.name for column in PACED_LEGS.columns),
                        order=("began_at", "ended_at"),
                    ),
                ),
                key="contact_id",
                outputs=("paced_contacts",),
                parameters=(REQUIRE_MESSAGE,),
                function=_paced_contacts,
            ),
        ),
    ),
)
